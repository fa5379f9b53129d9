"""The file: absent, locked, replaced, broken, and shared by threads."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sorcery import Unavailable
from sorcery_astdb import file as module
from sorcery_astdb import handle as handles
from sorcery_astdb import locks
from sorcery_astdb.file import AstdbFile

ALL = "SELECT key, value FROM astdb ORDER BY key"
PUT = "INSERT INTO astdb VALUES (?, ?)"


@pytest.fixture(params=["our locks", "SQLite's locks"])
def file(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AstdbFile]:
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    monkeypatch.setattr(locks, "ARE_KNOWN", request.param == "our locks")
    file = AstdbFile(tmp_path / "astdb.sqlite3")
    yield file
    file.close()


def put(file: AstdbFile, key: str, value: str = "") -> None:
    handle = file.begin()
    handle.execute(PUT, key, value)
    file.commit(handle)


def test_a_missing_file_holds_nothing_and_reading_does_not_make_it(file: AstdbFile) -> None:
    assert file.read(ALL) == []
    assert not file.path.exists()


def test_a_missing_folder_is_no_answer(tmp_path: Path) -> None:
    file = AstdbFile(tmp_path / "none" / "astdb.sqlite3")
    with pytest.raises(Unavailable, match="No such file or directory"):
        file.read(ALL)
    with pytest.raises(Unavailable, match="No such file or directory"):
        file.begin()


def test_the_first_write_makes_the_file_with_asterisks_table(file: AstdbFile) -> None:
    put(file, "k", "v")
    with closing(sqlite3.connect(file.path)) as connection:
        assert connection.execute("PRAGMA table_info(astdb)").fetchall() == [
            (0, "key", "VARCHAR(256)", 0, None, 1),
            (1, "value", "VARCHAR(256)", 0, None, 0),
        ]
        assert connection.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
        assert connection.execute(ALL).fetchall() == [("k", "v")]


def test_a_file_without_the_table_holds_nothing(file: AstdbFile) -> None:
    file.path.touch()
    assert file.read(ALL) == []
    put(file, "k")
    assert file.read(ALL) == [("k", "")]


def test_a_reader_waits_for_the_writer_and_sees_all_or_nothing(
    file: AstdbFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    put(file, "a")
    for end in (file.rollback, file.commit):
        handle = file.begin()
        handle.execute(PUT, "b", "")
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(file.read, ALL)
            with pytest.raises(TimeoutError):
                reading.result(timeout=0.05)
            end(handle)
            found = reading.result(timeout=60)
        assert found == ([("a", "")] if end == file.rollback else [("a", ""), ("b", "")])


def test_a_second_writer_waits_and_then_is_told(file: AstdbFile) -> None:
    handle = file.begin()
    with pytest.raises(Unavailable, match=r"other threads of this program were writing for 0\.2 s"):
        file.begin()
    file.rollback(handle)
    put(file, "k")
    assert file.read(ALL) == [("k", "")]


def test_nobody_else_is_blamed_for_the_lock_of_a_thread_of_ours(file: AstdbFile) -> None:
    put(file, "k")
    handle = file.begin()
    with pytest.raises(Unavailable, match=r"locked: another thread of this program was writing for 0\.2 s$"):
        file.read(ALL)
    file.rollback(handle)
    assert file.read(ALL) == [("k", "")]


class Clock:
    """A clock that others move on."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Queue:
    """A lock for which one has to wait for a while."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds

    def acquire(self, timeout: float) -> bool:
        self.clock.now += self.seconds
        return True

    def release(self) -> None: ...


def test_waiting_for_threads_of_ours_and_for_others_has_one_deadline(
    file: AstdbFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(file, "k")
    clock = Clock()
    monkeypatch.setattr(module, "PATIENCE", 2.0)
    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(handles, "time", clock)
    monkeypatch.setattr(file, "_writing", Queue(clock, 1.5))
    told = r"such as a running Asterisk, held it for 0\.5 s, after other threads of this program for 1\.5 s"
    with closing(sqlite3.connect(file.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unavailable, match=told):
            file.begin()
    assert 2.0 < clock.now - 100.0 < 2.0 + 2 * handles.GAPS[-1]


def test_others_have_the_file_as_long_as_they_were_kept_out(file: AstdbFile, monkeypatch: pytest.MonkeyPatch) -> None:
    put(file, "k")
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    for held, pause in ((0.02, 0.02), (3.0, module.LONGEST_PAUSE)):
        clock.sleep(1)
        handle = file.begin()
        clock.sleep(held)
        file.rollback(handle)
        let_go = clock.now
        file.rollback(file.begin())
        assert clock.now - let_go == pytest.approx(pause)


def test_a_commit_that_fails_is_told_and_lets_others_write(file: AstdbFile) -> None:
    handle = file.begin()
    handle.execute(PUT, "lost", "")
    handle.execute("ROLLBACK")  # as SQLite itself does where the disk is full
    with pytest.raises(Unavailable, match="no transaction is active"):
        file.commit(handle)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        handle.execute("SELECT 1")
    put(file, "k")
    assert file.read(ALL) == [("k", "")]


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY, sqlite3.SQLITE_LOCKED])
def test_every_sort_of_lock_is_called_one(file: AstdbFile, code: int) -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    with pytest.raises(Unavailable, match="such as a running Asterisk"), file.answering():
        raise error


@contextmanager
def another(file: AstdbFile, *statements: str) -> Iterator[subprocess.Popen[str]]:
    """Run statements in another process, which keeps its locks until the end: a process has each lock but once."""
    command = [sys.executable, "-c", ANOTHER, str(file.path), *statements]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        yield process
        process.stdin.close()


ANOTHER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement).fetchall()
print("done", flush=True)
sys.stdin.read()
"""


