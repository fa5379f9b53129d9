"""Variable lines: `key = value`, `key => value`, `key += text`, and a leading backslash."""

from __future__ import annotations

import re

from sorcery.conf.draft import CategoryDraft
from sorcery.conf.messages import Fault, shown
from sorcery.conf.model import Variable
from sorcery.conf.text import BLANKS, rejoin

__all__ = ["assign"]

_VALUE = re.compile(r"[\0- =:>]")


def assign(category: CategoryDraft | None, text: str, line: int, file: str) -> None:
    """Add the variable of one stripped, non-empty line to a category.

    Raises `Fault`: appends-too-many, which ends the parse; no-category and bad-escape, which end the file; empty-key
    and no-equals, which cost the line.
    """
    if category is None:
        raise Fault("no-category", f"the line of {_key(text)} stands before any category")
    escaped = text.startswith("\\")
    if escaped:
        text = text[1:]
        if not text or not " " < text[0] < "\x80":
            raise Fault("bad-escape", f"the leading backslash protects {text[:1]!r}")
    equals = text.find("=", escaped)
    if equals < 0:
        raise Fault("no-equals", f"the line of {_key(text)} has no =")
    adds = equals > escaped and text[equals - 1] == "+"
    key, value, operator = text[: equals - adds].rstrip(BLANKS), text[equals + 1 :], "="
    if not key:
        raise Fault("empty-key", "the line has nothing before its =")
    if adds and _extend(category, key, value):
        return
    if not adds and value.startswith(">"):
        value, operator = value[1:], "=>"
    category.own.append(Variable(key, value.strip(BLANKS), line, operator, False, file))


def _extend(category: CategoryDraft, key: str, text: str) -> bool:
    """Append text to a value, if the category has the key."""
    found = category.find(key)
    if found is None:
        return False
    position, old = found
    category.appended.spend(len(old))
    category.replace(position, key, rejoin(old + text).strip(BLANKS))
    return True


def _key(text: str) -> str:
    """Quote a line up to where its value, which may be a password, could begin."""
    return shown(_VALUE.split(text, maxsplit=1)[0])
