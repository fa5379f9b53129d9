"""What stands after notices were switched on, and that nothing is left when they are off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, text

from sorcery.errors import Unavailable
from sorcery_database import address, new_engine
from sorcery_database.outbox import Entry, Outbox
from sorcery_migrations import adopt, check, downgrade, upgrade
from sorcery_migrations.notices import Choice, install, remove, status


def execute(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def told(database: Engine, *statements: str) -> list[tuple[str, str, str]]:
    """Execute statements in a transaction each and return what the outbox tells of them."""
    outbox = Outbox(database)
    try:
        position = outbox.end()
        for statement in statements:
            execute(database, statement)
        batch = outbox.read(position)
    finally:
        outbox.close()
    assert batch.is_complete
    return told_of(batch.entries)


def told_of(entries: Sequence[Entry]) -> list[tuple[str, str, str]]:
    return [(entry.table, entry.id, entry.op) for entry in entries]


def everything(database: Engine) -> list[tuple[object, ...]]:
    """Return all that a database consists of, by the catalogue."""
    catalogue = {
        "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2",
        "postgresql": "SELECT 'class', relname, relkind::text FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace "
        "UNION SELECT 'trigger', tgname, '' FROM pg_trigger UNION SELECT 'routine', proname, '' FROM pg_proc "
        "WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
    }.get(
        database.dialect.name,
        "SELECT 'table', table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() UNION "
        "SELECT 'trigger', trigger_name, '' FROM information_schema.triggers WHERE trigger_schema = DATABASE() "
        "ORDER BY 1, 2",
    )
    with database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(catalogue))]


def test_every_change_of_a_row_is_told(url: str, database: Engine) -> None:
    switched = install(url)
    assert "ps_endpoints" in switched.tables
    assert "stir_tn" in switched.tables
    assert told(
        database,
        "INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 1)",
        "UPDATE ps_aors SET max_contacts = 2 WHERE id = 'alice'",
        "UPDATE ps_aors SET id = 'bob' WHERE id = 'alice'",
        "DELETE FROM ps_aors WHERE id = 'bob'",
    ) == [
        ("ps_aors", "alice", "create"),
        ("ps_aors", "alice", "update"),
        ("ps_aors", "alice", "delete"),
        ("ps_aors", "bob", "create"),
        ("ps_aors", "bob", "delete"),
    ]


def test_an_update_that_changes_nothing_writes_nothing(url: str, database: Engine) -> None:
    install(url)
    execute(database, "INSERT INTO ps_aors (id, max_contacts) VALUES ('alice', 1)")
    assert told(database, "UPDATE ps_aors SET max_contacts = 1, contact = NULL") == []


def test_a_text_that_differs_in_case_alone_is_another(url: str, database: Engine) -> None:
    install(url)
    execute(database, "INSERT INTO ps_auths (id, password) VALUES ('alice', 'secret')")
    assert told(database, "UPDATE ps_auths SET password = 'SECRET'") == [("ps_auths", "alice", "update")]
    assert told(database, "UPDATE ps_auths SET id = 'Alice'") == [
        ("ps_auths", "alice", "delete"),
        ("ps_auths", "Alice", "create"),
    ]


def test_a_change_that_is_rolled_back_leaves_nothing(url: str, database: Engine) -> None:
    install(url)
    outbox = Outbox(database)
    position = outbox.end()
    with database.connect() as connection:
        connection.exec_driver_sql("INSERT INTO ps_aors (id) VALUES ('alice')")
        connection.rollback()
    execute(database, "INSERT INTO ps_aors (id) VALUES ('bob')")
    assert told_of(outbox.read(position).entries) == [("ps_aors", "bob", "create")]
    outbox.close()


def test_switching_on_twice_executes_nothing(url: str) -> None:
    assert install(url).statements
    assert install(url).statements == ()


def test_off_leaves_no_trace(url: str, database: Engine) -> None:
    before = everything(database)
    install(url)
    assert everything(database) != before
    assert remove(url).statements
    assert everything(database) == before
    assert remove(url).statements == ()


def test_only_the_chosen_tables_tell(url: str, database: Engine) -> None:
    install(url, Choice.but(["ps_contacts"]))
    inserts = ("INSERT INTO ps_aors (id) VALUES ('a')", "INSERT INTO ps_contacts (id) VALUES ('c')")
    assert told(database, *inserts) == [("ps_aors", "a", "create")]
    execute(database, "DELETE FROM ps_aors", "DELETE FROM ps_contacts")
    install(url, ["ps_contacts"])
    assert told(database, *inserts) == [("ps_contacts", "c", "create")]


def test_a_choice_holds_until_another_is_made(url: str) -> None:
    install(url, Choice.but(["ps_contacts"]))
    assert install(url).statements == ()
    states = {table.name: table.state for table in status(url).tables}
    assert states["ps_contacts"] == "off"
    assert states["ps_aors"] == "on"


def test_views_and_missing_tables_are_skipped_and_told(url: str, database: Engine) -> None:
    execute(database, "DROP TABLE ps_globals", "DROP TABLE ps_aors", "CREATE VIEW ps_aors AS SELECT id FROM ps_auths")
    switched = install(url)
    assert switched.skipped == {"ps_aors": "a view", "ps_globals": "missing"}
    states = {table.name: table.state for table in status(url).tables}
    assert (states["ps_aors"], states["ps_globals"]) == ("a view", "missing")


def test_a_column_that_is_added_later_makes_the_triggers_outdated_until_they_are_renewed(
    url: str, database: Engine
) -> None:
    install(url)
    execute(database, "INSERT INTO ps_aors (id) VALUES ('alice')", "ALTER TABLE ps_aors ADD COLUMN note VARCHAR(20)")
    needs_columns = database.dialect.name != "postgresql"
    assert status(url).is_current is not needs_columns
    install(url)
    assert status(url).is_current
    assert told(database, "UPDATE ps_aors SET note = 'x'") == [("ps_aors", "alice", "update")]


def test_tables_and_columns_that_a_migration_adds_are_told_of(url: str, database: Engine) -> None:
    execute(database, "DROP TABLE ps_globals", "ALTER TABLE ps_aors DROP COLUMN mailboxes")
    install(url)
    adopt(url)
    assert status(url).is_current
    execute(database, "INSERT INTO ps_aors (id) VALUES ('alice')")
    assert told(database, "UPDATE ps_aors SET mailboxes = '1@a'") == [("ps_aors", "alice", "update")]
    assert told(database, "INSERT INTO ps_globals (id) VALUES ('global')") == [("ps_globals", "global", "create")]


def test_migrations_go_both_ways_while_notices_are_on(url: str) -> None:
    install(url)
    assert check(url) == []
    assert upgrade(url) == []
    adopt(url)
    downgrade(url)
    upgrade(url)
    assert check(url) == []
    assert install(url).tables
    assert status(url).is_current


def test_a_migration_may_change_columns_while_notices_are_on(url: str, database: Engine) -> None:
    if database.dialect.name != "sqlite":  # whose columns have no length
        kind = "TYPE" if database.dialect.name == "postgresql" else "MODIFY"
        verb = f"ALTER COLUMN mailboxes {kind}" if kind == "TYPE" else "MODIFY mailboxes"
        execute(database, f"ALTER TABLE ps_aors {verb} VARCHAR(10)")
    install(url)
    assert bool(check(url)) is (database.dialect.name != "sqlite")
    adopt(url)
    assert check(url) == []
    execute(database, "INSERT INTO ps_aors (id) VALUES ('alice')")
    assert told(database, "UPDATE ps_aors SET mailboxes = '1@a'") == [("ps_aors", "alice", "update")]


def test_the_status_counts_what_is_kept(url: str, database: Engine) -> None:
    assert status(url).is_on is False
    install(url)
    before = status(url).entries
    execute(database, "INSERT INTO ps_aors (id) VALUES ('alice')")
    found = status(url)
    assert found.entries == before + 1
    assert found.age is not None
    assert 0 <= found.age < 600


def test_emptying_a_table_at_once_is_told_in_postgresql(postgresql_url: str) -> None:
    upgrade(postgresql_url)
    install(postgresql_url)
    engine = new_engine(address(postgresql_url))
    execute(engine, "INSERT INTO ps_aors (id) VALUES ('alice')")
    assert told(engine, "TRUNCATE ps_aors") == [("ps_aors", "", "delete")]
    engine.dispose()


def test_two_schemas_of_one_database_keep_an_outbox_each(postgresql_url: str) -> None:
    engine = new_engine(address(postgresql_url), poolclass=NullPool)
    for schema in ("public", "second"):
        execute(
            engine,
            f"CREATE SCHEMA IF NOT EXISTS {schema}",
            f"CREATE TABLE {schema}.ps_aors (id text PRIMARY KEY)",
            f"CREATE TABLE {schema}.ps_auths (id text PRIMARY KEY)",
        )
    second = postgresql_url + "&options=-csearch_path%3Dsecond,public"
    install(postgresql_url)
    install(second, ["ps_aors"])
    assert status(postgresql_url).is_current, "the other's triggers are left alone"
    assert status(second).is_current
    assert told(engine, "INSERT INTO ps_aors VALUES ('alice')") == [("ps_aors", "alice", "create")]
    assert told(engine, "INSERT INTO second.ps_aors VALUES ('bob')") == []
    assert remove(second).statements
    assert not remove(second).statements
    assert told(engine, "INSERT INTO ps_auths VALUES ('alice')") == [("ps_auths", "alice", "create")]
    execute(engine, "INSERT INTO second.ps_aors VALUES ('carol')")
    assert status(postgresql_url).is_current


def test_tables_behind_the_first_schema_of_the_path_are_found_again(postgresql_url: str) -> None:
    engine = new_engine(address(postgresql_url), poolclass=NullPool)
    execute(engine, "CREATE SCHEMA mine", "CREATE TABLE ps_aors (id text PRIMARY KEY)")
    url = postgresql_url + "&options=-csearch_path%3Dmine,public"
    install(url)
    assert install(url).statements == ()
    assert status(url).is_current


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    for switch in (install, remove):
        with pytest.raises(Unavailable, match="no such file"):
            switch(f"sqlite:///{tmp_path}/none.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["postgresql_url", "mariadb_url"])
def test_a_user_who_may_write_only_the_tables_of_asterisk_still_can(name: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(name)
    upgrade(url)
    install(url)
    owner = new_engine(address(url))
    user = f"u{owner.url.database}"[:30]
    of = f"'{user}'@'localhost'" if name == "mariadb_url" else user
    right = "IDENTIFIED BY 'x'" if name == "mariadb_url" else "LOGIN PASSWORD 'x'"
    execute(owner, f"CREATE USER {of} {right}", f"GRANT SELECT, INSERT, UPDATE, DELETE ON ps_contacts TO {of}")
    poor = new_engine(owner.url.set(username=user, password="x"))
    try:
        outbox = Outbox(owner)
        position = outbox.end()
        execute(poor, "INSERT INTO ps_contacts (id) VALUES ('alice^3B@1')")
        assert told_of(outbox.read(position).entries) == [("ps_contacts", "alice^3B@1", "create")]
        outbox.close()
    finally:
        poor.dispose()
        execute(owner, f"REVOKE ALL ON ps_contacts FROM {of}", f"DROP USER {of}")
        owner.dispose()
