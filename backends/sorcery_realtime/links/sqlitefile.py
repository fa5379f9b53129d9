"""From an address to an SQLite database: the file, what it holds, who may write it, who holds it."""

from __future__ import annotations

import functools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from sorcery.checks.mappings import WRITTEN
from sorcery.doctor.files import check_access
from sorcery.doctor.holders import holders
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.steps import Broken, Limited, Step
from sorcery_database import file_of, masked

__all__ = ["steps"]

HEADER: Final = b"SQLite format 3\0"
WAIT: Final = 2.0
"""Seconds to wait for somebody's lock."""
LOCKED: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def steps(object_type: ObjectType, url: URL) -> Iterator[Step]:
    """Yield the steps to the database in a file."""
    path = file_of(url)
    if path is None:
        return
    path = path.absolute()
    yield Step("file", functools.partial(_there, path, masked(url)), key=path)
    yield Step("header", functools.partial(_header, path, masked(url)), key=path)
    yield Step("answer", functools.partial(_answer, path), key=path)
    is_written = object_type.name in WRITTEN
    yield Step("writing", functools.partial(_writable, path, is_written), key=(path, is_written))


def _there(path: Path, url: str) -> str:
    if path.parent.exists():
        check_access(path.parent, os.X_OK)
    if not path.exists():
        folder = "" if path.parent.exists() else f"mkdir -p {path.parent} && "
        raise Broken("there is no such file", f"run: {folder}sorcery db upgrade {url}", place=Place(str(path)))
    if not path.is_file():
        raise Broken("it is no file", "name a file in the address, or move this away", place=Place(str(path)))
    check_access(path, os.R_OK)
    return str(path)


def _header(path: Path, url: str) -> str:
    if path.stat().st_size == 0:
        raise Broken("it is empty", f"run: sorcery db upgrade {url}", place=Place(str(path)))
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            mending = "put a good copy in its place, or move it away and run: sorcery db upgrade " + url
            raise Broken("it is no SQLite database", mending, place=Place(str(path)))
    return "an SQLite database"


def _answer(path: Path) -> str:
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=WAIT)) as connection:
            count = connection.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in LOCKED:
            who = holders(path) or "somebody whom this user cannot see"
            reason = f"it is locked for more than {WAIT:g} s, by {who}"
            raise Broken(reason, "let that end what it does, or end it", place=Place(str(path)), silent=True) from error
        raise Broken(str(error), "put a good copy in its place", place=Place(str(path))) from error
    return f"{count} tables"


def _writable(path: Path, is_written: bool) -> str | Limited:
    """Ask for the right to change; of a type that nothing is registered in, only that is limited."""
    try:
        check_access(path, os.W_OK)
        check_access(path.parent, os.W_OK | os.X_OK, why="SQLite keeps its journal beside the file")
    except Broken as error:
        if is_written:
            raise Broken(f"{error.reason}; registrations cannot be kept", error.mending, place=error.place) from error
        return Limited(f"{error.place}: {error.reason}", error.mending)
    return "the file and its folder can be written"
