"""What callers of real databases see while these cannot serve, and that it ends by itself."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import OperationalError

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Aor
from sorcery_database import Fault
from sorcery_migrations import upgrade
from sorcery_realtime import databases, postgresql
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.01)


@contextmanager
def hanging() -> Iterator[int]:
    """Listen on a port where nobody ever says a word, as where a server is stopped; yield the port."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield listening.getsockname()[1]


def connected(admin: psycopg.Connection[tuple[int]], name: str | None) -> int:
    row = admin.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", (name,)).fetchone()
    assert row is not None
    return row[0]


def test_of_all_who_ask_a_server_that_hangs_the_first_alone_waits() -> None:
    with hanging() as port:
        database = Database(f"postgresql://nobody@127.0.0.1:{port}/pbx?connect_timeout=2")
        with pytest.raises(Lost, match="timeout") as first:
            database.fetch("", "SELECT 1", ())
        assert first.value.fault is Fault.SILENT
        begun = time.monotonic()
        for _ in range(50):  # each of them would wait for two seconds
            with pytest.raises(Lost, match="since"):
                database.fetch("", "SELECT 1", ())
            with pytest.raises(Lost, match="since"):
                database.begin()
        assert time.monotonic() - begun < 60
        assert database.health.used == 0
        database.close()


def test_an_answer_that_others_know_will_not_come_is_waited_for_no_longer(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "DOUBT", 0.1)
    monkeypatch.setattr(databases, "SILENCE", 600)
    database = Database(postgresql_url)
    monkeypatch.setattr(database.health, "_probe", lambda: _lose(database))
    with pytest.raises(Lost, match="did not answer"):
        database.fetch("", "SELECT pg_sleep(600)", ())
    assert database.health.used == 0
    database.close()


def test_a_connection_aside_is_not_made_to_a_database_that_is_down_and_waits_for_it_no_longer(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "DOUBT", 0.1)
    monkeypatch.setattr(databases, "SILENCE", 600)
    database = Database(postgresql_url)
    with database.aside().connect() as connection:
        monkeypatch.setattr(database.health, "_probe", lambda: _lose(database))
        with pytest.raises(OperationalError, match="did not answer"):
            connection.exec_driver_sql("SELECT pg_sleep(600)")
    with pytest.raises(OperationalError, match="pbx: stopped"):
        database.aside().connect()
    database.close()


def _lose(database: Database) -> None:
    raise Lost(database, "pbx: stopped")


def test_one_question_that_takes_too_long_turns_nobody_else_away(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "DOUBT", 0.1)
    database = Database(postgresql_url)

    def ask(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, postgresql.PatientConnection)
        driver.patience = 0.5
        connection.exec_driver_sql("SELECT pg_sleep(600)")

    with pytest.raises(Lost, match="did not answer"):
        database.read("", ask)
    assert database.fetch("", "SELECT 1", ())[1] == [(1,)]
    database.close()


def test_who_is_interrupted_while_it_reads_leaves_no_answer_to_the_next_one(
    postgresql_url: str, postgresql_server: str
) -> None:
    upgrade(postgresql_url)
    name = psycopg.conninfo.conninfo_to_dict(postgresql_url)["dbname"]
    with Sorcery.open(postgresql_url) as s, psycopg.connect(postgresql_url) as holder:
        for id in ("alice", "bob"):
            s.create(Aor(id))
        assert s.retrieve_by_id(Aor, "alice") == Aor("alice")
        holder.execute("LOCK TABLE ps_aors")
        main = threading.get_ident()

        def interrupt() -> None:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"
            with psycopg.connect(postgresql_server, autocommit=True) as admin:
                wait_until(lambda: admin.execute(waiting, (name,)).fetchone() == (1,))
            signal.pthread_kill(main, signal.SIGINT)

        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        with pytest.raises(KeyboardInterrupt):
            s.retrieve_by_id(Aor, "alice")
        interrupting.join()
        holder.rollback()
        assert s.retrieve_by_id(Aor, "bob") == Aor("bob")
        assert _database(s).health.used == 0


