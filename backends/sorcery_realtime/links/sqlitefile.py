"""From an address to an SQLite database: the file, what it holds, who may write it, who holds it."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL

from sorcery.checks.mappings import WRITTEN
from sorcery.doctor.files import check_access, check_way
from sorcery.doctor.sqlite import asked, check_header
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.steps import Broken, Limited, Step
from sorcery_database import argument, file_of

__all__ = ["steps"]


def steps(object_type: ObjectType, url: URL) -> Iterator[Step]:
    """Yield the steps to the database in a file."""
    path = file_of(url)
    if path is None:
        return
    path = path.absolute()
    yield Step("file", functools.partial(_there, path, argument(url)), key=path)
    yield Step("header", functools.partial(_header, path, argument(url)), key=path)
    yield Step("answer", functools.partial(_answer, path), key=path)
    is_written = object_type.name in WRITTEN
    yield Step("writing", functools.partial(_writable, path, is_written), key=(path, is_written))


def _there(path: Path, url: str) -> str:
    check_way(path)
    if not path.exists():
        folder = "" if path.parent.exists() else f"mkdir -p {shlex.quote(str(path.parent))} && "
        raise Broken("there is no such file", f"run: {folder}sorcery db upgrade {url}", place=Place(str(path)))
    if not path.is_file():
        raise Broken("it is no file", "name a file in the address, or move this away", place=Place(str(path)))
    check_access(path, os.R_OK)
    return str(path)


def _header(path: Path, url: str) -> str:
    if path.stat().st_size == 0:
        raise Broken("it is empty", f"run: sorcery db upgrade {url}", place=Place(str(path)))
    check_header(path, f"put a good copy in its place, or move it away and run: sorcery db upgrade {url}")
    return "an SQLite database"


def _answer(path: Path) -> str:
    ((count,),) = asked(path, "SELECT count(*) FROM sqlite_master WHERE type = 'table'")
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
