"""What a kind is: how an option's text becomes a value, and a value text again."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Generic, TypeVar

__all__ = ["Kind", "Refused", "Warn", "refuse_repair"]

T = TypeVar("T")

Warn = Callable[[str, str], None]
"""Called by a kind that repairs a value instead of refusing it: what was wrong, what was made of it."""


class Refused(ValueError):
    """A text or value that a kind or a rule does not take; whoever knows the object names it in the error."""

    def __init__(self, reason: str, remedy: str = "", *, option: str = "") -> None:
        self.reason, self.remedy, self.option = reason, remedy, option
        super().__init__(reason)


class Kind(abc.ABC, Generic[T]):
    """How the text of one option is read, kept and printed.

    Subclasses override `parse` and, where the text is not `str(value)`, `printed` and `texts`.
    A kind is immutable and shared by all options of its sort.
    """

    zero: T
    """The value of an option that has no default and was never set."""
    looks_outside: ClassVar[bool] = False
    """Whether more than the text decides what `parse` returns, e.g. a name server: the next one may be another."""

    @abc.abstractmethod
    def parse(self, text: str, before: T, warn: Warn) -> T:
        """Return what `text` makes of the value `before`; most kinds replace it, lists may add to it.

        Raises `Refused`; calls `warn` when it repairs.
        """

    def convert(self, value: Any) -> T:
        """Return the value for what a Python caller passed: a text is parsed, a value of ours kept."""
        if isinstance(value, str):
            return self.parse(value, self.zero, refuse_repair)
        return self.accept(value)

    def accept(self, value: Any) -> T:
        """Return the value for a Python object that is no text; raises `Refused` where it does not fit."""
        raise Refused(f"{type(value).__name__} is not taken", f"pass {self.expects()}")

    def joined(self, before: T, value: T) -> T:
        """Return what `value` makes of `before`, which another option of the same attribute set: most replace it."""
        return value

    def expects(self) -> str:
        """Say in a few words what is taken, for error messages."""
        return "text"

    def printed(self, value: T) -> str:
        """Return the text that Asterisk prints for the value."""
        return str(value)

    def texts(self, value: T) -> tuple[str, ...]:
        """Return the lines that, applied to a new object, give the value again."""
        return (self.printed(value),)

    def overriding(self, value: T) -> tuple[str, ...]:
        """Return the lines that give the value again whatever others stand before them, as far as there are some."""
        return self.texts(value)

    def lines(self, name: str, value: T) -> Iterable[tuple[str, str]]:
        """Return the (name, text) lines that, applied to a new object, give the value again: here its texts, named."""
        return ((name, text) for text in self.texts(value))

    def pairs(self, name: str, value: T) -> Iterable[tuple[str, str]]:
        """Return the (name, text) pairs of the object set: one, unless the kind prints a list."""
        return ((name, self.printed(value)),)

    def spellings(self) -> Iterable[str]:
        """Return texts that are values, where these are few, in the cases that people write: others may be too."""
        return ()

    def comparable(self, text: str) -> str:
        """Return the spelling of `text` that `printed` would give, for criteria."""
        return text

    def names(self, value: T) -> tuple[str, ...]:
        """Return the ids of the objects that the value refers to."""
        return ()

    def renamed(self, value: T, old: str, new: str | None) -> T:
        """Return the value with one of its `names` in the place of another, or with that name taken out for None."""
        return value


def refuse_repair(problem: str, outcome: str) -> None:
    """Refuse what a kind would repair with a warning: where nobody would read it."""
    raise Refused(problem, outcome)
