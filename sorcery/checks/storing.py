"""Where Asterisk loses or changes what a file, a table or the AstDB holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.objects import Object
from sorcery.pjsip import Contact
from sorcery.place import Place

__all__ = ["RULES"]

LONGEST_NAME = 79
_LONG = re.compile(rb"^[ \t]*\[([^\]\n]{80,})\]", re.MULTILINE)
"""The header of a section whose name is longer."""


@rule(
    "compat-astdb-lines",
    Severity.NOTE,
    what="An object in the AstDB has an option with several lines.",
    why="Asterisk writes all of them under one name, and reads the last.",
    mending="Keep the type in a file or a table.",
)
def astdb_lines(system: System) -> Iterator[Fault]:
    for cls, mappings in system.mappings():
        if not any(mapping.wizard == "astdb" for mapping in mappings):
            continue
        for obj in system.all(cls):
            place = system.place(obj)
            if place is None or place.row is None:
                continue
            for option, count in _repeated(obj).items():
                if count > 1:
                    yield Fault(
                        problem=f"Asterisk reads the last of its {count} lines only",
                        remedy=f"keep {cls.__sorcery__.name} in a file or a table",
                        obj=obj,
                        option=option,
                    )


@rule(
    "compat-sqlite-contacts",
    Severity.NOTE,
    what="Contacts lie in a database of Asterisk's driver `sqlite3`.",
    why="Its statement to delete names no row, so none goes: who unregistered is called until the contact expires, "
    "and expired rows stay for ever. Here they are deleted.",
    mending="Keep contacts in the AstDB, or use the driver `odbc`.",
)
def sqlite_contacts(system: System) -> Iterator[Fault]:
    for mapping in system.sorcery.mappings(Contact):
        family = mapping.arguments.partition(",")[0].strip().lower()
        for each in system.environment.families.get(family, ()) if mapping.wizard == "realtime" else ():
            if each.driver == "sqlite3" and each.place is not None:
                yield Fault(
                    problem=f"{each.name} lies in a database of the driver sqlite3, which deletes no row for Asterisk",
                    remedy="keep contacts in the AstDB, or use the driver odbc",
                    place=each.place,
                    type_name=Contact.__sorcery__.name,
                )


@rule(
    "compat-long-name",
    Severity.NOTE,
    what="The name of a section is longer than 79 bytes.",
    why="Asterisk cuts it without a word, and so do we: who refers to it by the whole name finds nothing, and two "
    "names may become one.",
    mending="Shorten it.",
)
def long_name(system: System) -> Iterator[Fault]:
    for path in sorted(system.files):
        content = Path(path).read_bytes()
        for found in _LONG.finditer(content):
            line = content.count(b"\n", 0, found.start()) + 1
            name = found[1][:LONGEST_NAME].decode("utf-8", "surrogateescape")
            if _stands(system, name, line):
                yield Fault(
                    problem=f"names are cut after {LONGEST_NAME} bytes: the section is called {name!r}",
                    remedy="shorten it",
                    place=Place(path, line),
                    id=name,
                )


def _stands(system: System, name: str, line: int) -> bool:
    """Tell whether a section of that name begins at a line: not so in a comment of several lines."""
    outlines = (source.outline() for source in system.sources)
    sections = (each for outline in outlines if outline is not None for each in outline.named(name))
    return any(each.line == line for each in sections)


def _repeated(obj: Object) -> Counter[str]:
    """Return how many lines each option of an object has where it has most: as it is written, or as it is printed."""
    return Counter(name for name, _ in obj.settings()) | Counter(name for name, _ in obj.objectset())


RULES = (astdb_lines, sqlite_contacts, long_name)
"""The table of all rules."""
