"""Changes that wait for their stores in a file: kept over crashes, for the file's owner alone, in their order.

The file is an SQLite database: an entry is in it as a whole and on the disk, or not at all, whoever is killed when.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from sorcery.errors import Unavailable
from sorcery.objects import Object, ObjectSet
from sorcery.wizard import Op
from sorcery.writing.transaction import Step

__all__ = ["Entry", "Journal", "QueuedChange"]

OWNER_ALONE: Final = 0o600
PATIENCE: Final = 5.0
"""Seconds to wait for another process that writes to the file."""
PAGES: Final = 16384
"""The most that the file may grow to, in pages of 4 KiB: 64 MiB."""
TABLES: Final = (
    "CREATE TABLE IF NOT EXISTS queued (number INTEGER PRIMARY KEY AUTOINCREMENT, at REAL, changes TEXT)",
    "CREATE TABLE IF NOT EXISTS refused (number INTEGER PRIMARY KEY, at REAL, changes TEXT, reason TEXT)",
)


@attrs.frozen(slots=True)
class QueuedChange:
    """One change, as texts: those that stores keep, secrets in clear."""

    op: Op
    type_name: str
    id: str
    settings: ObjectSet = attrs.field(repr=False)
    expected: ObjectSet | None = attrs.field(default=None, repr=False)
    is_strict: bool = False

    @classmethod
    def of(cls, step: Step) -> QueuedChange:
        """Take down a change."""
        expected = None if step.expected is None else step.expected.settings()
        return cls(step.op, *step.key, step.obj.settings(), expected, step.is_strict)

    def step(self, cls: type[Object]) -> Step:
        """Return the change anew; raises `InvalidObject` where the type does not take it any more."""
        obj = cls.__sorcery__.build(self.id, self.settings)
        expected = None if self.expected is None else cls.__sorcery__.build(self.id, self.expected)
        return Step(self.op, obj, expected, self.is_strict)

    @property
    def data(self) -> dict[str, Any]:
        """What JSON holds of it."""
        return {
            "op": self.op.value,
            "type": self.type_name,
            "id": self.id,
            "settings": self.settings,
            "expected": self.expected,
            "strict": self.is_strict,
        }

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> QueuedChange:
        """Return the change that `data` told."""
        expected = None if data["expected"] is None else _pairs(data["expected"])
        return cls(Op(data["op"]), data["type"], data["id"], _pairs(data["settings"]), expected, data["strict"])


def _pairs(data: Iterable[tuple[str, str]]) -> ObjectSet:
    return [(name, text) for name, text in data]


@attrs.frozen(slots=True)
class Entry:
    """Changes that come true together or not at all."""

    number: int
    """Counts up; older ones are carried out first."""
    at: float
    """When they were accepted, in seconds since the epoch."""
    changes: tuple[QueuedChange, ...]
    reason: str = ""
    """Why they were refused, of those that were."""


class Journal:
    """The file. Safe to use from many threads and processes; every method may raise `Unavailable`, and blocks on it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __bool__(self) -> bool:
        """Whether anything waits."""
        return self.path.exists() and self.oldest() is not None

    def append(self, steps: Sequence[Step]) -> int:
        """Keep changes, as one entry; they are on the disk when this returns. Return its number.

        Raises `Unavailable` where the file cannot be written, or is as large as it may be.
        """
        text = json.dumps([QueuedChange.of(step).data for step in steps])
        with self._writing() as database:
            cursor = database.execute("INSERT INTO queued (at, changes) VALUES (?, ?)", (time.time(), text))
            return cursor.lastrowid or 0

    def oldest(self) -> Entry | None:
        """Return the entry whose turn it is."""
        return next(iter(self._entries("SELECT number, at, changes, '' FROM queued ORDER BY number LIMIT 1")), None)

    def waiting(self) -> list[Entry]:
        """Return what waits, oldest first."""
        return self._entries("SELECT number, at, changes, '' FROM queued ORDER BY number")

    def refused(self) -> list[Entry]:
        """Return what a store that answered did not take, oldest first; it stays until somebody drops it."""
        return self._entries("SELECT number, at, changes, reason FROM refused ORDER BY number")

    def done(self, number: int) -> None:
        """Forget an entry that was carried out."""
        with self._writing() as database:
            database.execute("DELETE FROM queued WHERE number = ?", (number,))

    def refuse(self, number: int, reason: str) -> None:
        """Put an entry aside that cannot be carried out."""
        with self._writing() as database:
            moved = "INSERT INTO refused SELECT number, at, changes, ? FROM queued WHERE number = ?"
            database.execute(moved, (reason, number))
            database.execute("DELETE FROM queued WHERE number = ?", (number,))

    def retry(self, number: int) -> bool:
        """Let an entry that was refused wait again, behind all others; tell whether there was one."""
        with self._writing() as database:
            moved = "INSERT INTO queued (at, changes) SELECT at, changes FROM refused WHERE number = ?"
            database.execute(moved, (number,))
            return database.execute("DELETE FROM refused WHERE number = ?", (number,)).rowcount > 0

    def drop(self, number: int) -> bool:
        """Forget an entry, refused or not; tell whether there was one."""
        with self._writing() as database:
            gone = [
                database.execute(f"DELETE FROM {each} WHERE number = ?", (number,)) for each in ("queued", "refused")
            ]
            return any(cursor.rowcount for cursor in gone)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Be the one process that carries entries out; yields False where another one is."""
        try:
            descriptor = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_CREAT | os.O_RDWR, OWNER_ALONE)
        except OSError as error:
            raise self._unavailable(error) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    def _entries(self, statement: str) -> list[Entry]:
        if not self.path.exists():
            return []
        try:
            with closing(self._connected()) as database:
                rows = database.execute(statement).fetchall()
            return [
                Entry(number, at, tuple(map(QueuedChange.from_data, json.loads(changes))), reason)
                for number, at, changes, reason in rows
            ]
        except (sqlite3.Error, OSError, KeyError, TypeError, ValueError) as error:
            raise self._unavailable(error) from None  # a row holds secrets

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Yield the file in a transaction, which is on the disk at the end."""
        try:
            if not self.path.exists():
                self._make()
            with closing(self._connected()) as database:
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(error) from None

    def _make(self) -> None:
        """Make the file, its owner's alone from its first moment on, and its name last."""
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, OWNER_ALONE))
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            database.execute("PRAGMA synchronous = EXTRA")
            database.execute(f"PRAGMA max_page_count = {PAGES}")
            for statement in TABLES:
                database.execute(statement)
        except BaseException:
            database.close()
            raise
        return database

    def _unavailable(self, error: Exception) -> Unavailable:
        is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        reason = "it is full: carry out or drop what waits, see `sorcery writes`" if is_full else str(error)
        return Unavailable(f"the queue of changes {self.path}", reason)