def test_no_connection_is_left_over_whatever_went_wrong(postgresql_url: str, postgresql_server: str) -> None:
    upgrade(postgresql_url)
    with Sorcery.open(postgresql_url) as s, psycopg.connect(postgresql_server, autocommit=True) as admin:
        name = psycopg.conninfo.conninfo_to_dict(postgresql_url)["dbname"]
        s.create(Aor("alice"))
        for _ in range(5):
            admin.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", (name,))
            answers = [_answer(s) for _ in range(3)]
            assert "absent" not in answers
        wait_until(lambda: _answer(s) == "found")
        database = _database(s)
        assert database.health.used == 0
        wait_until(lambda: connected(admin, str(name)) <= 16)
        threads = [threading.Thread(target=_answer, args=(s,)) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert database.health.used == 0
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        wait_until(lambda: connected(admin, str(name)) == 0)


def _database(s: Sorcery) -> Database:
    database = s._binding("aor").bound[0].store.sources[0].database  # type: ignore[attr-defined]
    assert isinstance(database, Database)
    return database


def _answer(s: Sorcery) -> str:
    try:
        found = s.retrieve_by_id(Aor, "alice")
        if found is not None:
            s.update(found.evolve(max_contacts=2))
    except Unavailable:
        return "unavailable"
    return "absent" if found is None else "found"


def test_a_database_set_read_only_is_read_and_changes_come_back_by_themselves(
    postgresql_url: str, postgresql_server: str
) -> None:
    upgrade(postgresql_url)
    name = psycopg.conninfo.conninfo_to_dict(postgresql_url)["dbname"]
    with Sorcery.open(postgresql_url) as s, psycopg.connect(postgresql_server, autocommit=True) as admin:
        s.create(Aor("alice"))
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on".encode())
        admin.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", (name,))
        wait_until(lambda: s.retrieve_by_id(Aor, "alice") is not None)
        for _ in range(3):
            with pytest.raises(Unavailable, match="read-only transaction; it is a replica, or was set read-only"):
                s.update(Aor("alice", max_contacts=2))
            assert s.retrieve_by_id(Aor, "alice") == Aor("alice")
        admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())
        admin.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s", (name,))
        wait_until(lambda: _answer(s) == "found")
        assert s.retrieve_by_id(Aor, "alice") == Aor("alice", max_contacts=2)


def test_while_the_first_priority_is_down_the_next_one_answers_at_once(tmp_path: Path) -> None:
    upgrade(f"sqlite:///{tmp_path}/second.db")
    with Sorcery.open(f"sqlite:///{tmp_path}/second.db") as s:
        s.create(Aor("alice"))
    with hanging() as port:
        (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor = realtime,ps_aors\n")
        (tmp_path / "extconfig.conf").write_text(
            "[settings]\nps_aors => odbc,first,ps_aors,1\nps_aors => odbc,second,ps_aors,2\n"
        )
        (tmp_path / "databases.conf").write_text(
            f"[first]\nurl = postgresql://nobody@127.0.0.1:{port}/pbx?connect_timeout=2\n"
            f"[second]\nurl = sqlite:///{tmp_path}/second.db\n"
        )
        with Sorcery.open(tmp_path) as s:
            begun = time.monotonic()
            for _ in range(50):  # without a breaker each of them would wait for two seconds
                assert s.retrieve_by_id(Aor, "alice") == Aor("alice")
            assert time.monotonic() - begun < 60


def test_a_deadlock_on_postgresql_is_begun_again_and_nobody_hears_of_it(postgresql_url: str) -> None:
    upgrade(postgresql_url)
    with Sorcery.open(postgresql_url) as s, psycopg.connect(postgresql_url) as rival:
        s.create(Aor("a"))
        s.create(Aor("b"))
        rival.execute("SET deadlock_timeout = '60s'")  # the other one finds it out, and is undone
        rival.execute("UPDATE ps_aors SET max_contacts = 7 WHERE id = 'b'")
        thread = threading.Thread(target=_update_both, args=(s,))
        thread.start()
        with psycopg.connect(postgresql_url, autocommit=True) as watching:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            wait_until(lambda: watching.execute(waiting).fetchone() == (1,))
        rival.execute("UPDATE ps_aors SET max_contacts = 7 WHERE id = 'a'")  # returns when the other one was undone
        rival.commit()
        thread.join(60)
        assert not thread.is_alive()
        assert {aor.max_contacts for aor in s.retrieve_all(Aor)} == {2}


def _update_both(s: Sorcery) -> None:
    with s.transaction() as transaction:
        transaction.update(Aor("a", max_contacts=2))
        transaction.update(Aor("b", max_contacts=2, default_expiration=60))  # a column more: a statement of its own


def test_a_deadlock_on_mariadb_is_begun_again_and_nobody_hears_of_it(mariadb_url: str) -> None:
    upgrade(mariadb_url)
    engine = create_engine(mariadb_url, poolclass=NullPool)
    with Sorcery.open(mariadb_url) as s, engine.connect() as rival:
        s.create(Aor("a"))
        s.create(Aor("b"))
        for id in "bcdefghij":  # the lighter transaction is undone: this one weighs more
            rival.exec_driver_sql(f"INSERT INTO ps_aors (id) VALUES ('r{id}')")
        rival.exec_driver_sql("UPDATE ps_aors SET max_contacts = 7 WHERE id = 'b'")
        thread = threading.Thread(target=_update_both, args=(s,))
        thread.start()
        with engine.connect() as watching:
            waiting = "SELECT count(*) FROM information_schema.innodb_lock_waits"
            wait_until(lambda: watching.exec_driver_sql(waiting).scalar() == 1)
        try:
            rival.exec_driver_sql("UPDATE ps_aors SET max_contacts = 7 WHERE id = 'a'")
        except OperationalError as error:
            pytest.fail(f"the wrong one was undone: {error}")
        rival.commit()
        thread.join(60)
        assert not thread.is_alive()
        assert {aor.max_contacts for aor in s.retrieve_all(Aor) if aor.id in ("a", "b")} == {2}
