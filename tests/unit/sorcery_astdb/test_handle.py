"""Reading without a lock, locking in one step, and what a writer that was killed leaves."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sorcery import Unavailable
from sorcery_astdb import file as module
from sorcery_astdb import locks
from sorcery_astdb.file import AstdbFile
from sorcery_astdb.handle import open_reader

pytestmark = pytest.mark.skipif(not locks.ARE_KNOWN, reason="this system has no locks of an open file")

ALL = "SELECT key, value FROM astdb ORDER BY key"
COUNT = "SELECT count(*) FROM astdb"
LONG = f"""
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2000000)
SELECT max(n), ({COUNT}) FROM numbers
"""
OTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0)
for line in sys.stdin:
    try:
        print(connection.execute(line).fetchall(), flush=True)
    except sqlite3.Error as error:
        print(error, flush=True)
"""


class Other:
    """Another process that has the file open, and like Asterisk waits for nobody."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, statement: str) -> str:
        """Return what came of a statement."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(statement, file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()


@pytest.fixture
def file(tmp_path: Path) -> Iterator[AstdbFile]:
    file = AstdbFile(tmp_path / "astdb.sqlite3")
    put(file, "first")
    yield file
    file.close()


@pytest.fixture
def other(file: AstdbFile) -> Iterator[Other]:
    with another(file) as other:
        yield other


