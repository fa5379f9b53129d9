"""The AstDB file: who of ours reads it and writes it when, and what its errors mean.

A live Asterisk has the file open too. Transactions are short, every wait is bounded, and the journal mode stays
what it is.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sorcery.errors import Unavailable
from sorcery_astdb.handle import Handle, Identity, Reader, Rows, open_reader, open_writer

__all__ = ["AstdbFile"]

PATIENCE = 5.0
"""Seconds that anybody waits, for other threads and for the file together."""

LONGEST_PAUSE: Final = 0.05
"""Seconds at most between two transactions; as long as one kept the others out, they have the file to themselves."""
GAP: Final = 0.001
"""Seconds between two looks at a file that others are changing."""
TRIES: Final = 5
"""After so many of them the other threads of this program wait for the reader."""

TABLE: Final = "CREATE TABLE IF NOT EXISTS astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))"

PRIMARY: Final = 0xFF
"""The part of an SQLite result code that tells what happened; the rest tells how."""
LOCKED: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
REMEDIES: Final = {
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "it has to be a file that this user can read and write, as the folder it lies in",
    sqlite3.SQLITE_NOTADB: "move it away, or put a good copy in its place",
    sqlite3.SQLITE_CORRUPT: "move it away, or put a good copy in its place",
    sqlite3.SQLITE_FULL: "make room on the disk",
}
"""What to do about a file, by primary result code."""


class AstdbFile:
    """A pool of connections to one file: each reader has one for itself, the one writer too."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._readers: list[Reader] = []
        self._writer: Handle | None = None
        self._is_closed = False
        self._was_there = False
        """Whether the file was seen: one that is gone later is a disk that is gone, and no empty file."""
        self._pool = threading.Lock()
        self._writing = threading.Lock()
        self._is_ours = False
        """Whether a thread of ours keeps everybody else out."""
        self._locked_at = self._others_until = 0.0

    def read(self, statement: str, *parameters: str) -> Rows:
        """Return the rows of a query; none if the file or its table is not there yet.

        Raises `Unavailable`, also for a file that was there before.
        """
        with self.answering():
            identity = self._identity()
            if identity is None:
                return []
            reader = self._reader(identity)
            try:
                rows = self._asked(reader, statement, parameters)
            except sqlite3.OperationalError as error:
                reader.close()
                if "no such table" in str(error):
                    return []
                raise
            except UnicodeEncodeError:
                rows = []  # no stored text is like one that is no Unicode
            except BaseException:
                reader.close()
                raise
            self._give_back(reader)
            return rows

    def _asked(self, reader: Reader, statement: str, parameters: tuple[str, ...]) -> Rows:
        """Ask again while others change the file; raises `Unavailable` when that has no end."""
        deadline = time.monotonic() + PATIENCE
        for attempt in range(TRIES):
            if (rows := reader.ask(statement, parameters)) is not None:
                return rows
            if reader.is_abandoned():
                self.rollback(self.begin())  # whoever locks the file mends it
            elif attempt:
                time.sleep(GAP)
        with self._alone(deadline):
            while (rows := reader.ask(statement, parameters)) is None:
                if time.monotonic() > deadline:
                    raise Unavailable(self._label, self._held_by_whom())
                time.sleep(GAP)
        return rows

    @contextmanager
    def _alone(self, deadline: float) -> Iterator[None]:
        """Keep the other threads of this program from writing."""
        if not self._writing.acquire(timeout=max(deadline - time.monotonic(), 0)):
            raise Unavailable(self._label, self._held_by_whom())
        try:
            yield
        finally:
            self._writing.release()

    def begin(self) -> Handle:
        """Open the file for writing, made with its table if absent, and keep everybody else out.

        Ends soon, with `commit` or `rollback`. Raises `Unavailable`, after five seconds if others write all the time.
        """
        started = time.monotonic()
        if not self._writing.acquire(timeout=PATIENCE):
            raise Unavailable(self._label, f"other threads of this program were writing for {PATIENCE:.1f} s")
        queued = time.monotonic() - started
        handle = None
        try:
            with self.answering(queued):
                handle = self._new_writer()
                self._lock(handle, started + PATIENCE, queued)
                handle.execute(TABLE)
        except BaseException:
            if handle is not None:
                handle.close()
            self._writing.release()
            raise
        self._is_ours = True
        return handle

    def _lock(self, handle: Handle, deadline: float, queued: float) -> None:
        pause = min(self._others_until, deadline) - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        if not handle.begin(deadline):
            raise Unavailable(self._label, self._held_by_whom(queued))
        self._locked_at = time.monotonic()

    def commit(self, handle: Handle) -> None:
        """Make the changes visible; raises `Unavailable`, and then they are undone."""
        try:
            with self.answering():
                handle.commit()
        except BaseException:
            handle.close()
            raise
        else:
            self._keep(handle)
        finally:
            self._let_others_write()

    def rollback(self, handle: Handle) -> None:
        """Undo the changes; closing the connection cannot fail where a statement could."""
        handle.close()
        self._let_others_write()

    def _let_others_write(self) -> None:
        now = time.monotonic()
        self._others_until = now + min(now - self._locked_at, LONGEST_PAUSE)
        self._is_ours = False
        self._writing.release()

    def close(self) -> None:
        """Close what is idle now, and what is in use as soon as it is not."""
        with self._pool:
            self._is_closed = True
            while self._readers:
                self._readers.pop().close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

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
            reason = os.strerror(error.errno) if error.errno else str(error)
            return f"{reason}; {REMEDIES[sqlite3.SQLITE_READONLY]}" if isinstance(error, PermissionError) else reason
        if _code(error) in LOCKED:
            return self._held_by_whom(queued)
        remedy = REMEDIES.get(_code(error))
        return f"{error}; {remedy}" if remedy else str(error)

    def _held_by_whom(self, queued: float = 0.0) -> str:
        if self._is_ours:
            return f"database is locked: another thread of this program was writing for {PATIENCE:.1f} s"
        reason = "database is locked: somebody else, such as a running Asterisk, held it for"
        reason = f"{reason} {max(PATIENCE - queued, 0):.1f} s"
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
        if not stat.S_ISREG(found.st_mode):
            raise Unavailable(self._label, f"unable to open database file; {REMEDIES[sqlite3.SQLITE_CANTOPEN]}")
        return found.st_dev, found.st_ino

    def _reader(self, identity: Identity) -> Reader:
        with self._pool:
            while self._readers:
                reader = self._readers.pop()
                if reader.identity == identity and reader.is_fit():
                    return reader
                reader.close()
        return open_reader(self.path, PATIENCE)

    def _give_back(self, reader: Reader) -> None:
        with self._pool:
            if self._is_closed:
                reader.close()
            else:
                self._readers.append(reader)

    def _new_writer(self) -> Handle:
        """Return the connection of the last writer if it has the file open that the path names now, or another."""
        identity = self._identity()
        with self._pool:
            kept, self._writer = self._writer, None
        if kept is not None:
            if kept.identity == identity and kept.is_fit():
                return kept
            kept.close()
        made = open_writer(self.path, PATIENCE, is_new=identity is None)
        self._was_there = True
        return made

    def _keep(self, handle: Handle) -> None:
        with self._pool:
            if self._is_closed:
                handle.close()
            else:
                self._writer = handle


def _code(error: sqlite3.Error) -> int:
    """Return the primary result code; the driver's own errors have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & PRIMARY
