"""All channels there are: their names and ids, and whoever watches them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from sorcery_sip.pbx.channel import Channel, Observer
from sorcery_sip.pbx.notices import Created, Ended
from sorcery_sip.pbx.technology import Technology

__all__ = ["Channels"]


class Channels:
    """Make channels and know them until they end; there is one per PBX, shared by its drivers.

    `clock` tells unix seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._by_id: dict[str, Channel] = {}
        self._made = 0
        self._observers: tuple[Observer, ...] = (self._forget,)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Channel]:
        return iter(tuple(self._by_id.values()))

    def create(
        self, resource: str, technology: Technology, *, id: str = "", name: str = "", **attributes: Any
    ) -> Channel:
        """Return a new channel `TECH/resource-0000000a`, unless `name` says what it is called.

        `id` stands in place of the next `<seconds>.<number>`. Takes the attributes of `Channel`, too. Raises
        `ValueError` for an id that is in use.
        """
        if id in self._by_id:
            raise ValueError(f"channel id {id!r} is in use")
        created, number = self._clock(), self._made
        self._made += 1
        channel = Channel(
            name or f"{technology.name}/{resource}-{number:08x}",
            technology,
            id=id or f"{int(created)}.{number}",
            created=created,
            observers=self._observers,
            **attributes,
        )
        self._by_id[channel.id] = channel
        channel.tell(Created())
        return channel

    def get(self, id_or_name: str) -> Channel | None:
        """Return the channel of that id, or of that name."""
        found = self._by_id.get(id_or_name)
        return found or next((channel for channel in self._by_id.values() if channel.name == id_or_name), None)

    def observe(self, observer: Observer) -> None:
        """Have `observer` called with whatever happens to any channel made from now on."""
        self._observers += (observer,)

    def _forget(self, channel: Channel, notice: object) -> None:
        if type(notice) is Ended:
            del self._by_id[channel.id]
