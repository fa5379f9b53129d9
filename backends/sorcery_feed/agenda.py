"""What a neighbour has still to be told: each command once, however many changes call for it."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from sorcery_feed.targets import Command

__all__ = ["Agenda", "Item"]


@attrs.define(slots=True)
class Item:
    """A command that waits, for the changes that call for it."""

    command: Command
    since: float
    """When the first of them was committed, in seconds since the epoch."""
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

    def add(self, command: Command, at: float) -> None:
        """Let a command be told because of a change; one that waits already goes behind all others.

        So what reads a whole module anew comes after the caches in front of what it reads.
        """
        item = self._items.pop(command, None)
        if item is None:
            told = self._told.get(command)
            item = Item(command, at, not_before=0.0 if told is None else told + command.pause)
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
