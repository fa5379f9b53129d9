"""Choices that differ in what a wrong word, or none at all, means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sorcery.kinds import Choice, Kind, Warn
from sorcery.pjsip.kinds.words import BOOLEAN_WORDS

__all__ = ["ATTEST_LEVEL", "TRI_STATE", "FallbackChoice", "OptionalChoice"]


class FallbackChoice(Choice):
    """A choice in which a wrong word stands for the first one."""

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Find the word, or warn and take the first."""
        word = self._known.get(text.lower())
        if word is None:
            warn(f"{text!r} is none of {', '.join(self.words)}", f"it counts as {self.zero}")
        return word or self.zero


class OptionalChoice(Kind[str | None]):
    """A choice that may be left open: None, which prints as the word `unset`, or not at all where there is none."""

    zero = None

    def __init__(self, choice: Choice, *, unset: str = "") -> None:
        self.choice, self.unset = choice, unset

    def parse(self, text: str, before: str | None, warn: Warn) -> str | None:
        """Read what the choice reads."""
        return self.choice.parse(text, before or self.choice.zero, warn)

    def accept(self, value: Any) -> str | None:
        """Take None: not set."""
        return None if value is None else super().accept(value)

    def expects(self) -> str:
        return f"{self.choice.expects()}, or None"

    def texts(self, value: str | None) -> tuple[str, ...]:
        """Write nothing where nothing was set."""
        return () if value is None else (value,)

    def pairs(self, name: str, value: str | None) -> Iterable[tuple[str, str]]:
        """Print what stands for a value that was not set."""
        text = value or self.unset
        return ((name, text),) if text else ()


TRI_STATE = Choice("not_set", "yes", "no", aliases=BOOLEAN_WORDS)
"""Yes, no, or what a more general object says."""
ATTEST_LEVEL = Choice("not_set", "A", "B", "C")
"""How sure a caller's number is (RFC 8588 section 5)."""
