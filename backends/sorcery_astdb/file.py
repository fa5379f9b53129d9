"""The AstDB file: connections to it, and one transaction at a time.

A live Asterisk has the file open too. Transactions are short, every wait is bounded, and the journal mode stays
what it is.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from sorcery.errors import Unavailable

__all__ = ["AstdbFile", "Handle"]

PATIENCE = 5.0
"""Seconds that anybody waits, for other threads and for the file's lock together."""

ATTEMPT, GAP = 0.001, 0.05
"""Seconds that one attempt to lock the file for writing waits for readers, and that lie between two at last."""

TABLE = "CREATE TABLE IF NOT EXISTS astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))"

PRIMARY = 0xFF
"""The part of an SQLite result code that tells what happened; the rest tells how."""
LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
REMEDIES = {
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it has to be a file that this user can read and write, as the folder it lies in",
    sqlite3.SQLITE_NOTADB: "move it away, or put a good copy in its place",
    sqlite3.SQLITE_CORRUPT: "move it away, or put a good copy in its place",
    sqlite3.SQLITE_FULL: "make room on the disk",
}
"""What to do about a file, by primary result code."""

Identity = tuple[int, int]


@attrs.frozen(slots=True, eq=False)
class Handle:
    """A connection, and which file it has open: the path may come to name another one."""

    connection: sqlite3.Connection
    identity: Identity

    def execute(self, statement: str, *parameters: str) -> list[tuple[Any, ...]]:
        """Run one statement and return all of its rows."""
        return self.connection.execute(statement, parameters).fetchall()


class AstdbFile:
    """A pool of connections to one file: each reader has one for itself, the one writer too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[Handle] = []
        self._is_closed = False
        self._was_there = False
        """Whether the file was seen: one that is gone later is a disk that is gone, and no empty file."""
        self._pool = threading.Lock()
        self._writing = threading.Lock()
        self._is_ours = False
        """Whether a thread of ours keeps everybody else out."""

    def read(self, statement: str, *parameters: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query; none if the file or its table is not there yet.

        Raises `Unavailable`, also for a file that was there before.
        """
        with self.answering():
            identity = self._identity()
            if identity is None:
                return []
            handle = self._borrow(identity)
            try:
                rows = handle.execute(statement, *parameters)
            except sqlite3.OperationalError as error:
                handle.connection.close()
                if "no such table" in str(error):
                    return []
                raise
            except UnicodeEncodeError:
                rows = []  # no stored text is like one that is no Unicode
            except BaseException:
                handle.connection.close()
                raise
            self._give_back(handle)
            return rows

    def begin(self) -> Handle:
        """Open the file for writing, made with its table if absent, and keep everybody else out.

        Ends soon, with `commit` or `rollback`. Raises `Unavailable`, after five seconds if others write all the time.
        """
        started = time.monotonic()
        if not self._writing.acquire(timeout=PATIENCE):
            raise Unavailable(self._label, f"other threads of this program were writing for {PATIENCE:.1f} s")
        handle = None
        try:
            with self.answering(queued=time.monotonic() - started):
                handle = self._borrow(self._identity())
                _lock(handle, started + PATIENCE)
                handle.execute(TABLE)
        except BaseException:
            if handle is not None:
                handle.connection.close()
            self._writing.release()
            raise
        self._is_ours = True
        return handle

    def commit(self, handle: Handle) -> None:
        """Make the changes visible; raises `Unavailable`, and then they are undone."""
        try:
            with self.answering():
                handle.execute("COMMIT")
        except BaseException:
            handle.connection.close()
            raise
        else:
            self._give_back(handle)
        finally:
            self._let_others_write()

    def rollback(self, handle: Handle) -> None:
        """Undo the changes; closing the connection cannot fail where a statement could."""
        handle.connection.close()
        self._let_others_write()

    def _let_others_write(self) -> None:
        self._is_ours = False
        self._writing.release()

    def close(self) -> None:
        """Close what is idle now, and what is in use as soon as it is not."""
        with self._pool:
            self._is_closed = True
            while self._idle:
                self._idle.pop().connection.close()

    @contextmanager
    def answering(self, queued: float = 0.0) -> Iterator[None]:
        """Turn what the driver and the system raise into `Unavailable`.

        `queued` are the seconds that other threads of ours had before.
        """
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise Unavailable(self._label, self._reason(error, queued)) from error

    @property
    def _label(self) -> str:
        return f"astdb {self.path}"

    def _reason(self, error: sqlite3.Error | OSError, queued: float) -> str:
        if isinstance(error, OSError):
            return os.strerror(error.errno) if error.errno else str(error)
        if not _is_locked(error):
            remedy = REMEDIES.get(_code(error))
            return f"{error}; {remedy}" if remedy else str(error)
        if self._is_ours:
            return f"{error}: another thread of this program was writing for {PATIENCE:.1f} s"
        reason = f"{error}: somebody else, such as a running Asterisk, held it for {max(PATIENCE - queued, 0):.1f} s"
        return f"{reason}, after other threads of this program for {queued:.1f} s" if queued >= 0.05 else reason

    def _identity(self) -> Identity | None:
        """Return which file the path names now, or None where there never was one.

        Raises `OSError`, and `Unavailable`, if that cannot be told.
        """
        was_there = self._was_there  # before the look: it may come, and be seen by another thread, just after
        try:
            found = self.path.stat()
        except FileNotFoundError:
            if was_there or self.path.is_symlink():
                raise Unavailable(
                    self._label, "the file is gone; put it back, or make an empty one to begin anew"
                ) from None
            if not self.path.parent.is_dir():
                raise
            return None
        self._was_there = True
        return found.st_dev, found.st_ino

    def _borrow(self, identity: Identity | None) -> Handle:
        with self._pool:
            while self._idle:
                handle = self._idle.pop()
                if handle.identity == identity:
                    return handle
                handle.connection.close()
        return self._open(identity)

    def _open(self, identity: Identity | None) -> Handle:
        mode = "rwc" if identity is None else "rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.text_factory = _decoded
        try:
            return Handle(connection, identity or self._identity() or (0, 0))
        except BaseException:
            connection.close()
            raise

    def _give_back(self, handle: Handle) -> None:
        with self._pool:
            if self._is_closed:
                handle.connection.close()
            else:
                self._idle.append(handle)


def _lock(handle: Handle, deadline: float) -> None:
    """Begin a transaction that nobody else can hold up any more, in short attempts with gaps between them.

    Asterisk keeps its read lock until it writes itself. Whoever waits for it with a lock in hand makes that write
    fail: Asterisk answers 200 to a REGISTER and loses the contact.
    """
    pause = ATTEMPT
    handle.execute(f"PRAGMA busy_timeout = {ATTEMPT * 1000:.0f}")
    while True:
        try:
            handle.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if not _is_locked(error) or time.monotonic() > deadline:
                raise
        else:
            break
        time.sleep(pause)
        pause = min(2 * pause, GAP)
    handle.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")


def _is_locked(error: sqlite3.Error) -> bool:
    return _code(error) in LOCKED


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; the driver's own errors have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY


def _decoded(text: bytes) -> str:
    """Decode a text that may be no UTF-8, so that one bad row does not spoil the others' reading."""
    return text.decode("utf-8", "surrogateescape")
