"""Each entry is read once and none is lost, whatever the order in which transactions end."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sorcery.errors import ConfigurationError, Unavailable
from sorcery_database import address, new_engine
from sorcery_database.outbox import CHANGES, STATE, NoOutbox, Outbox, Position
from sorcery_migrations.notices import install, remove
from tests.unit.sorcery_database.outbox.readers import Reader, create, database, kill_others


@contextmanager
def reading(engine: Engine) -> Iterator[Reader]:
    found = Reader(engine)
    yield found
    found.outbox.close()


def age(engine: Engine, seconds: int, but: str = "") -> None:
    """Let the entries that are visible be older, but that of one id; one by one, for others may hold what is not."""
    with engine.begin() as connection:
        for (seq,) in connection.exec_driver_sql(
            f"SELECT seq FROM {CHANGES} WHERE id <> '{but}' OR '{but}' = ''"
        ).all():
            connection.exec_driver_sql(f"UPDATE {CHANGES} SET at = at - {seconds}000000 WHERE seq = {seq}")


def _all(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [id for (id,) in connection.exec_driver_sql(f"SELECT id FROM {CHANGES}")]


def test_an_entry_is_read_once(engine: Engine, reader: Reader) -> None:
    with engine.begin() as connection:
        create(connection, "alice", "bob")
    assert reader.ids() == ["alice", "bob"]
    assert reader.ids() == []
    with engine.begin() as connection:
        create(connection, "carol")
    assert reader.ids() == ["carol"]


def test_an_entry_says_what_was_done_and_when(engine: Engine, reader: Reader) -> None:
    with engine.begin() as connection:
        create(connection, "alice")
        connection.exec_driver_sql("DELETE FROM ps_aors")
    entries = reader.entries()
    assert [(entry.table, entry.id, entry.op, entry.origin) for entry in entries] == [
        ("ps_aors", "alice", "create", ""),
        ("ps_aors", "alice", "delete", ""),
    ]
    assert abs(entries[0].at - time.time()) < 600


def test_an_id_that_is_no_utf_8_hides_nothing(sqlite_url: str) -> None:
    for engine in database(sqlite_url):
        with reading(engine) as reader:
            with engine.begin() as connection:
                connection.exec_driver_sql("INSERT INTO ps_aors (id) VALUES (CAST(X'ff41' AS TEXT)), ('bob')")
            assert reader.ids() == ["\udcffA", "bob"]


def test_who_begins_hears_only_of_what_comes(engine: Engine) -> None:
    with engine.begin() as connection:
        create(connection, "alice")
    with reading(engine) as reader:
        assert reader.ids() == []


def test_many_entries_come_in_batches(engine: Engine, reader: Reader) -> None:
    with engine.begin() as connection:
        create(connection, *(f"a{n:02}" for n in range(25)))
    assert [reader.ids(10), reader.ids(10), reader.ids(10), reader.ids(10)] == [
        [f"a{n:02}" for n in range(10)],
        [f"a{n:02}" for n in range(10, 20)],
        [f"a{n:02}" for n in range(20, 25)],
        [],
    ]


def test_what_is_committed_later_under_a_lower_number_is_not_lost(server: Engine) -> None:
    """The trap of reading on from the highest number that was seen."""
    with reading(server) as reader, server.connect() as slow, server.connect() as quick:
        create(slow, "slow")
        create(quick, "quick")
        quick.commit()
        assert reader.ids() == ["quick"], "what is visible is shown at once"
        assert reader.ids() == []
        slow.commit()
        assert reader.ids() == ["slow"]
        assert reader.ids() == []


def test_two_writers_of_one_file_follow_one_another(sqlite_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "pbx.db") as file:
        file.execute("CREATE TABLE ps_aors (id PRIMARY KEY)")
    install(sqlite_url, ["ps_aors"])
    engine = new_engine(address(sqlite_url))
    with reading(engine) as reader, ExitStack() as stack:
        first, second = (
            stack.enter_context(sqlite3.connect(tmp_path / "pbx.db", timeout=0.05, isolation_level=None))
            for _ in range(2)
        )
        first.execute("BEGIN IMMEDIATE")
        first.execute("INSERT INTO ps_aors VALUES ('first')")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            second.execute("INSERT INTO ps_aors VALUES ('second')")
        assert reader.ids() == []
        first.execute("COMMIT")
        second.execute("INSERT INTO ps_aors VALUES ('second')")
        assert reader.ids() == ["first", "second"]
    engine.dispose()


def test_a_transaction_that_was_open_when_somebody_began_to_read_is_not_lost(server: Engine) -> None:
    with server.connect() as slow:
        create(slow, "slow")
        with server.begin() as quick:
            create(quick, "quick")
        with reading(server) as reader:
            assert reader.ids() == []
            slow.commit()
            assert reader.ids() == ["slow"]


def test_a_transaction_that_was_open_before_the_first_entry_that_is_left_is_not_lost(server: Engine) -> None:
    with reading(server) as first, server.connect() as slow:
        create(slow, "slow")
        with server.begin() as quick:
            create(quick, "quick")
        first.ids()
        age(server, 4000, but="quick")
        first.trim()
        with reading(server) as second:
            slow.commit()
            assert second.ids() == ["slow"]


def test_three_transactions_that_end_in_reverse_are_read_as_they_end(server: Engine) -> None:
    with reading(server) as reader, server.connect() as a, server.connect() as b, server.connect() as c:
        for connection, name in ((a, "a"), (b, "b"), (c, "c")):
            create(connection, f"{name}1", f"{name}2")
        seen = []
        for connection in (c, b, a):
            connection.commit()
            seen.append(reader.ids())
        assert seen == [["c1", "c2"], ["b1", "b2"], ["a1", "a2"]]
        assert reader.ids() == []


def test_a_rolled_back_transaction_leaves_no_gap_for_ever(server: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery_database.outbox.numbered.GRACE", 0)
    with reading(server) as reader, server.connect() as slow:
        create(slow, "slow")
        with server.begin() as quick:
            create(quick, "quick")
        assert reader.ids() == ["quick"]
        assert reader.ids() == []
        held = str(reader.position)
        slow.rollback()
        assert reader.ids() == []
        assert reader.ids() == []
        assert len(str(reader.position).split(" ")) <= len(held.split(" "))
        if server.dialect.name != "postgresql":
            assert str(reader.position).count("-") < held.count("-")


def test_what_stands_uncommitted_is_waited_for_longer_than_the_grace(
    server: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery_database.outbox.numbered.GRACE", 0)
    with reading(server) as reader, server.connect() as slow:
        create(slow, "slow")
        with server.begin() as quick:
            create(quick, "quick")
        for _ in range(3):
            reader.ids()
        slow.commit()
        assert reader.ids() == ["slow"]


def test_a_large_batch_in_pages_loses_nothing_that_is_committed_meanwhile(server: Engine) -> None:
    with reading(server) as reader, server.connect() as slow:
        create(slow, "slow")
        with server.begin() as quick:
            create(quick, *(f"a{n}" for n in range(5)))
        found = reader.ids(2)
        slow.commit()
        while ids := reader.ids(2):
            found += ids
        assert sorted(found) == ["a0", "a1", "a2", "a3", "a4", "slow"]


def test_old_entries_are_trimmed_and_who_stood_before_them_is_told(engine: Engine, reader: Reader) -> None:
    with reading(engine) as late:
        for name in ("alice", "bob", "carol"):
            with engine.begin() as connection:
                create(connection, name)
        assert len(reader.ids()) == 3
        assert reader.outbox.trim(reader.position) == 0
        age(engine, 4000)
        with reading(engine) as trimmer:
            trimmer.trim()
        assert late.is_told_of_everything()
        with engine.begin() as connection:
            create(connection, "dave")
        assert late.ids() == ["dave"]


def test_a_slice_that_is_trimmed_is_no_larger_than_asked_for(
    engine: Engine, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery_database.outbox.outbox.SLICE", 2)
    for name in ("alice", "bob", "carol", "dave", "eve"):
        with engine.begin() as connection:
            create(connection, name)
    assert len(reader.ids()) == 5
    age(engine, 4000, but="eve")
    before = len(_all(engine))
    assert reader.trim(before - 1) == before - 1
    assert _all(engine) == ["eve"]


def test_trimming_does_not_disturb_who_has_read_all(engine: Engine) -> None:
    for name in ("alice", "bob", "carol"):
        with engine.begin() as connection:
            create(connection, name)
    age(engine, 4000)
    with reading(engine) as one, reading(engine) as other:
        one.trim()
        assert other.ids() == []
        with engine.begin() as connection:
            create(connection, "dave")
        assert other.ids() == ["dave"]
        assert one.ids() == ["dave"]


def test_what_is_still_under_way_is_not_trimmed_away(server: Engine) -> None:
    with server.connect() as slow, reading(server) as reader:
        create(slow, "slow")
        with server.begin() as quick:
            create(quick, "quick")
        assert reader.ids() == ["quick"]
        age(server, 4000, but="quick")  # by its time the position knows the outbox again
        reader.outbox.trim(reader.position)
        slow.commit()
        assert reader.ids() == ["slow"]


def test_an_outbox_that_was_made_anew_is_another(engine: Engine, reader: Reader) -> None:
    with engine.begin() as connection:
        create(connection, "alice")
    reader.ids()
    reader.outbox.close()
    target = engine.url.render_as_string(hide_password=False)
    remove(target)
    install(target, ["ps_aors"])
    with reading(engine) as again:
        again.position = reader.position
        assert again.is_told_of_everything()


def test_tables_restored_from_a_backup_are_told(numbered: Engine) -> None:
    """What was read is not there any more, and what follows is something else."""
    with reading(numbered) as reader:
        with numbered.begin() as connection:
            create(connection, "alice")
        assert reader.ids() == ["alice"]
        with numbered.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {CHANGES} SET id = 'bob', at = at + 1 WHERE id = 'alice'")
            create(connection, "carol")
        assert reader.is_told_of_everything()


def test_another_life_of_a_server_is_told(postgresql_url: str) -> None:
    """After a restart, a failover or a restore the numbers of transactions may mean something else."""
    for engine in database(postgresql_url):
        with reading(engine) as reader:
            kind, era, snapshot = str(reader.position).split(" ")
            outbox, began = era.split("/")
            reader.position = Position.parse(f"{kind} {outbox}/{int(began) - 60} {snapshot}")
            assert reader.is_told_of_everything()
            assert reader.ids() == []


def test_a_text_that_is_no_position_is_incomplete(engine: Engine, reader: Reader) -> None:
    for nonsense in ("", "?", "pg a b", "nr a b c", "pg x 1:2: y z", "nr x 1 2 3"):
        reader.position = Position.parse(nonsense)
        assert reader.is_told_of_everything(), nonsense


def test_without_an_outbox_the_remedy_is_named(engine: Engine) -> None:
    remove(engine.url.render_as_string(hide_password=False))
    outbox = Outbox(engine)
    assert not outbox.is_installed()
    with pytest.raises(NoOutbox, match="sorcery db notify on --db"):
        outbox.end()
    outbox.close()


def test_an_outbox_that_vanishes_is_told_and_found_again(engine: Engine, reader: Reader) -> None:
    target = engine.url.render_as_string(hide_password=False)
    remove(target)
    with pytest.raises(NoOutbox):
        reader.ids()
    install(target, ["ps_aors"])
    assert reader.is_told_of_everything()


def test_waiting_ends_when_something_is_committed(engine: Engine, reader: Reader) -> None:
    reader.ids()
    while reader.outbox.wait(0.05) and engine.dialect.name not in ("mysql", "mariadb"):
        reader.ids()  # what making the tables caused

    def write() -> None:
        with engine.begin() as connection:
            create(connection, "alice")

    thread = threading.Timer(0.2, write)
    thread.start()
    found = list[str]()
    deadline = time.monotonic() + 30
    while not found and time.monotonic() < deadline:
        reader.outbox.wait(30)
        found = reader.ids()
    thread.join()
    assert found == ["alice"]


def test_waiting_ends_when_it_is_woken(engine: Engine, reader: Reader) -> None:
    reader.ids()
    thread = threading.Timer(0.1, reader.outbox.wake)
    thread.start()
    before = time.monotonic()
    assert reader.outbox.wait(60)
    assert time.monotonic() - before < 50
    thread.join()


def test_a_lost_connection_is_made_again_and_nothing_is_lost(server: Engine) -> None:
    with reading(server) as reader:
        reader.ids()
        kill_others(server)
        with server.begin() as connection:
            create(connection, "alice")
        with pytest.raises(Unavailable):
            reader.outbox.read(reader.position)
        assert reader.ids() == ["alice"]


def test_a_user_who_may_not_read_it_is_told_what_to_allow(postgresql_url: str) -> None:
    for engine in database(postgresql_url):
        with engine.begin() as connection:
            user = f"u{engine.url.database}"[:30]
            connection.exec_driver_sql(f"CREATE USER {user}")
        poor = new_engine(engine.url.set(username=user))
        outbox = Outbox(poor)
        with pytest.raises(ConfigurationError, match=STATE):
            outbox.end()
        outbox.close()
        poor.dispose()
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP USER {user}")


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    outbox = Outbox(new_engine(address(f"sqlite:///{tmp_path}/none.db")))
    with pytest.raises(Unavailable, match="no such file"):
        outbox.end()
    assert not (tmp_path / "none.db").exists()
    outbox.close()


def test_another_file_of_the_same_name_is_noticed(sqlite_url: str, tmp_path: Path) -> None:
    for engine in database(sqlite_url):
        with reading(engine) as reader:
            reader.ids()
            other = tmp_path / "other.db"
            with sqlite3.connect(other) as connection:
                connection.execute("CREATE TABLE ps_aors (id)")
            install(f"sqlite:///{other}", ["ps_aors"])
            other.replace(tmp_path / "pbx.db")
            deadline = time.monotonic() + 30
            told = False
            while not told and time.monotonic() < deadline:
                reader.outbox.wait(1)
                told = reader.is_told_of_everything()
            assert told
