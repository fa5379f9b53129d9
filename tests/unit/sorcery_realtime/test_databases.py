from __future__ import annotations

import contextlib
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from sorcery_database import file_of
from sorcery_migrations import upgrade
from sorcery_realtime import databases
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.postgresql import PatientConnection


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


@pytest.fixture
def database(pbx: str) -> Iterator[Database]:
    made = Database(f"{pbx}?timeout=0.1")
    yield made
    made.close()


def test_an_sqlite_file_is_never_made_by_connecting_and_may_have_any_name(tmp_path: Path) -> None:
    file = tmp_path / "a b?#%.db"
    database = Database(f"sqlite:///{quote(str(file))}?timeout=0.1")
    for _ in range(2):
        with pytest.raises(Lost, match="no such file"):
            database.fetch("t", "SELECT 1", ())
        assert not file.exists()
    sqlite3.connect(file).close()
    assert database.fetch("t", "SELECT 1 AS one", ()) == (("one",), [(1,)])
    database.close()


def test_reads_that_find_every_connection_in_use_are_lost_after_a_while(
    pbx: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.1}.items():
        monkeypatch.setitem(databases.POOL, name, value)
    database = Database(pbx)

    def ask_again(connection: object) -> None:
        database.fetch("ps_aors", "SELECT * FROM ps_aors", ())

    with pytest.raises(Lost, match="all connections are in use"):
        database.read("ps_aors", ask_again)
    database.close()


def test_a_mariadb_session_waits_no_longer_for_a_lock_than_for_anything_else(mariadb_url: str) -> None:
    database = Database(mariadb_url)
    _, rows = database.fetch("", "SELECT @@innodb_lock_wait_timeout, @@lock_wait_timeout", ())
    assert [tuple(row) for row in rows] == [(databases.WAIT, databases.WAIT)]
    database.close()


