"""Old tables become those of the schema: values move, rows that would not survive it keep everything as it is."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, StaticPool, create_engine, event, inspect

from sorcery.errors import ConfigurationError
from sorcery_migrations import adopt, check, pending, upgrade

OLD = (
    "CREATE TABLE ps_contacts (id VARCHAR(40) NOT NULL UNIQUE, uri VARCHAR(255), expiration_time VARCHAR(40))",
    "CREATE TABLE ps_transports (id VARCHAR(40) NOT NULL UNIQUE, verifiy_server VARCHAR(5), tos INTEGER)",
    "INSERT INTO ps_contacts VALUES ('a', 'sip:a', '1893456000'), ('b', 'sip:b', ''), ('c', 'sip:c', NULL)",
    "INSERT INTO ps_transports VALUES ('udp', 'yes', 184)",
)


def execute(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rows(database: Engine, query: str) -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_values_change_their_kind_and_columns_their_name(url: str, database: Engine) -> None:
    execute(database, *OLD)
    upgrade(url)
    assert check(url) == []
    contacts = rows(database, "SELECT id, uri, expiration_time FROM ps_contacts ORDER BY id")
    assert contacts == [("a", "sip:a", 1893456000), ("b", "sip:b", None), ("c", "sip:c", None)]
    assert rows(database, "SELECT id, verify_server, tos FROM ps_transports") == [("udp", "yes", "184")]
    assert "verifiy_server" not in {each["name"] for each in inspect(database).get_columns("ps_transports")}


def test_a_value_that_cannot_be_kept_is_named_and_nothing_is_changed(url: str, database: Engine) -> None:
    execute(database, *OLD, "UPDATE ps_contacts SET expiration_time = 'never' WHERE id = 'c'")
    for call in (upgrade, adopt, pending):
        with pytest.raises(ConfigurationError, match="'never' of id 'c'"):
            call(url)
    assert set(inspect(database).get_table_names()) == {"ps_contacts", "ps_transports"}
    assert len(inspect(database).get_columns("ps_contacts")) == 3


@pytest.mark.parametrize(
    ("column", "kind", "value", "named"),
    [
        ("qualify_frequency", "VARCHAR(40)", "'3000000000'", "'3000000000' of id 'c'"),
        ("expiration_time", "VARCHAR(40)", "'9223372036854775808'", "'9223372036854775808' of id 'c'"),
        ("qualify_frequency", "FLOAT", "1.5", "1.5 of id 'c'"),
    ],
)
def test_a_number_out_of_range_is_named_and_nothing_is_changed(
    url: str, database: Engine, column: str, kind: str, value: str, named: str
) -> None:
    execute(
        database,
        f"CREATE TABLE ps_contacts (id VARCHAR(40) NOT NULL UNIQUE, {column} {kind})",
        f"INSERT INTO ps_contacts VALUES ('c', {value})",
    )
    with pytest.raises(ConfigurationError, match=f"{column} cannot become .*: {named}"):
        upgrade(url)
    assert inspect(database).get_table_names() == ["ps_contacts"]


@pytest.mark.parametrize("url", ["mariadb"], indirect=True)
@pytest.mark.parametrize("tied", ["ps_aors (id)", "ps_auths (id)"])
def test_a_foreign_key_that_keeps_a_column_as_it_is_is_named_and_nothing_is_changed(
    url: str, database: Engine, tied: str
) -> None:
    execute(
        database,
        "CREATE TABLE ps_aors (id VARCHAR(40) NOT NULL UNIQUE, contact VARCHAR(40)) ENGINE = InnoDB",
        "CREATE TABLE ps_auths (id VARCHAR(255) NOT NULL UNIQUE) ENGINE = InnoDB",
        "CREATE TABLE own (id VARCHAR(255) NOT NULL UNIQUE) ENGINE = InnoDB",
        f"CREATE TABLE z (id VARCHAR(255), CONSTRAINT tie FOREIGN KEY (id) REFERENCES {tied}) ENGINE = InnoDB",
        "ALTER TABLE ps_aors ADD CONSTRAINT bond FOREIGN KEY (contact) REFERENCES own (id)",
    )
    tables = inspect(database).get_table_names()
    with pytest.raises(ConfigurationError, match="the foreign key bond of ps_aors keeps contact") as caught:
        upgrade(url)
    others = "".join(getattr(caught.value, "__notes__", ()))
    assert ("the foreign key tie of z keeps id" in others + str(caught.value)) is (tied == "ps_aors (id)")
    assert inspect(database).get_table_names() == tables
    execute(database, "ALTER TABLE ps_aors DROP FOREIGN KEY bond", "ALTER TABLE z DROP FOREIGN KEY tie")
    upgrade(url)
    assert check(url) == []


def test_whole_numbers_of_another_kind_are_kept(url: str, database: Engine) -> None:
    execute(
        database,
        "CREATE TABLE ps_contacts (id VARCHAR(40) NOT NULL UNIQUE, qualify_frequency FLOAT,"
        " expiration_time VARCHAR(40))",
        "INSERT INTO ps_contacts VALUES ('c', 30, '9223372036854775807'), ('d', NULL, '-1')",
    )
    upgrade(url)
    found = rows(database, "SELECT qualify_frequency, expiration_time FROM ps_contacts ORDER BY id")
    assert found == [(30, 9223372036854775807), (None, -1)]
    assert check(url) == []


def test_ids_that_are_there_twice_are_named_and_nothing_is_changed(url: str, database: Engine) -> None:
    execute(
        database,
        "CREATE TABLE ps_aors (id VARCHAR(255), contact VARCHAR(40))",
        "INSERT INTO ps_aors VALUES ('alice', 'x'), ('alice', 'y'), (NULL, 'z')",
    )
    with pytest.raises(ConfigurationError, match="one row without id") as caught:
        upgrade(url)
    assert "'alice' 2 times" in "".join(caught.value.__notes__)
    assert inspect(database).get_table_names() == ["ps_aors"]
    assert len(inspect(database).get_columns("ps_aors")) == 2


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_copied_table_keeps_its_triggers_indexes_and_columns_of_others(url: str, database: Engine) -> None:
    execute(
        database,
        "CREATE TABLE seen (id TEXT)",
        "CREATE TABLE ps_aors (id VARCHAR(40) NOT NULL UNIQUE, own TEXT DEFAULT 'mine', CHECK (own <> 'yours'))",
        "CREATE INDEX own_index ON ps_aors (own)",
        "CREATE TRIGGER own_trigger AFTER INSERT ON ps_aors BEGIN INSERT INTO seen VALUES (new.id || ':%x'); END",
        "CREATE VIEW own_view AS SELECT id, own FROM ps_aors",
        "INSERT INTO ps_aors (id) VALUES ('a')",
    )
    upgrade(url)
    execute(database, "INSERT INTO ps_aors (id) VALUES ('b')")
    assert rows(database, "SELECT id, own FROM own_view ORDER BY id") == [("a", "mine"), ("b", "mine")]
    assert rows(database, "SELECT id FROM seen") == [("a:%x",), ("b:%x",)]
    assert "own_index" in {each["name"] for each in inspect(database).get_indexes("ps_aors")}
    assert check(url) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_copied_table_keeps_the_rows_that_refer_to_it(url: str, database: Engine) -> None:
    followed = create_engine(database.url, poolclass=StaticPool)
    event.listen(followed, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys = ON"))
    execute(
        followed,
        "CREATE TABLE ps_aors (id VARCHAR(40) NOT NULL UNIQUE)",
        "CREATE TABLE own (aor VARCHAR(40) REFERENCES ps_aors (id) ON DELETE CASCADE)",
        "INSERT INTO ps_aors VALUES ('a')",
        "INSERT INTO own VALUES ('a')",
    )
    with followed.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        with pytest.raises(ConfigurationError, match="follows foreign keys"):
            upgrade(followed)
    assert pending(followed).startswith("PRAGMA foreign_keys = OFF;\nBEGIN;\n")
    upgrade(followed)
    assert rows(followed, "SELECT aor FROM own") == [("a",)]
    execute(followed, "DELETE FROM ps_aors")
    assert rows(followed, "SELECT aor FROM own") == []  # they are followed again
    followed.dispose()


@pytest.mark.parametrize("url", ["mariadb"], indirect=True)
def test_a_widened_column_keeps_its_collation(url: str, database: Engine) -> None:
    execute(database, "CREATE TABLE ps_aors (id VARCHAR(40) COLLATE utf8mb4_bin NOT NULL UNIQUE)")
    upgrade(url)
    (id_,) = (each for each in inspect(database).get_columns("ps_aors") if each["name"] == "id")
    assert (id_["type"].length, id_["type"].collation) == (255, "utf8mb4_bin")  # type: ignore[attr-defined]


def test_the_script_for_what_exists_does_what_upgrade_does(url: str, database: Engine) -> None:
    execute(database, *OLD)
    execute(database, *(each for each in pending(url).split(";\n") if each not in ("", "BEGIN", "COMMIT")))
    assert (check(url), upgrade(url), pending(url)) == ([], [], "")