@contextmanager
def another(file: AstdbFile) -> Iterator[Other]:
    command = [sys.executable, "-c", OTHER, str(file.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Other(process)
        process.kill()


def put(file: AstdbFile, key: str) -> None:
    handle = file.begin()
    handle.execute("INSERT INTO astdb VALUES (?, '')", key)
    file.commit(handle)


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_reader_fails_no_commit_and_what_it_returns_is_of_one_moment(file: AstdbFile, other: Other) -> None:
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(file.read, LONG)
        for number in range(20):
            assert other.run("BEGIN") == "[]"
            assert other.run(f"INSERT INTO astdb VALUES ('{number}', '')") == "[]"
            assert other.run("COMMIT") == "[]"
        assert reading.result(timeout=60) == [(2_000_000, 21)]


def test_what_another_has_not_committed_is_not_read_and_keeps_no_reader(file: AstdbFile, other: Other) -> None:
    other.run("BEGIN")
    other.run("INSERT INTO astdb VALUES ('second', '')")
    assert file.read(COUNT) == [(1,)]
    other.run("COMMIT")
    assert file.read(COUNT) == [(2,)]


def test_one_who_waits_to_write_keeps_nobody_from_writing(
    file: AstdbFile, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    other.run("BEGIN")
    other.run(ALL)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(put, file, "ours")
        with pytest.raises(TimeoutError):
            writing.result(timeout=0.1)
        assert other.run("INSERT INTO astdb VALUES ('theirs', '')") == "[]"
        assert other.run("COMMIT") == "[]"
        writing.result(timeout=60)
    assert file.read(ALL) == [("first", ""), ("ours", ""), ("theirs", "")]


def _pages_of_a_change(file: AstdbFile) -> tuple[bytes, bytes]:
    """Fill the file, give every row another value, and return its bytes before and after."""
    handle = file.begin()
    for number in range(100):
        handle.execute("INSERT INTO astdb VALUES (?, ?)", f"{number:03}", "old" * 80)
    file.commit(handle)
    before = file.path.read_bytes()
    handle = file.begin()
    handle.execute("UPDATE astdb SET value = replace(value, 'old', 'new')")
    file.commit(handle)
    return before, file.path.read_bytes()


def _changed(old: bytes, new: bytes) -> list[int]:
    return [start for start in range(0, len(old), 4096) if old[start : start + 4096] != new[start : start + 4096]]


@pytest.mark.parametrize("header_comes", ["first", "last"])
@pytest.mark.parametrize("begins_after", range(1, 5))
@pytest.mark.parametrize("ends_after", range(1, 9))
def test_half_a_change_is_no_answer_whenever_the_writer_comes_and_goes(
    file: AstdbFile, monkeypatch: pytest.MonkeyPatch, header_comes: str, begins_after: int, ends_after: int
) -> None:
    old, new = _pages_of_a_change(file)
    file.path.write_bytes(old)
    os.utime(file.path, ns=(0, 0))
    pages = sorted(_changed(old, new), reverse=header_comes == "last")
    halves = {begins_after: pages[: len(pages) // 2], begins_after + ends_after: pages[len(pages) // 2 :]}
    looks = 0
    writer = os.open(file.path, os.O_RDWR)

    def goes_on() -> None:
        """Let the writer do what is due before this look at the file; its clock stands still."""
        nonlocal looks
        looks += 1
        if looks == begins_after:
            assert locks.take(writer)
        for start in halves.get(looks, ()):
            os.pwrite(writer, new[start : start + 4096], start)
        os.utime(file.path, ns=(0, 0))
        if looks == begins_after + ends_after:
            locks.release(writer)

    def before(look: Callable[[int], object]) -> Callable[[int], object]:
        def looked(number: int) -> object:
            goes_on()
            return look(number)

        return looked

    for name in ("is_written", "header"):
        monkeypatch.setattr(locks, name, before(getattr(locks, name)))
    reader = open_reader(file.path, 0)
    rows = reader.ask("SELECT DISTINCT substr(value, 1, 3) FROM astdb WHERE key <> 'first'", ())
    assert rows in (None, [("old",)], [("new",)])
    reader.close()
    os.close(writer)


def test_who_writes_keeps_the_others_out(file: AstdbFile, other: Other) -> None:
    handle = file.begin()
    assert other.run(COUNT) == "database is locked"
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(file.read, COUNT)
        with pytest.raises(TimeoutError):
            reading.result(timeout=0.05)
        file.rollback(handle)
        assert reading.result(timeout=60) == [(1,)]
    assert other.run(COUNT) == "[(1,)]"


@pytest.mark.parametrize("ask", [lambda file: file.read(COUNT), lambda file: file.rollback(file.begin())])
def test_what_a_killed_writer_left_half_done_is_undone(file: AstdbFile, ask: Callable[[AstdbFile], object]) -> None:
    journal = file.path.with_name("astdb.sqlite3-journal")
    before = file.path.stat().st_size
    with another(file) as other:
        other.run("PRAGMA cache_size = 1")
        other.run("BEGIN")
        for _ in range(12):
            other.run("INSERT INTO astdb SELECT hex(randomblob(8)), hex(randomblob(400)) FROM astdb")
        wait_until(lambda: file.path.stat().st_size > before)
    assert journal.exists()
    ask(file)
    assert not journal.exists()
    assert file.read(ALL) == [("first", "")]
    assert file.read("PRAGMA integrity_check") == [("ok",)]


def test_a_file_that_nobody_can_mend_is_no_answer(file: AstdbFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    monkeypatch.setattr(locks, "take", lambda file: False)
    file.path.with_name("astdb.sqlite3-journal").write_bytes(b"left by one who was killed")
    with pytest.raises(Unavailable, match="locked"):
        file.read(COUNT)


def test_a_file_with_a_log_is_read_and_written_with_it(file: AstdbFile, other: Other) -> None:
    assert other.run("PRAGMA journal_mode = WAL") == "[('wal',)]"
    other.run("INSERT INTO astdb VALUES ('second', '')")
    assert file.read(COUNT) == [(2,)]
    put(file, "third")
    assert other.run(COUNT) == "[(3,)]"
    assert other.run("PRAGMA journal_mode = DELETE") == "[('delete',)]"


def test_a_long_read_comes_to_its_end_though_other_threads_write(
    file: AstdbFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    with ThreadPoolExecutor(2) as pool:
        reading = pool.submit(file.read, LONG)
        number = 0
        while not reading.done():
            put(file, f"{number}")
            number += 1
        assert reading.result() == [(2_000_000, reading.result()[0][1])]


def test_other_connections_see_what_was_written(file: AstdbFile) -> None:
    put(file, "second")
    with closing(sqlite3.connect(file.path)) as connection:
        assert connection.execute(COUNT).fetchall() == [(2,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
