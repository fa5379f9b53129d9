from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from sorcery import ConfigurationError, Sorcery, Unavailable
from sorcery.pjsip import Aor
from sorcery_database import Fault
from sorcery_realtime.databases import OPTIONS, Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.filelock import LOOK, Patience


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_who_comes_waits_as_long_as_anybody_does_and_who_waits_already_waits_for_the_rest(clock: Clock) -> None:
    patience = Patience(5, clock=clock)
    assert patience.left() == 5
    assert patience.left(98.0) == 3
    assert patience.left(90.0) == 0


def test_after_one_has_waited_in_vain_one_looks_and_the_others_are_told_at_once(clock: Clock) -> None:
    patience = Patience(5, clock=clock)
    patience.failed()
    assert not patience.is_looked_for
    assert patience.left() == LOOK
    assert patience.is_looked_for
    assert patience.left() is None
    clock.now += 2 * LOOK  # whoever looked has broken off without a word
    assert patience.left() == LOOK
    patience.failed()
    assert patience.left() == LOOK


def test_who_is_served_lets_everybody_wait_as_usual_again(clock: Clock) -> None:
    patience = Patience(5, clock=clock)
    patience.failed()
    patience.served()
    assert not patience.is_over
    assert patience.left() == 5


# On a file


@pytest.fixture
def locked(pbx: str) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the file."""
    made = sqlite3.connect(pbx.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    yield made
    made.close()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The milliseconds that SQLite is told to wait for a lock at most, one for each time."""
    told: list[int] = []
    monkeypatch.setattr("sorcery_realtime.filelock.wait_at_most", lambda _, seconds: told.append(round(1000 * seconds)))
    return told


def test_the_time_in_the_queue_is_part_of_what_a_writer_waits(pbx: str, waits: list[int]) -> None:
    database = Database(pbx)
    connection = database.begin(since=time.monotonic() - 3.5)
    database.end(connection, "ROLLBACK")
    assert 0 < waits[0] <= 1500
    assert waits[1] <= waits[0]  # for the commit
    assert waits[2] == 5000  # for who uses the connection next
    waits.clear()
    connection = database.begin(since=time.monotonic() - 60)
    database.end(connection, "ROLLBACK")
    assert waits == [0, round(1000 * LOOK), 5000]
    database.close()


def test_a_file_that_one_waited_for_in_vain_is_looked_at_for_a_moment_until_somebody_writes(
    pbx: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 0.2})
    database = Database(pbx)
    locked.execute("BEGIN IMMEDIATE")
    for _ in range(2):
        with pytest.raises(Lost, match="locked") as told:
            database.begin()
        assert told.value.fault is Fault.LOCKED
        assert database._file_lock.writing.is_over
    assert not database._file_lock.reading.is_over
    locked.execute("ROLLBACK")
    database.end(database.begin(), "COMMIT")
    assert not database._file_lock.writing.is_over
    database.close()


@pytest.mark.parametrize(
    "ask",
    [lambda s: s.retrieve_by_id(Aor, "alice"), lambda s: s.retrieve_by_fields(Aor, outbound_proxy="x")],
    ids=["by id", "search"],
)
def test_reads_of_a_file_that_is_locked_for_long_look_for_a_moment_until_one_is_answered(
    pbx: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Sorcery], object]
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 0.2})
    looks: list[float] = []
    monkeypatch.setattr("sorcery_realtime.filelock.wait_at_most", lambda _, seconds: looks.append(seconds))
    with Sorcery.open(pbx) as s:
        s.create(Aor("alice"))
        looks.clear()
        locked.execute("BEGIN EXCLUSIVE")
        for expected in ([], [LOOK, 0.2]):
            with pytest.raises(Unavailable, match="locked"):
                ask(s)
            assert looks == expected
        locked.execute("ROLLBACK")
        ask(s)
        looks.clear()
        ask(s)
        assert looks == []


def test_who_reads_after_a_writer_waited_in_vain_waits_for_no_more_than_a_commit(
    pbx: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 0.2})
    monkeypatch.setattr("sorcery_realtime.filelock.COMMITTING", 0.1)
    looks: list[float] = []
    with Sorcery.open(pbx) as s:
        s.create(Aor("alice"))
        locked.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match="locked"):
            s.update(Aor("alice", max_contacts=2))
        monkeypatch.setattr("sorcery_realtime.filelock.wait_at_most", lambda _, seconds: looks.append(seconds))
        with pytest.raises(Unavailable, match="locked"):
            s.retrieve_by_id(Aor, "alice")
    assert looks == [0.1, 0.2]


@pytest.mark.parametrize("seconds", ["abc", "-1", "nan", "inf", "1e12", "1&timeout=2"])
def test_a_time_to_wait_that_is_none_is_refused_with_the_address(pbx: str, seconds: str) -> None:
    with pytest.raises(ConfigurationError, match=r"timeout=.* is no number of seconds.*write \?timeout=5"):
        Database(f"{pbx}?timeout={seconds}")


def test_those_who_stand_behind_a_writer_that_waits_in_vain_do_not_wait_as_long_once_more(
    pbx: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 3})
    waited: list[float] = []

    def write(s: Sorcery) -> None:
        begun = time.monotonic()
        with pytest.raises(Unavailable, match="locked"):
            s.update(Aor("alice", max_contacts=2))  # one object: they stand behind one another
        waited.append(time.monotonic() - begun)

    with Sorcery.open(pbx) as s:
        s.create(Aor("alice"))
        locked.execute("BEGIN IMMEDIATE")
        threads = [threading.Thread(target=write, args=(s,)) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(waited) == 10
    assert max(waited) < 15  # and not 30


def create_many(s: Sorcery) -> None:
    with s.transaction() as transaction:
        for number in range(20):
            transaction.create(Aor(f"a{number}"))


def test_a_commit_that_a_reader_keeps_waiting_has_stored_nothing_and_says_so(
    pbx: str, locked: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPTIONS, "sqlite", {"timeout": 0.2})
    with Sorcery.open(pbx) as s:
        s.create(Aor("alice"))
        cursor = locked.execute("SELECT * FROM ps_aors UNION ALL SELECT * FROM ps_aors")
        cursor.fetchone()  # and it goes on reading
        with pytest.raises(Unavailable, match="locked") as one:
            s.update(Aor("alice", max_contacts=2))
        with pytest.raises(Unavailable, match="nothing is stored, make the change again") as many:
            create_many(s)
        assert not one.value.is_uncertain
        assert not many.value.is_uncertain
        cursor.close()
        assert s.retrieve_all(Aor) == [Aor("alice")]
