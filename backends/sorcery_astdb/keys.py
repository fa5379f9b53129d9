"""Ranges of keys: what starts with a text, as bounds that an index answers."""

from __future__ import annotations

import re

__all__ = ["after", "literal_head"]

_LITERAL = re.compile(r"[^\\.[\](){}^$*+?|]|\\[\\.[\](){}^$*+?|]")
"""One character that stands for itself; of those behind a backslash others mean a class or a place."""
_LAST = "\U0010ffff"


def after(prefix: str) -> str:
    """Return the least text above all that start with the prefix, in byte order of UTF-8."""
    kept = prefix.rstrip(_LAST)
    following = ord(kept[-1]) + 1
    if following == 0xD800:
        following = 0xE000  # the surrogates between are no characters
    return kept[:-1] + chr(following)


def literal_head(regex: str) -> str:
    """Return the text that every match of an anchored expression starts with; empty where none is certain."""
    if not regex.startswith("^") or "|" in regex:
        return ""
    head: list[str] = []
    position = 1
    while (found := _LITERAL.match(regex, position)) is not None:
        head.append(found[0][-1])
        position = found.end()
    if regex[position : position + 1] in ("*", "?", "{"):
        head = head[:-1]  # the last character may be missing
    return "".join(head)
