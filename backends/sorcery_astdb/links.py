"""The steps to the AstDB file, for `sorcery doctor`: whether it is there, what it is, and who holds it."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from sorcery.doctor.files import check_access, check_way
from sorcery.doctor.holders import holders
from sorcery.doctor.sqlite import asked, check_header
from sorcery.place import Place
from sorcery.steps import Broken, Step

__all__ = ["steps"]

COLUMNS = {"key", "value"}


def steps(path: Path) -> Iterator[Step]:
    """Yield them; a file that is not there yet is made by the first write, so its folder counts then."""
    for name, look in (("file", _there), ("header", _header), ("answer", _answer), ("schema", _schema)):
        yield Step(name, functools.partial(look, path), key=path)
    yield Step("writing", functools.partial(_writable, path), key=path)


def _there(path: Path) -> str:
    check_way(path)
    folder = path.parent
    if not folder.is_dir():
        raise Broken(
            "there is no such directory", f"run: mkdir -p {shlex.quote(str(folder))}", place=Place(str(folder))
        )
    if not path.exists():
        return f"{path} is not there yet; the first object makes it"
    if not path.is_file():
        raise Broken("it is no file", "move it away", place=Place(str(path)))
    check_access(path, os.R_OK)
    return str(path)


def _header(path: Path) -> str:
    if not path.exists() or path.stat().st_size == 0:
        return "empty"
    check_header(path, "move it away, or put a good copy there")
    return "an SQLite database"


def _answer(path: Path) -> str:
    if not path.exists():
        return "nothing to read"
    asked(path, "SELECT count(*) FROM sqlite_master")
    return "it answers" + (f", and is open in {who}" if (who := holders(path)) else "")


def _schema(path: Path) -> str:
    if not path.exists():
        return "none yet"
    found = {row[1] for row in asked(path, "PRAGMA table_info(astdb)")}
    if not found:
        return "without the table astdb; the first object makes it"
    if not found >= COLUMNS:
        raise Broken(
            f"its table astdb has no column {', '.join(sorted(COLUMNS - found))}",
            "it is the file of something else: move it away, or name another one by astdbdir in asterisk.conf",
            place=Place(str(path)),
        )
    return "the table astdb"


def _writable(path: Path) -> str:
    if path.exists():
        check_access(path, os.W_OK)
    check_access(path.parent, os.W_OK | os.X_OK, why="SQLite keeps its journal beside the file")
    return "the file and its folder can be written"
