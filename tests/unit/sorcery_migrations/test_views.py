"""Views over columns that change: away while they do, then there again as they were; or nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, NullPool, create_engine, inspect

from sorcery.errors import ConfigurationError
from sorcery_database import address
from sorcery_migrations import adopt, check, kamailio, pending, upgrade

OLD = (
    "CREATE TABLE ps_auths (id VARCHAR(40) NOT NULL UNIQUE, username VARCHAR(20), password VARCHAR(40),"
    " realm VARCHAR(40), md5_cred VARCHAR(40), password_digest VARCHAR(40))",
    "INSERT INTO ps_auths (id, username, password) VALUES ('alice', 'alice', 'secret')",
    "CREATE TABLE ps_transports (id VARCHAR(40) NOT NULL UNIQUE, verifiy_server VARCHAR(5), tos INTEGER)",
    "INSERT INTO ps_transports VALUES ('udp', 'yes', 184)",
    "CREATE TABLE ps_aors (id VARCHAR(40) NOT NULL UNIQUE, contact VARCHAR(255))",
    "CREATE TABLE ps_endpoints (id VARCHAR(40) NOT NULL UNIQUE)",
    "CREATE TABLE ps_contacts (id VARCHAR(255) NOT NULL UNIQUE, uri VARCHAR(255), expiration_time VARCHAR(40))",
)


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Engine]:
    engine = create_engine(address(postgresql_url), poolclass=NullPool)
    execute(engine, *OLD)
    yield engine
    engine.dispose()


def execute(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def rows(database: Engine, query: str) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


@pytest.mark.parametrize("bring", [upgrade, adopt])
def test_what_kamailio_reads_is_there_before_and_after(
    postgresql_url: str, database: Engine, bring: Callable[[str], object]
) -> None:
    kamailio.create(database)
    bring(postgresql_url)
    assert check(postgresql_url) == []
    assert rows(database, "SELECT username, domain, password FROM subscriber") == [("alice", "asterisk", "secret")]
    assert kamailio.lacking(database) == []


def test_views_of_others_keep_what_they_read_and_whose_they_are(postgresql_url: str, database: Engine) -> None:
    execute(
        database,
        "CREATE ROLE owner_of_views",
        "GRANT ALL ON SCHEMA public TO owner_of_views",
        "GRANT ALL ON ps_auths, ps_transports TO owner_of_views",
        'CREATE SCHEMA "Of Others"',
        """CREATE VIEW "Of Others"."Users" WITH (security_barrier = true) AS
            SELECT id, upper(username) || '; %s:x' AS "Name" FROM public.ps_auths WHERE username IS NOT NULL""",
        'CREATE VIEW names AS SELECT "Name" FROM "Of Others"."Users"',
        "CREATE VIEW aside AS SELECT id FROM ps_transports",
        "COMMENT ON VIEW names IS 'whose it''s'",
        "GRANT SELECT ON names TO PUBLIC",
        "GRANT UPDATE ON names TO pg_read_all_data WITH GRANT OPTION",
        "ALTER VIEW names OWNER TO owner_of_views",
        "GRANT SELECT ON names TO pg_monitor",
    )
    described = (
        "SELECT c.oid::regclass::text, reloptions, relowner::regrole::text, obj_description(c.oid, 'pg_class'),"
        " ARRAY(SELECT each::text FROM unnest(relacl) AS each ORDER BY 1), pg_get_viewdef(c.oid)"
        " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace"
        " WHERE relkind = 'v' AND n.nspname IN ('public', 'Of Others') ORDER BY 1"
    )
    before = rows(database, described)
    assert len(before) == 3
    try:
        assert "DROP VIEW names;" in pending(postgresql_url)
        upgrade(postgresql_url)
        assert rows(database, described) == before
        assert rows(database, 'SELECT "Name" FROM "Of Others"."Users"') == [("ALICE; %s:x",)]
        assert check(postgresql_url) == []
        assert pending(postgresql_url) == ""
    finally:
        execute(database, "DROP OWNED BY owner_of_views", "DROP ROLE owner_of_views")


@pytest.mark.parametrize(
    "made",
    [
        "CREATE MATERIALIZED VIEW own AS SELECT username FROM ps_auths",
        "CREATE VIEW own AS SELECT username FROM ps_auths; ALTER VIEW own ALTER username SET DEFAULT 'x'",
        "CREATE VIEW own AS SELECT verifiy_server, tos FROM ps_transports",
        "CREATE VIEW own AS SELECT username FROM ps_auths;"
        "CREATE RULE own_rule AS ON DELETE TO own DO INSTEAD DELETE FROM ps_aors",
    ],
)
def test_a_view_that_cannot_be_made_as_it_was_is_named_and_nothing_is_changed(
    postgresql_url: str, database: Engine, made: str
) -> None:
    execute(database, made)
    for call in (upgrade, adopt, pending):
        with pytest.raises(ConfigurationError, match=r"the view own reads .* drop the view"):
            call(postgresql_url)
    assert "ps_globals" not in inspect(database).get_table_names()
