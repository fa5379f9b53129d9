"""What another option says: read and printed like any value, and never written a second time."""

from __future__ import annotations

from typing import Any

from sorcery.kinds import Choice, Kind, Warn

__all__ = ["Alias", "Implied", "ImpliedChoice"]


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


class Alias(Kind[Any]):
    """Another name of an option: reads and prints as that option does, and is never written."""

    def __init__(self, kind: Kind[Any]) -> None:
        self.kind, self.zero = kind, kind.zero

    def parse(self, text: str, before: Any, warn: Warn) -> Any:
        """Read what the option itself would."""
        return self.kind.parse(text, before, warn)

    def accept(self, value: Any) -> Any:
        """Take what the option itself would."""
        return self.kind.accept(value)

    def expects(self) -> str:
        return self.kind.expects()

    def printed(self, value: Any) -> str:
        return self.kind.printed(value)

    def texts(self, value: Any) -> tuple[str, ...]:
        """Write nothing: the option itself is written."""
        return ()
