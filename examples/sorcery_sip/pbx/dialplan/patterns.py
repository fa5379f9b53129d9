"""Extension patterns: `_NXX`, `_1[2-5]X.`, `_9!`, and the order in which Asterisk prefers them.

A pattern is read into *positions*, one per character of a number. Positions compare as Asterisk sorts patterns: a
character before a set, small sets before large ones, then `.` and `!`, and the end of the pattern last of all.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["END", "ONE_OR_MORE", "ZERO_OR_MORE", "BadPattern", "Position", "fits", "parse_pattern", "undashed"]


class BadPattern(ValueError):
    """A pattern that can be read by nobody; the message says why."""


class Position(NamedTuple):
    """What one place of a pattern takes; smaller ones are preferred."""

    size: int
    """How many characters fit; more than any set has for the marks below."""
    members: str
    """The characters that fit, in their order; none for a range that ends before it begins."""


ONE_OR_MORE = Position(0x10000, "")
"""`.`: whatever follows, and at least one character of it."""
ZERO_OR_MORE = Position(0x20000, "")
"""`!`: whatever follows, as soon as it can."""
END = Position(0x30000, "")
"""The end of the pattern."""

_CLASSES = {"X": "0123456789", "Z": "123456789", "N": "23456789"}


def undashed(text: str) -> str:
    """Return a number or name as it is compared: hyphens only make it readable."""
    return text.replace("-", "") if "-" in text else text


def parse_pattern(pattern: str) -> tuple[Position, ...]:
    """Read what follows the underscore; the last position is `END`, `ONE_OR_MORE` or `ZERO_OR_MORE`.

    Raises `BadPattern`.
    """
    positions: list[Position] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == ".":
            return (*positions, ONE_OR_MORE)
        if char == "!":
            return (*positions, ZERO_OR_MORE)
        if char == "[":
            end = pattern.find("]", at)
            if end < 0:
                raise BadPattern("a set that begins with '[' ends with ']'")
            if end > at:
                positions.append(_set(pattern[at:end]))
            at = end + 1
        elif char != "-":
            members = _CLASSES.get(char.upper(), char)
            positions.append(Position(len(members), members))
    return (*positions, END)


def fits(pattern: str, text: str) -> bool:
    """Tell whether a text is what a pattern asks for, or, without a leading underscore, the same name."""
    text = undashed(text)
    if not pattern.startswith("_"):
        return undashed(pattern) == text
    *places, last = parse_pattern(pattern[1:])
    if len(text) < len(places) or any(char not in place.members for char, place in zip(text, places, strict=False)):
        return False
    rest = len(text) - len(places)
    return last is ZERO_OR_MORE or (rest > 0 if last is ONE_OR_MORE else rest == 0)


def _set(text: str) -> Position:
    """Return the position of what stands between brackets: characters and ranges."""
    members: set[str] = set()
    at = 0
    while at < len(text):
        if text[at + 1 : at + 2] == "-" and at + 2 < len(text):
            members.update(map(chr, range(ord(text[at]), ord(text[at + 2]) + 1)))
            at += 3
        else:
            members.add(text[at])
            at += 1
    return Position(len(members), "".join(sorted(members)))
