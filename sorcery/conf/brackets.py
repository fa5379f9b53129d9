"""Bracket expressions, `[a-z[:digit:]_]`, as regular expressions and file patterns share them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

__all__ = ["CLASSES", "Bracket", "BracketError"]

CLASSES: Mapping[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": lambda char: char in " \t",
    "cntrl": lambda char: char < " " or "\x7f" <= char < "\xa0",
    "digit": lambda char: "0" <= char <= "9",
    "graph": lambda char: char.isprintable() and not char.isspace(),
    "lower": str.islower,
    "print": str.isprintable,
    "punct": lambda char: char.isprintable() and not char.isalnum() and not char.isspace(),
    "space": str.isspace,
    "upper": str.isupper,
    "xdigit": lambda char: char in "0123456789abcdefABCDEF",
}
"""The named classes of POSIX."""


class BracketError(ValueError):
    """A bracket that does not close, or names a class or range that does not exist."""


@attrs.frozen(slots=True)
class Bracket:
    """A set of characters."""

    negated: bool
    ranges: tuple[tuple[str, str], ...]
    """First and last character of each range; a single character is a range of one."""
    classes: tuple[str, ...]

    def accepts(self, char: str) -> bool:
        """Tell whether the character is in the set."""
        listed = any(low <= char <= high for low, high in self.ranges)
        return (listed or any(CLASSES[name](char) for name in self.classes)) is not self.negated

    @classmethod
    def parse(cls, text: str, start: int, *, negators: str, escapes: bool) -> tuple[Bracket, int]:
        """Read the expression whose `[` stands at `start`; return it and the index behind its `]`.

        `negators` are the characters that negate when they come first; with `escapes`, a backslash quotes the
        next character, as file patterns have it. Raises `BracketError`.
        """
        at = start + 1
        negated = text[at : at + 1] != "" and text[at] in negators
        at += negated
        ranges: list[tuple[str, str]] = []
        classes: list[str] = []
        opening = at
        while text[at : at + 1] != "]" or at == opening:
            if text.startswith("[:", at):
                name, at = _named(text, at, ":")
                if name not in CLASSES:
                    raise BracketError(f"no such character class: {name!r}")
                classes.append(name)
                continue
            low, at = _member(text, at, escapes)
            high = low
            if text.startswith("-", at) and text[at + 1 : at + 2] not in ("]", ""):
                high, at = _member(text, at + 1, escapes)
            if low > high:
                raise BracketError(f"the range {low}-{high} runs backwards")
            ranges.append((low, high))
        return cls(negated, tuple(ranges), tuple(classes)), at + 1


def _member(text: str, at: int, escapes: bool) -> tuple[str, int]:
    """Return one character of the set, however it is written, and the index behind it."""
    for mark in ".=":
        if text.startswith(f"[{mark}", at):
            symbol, behind = _named(text, at, mark)
            if len(symbol) != 1:
                raise BracketError(f"no such collating symbol: {symbol!r}")
            return symbol, behind
    if escapes and text.startswith("\\", at):
        at += 1
    if at >= len(text):
        raise BracketError("a [ has no ]")
    return text[at], at + 1


def _named(text: str, at: int, mark: str) -> tuple[str, int]:
    end = text.find(f"{mark}]", at + 2)
    if end < 0:
        raise BracketError(f"a [{mark} has no {mark}]")
    return text[at + 2 : end], end + 2
