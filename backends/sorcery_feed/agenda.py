"""What a neighbour has still to be told: each command once, however many changes call for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from sorcery_feed.targets import Command

if TYPE_CHECKING:
    from sorcery_database.outbox import Position

__all__ = ["Agenda", "Item"]


@attrs.define(slots=True)
class Item:
    """A command that waits, for the changes that call for it."""

    command: Command
    since: float
    """When the first of them was committed, in seconds since the epoch."""
    number: int
    """How many were taken in before it."""
    behind: Position | None = None
    """After which position the first of them was read; None where nobody knows any."""
    moments: list[float] = attrs.field(factory=list)
    """When each of them was."""
    not_before: float = 0.0
    """The moment, of a clock that only goes forward, before which it is not told."""
    refusals: int = 0
    """How often it was refused."""


class Agenda:
    """The commands that wait, in the order in which they are told. For one thread."""

    def __init__(self) -> None:
        self._items: dict[Command, Item] = {}
        self._count = 0
        """How many were ever taken in."""
        self._told: dict[Command, float] = {}
        """When those that need a pause were told."""

    def __len__(self) -> int:
        return len(self._items)

    @property
    def changes(self) -> int:
        """How many changes wait."""
        return sum(len(item.moments) for item in self._items.values())

    @property
    def since(self) -> float | None:
        """When the oldest change that waits was committed; None for none."""
        return min((item.since for item in self._items.values()), default=None)

    @property
    def told(self) -> Position | None:
        """Up to where nothing waits any more, while something waits; None where nobody knows."""
        return min(self._items.values(), key=lambda item: item.number).behind

    def add(self, command: Command, at: float, behind: Position | None = None) -> None:
        """Let a command be told because of a change after a position; one that waits already goes behind all others.

        So what reads a whole module anew comes after the caches in front of what it reads.
        """
        item = self._items.pop(command, None)
        if item is None:
            told = self._told.get(command)
            self._count += 1
            not_before = 0.0 if told is None else told + command.pause
            item = Item(command, at, self._count, behind, not_before=not_before)
        item.since = min(item.since, at)
        item.moments.append(at)
        self._items[command] = item

    def due(self, now: float) -> Iterator[Item]:
        """Yield what may be told now; the caller may end each meanwhile."""
        yield from [item for item in self._items.values() if item.not_before <= now]

    def next_moment(self) -> float | None:
        """Return when the first of those that wait may be told; None for none."""
        return min((item.not_before for item in self._items.values()), default=None)

    def end(self, item: Item, now: float) -> None:
        """Cross one off."""
        del self._items[item.command]
        if item.command.pause:
            self._told[item.command] = now
