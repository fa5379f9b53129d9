"""Up, down, adopt: what a database holds after each, and what it keeps."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect

from sorcery.errors import ConfigurationError, Unavailable
from sorcery_database import address
from sorcery_migrations import adopt, check, current, downgrade, head, lacking, sql, upgrade
from sorcery_migrations.roles import schema


def execute(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(database: Engine, query: str) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def tables(database: Engine) -> set[str]:
    return {name for name in inspect(database).get_table_names() if name.startswith(("ps_", "stir_"))}


REVISIONS = ["config_0001", "config_0002"]
PJSIP = 16
"""The tables whose names the tests count."""


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", "sorcery_migrations:config")
    assert ScriptDirectory.from_config(config).get_heads() == ["config_0002"]


def test_up_down_up_ends_in_a_complete_schema(url: str, database: Engine) -> None:
    assert upgrade(url) == REVISIONS
    assert current(url) == "config_0002"
    assert upgrade(url) == []
    assert downgrade(url) == REVISIONS[::-1]
    assert current(url) is None
    assert tables(database) == set()
    assert upgrade(url) == REVISIONS
    assert check(url) == []


def test_postgresql_types_go_with_the_tables(postgresql_url: str) -> None:
    upgrade(postgresql_url)
    downgrade(postgresql_url)
    engine = create_engine(postgresql_url)
    assert rows(engine, "SELECT typname FROM pg_type WHERE typname LIKE '%%_values%%'") == []
    engine.dispose()


def test_postgresql_types_that_another_table_uses_stay(postgresql_url: str) -> None:
    upgrade(postgresql_url)
    engine = create_engine(postgresql_url)
    execute(engine, "CREATE TABLE own_members (ringinuse ast_bool_values)")
    downgrade(postgresql_url)
    found = rows(engine, "SELECT typname FROM pg_type WHERE typname LIKE '%%_values%%' AND typtype = 'e'")
    assert found == [("ast_bool_values",)]
    engine.dispose()


PARTIAL = (
    "CREATE TABLE ps_contacts (id VARCHAR(255) NOT NULL UNIQUE, uri VARCHAR(511), own VARCHAR(10))",
    "INSERT INTO ps_contacts (id, uri, own) VALUES ('alice', 'sip:alice@192.0.2.1', 'mine')",
    "CREATE TABLE alembic_version_config (version_num VARCHAR(32) NOT NULL)",
    "INSERT INTO alembic_version_config VALUES ('655054a68ad5')",
)
"""What an old or hand-made copy of Asterisk's schema may look like."""


def test_upgrade_adopts_a_partial_schema_and_keeps_its_rows(url: str, database: Engine) -> None:
    execute(database, *PARTIAL)
    assert upgrade(url) == REVISIONS
    assert check(url) == []
    assert rows(database, "SELECT id, uri, own, qualify_2xx_only FROM ps_contacts") == [
        ("alice", "sip:alice@192.0.2.1", "mine", None)
    ]


def test_asterisks_own_version_table_is_left_as_it_was(url: str, database: Engine) -> None:
    execute(database, *PARTIAL)
    upgrade(url)
    assert rows(database, "SELECT version_num FROM alembic_version_config") == [("655054a68ad5",)]
    assert "alembic_version" not in inspect(database).get_table_names()


def test_downgrade_leaves_tables_that_asterisks_migrations_own(url: str, database: Engine) -> None:
    execute(database, *PARTIAL)
    upgrade(url)
    assert downgrade(url) == [*reversed(REVISIONS)]
    assert len(tables(database)) == PJSIP
    assert current(url) is None


def test_downgrade_refuses_to_drop_rows_and_drops_nothing(url: str, database: Engine) -> None:
    upgrade(url)
    execute(database, "INSERT INTO ps_systems (id) VALUES ('system')")
    with pytest.raises(ConfigurationError, match="ps_systems holds rows"):
        downgrade(url)
    assert len(tables(database)) == PJSIP
    assert current(url) == "config_0002"


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_downgrade_says_what_still_needs_the_tables(url: str, database: Engine) -> None:
    upgrade(url)
    execute(database, "CREATE VIEW own AS SELECT id FROM ps_auths")
    with pytest.raises(ConfigurationError, match=r"view own depends on table ps_auths.*drop that first"):
        downgrade(url)
    assert current(url) == head()
    execute(database, "DROP VIEW own")
    assert downgrade(url) == ["config_0002", "config_0001"]


def test_downgrade_of_what_was_never_upgraded_has_nothing_to_undo(url: str, database: Engine) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE ps_aors (id VARCHAR(40))")
        connection.exec_driver_sql("INSERT INTO ps_aors VALUES ('a')")
    assert downgrade(url) == []
    assert inspect(database).get_table_names() == ["ps_aors"]


def test_upgrade_that_is_refused_half_way_changes_nothing(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)
    execute(engine, "CREATE TABLE other (x INTEGER)", "CREATE INDEX ps_systems_id ON other (x)")
    with pytest.raises(ConfigurationError, match="ps_systems_id already exists"):
        upgrade(sqlite_url)
    assert inspect(engine).get_table_names() == ["other"]
    engine.dispose()


def test_postgresql_upgrade_that_is_refused_half_way_changes_nothing(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url)
    execute(engine, "CREATE TABLE other (x INTEGER)", "CREATE INDEX ps_systems_id ON other (x)")
    with pytest.raises(ConfigurationError, match='relation "ps_systems_id" already exists'):
        upgrade(postgresql_url)
    assert inspect(engine).get_table_names() == ["other"]
    engine.dispose()


