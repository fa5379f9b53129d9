"""Texts of others in lines of ours: what would break the line, or no terminal or log can hold, as escapes.

And of what is too long to be read, the beginning.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["clipped", "plain", "terse"]

LONGEST: Final = 200
"""Characters that are shown of one text."""
LONGEST_SENTENCE: Final = 2000
ROOM: Final = 40
"""Characters for what is told of the length, so that what was cut is not cut again."""

_UNFINISHED: Final = re.compile(r"(?<=://)\S*\Z")
"""What is left of an address that was cut: a password in it is known by what stands behind it, and would be shown."""
_QUOTED: Final = re.compile(rf"(?<![\w\\])(['\"])((?:(?!\1)[^\\]|\\.){{{LONGEST + ROOM + 1},}}?)\1(?!\w)", re.DOTALL)
"""A text in quotation marks that is longer than one may be. It begins at no escaped one: there may be many."""


def plain(text: str) -> str:
    """Write control characters, and the lone surrogates that stand for bytes that are no UTF-8, as escapes."""
    return text if text.isprintable() else "".join(map(_visible, text))


def clipped(text: str, longest: int = LONGEST) -> str:
    """Return a text, or if it is too long its beginning, and how long it is."""
    if len(text) <= longest + ROOM:
        return text
    return f"{_UNFINISHED.sub('', text[:longest])}… ({len(text)} characters)"


def terse(sentence: str) -> str:
    """Return a sentence in which every quoted text is `clipped`; nothing of our own words is lost."""
    if len(sentence) <= LONGEST + ROOM:
        return sentence
    return clipped(_QUOTED.sub(lambda found: found[1] + clipped(found[2]) + found[1], sentence), LONGEST_SENTENCE)


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
