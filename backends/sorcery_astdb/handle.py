"""Connections to the file: how one reads it in a moment when nobody changes it, and how one keeps all others out.

A file with a rollback journal, which is what Asterisk makes, is read without any lock: an answer counts if the file was
the same before and after, and whole. Where that cannot be told, on another system or in a file with a write-ahead log,
SQLite's own locks are taken.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any, Protocol

from sorcery_astdb import locks

__all__ = ["Handle", "Identity", "Reader", "Rows", "open_reader", "open_writer"]

Rows = list[tuple[Any, ...]]

GAPS = (0.0005, 0.001, 0.002, 0.005)
"""Seconds between attempts to lock the file, the last of them from then on."""
ATTEMPT = 0.001
"""Seconds that one attempt with SQLite's own locks waits for readers."""

Identity = tuple[int, int]
"""Which file it is that a path named: the path may come to name another one."""

_State = tuple[bytes, int, int]
"""The header, the time of the last change, and the size of a file."""


class Reader(Protocol):
    """A way to ask the file."""

    identity: Identity

    def ask(self, statement: str, parameters: tuple[str, ...]) -> Rows | None:
        """Return all rows, or None if others were changing the file; raises what SQLite does, and `OSError`."""

    def is_abandoned(self) -> bool:
        """Tell whether a writer died and left his journal, so that the file is not whole until it is locked."""

    def is_fit(self) -> bool:
        """Tell whether the file is still one that is read like this."""

    def close(self) -> None:
        """Let go of the file."""


class Handle(Protocol):
    """A way to change the file, for one transaction at a time."""

    identity: Identity

    def begin(self, deadline: float) -> bool:
        """Keep everybody out and begin; False if somebody had a lock until the deadline of the monotonic clock."""

    def execute(self, statement: str, *parameters: str) -> Rows:
        """Run one statement and return all of its rows."""

    def commit(self) -> None:
        """Make the changes visible, and let others in."""

    def is_fit(self) -> bool:
        """Tell whether the file is still one that is changed like this."""

    def close(self) -> None:
        """Undo what was not committed, and let others in."""


def open_reader(path: Path, patience: float) -> Reader:
    """Return a way to ask the file; `patience` are the seconds that SQLite's own locks may take."""
    if locks.ARE_KNOWN:
        reader = _LookingReader(path)
        if reader.is_fit():
            return reader
        reader.close()
    return _LockingReader(path, patience)


def open_writer(path: Path, patience: float, *, is_new: bool) -> Handle:
    """Return a way to change the file, which is made if it is new."""
    if locks.ARE_KNOWN:
        writer = _OneStepWriter(path, is_new=is_new)
        if writer.is_fit():
            return writer
        writer.close()
    return _LockingWriter(path, patience, is_new=is_new)


class _LookingReader:
    """Take no lock: look whether the file was the same before and after."""

    def __init__(self, path: Path) -> None:
        self._real = Path(os.path.realpath(path))
        self._journal = self._real.with_name(f"{self._real.name}-journal")
        self._connection = _connect(self._real, "mode=ro&immutable=1")
        self._seen: _State | None = None
        """What the connection has read, and may remember parts of."""
        try:
            self._file = os.open(self._real, os.O_RDONLY)
        except BaseException:
            self._connection.close()
            raise
        self.identity = _identity(os.fstat(self._file))

    def ask(self, statement: str, parameters: tuple[str, ...]) -> Rows | None:
        before = self._state()
        if not self._is_whole():
            return None
        if before != self._seen:
            self._connection.close()
            self._connection = _connect(self._real, "mode=ro&immutable=1")
        self._seen = None
        try:
            rows = self._connection.execute(statement, parameters).fetchall()
        except sqlite3.Error:
            if self._is_still(before):
                raise
            return None  # what was read may have been half of a change
        if not self._is_still(before):
            return None
        self._seen = before
        return rows

    def is_abandoned(self) -> bool:
        return self._has_journal() and not locks.is_reserved(self._file) and self._has_journal()

    def is_fit(self) -> bool:
        return not locks.is_log(locks.header(self._file))

    def close(self) -> None:
        self._connection.close()
        os.close(self._file)

    def _is_still(self, before: _State) -> bool:
        """Tell whether the file is whole, and as it was.

        The header is looked at before the first look for a writer, and after the last: who came and went between
        these has counted it up. The time of the change would not tell: it stands still for milliseconds.
        """
        return self._is_whole() and self._state() == before

    def _is_whole(self) -> bool:
        """Tell whether nobody is changing the file, or has left it half changed."""
        return not locks.is_written(self._file) and not self.is_abandoned()

    def _state(self) -> _State:
        found = os.fstat(self._file)
        return locks.header(self._file), found.st_mtime_ns, found.st_size

    def _has_journal(self) -> bool:
        try:
            with self._journal.open("rb") as journal:
                return journal.read(1) not in (b"", b"\0")
        except FileNotFoundError:
            return False