def test_a_table_without_id_is_not_touched(url: str, database: Engine) -> None:
    execute(database, "CREATE TABLE ps_aors (name VARCHAR(40))")
    with pytest.raises(ConfigurationError, match=r"^ps_aors: .*no column id.*rename"):
        upgrade(url)
    assert [each["name"] for each in inspect(database).get_columns("ps_aors")] == ["name"]


def test_a_view_in_place_of_a_table_is_left_alone(url: str, database: Engine) -> None:
    execute(
        database,
        "CREATE TABLE phones (id VARCHAR(255))",
        "CREATE VIEW ps_domain_aliases AS SELECT id, id AS domain FROM phones",
    )
    upgrade(url)
    assert "ps_domain_aliases" in inspect(database).get_view_names()
    assert len(tables(database)) == PJSIP - 1


def test_adopt_restores_what_was_lost_after_the_upgrade(url: str, database: Engine) -> None:
    upgrade(url)
    execute(database, "DROP TABLE ps_auths", "ALTER TABLE ps_globals DROP COLUMN norefersub")
    assert upgrade(url) == []
    done = adopt(url)
    assert [line.split("(")[0].strip() for line in done[:2]] == [
        "CREATE TABLE ps_auths",
        "CREATE INDEX ps_auths_id ON ps_auths",
    ]
    assert done[2].startswith("ALTER TABLE ps_globals ADD COLUMN norefersub ")
    assert check(url) == []
    assert adopt(url) == []


def test_adopt_on_an_empty_database_leaves_it_at_the_head(sqlite_url: str) -> None:
    adopt(sqlite_url)
    assert current(sqlite_url) == "config_0002"


def test_what_is_lacking_is_what_adopt_executes(url: str, database: Engine) -> None:
    before = lacking(url)
    assert adopt(url) == before
    assert (lacking(url), current(url)) == ([], head())


def test_a_file_that_is_not_there_lacks_everything_and_is_not_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    before = lacking(url)
    assert not (tmp_path / "new.db").exists()
    assert adopt(url) == before


def test_an_engine_of_the_caller_is_used_and_not_closed() -> None:
    engine = create_engine("sqlite://")
    assert upgrade(engine) == REVISIONS
    assert check(engine) == []
    assert len(tables(engine)) == PJSIP
    engine.dispose()


@pytest.mark.parametrize("address", ["sqlite:///database", "postgresql://host/database", "mysql://host/database"])
def test_the_script_names_every_table_and_the_version(address: str) -> None:
    script = sql(address)
    assert all(f"CREATE TABLE {table} (" in script for table in schema("config", "sqlite").tables)
    assert "INSERT INTO sorcery_version_config (version_num) VALUES ('config_0001')" in script
    assert "UPDATE sorcery_version_config SET version_num='config_0002'" in script


def test_two_that_upgrade_one_database_at_once_apply_each_revision_once(url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(upgrade, [url] * 2)) == [[], REVISIONS]


def test_the_script_builds_the_schema_on_postgresql(postgresql_url: str) -> None:
    engine = create_engine(postgresql_url, isolation_level="AUTOCOMMIT")
    execute(engine, sql(postgresql_url))
    assert current(postgresql_url) == "config_0002"
    assert check(postgresql_url) == []
    engine.dispose()


def test_the_script_builds_the_schema_on_mariadb(mariadb_url: str) -> None:
    engine = create_engine(address(mariadb_url))
    execute(engine, *(each for each in sql(mariadb_url).split(";\n") if each.strip()))
    engine.dispose()
    assert current(mariadb_url) == "config_0002"
    assert check(mariadb_url) == []


@pytest.mark.parametrize("role", ["voicemail", "cdr", "queue_log"])
def test_other_roles_go_up_and_down_and_keep_their_rows(url: str, database: Engine, role: str) -> None:
    assert upgrade(url, role) == [f"{role}_0001"]
    assert (current(url, role), current(url)) == (head(role), None)
    (table,) = schema(role, database.dialect.name).tables.values()
    with database.begin() as connection:
        connection.execute(table.insert(), {"dir": "/var/spool", "msgnum": 1} if role == "voicemail" else {})
    with pytest.raises(ConfigurationError, match=f"{table.name} holds rows"):
        downgrade(url, role)
    assert check(url, role) == []
    assert downgrade(url, role, with_rows=True) == [f"{role}_0001"]
    assert inspect(database).get_table_names() == [f"sorcery_version_{role}"]


def test_an_unknown_revision_is_named(sqlite_url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"'config_9999'.*a revision that this release knows"):
        upgrade(sqlite_url, revision="config_9999")


@pytest.mark.parametrize("call", [upgrade, downgrade, adopt, current, check, sql])
def test_an_unknown_role_is_named_beside_those_that_are(call: object, sqlite_url: str) -> None:
    create_engine(sqlite_url).connect().close()
    with pytest.raises(ConfigurationError, match="unknown database role 'accounts'; use one of: config"):
        call(sqlite_url, role="accounts")  # type: ignore[operator]


def test_current_of_a_file_that_is_not_there_is_unavailable_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="no such file"):
        current(f"sqlite:///{tmp_path}/none.db")
    assert list(tmp_path.iterdir()) == []