def test_a_lock_of_another_process_is_no_answer(file: AstdbFile) -> None:
    put(file, "k")
    with another(file, "BEGIN EXCLUSIVE"):
        with pytest.raises(Unavailable, match="locked"):
            file.read(ALL)
        with pytest.raises(Unavailable, match="locked"):
            file.begin()
    put(file, "l")
    assert file.read(ALL) == [("k", ""), ("l", "")]


def test_a_writer_that_a_reader_holds_up_is_told_before_it_has_begun(file: AstdbFile) -> None:
    put(file, "a")
    with another(file, "BEGIN", ALL), pytest.raises(Unavailable, match="locked"):
        file.begin()
    put(file, "c")
    assert file.read(ALL) == [("a", ""), ("c", "")]


def test_a_writer_that_waits_lets_the_one_it_waits_for_write(file: AstdbFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    put(file, "a")
    with (
        ThreadPoolExecutor(1) as pool,
        closing(sqlite3.connect(file.path, isolation_level=None, timeout=0)) as other,
    ):
        other.execute("BEGIN")
        other.execute(ALL).fetchall()
        waiting = pool.submit(put, file, "c")
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.1)
        write_in_a_gap(other)
        waiting.result(timeout=60)
    assert file.read(ALL) == [("a", ""), ("b", ""), ("c", "")]


def write_in_a_gap(other: sqlite3.Connection) -> None:
    """Write where nobody tries to lock just then: one of some attempts finds a gap."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            other.execute("INSERT OR IGNORE INTO astdb VALUES ('b', '')")
            other.execute("COMMIT")
        except sqlite3.OperationalError:
            time.sleep(0.01)
        else:
            return
    raise AssertionError("no gap")


def test_a_file_that_is_no_database_is_no_answer(file: AstdbFile) -> None:
    file.path.write_bytes(b"this is not a database, it only has the name of one" * 20)
    with pytest.raises(Unavailable, match="not a database"):
        file.read(ALL)
    with pytest.raises(Unavailable, match="not a database"):
        file.begin()


def test_a_damaged_file_is_no_answer(file: AstdbFile) -> None:
    for number in range(200):
        put(file, f"{number:04}", "x" * 100)
    data = bytearray(file.path.read_bytes())
    data[8192:] = b"\xff" * len(data[8192:])
    file.close()
    file.path.write_bytes(bytes(data))
    with pytest.raises(Unavailable, match="malformed; move it away, or put a good copy in its place"):
        AstdbFile(file.path).read("SELECT key, value FROM astdb WHERE value != ''")


def test_a_folder_in_the_files_place_is_no_answer(file: AstdbFile) -> None:
    file.path.mkdir()
    with pytest.raises(Unavailable, match="unable to open database file; it has to be a file"):
        file.read(ALL)


def test_a_file_that_was_replaced_is_read_anew(file: AstdbFile, tmp_path: Path) -> None:
    put(file, "old")
    other = AstdbFile(tmp_path / "other.sqlite3")
    put(other, "new")
    other.close()
    other.path.replace(file.path)
    assert file.read(ALL) == [("new", "")]


def test_a_file_that_comes_while_a_reader_looks_for_it_is_not_gone(
    file: AstdbFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = Path.stat
    once = [lambda: put(file, "k")]

    def stat(path: Path, **options: bool) -> object:
        try:
            return look(path, **options)
        except FileNotFoundError:
            if once:
                once.pop()()  # another thread writes just then
            raise

    monkeypatch.setattr(Path, "stat", stat)
    assert file.read(ALL) == []
    assert file.read(ALL) == [("k", "")]


def test_a_file_that_was_there_and_is_gone_is_no_empty_one(file: AstdbFile) -> None:
    put(file, "old")
    aside = file.path.rename(file.path.with_name("aside"))
    for ask in (lambda: file.read(ALL), file.begin):
        with pytest.raises(Unavailable, match="the file is gone; put it back, or make an empty one to begin anew"):
            ask()
        assert not file.path.exists()
    aside.rename(file.path)
    assert file.read(ALL) == [("old", "")]
    file.path.unlink()
    file.path.touch()
    assert file.read(ALL) == []
    put(file, "newest")
    assert file.read(ALL) == [("newest", "")]


def test_a_link_to_nothing_is_no_empty_file(file: AstdbFile, tmp_path: Path) -> None:
    file.path.symlink_to(tmp_path / "disk" / "astdb.sqlite3")
    with pytest.raises(Unavailable, match="the file is gone"):
        file.read(ALL)


def test_a_text_that_is_no_utf8_is_read_with_its_bytes(file: AstdbFile) -> None:
    put(file, "good")
    with closing(sqlite3.connect(file.path)) as other, other:
        other.execute("INSERT INTO astdb VALUES ('bad', CAST(x'ff' AS TEXT))")
    assert file.read(ALL) == [("bad", "\udcff"), ("good", "")]


def test_a_question_that_is_no_unicode_finds_nothing(file: AstdbFile) -> None:
    put(file, "k")
    assert file.read("SELECT 1 FROM astdb WHERE key = ?", "\udcff") == []


def test_many_threads_read_and_write(file: AstdbFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 60.0)
    put(file, "start")

    def work(name: int) -> None:
        for number in range(5):
            put(file, f"{name} {number}")
            assert ("start", "") in file.read(ALL)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(file.read(ALL)) == 31


def test_a_connection_in_use_while_closing_is_closed_when_given_back(file: AstdbFile) -> None:
    handle = file.begin()
    file.close()
    file.commit(handle)
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        handle.execute("SELECT 1")