class _OneStepWriter:
    """Take the one lock that keeps everybody out, in one step; SQLite itself then locks nothing."""

    def __init__(self, path: Path, *, is_new: bool) -> None:
        real = Path(os.path.realpath(path))
        self._connection = _connect(real, f"{_mode(is_new)}&vfs=unix-none")
        self._is_begun = False
        try:
            self._file = os.open(real, os.O_RDWR)
        except BaseException:
            self._connection.close()
            raise
        self.identity = _identity(os.fstat(self._file))

    def begin(self, deadline: float) -> bool:
        attempt = 0
        while not locks.take(self._file):
            if time.monotonic() > deadline:
                return False
            time.sleep(GAPS[min(attempt, len(GAPS) - 1)])
            attempt += 1
        self._is_begun = True
        self.execute("BEGIN EXCLUSIVE")
        return True

    def execute(self, statement: str, *parameters: str) -> Rows:
        return self._connection.execute(statement, parameters).fetchall()

    def commit(self) -> None:
        self.execute("COMMIT")
        locks.release(self._file)
        self._is_begun = False

    def is_fit(self) -> bool:
        return not locks.is_log(locks.header(self._file))

    def close(self) -> None:
        self._connection.close()
        if self._is_begun:
            locks.release(self._file)  # a child of this process may have the file open too
        os.close(self._file)


class _LockingReader:
    """Ask with SQLite's own locks."""

    def __init__(self, path: Path, patience: float) -> None:
        self._connection = _connect(path, "mode=rw", patience)
        self.identity = _identity(path.stat())

    def ask(self, statement: str, parameters: tuple[str, ...]) -> Rows | None:
        return self._connection.execute(statement, parameters).fetchall()

    def is_abandoned(self) -> bool:
        return False  # SQLite sees to it

    def is_fit(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()


class _LockingWriter:
    """Lock in short attempts with gaps between them, in which those write who cannot wait."""

    def __init__(self, path: Path, patience: float, *, is_new: bool) -> None:
        self._patience = patience
        self._connection = _connect(path, _mode(is_new), patience)
        self.identity = _identity(path.stat())

    def begin(self, deadline: float) -> bool:
        self.execute(f"PRAGMA busy_timeout = {ATTEMPT * 1000:.0f}")
        while not self._has_begun():
            if time.monotonic() > deadline:
                return False
            time.sleep(GAPS[-1])
        self.execute(f"PRAGMA busy_timeout = {self._patience * 1000:.0f}")
        return True

    def _has_begun(self) -> bool:
        try:
            self.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return False
            raise
        return True

    def execute(self, statement: str, *parameters: str) -> Rows:
        return self._connection.execute(statement, parameters).fetchall()

    def commit(self) -> None:
        self.execute("COMMIT")

    def is_fit(self) -> bool:
        return True

    def close(self) -> None:
        self._connection.close()


def _mode(is_new: bool) -> str:
    return "mode=rwc" if is_new else "mode=rw"


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def _connect(path: Path, how: str, patience: float = 0.0) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{how}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.text_factory = _decoded
    return connection


def _decoded(text: bytes) -> str:
    """Decode a text that may be no UTF-8, so that one bad row does not spoil the others' reading."""
    return text.decode("utf-8", "surrogateescape")
