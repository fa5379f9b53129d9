"""Kinds of families: options whose names share a beginning, declared under a name such as `event_*`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sorcery.kinds.base import Kind, Refused, Warn

__all__ = ["NamedLines"]

Lines = tuple[tuple[str, str], ...]


class NamedLines(Kind[Lines]):
    """The lines of a family in order, as (name, text); a name is what stands for the `*`, and it may repeat.

    `parse` gets a line as NAME=TEXT.
    """

    zero: Lines = ()

    def parse(self, text: str, before: Lines, warn: Warn) -> Lines:
        """Add one line."""
        name, equals, line = text.partition("=")
        if not equals:
            raise Refused("has no =", f"write {self.expects()}")
        return self.added(before, name, line)

    def added(self, before: Lines, name: str, text: str) -> Lines:
        """Return the lines with one more; raises `Refused`."""
        return (*before, (name, text))

    def accept(self, value: Any) -> Lines:
        """Take a mapping of names to texts, or an iterable of (name, text)."""
        if not isinstance(value, Iterable):
            return super().accept(value)
        found = self.zero
        for pair in value.items() if isinstance(value, Mapping) else value:
            match pair:
                case (str() as name, str() as text) if "=" not in name:
                    found = self.added(found, name, text)
                case _:
                    raise Refused(f"{pair!r} is no line", "pass names without = and texts")
        return found

    def joined(self, before: Lines, value: Lines) -> Lines:
        """Add the lines of another value."""
        for name, text in value:
            before = self.added(before, name, text)
        return before

    def expects(self) -> str:
        return "NAME=TEXT, or a mapping of names to texts"

    def printed(self, value: Lines) -> str:
        return ",".join(self.texts(value))

    def texts(self, value: Lines) -> tuple[str, ...]:
        """Write one NAME=TEXT per line."""
        return tuple(f"{name}={text}" for name, text in value)

    def lines(self, name: str, value: Lines) -> Iterable[tuple[str, str]]:
        """Write each line under its own name."""
        start = name.removesuffix("*")
        return tuple((f"{start}{key}", text) for key, text in value)

    def pairs(self, name: str, value: Lines) -> Iterable[tuple[str, str]]:
        """Print each line under its own name."""
        return self.lines(name, value)
