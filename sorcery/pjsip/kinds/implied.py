"""A choice that another option made."""

from __future__ import annotations

from typing import Any

from sorcery.kinds import Choice

__all__ = ["Implied", "ImpliedChoice"]


class Implied(str):
    """A word that follows from another option: it reads and prints like any, and is not written."""

    __slots__ = ()


class ImpliedChoice(Choice):
    """A choice whose value a rule may set to an `Implied` word."""

    def texts(self, value: str) -> tuple[str, ...]:
        """Write what was written."""
        return () if isinstance(value, Implied) else (value,)

    def convert(self, value: Any) -> str:
        """Keep an implied word implied."""
        return value if isinstance(value, Implied) else super().convert(value)
