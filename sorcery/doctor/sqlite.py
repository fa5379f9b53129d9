"""Looking into an SQLite file: what it is, and what it answers, without leaving anything beside it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sorcery.doctor.holders import holders
from sorcery.place import Place
from sorcery.steps import Broken

__all__ = ["asked", "check_header"]

HEADER: Final = b"SQLite format 3\0"
WAL: Final = 2
"""What the byte behind the header and the page size says of a file that keeps a log of writes beside itself."""
WAIT: Final = 2.0
"""Seconds to wait for somebody's lock."""
LOCKED: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
PRIMARY: Final = 0xFF
"""The part of a result code that tells what happened."""


def check_header(path: Path, mending: str) -> None:
    """Raise `Broken` for a file that is no SQLite database."""
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise Broken("it is no SQLite database", mending, place=Place(str(path)))


def asked(path: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a question, without a lock that keeps others from writing.

    Raises `Broken` for a file that is locked for longer than two seconds, by whom, and for one that is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{_mode(path)}", uri=True, timeout=WAIT)) as found:
            return found.execute(statement).fetchall()
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & PRIMARY
        if code in DAMAGED:
            raise Broken(str(error), "put a good copy in its place", place=Place(str(path))) from error
        if code not in LOCKED:
            mending = f"let this user read what lies beside it ({path}-wal, {path}-shm), and see that the disk is well"
            raise Broken(str(error), mending, place=Place(str(path))) from error
        who = holders(path) or "somebody whom this user cannot see"
        reason = f"it is locked for more than {WAIT:g} s, by {who}"
        raise Broken(reason, "let that end what it does, or end it", place=Place(str(path)), silent=True) from error


def _mode(path: Path) -> str:
    """Return how to open a file: a reader of one with a log of writes would make that log, and leave it."""
    with path.open("rb") as file:
        has_log = file.read(19)[-1:] == bytes([WAL])
    return "immutable=1" if has_log and not path.with_name(f"{path.name}-wal").exists() else "mode=ro"
