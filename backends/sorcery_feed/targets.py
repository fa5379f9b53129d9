"""What a neighbour is told, and what tells it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import attrs

if TYPE_CHECKING:
    from sorcery_database.outbox import Entry

__all__ = ["Command", "Target"]


@attrs.frozen(slots=True)
class Command:
    """One thing to tell a neighbour. Commands that are equal do the same, so one is told for all that wait."""

    verb: str
    """What the target knows it by."""
    subject: str = ""
    """The cache, module or table that it is about."""
    id: str = ""
    """The object that it is about; empty for all."""
    pause: float = attrs.field(default=0.0, eq=False)
    """Seconds from one to the next, of what costs the neighbour more than a moment."""

    def __str__(self) -> str:
        return " ".join(filter(None, (self.verb, self.subject, self.id)))


class Target(Protocol):
    """A neighbour that keeps copies of what lies in a database. For one thread; everything that asks it blocks."""

    @property
    def name(self) -> str:
        """Name it without its password; positions are kept under that name."""
        ...

    def connect(self) -> None:
        """Connect, and learn what it keeps; raises `Unavailable`, also where it lets us in no more."""
        ...

    def commands(self, entry: Entry) -> Iterable[Command]:
        """Return what it has to be told of a change, in order; nothing where it keeps no copy."""
        ...

    def everything(self) -> Iterable[Command]:
        """Return what it has to be told where nobody knows what has changed."""
        ...

    def carry_out(self, command: Command) -> None:
        """Tell it, and wait for its answer; raises `Unavailable` and `TellingRefused`."""
        ...

    def ping(self) -> None:
        """Hear that it is there; raises `Unavailable`."""
        ...

    def close(self) -> None:
        """Hang up; safe to repeat."""
        ...
