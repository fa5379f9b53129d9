"""POSIX extended regular expressions as a `(+key=value)` filter can hold them, matched in linear time.

A filter ends at the first `)` and splits at each comma, so neither a group nor `{n,m}` can stand in it: an
expression is a choice of sequences of repeated single characters. It is compiled to a small program whose threads
advance together, character by character; no expression makes the search explode, as it could with `re`.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from sorcery.conf.brackets import CLASSES, Bracket, BracketError

__all__ = ["MAX_STEPS", "Regex", "RegexError"]

MAX_STEPS = 2000
"""Steps of a compiled expression: `a{9}{9}{9}{9}` would otherwise grow without bound."""


class RegexError(ValueError):
    """An expression that does not compile."""


@attrs.frozen(slots=True)
class _Take:
    """Go on past one character, if it is accepted."""

    accepts: Callable[[str], bool]


@attrs.frozen(slots=True)
class _Look:
    """Go on if the characters before and behind this point (empty at the ends) allow it."""

    allows: Callable[[str, str], bool]


@attrs.frozen(slots=True)
class _Fork:
    """Go on at both steps, counted from this one."""

    first: int
    second: int


_Steps = tuple[_Take | _Look | _Fork, ...]


def _word(char: str) -> bool:
    return char != "" and (char == "_" or CLASSES["alnum"](char))


_ESCAPED_SETS: dict[str, Callable[[str], bool]] = {
    "w": _word,
    "W": lambda char: not _word(char),
    "s": CLASSES["space"],
    "S": lambda char: not CLASSES["space"](char),
}
_ANCHORS: dict[str, Callable[[str, str], bool]] = {
    "^": lambda before, _: not before,
    "$": lambda _, after: not after,
    "\\`": lambda before, _: not before,
    "\\'": lambda _, after: not after,
    "\\<": lambda before, after: not _word(before) and _word(after),
    "\\>": lambda before, after: _word(before) and not _word(after),
    "\\b": lambda before, after: _word(before) != _word(after),
    "\\B": lambda before, after: _word(before) == _word(after),
}


_SPECIAL = frozenset("\\[.*+?{|^$(")


@attrs.frozen(slots=True)
class Regex:
    """A compiled expression."""

    steps: _Steps
    literal: str | None = None
    """The text that it stands for, if no character of it has a meaning: most do."""

    @classmethod
    def compile(cls, pattern: str) -> Regex:
        """Compile an expression; an empty one matches everything. Raises `RegexError`."""
        if _SPECIAL.isdisjoint(pattern):
            return cls((), pattern)
        try:
            return cls(_Parser(pattern).choice())
        except BracketError as error:
            raise RegexError(str(error)) from error

    def search(self, text: str, spend: Callable[[int], None] = lambda _: None) -> bool:
        """Tell whether any part of the text matches; `spend` is told how many steps each character took."""
        if self.literal is not None:
            spend(1)
            return self.literal in text
        threads: set[int] = set()
        before = ""
        for char in (*text, ""):
            live = self._spread(threads | {0}, before, char)
            spend(len(live))
            if len(self.steps) in live:
                return True
            threads = {at + 1 for at in live if char and self._takes(at, char)}
            before = char
        return False

    def _takes(self, at: int, char: str) -> bool:
        step = self.steps[at]
        return isinstance(step, _Take) and step.accepts(char)

    def _spread(self, threads: set[int], before: str, after: str) -> set[int]:
        """Follow every step that takes no character."""
        live: set[int] = set()
        waiting = list(threads)
        while waiting:
            at = waiting.pop()
            if at in live:
                continue
            live.add(at)
            step = self.steps[at] if at < len(self.steps) else None
            if isinstance(step, _Fork):
                waiting += (at + step.first, at + step.second)
            elif isinstance(step, _Look) and step.allows(before, after):
                waiting.append(at + 1)
        return live


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def choice(self) -> _Steps:
        steps = self._sequence()
        while self._peek() == "|":
            self._at += 1
            other = self._sequence()
            skip = len(other) + 1
            steps = (_Fork(1, len(steps) + 2), *steps, _Fork(skip, skip), *other)
        return _limited(steps)

    def _sequence(self) -> _Steps:
        steps: _Steps = ()
        while self._peek() not in ("", "|"):
            anchor = self._anchor()
            steps = _limited(steps + (anchor or self._repeated(self._single())))
        return steps

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _anchor(self) -> _Steps:
        size = 2 if self._peek() == "\\" else 1
        allows = _ANCHORS.get(self._pattern[self._at : self._at + size])
        if allows is None:
            return ()
        self._at += size
        return (_Look(allows),)

    def _single(self) -> _Steps:
        """Read what stands for one character."""
        char = self._peek()
        if char == "[":
            bracket, self._at = Bracket.parse(self._pattern, self._at, negators="^", escapes=False)
            return (_Take(bracket.accepts),)
        self._at += 1
        if char == ".":
            return (_Take(lambda _: True),)
        if char in "*+?{":
            raise RegexError(f"nothing stands before {char} that it could repeat")
        if char == "(":
            raise RegexError("a ( has no )")
        if char == "\\":
            return (_Take(self._escaped()),)
        return (_Take(char.__eq__),)

    def _escaped(self) -> Callable[[str], bool]:
        char = self._peek()
        if not char:
            raise RegexError("a backslash stands at the end")
        if char in "123456789":
            raise RegexError(f"\\{char} refers to a group, and there is none")
        self._at += 1
        return _ESCAPED_SETS.get(char, char.__eq__)

    def _repeated(self, steps: _Steps) -> _Steps:
        """Apply every repetition that follows."""
        while (mark := self._peek()) and mark in "*+?{":
            self._at += 1
            if mark == "*":
                steps = (_Fork(1, len(steps) + 2), *steps, _Fork(-len(steps) - 1, 1))
            elif mark == "+":
                steps = (*steps, _Fork(-len(steps), 1))
            elif mark == "?":
                steps = (_Fork(1, len(steps) + 1), *steps)
            else:
                steps *= self._count(len(steps))
            steps = _limited(steps)
        return steps

    def _count(self, size: int) -> int:
        digits, closed, _ = self._pattern[self._at :].partition("}")
        if not closed or not digits.isascii() or not digits.isdigit():
            raise RegexError("a { is not followed by a number and a }")
        self._at += len(digits) + 1
        if len(digits) > 5 or int(digits) * size > MAX_STEPS:
            raise RegexError(f"the repetition {{{digits}}} is too large")
        return int(digits)


def _limited(steps: _Steps) -> _Steps:
    if len(steps) > MAX_STEPS:
        raise RegexError("the expression is too large")
    return steps
