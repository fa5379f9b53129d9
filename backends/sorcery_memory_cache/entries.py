"""The entries of a cache and their ages, in the order of their use; whoever uses them holds the cache's lock."""

from __future__ import annotations

import collections
import math
from collections.abc import Collection, Iterator
from typing import Final

import attrs

from sorcery.objects import Object
from sorcery.wizard import CacheEntry
from sorcery_memory_cache.counting import Figures
from sorcery_memory_cache.settings import Settings

__all__ = ["Entries", "Entry"]

ABSENT_AT_MOST: Final = 10_000
"""Absent ids that are remembered where `maximum_objects` sets no limit."""


@attrs.define(slots=True, eq=False)
class Entry:
    """An object, and what is known of how true it still is; times are in seconds of the cache's clock."""

    obj: Object
    as_of: float
    """When it was read or written."""
    fresh_until: float
    """Until then it is served without more ado."""
    is_doubted: bool = False
    """It is to be read anew at its next use, whatever its age."""
    retry_at: float = -math.inf
    """It is not read anew before: the last try brought no good answer."""
    met_silence: bool = False
    """The stores behind did not answer the last try."""
    is_refreshing: bool = False

    def doubt(self) -> None:
        """Have it read anew at its next use."""
        self.is_doubted, self.fresh_until, self.retry_at = True, -math.inf, -math.inf


class Entries:
    """Objects by id, the least recently used first, and ids that are known to be absent."""

    def __init__(self, settings: Settings, figures: Figures) -> None:
        self._settings, self._figures = settings, figures
        self._entries: collections.OrderedDict[str, Entry] = collections.OrderedDict()
        self._absent: dict[str, float] = {}
        self._sweep_at = -math.inf
        limits = (settings.object_lifetime_stale, settings.object_lifetime_maximum)
        self._fresh_for = min(filter(None, limits), default=math.inf)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def get(self, id: str) -> Entry | None:
        """Return an entry, unused."""
        return self._entries.get(id)

    def use_fresh(self, id: str, now: float) -> Object | None:
        """Return an object that needs no thought, and move its entry to the end."""
        entry = self._entries.get(id)
        if entry is None or now >= entry.fresh_until:
            return None
        self._entries.move_to_end(id)
        return entry.obj

    def use(self, id: str, now: float) -> Entry | None:
        """Return an entry that may still be served, and move it to the end."""
        entry = self._entries.get(id)
        if entry is None:
            return None
        if self.is_gone(entry, now):
            self._expire(id)
            return None
        self._entries.move_to_end(id)
        return entry

    def doubted(self, ids: Collection[str] | None = None) -> set[str]:
        """Return those of the ids, or of all, whose entry is to be read anew whatever its age."""
        entries = ((id, self._entries.get(id)) for id in (self._entries if ids is None else ids))
        return {id for id, entry in entries if entry is not None and entry.is_doubted}

    # Ages

    def is_stale(self, entry: Entry, now: float) -> bool:
        """Tell whether an entry is to be read anew when it is used."""
        limit = self._settings.object_lifetime_stale
        return entry.is_doubted or bool(limit and now >= entry.as_of + limit)

    def is_aged(self, entry: Entry, now: float) -> bool:
        """Tell whether an entry is served only as long as the stores behind do not answer."""
        limit = self._settings.object_lifetime_maximum
        return bool(limit) and now >= entry.as_of + limit

    def is_gone(self, entry: Entry, now: float) -> bool:
        """Tell whether an entry is not served any more whatever happens."""
        limit = self._settings.object_lifetime_maximum
        return bool(limit) and now >= entry.as_of + limit + self._settings.serve_unavailable

    def listing(self, now: float) -> list[CacheEntry]:
        """Return what is held, sorted by id, with the time that is left to each."""
        self.sweep(now)
        stale, maximum = self._settings.object_lifetime_stale, self._settings.object_lifetime_maximum

        def left(entry: Entry, limit: int) -> float | None:
            return max(0.0, entry.as_of + limit - now) if limit else None

        return [
            CacheEntry(id, 0.0 if entry.is_doubted else left(entry, stale), left(entry, maximum))
            for id, entry in sorted(self._entries.items())
        ]

    def sweep(self, now: float) -> None:
        """Forget what is not served any more."""
        for id in [id for id, entry in self._entries.items() if self.is_gone(entry, now)]:
            self._expire(id)

    def _expire(self, id: str) -> None:
        del self._entries[id]
        self._figures.expired.add()

    # Changes

    def hold(self, obj: Object, now: float) -> None:
        """Hold an object that was true at `now`, as the one used last, and let go of what is too much."""
        self._absent.pop(obj.id, None)
        self._entries[obj.id] = Entry(obj, now, now + self._fresh_for)
        self._entries.move_to_end(obj.id)
        lifetime = self._settings.object_lifetime_maximum
        if lifetime and now >= self._sweep_at:  # what nobody asks for any more leaves once in a lifetime
            self._sweep_at = now + lifetime
            self.sweep(now)
        self._bound()

    def renew(self, entry: Entry, obj: Object, now: float) -> None:
        """Take what was read for an entry; an object that is equal stays the same one."""
        if entry.obj != obj:
            entry.obj = obj
        entry.as_of, entry.fresh_until = now, now + self._fresh_for
        entry.is_doubted, entry.met_silence, entry.retry_at = False, False, -math.inf

    def _bound(self) -> None:
        limit = self._settings.maximum_objects
        while limit and len(self._entries) > limit:
            self._entries.popitem(last=False)
            self._figures.evictions.add()

    def drop(self, id: str) -> Entry | None:
        """Forget an id, present or absent; return its entry."""
        self._absent.pop(id, None)
        return self._entries.pop(id, None)

    def clear(self) -> int:
        """Forget everything; return how many entries there were."""
        count = len(self._entries)
        self._entries.clear()
        self._absent.clear()
        return count

    def adopt(self, others: Entries) -> None:
        """Take what another cache held, in its order of use, as far as there is room."""
        for id, entry in others._entries.items():
            self._entries[id] = Entry(entry.obj, entry.as_of, entry.as_of + self._fresh_for)
            if entry.is_doubted:
                self._entries[id].doubt()
        self._bound()

    # Absence

    def note_absent(self, id: str, now: float) -> None:
        """Remember for a while that an id was absent at `now`."""
        if not self._settings.negative_lifetime:
            return
        self._absent[id] = now + self._settings.negative_lifetime
        if len(self._absent) > (self._settings.maximum_objects or ABSENT_AT_MOST):
            del self._absent[next(iter(self._absent))]

    def is_absent(self, id: str, now: float) -> bool:
        """Tell whether an id is known to be absent."""
        until = self._absent.get(id)
        if until is not None and now >= until:
            del self._absent[id]
        return until is not None and now < until

    def forget_absent(self, ids: Collection[str] | None = None) -> None:
        """Ask for these absent ids again, or for all."""
        for id in list(self._absent) if ids is None else ids:
            self._absent.pop(id, None)