def test_a_writer_on_postgresql_waits_no_longer_for_a_lock_than_for_anything_else(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    connection = database.begin()
    assert connection.exec_driver_sql("SHOW lock_timeout").scalar() == f"{databases.WAIT}s"
    database.end(connection, "COMMIT")
    database.close()


def test_a_reader_on_postgresql_waits_no_longer_for_a_table_that_is_altered(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(postgresql_url)
    monkeypatch.setattr(databases, "WAIT", 1)
    altering, database = Database(postgresql_url), Database(postgresql_url)
    connection = altering.begin()
    connection.exec_driver_sql("LOCK TABLE ps_aors IN ACCESS EXCLUSIVE MODE")
    for _ in range(2):  # the setting outlives the statement that was refused
        with pytest.raises(Lost, match="lock timeout"):
            database.fetch("ps_aors", "SELECT * FROM ps_aors", ())
    altering.end(connection, "COMMIT")
    assert database.fetch("ps_aors", "SELECT id FROM ps_aors", ())[1] == []
    altering.close()
    database.close()


def test_all_connections_that_a_server_dropped_are_replaced_at_once(
    postgresql_url: str, postgresql_server: str
) -> None:
    database = Database(postgresql_url)
    database.read("", lambda _: database.read("", lambda _: database.fetch("", "SELECT 1", ())))
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        name = database.url.database
        dropped = admin.execute(
            f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        assert len(dropped.fetchall()) == 3
    for _ in range(3):
        assert database.fetch("", "SELECT 1 AS one", ())[0] == ("one",)
    database.close()


def test_a_server_that_goes_away_and_takes_no_new_connection_is_lost(
    postgresql_url: str, postgresql_server: str
) -> None:
    database = Database(postgresql_url)
    assert database.fetch("", "SELECT 1 AS one", ())[0] == ("one",)
    name = database.url.database
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute(f"SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = '{name}'")
        for _ in range(2):
            with pytest.raises(Lost, match="not currently accepting connections"):
                database.fetch("", "SELECT 1", ())
            with pytest.raises(Lost, match="not currently accepting connections"):
                database.begin()
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    wait_until(lambda: database.health.serving.outage is None)
    assert database.fetch("", "SELECT 1 AS one", ())[0] == ("one",)
    database.close()


def test_a_fetch_returns_columns_and_rows(database: Database) -> None:
    columns, rows = database.fetch("t", "SELECT 1 AS one, 'x' AS two", ())
    assert (columns, [tuple(row) for row in rows]) == (("one", "two"), [(1, "x")])


def test_a_transaction_is_seen_by_others_after_its_commit_only(database: Database) -> None:
    connection = database.begin()
    connection.exec_driver_sql("INSERT INTO ps_aors (id) VALUES ('a')")
    assert database.fetch("ps_aors", "SELECT id FROM ps_aors", ())[1] == []
    database.end(connection, "COMMIT")
    assert len(database.fetch("ps_aors", "SELECT id FROM ps_aors", ())[1]) == 1


def test_a_writer_that_never_ends_keeps_no_other_waiting_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "WAIT", 0.1)
    connection = database.begin()
    with pytest.raises(Lost, match="another writer does not finish"):
        database.begin()
    database.end(connection, "ROLLBACK")
    database.end(database.begin(), "ROLLBACK")


def test_writers_of_one_file_take_turns(pbx: str) -> None:
    database = Database(f"{pbx}?timeout=60")

    def work() -> None:
        for _ in range(20):
            connection = database.begin()
            connection.exec_driver_sql("UPDATE ps_aors SET max_contacts = max_contacts + 1")
            database.end(connection, "COMMIT")

    connection = database.begin()
    connection.exec_driver_sql("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', 0)")
    database.end(connection, "COMMIT")
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [tuple(row) for row in database.fetch("ps_aors", "SELECT max_contacts FROM ps_aors", ())[1]] == [(80,)]
    database.close()


def put_another(file: Path, contacts: int) -> None:
    """Put a copy in which the only AOR is another one in the file's place, as a restored backup comes."""
    copy = file.with_name("restored.db")
    shutil.copy(file, copy)
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("UPDATE ps_aors SET max_contacts = ?", (contacts,))
    copy.rename(file)


@pytest.mark.parametrize("is_watched", [False, True])
def test_an_sqlite_file_that_another_one_took_the_place_of_is_neither_read_nor_written(
    database: Database, *, is_watched: bool
) -> None:
    def contacts() -> object:
        return database.fetch("ps_aors", "SELECT max_contacts FROM ps_aors", ())[1][0][0]

    def add(changes: str) -> None:
        connection = database.begin()
        connection.exec_driver_sql(changes)
        database.end(connection, "COMMIT")

    file = file_of(database.url)
    assert file is not None
    seen = database.version_of_others() if is_watched else None
    add("INSERT INTO ps_aors (id, max_contacts) VALUES ('a', 1)")
    assert contacts() == 1
    put_another(file, 10)
    add("UPDATE ps_aors SET max_contacts = max_contacts + 1")
    assert contacts() == 11
    put_another(file, 20)
    wait_until(lambda: contacts() == 20)
    if is_watched:
        assert database.version_of_others() != seen
    file.rename(file.with_name("away.db"))
    with pytest.raises(Lost, match="there is no such file any more; mount its disk, or put it back"):
        database.begin()
    file.with_name("away.db").rename(file)
    assert contacts() == 20


@pytest.mark.parametrize("leaves", ["a reader", "a writer", "a latecomer"])
def test_a_connection_in_use_when_its_database_is_closed_is_closed_with_its_use(pbx: str, leaves: str) -> None:
    database = Database(pbx)

    def connected(connection: Connection) -> sqlite3.Connection:
        driver_connection = connection.connection.driver_connection
        assert isinstance(driver_connection, sqlite3.Connection)
        return driver_connection

    def closing_meanwhile(connection: Connection) -> sqlite3.Connection:
        database.close()
        return connected(connection)

    if leaves == "a reader":
        used = database.read("ps_aors", closing_meanwhile)
    elif leaves == "a writer":
        connection = database.begin()
        used = closing_meanwhile(connection)
        database.end(connection, "COMMIT")
    else:
        database.close()
        used = database.read("ps_aors", connected)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used.execute("SELECT 1")


def impatient(connection: Connection) -> Connection:
    """Return a connection that from now on gives up soon; what was done before had all the time it needed."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, PatientConnection)
    assert driver.patience == databases.SILENCE
    driver.patience = 0.3
    return connection


def test_a_postgresql_that_says_nothing_for_long_is_given_up(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    with pytest.raises(Lost, match="it did not answer for"):
        database.read("", lambda connection: impatient(connection).exec_driver_sql("SELECT pg_sleep(60)"))
    connection = impatient(database.begin())
    with pytest.raises(OperationalError, match="did not answer"):
        connection.exec_driver_sql("SELECT pg_sleep(60)")
    with pytest.raises(Lost):
        database.end(connection, "COMMIT")
    assert database.fetch("", "SELECT 1", ())[1] == [(1,)]
    database.close()


def test_a_postgresql_that_takes_long_over_a_long_answer_is_heard_out(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "SILENCE", 2.5)
    database = Database(postgresql_url)
    statement = "SELECT repeat('x', 20000), pg_sleep(0.1) FROM generate_series(1, 30)"
    assert len(database.fetch("", statement, ())[1]) == 30
    database.close()


def test_a_mariadb_that_says_nothing_for_long_is_given_up(mariadb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(databases.MARIADB, "read_timeout", 1)
    database = Database(mariadb_url)
    with pytest.raises(Lost, match="timed out"):
        database.fetch("", "SELECT sleep(60)", ())
    database.close()


def test_a_missing_table_of_a_name_of_ones_own_is_not_made_by_the_command(database: Database) -> None:
    assert "db adopt" in str(database.without("ps_aors"))
    assert "db adopt" in str(database.without("a.stir_tn"))
    assert str(database.without("my_aors")).endswith("; correct its name in extconfig.conf, or create it like ps_…")
