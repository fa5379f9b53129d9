"""A cache of the objects that were asked for."""

from __future__ import annotations

import collections
import math
from collections.abc import Iterable, Mapping, Sequence

import attrs

from sorcery.chain import retrieve_many
from sorcery.objects import Object
from sorcery.query import Query
from sorcery.wizard import LoadedStore
from sorcery_memory_cache.backed import RETRY, Backed, Reading, compared, confirm, log

__all__ = ["CacheStore"]


@attrs.define(slots=True, eq=False)
class Entry:
    """An object and its times, in seconds of the cache's clock."""

    obj: Object
    fresh_until: float
    """From then on it is read anew when it is asked for."""
    served_until: float
    is_refreshing: bool = False


@attrs.define(slots=True, eq=False, repr=False)
class CacheStore(Backed):
    """Hold what was read or written by id, the least recently used entry leaving first when the cache is full.

    Searches are the business of the stores behind. While these do not answer, or hold a bad row, an entry is served
    up to `object_lifetime_maximum`.
    """

    _entries: collections.OrderedDict[str, Entry] = attrs.field(init=False, factory=collections.OrderedDict)
    _sweep_at: float = attrs.field(init=False, default=-math.inf)

    def __len__(self) -> int:
        return len(self._entries)

    # Reading

    def retrieve(self, id: str) -> Object | None:
        """Return the object, from the stores behind where it is not held; raises `Unavailable`, `InvalidObject`."""
        with self._lock:
            entry, is_due = self._used(id, self._clock())
        if entry is None:
            return self._fill(id)
        if is_due:
            self._refresh_aside(id)
        return entry.obj

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; asks behind for what is not held. Raises `Unavailable`."""
        found: dict[str, Object] = {}
        due = []
        with self._lock:
            now = self._clock()
            for id in ids:
                entry, is_due = self._used(id, now)
                if entry is not None:
                    found[id] = entry.obj
                if is_due:
                    due.append(id)
        for id in due:
            self._refresh_aside(id)
        missing = [id for id in ids if id not in found]
        return {**found, **self._fill_many(missing)} if missing else found

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match, from the stores behind; raises `Unavailable`."""
        return self._backend.search(query)

    def _used(self, id: str, now: float) -> tuple[Entry | None, bool]:
        """Return the entry that is used now, if any, and whether it is to be refreshed; the lock is held."""
        entry = self._entries.get(id)
        if entry is None:
            return None, False
        if now >= entry.served_until:
            del self._entries[id]
            return None, False
        self._entries.move_to_end(id)
        is_due = now >= entry.fresh_until and not entry.is_refreshing
        if is_due:
            entry.is_refreshing = True
        return entry, is_due

    # Filling

    def _fill(self, id: str) -> Object | None:
        with self._reading() as reading:
            now = self._clock()
            obj = reading.backend.retrieve(id)
            if obj is not None:
                self._keep(reading, [obj], now)
        return obj

    def _fill_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        with self._reading() as reading:
            now = self._clock()
            found = retrieve_many(reading.backend, ids)
            self._keep(reading, found.values(), now)
        return found

    def _keep(self, reading: Reading, objects: Iterable[Object], now: float) -> None:
        with self._lock:
            for obj in objects:
                if reading.may_keep(obj.id):
                    self._hold(obj, now)

    def _hold(self, obj: Object, now: float) -> None:
        """Hold an object that was true at `now`, and let go of what is too much; the lock is held."""
        self._entries[obj.id] = Entry(obj, *self._times(now))
        self._entries.move_to_end(obj.id)
        self._sweep(now)
        limit = self.settings.maximum_objects
        while limit and len(self._entries) > limit:
            self._entries.popitem(last=False)

    def _times(self, now: float) -> tuple[float, float]:
        stale, maximum = self.settings.object_lifetime_stale, self.settings.object_lifetime_maximum
        return now + stale if stale else math.inf, now + maximum if maximum else math.inf

    def _sweep(self, now: float) -> None:
        """Forget what nobody asks for any more, once in a lifetime; the lock is held."""
        lifetime = self.settings.object_lifetime_maximum
        if lifetime and now >= self._sweep_at:
            self._sweep_at = now + lifetime
            for id in [id for id, entry in self._entries.items() if now >= entry.served_until]:
                del self._entries[id]

    # Refreshing

    def _refresh_aside(self, id: str) -> None:
        self._aside(f"{self.object_type.name} {id!r}", lambda: self._refresh(id))

    def _refresh(self, id: str) -> None:
        """Read an entry anew; where there is no good answer it stays, to be tried again in a while."""
        try:
            with self._reading() as reading:
                for fault in self._compare(reading, [id]).findings:
                    log.warning("%s: the last good version stays: %s", self.label, fault)
        finally:
            with self._lock:
                if (entry := self._entries.get(id)) is not None and entry.is_refreshing:
                    entry.is_refreshing = False
                    entry.fresh_until = max(entry.fresh_until, self._clock() + RETRY)

    def reconcile(self) -> LoadedStore:
        """Compare with the stores behind: prune what vanished, replace what changed, keep what is bad there.

        Raises `Unavailable`, and then keeps everything. With `expire_on_reload` nothing is held afterwards.
        """
        with self._reading(alone=True) as reading:
            with self._lock:
                ids = list(self._entries)
            result = self._compare(reading, ids)
        if self.settings.expire_on_reload:
            with self._lock:
                self._entries.clear()
        return result

    def _compare(self, reading: Reading, ids: Iterable[str]) -> LoadedStore:
        with self._lock:
            held = {id: self._entries[id].obj for id in ids if id in self._entries}
        now = self._clock()
        listed = retrieve_many(reading.backend, list(held))
        confirmed, bad = confirm(reading.backend, [id for id in held if id not in listed])
        found = {**listed, **confirmed, **{id: held[id] for id in bad}}
        with self._lock:
            before = {id: obj for id, obj in held.items() if reading.may_keep(id)}
            for id in before.keys() - bad.keys():
                self._settle(id, found.get(id), now)
        after = {id: found[id] for id in before if id in found}
        return compared(before, after, [error for id, error in bad.items() if id in before])

    def _settle(self, id: str, obj: Object | None, now: float) -> None:
        """Take what was found for an entry, at its place in the order of use; the lock is held."""
        entry = self._entries.get(id)
        if entry is None:
            return
        if obj is None:
            del self._entries[id]
            return
        if entry.obj != obj:
            entry.obj = obj
        entry.fresh_until, entry.served_until = self._times(now)

    # Changes behind the cache

    def put(self, obj: Object) -> None:
        """Take the object that was just written."""
        with self._lock:
            self._note(obj.id, obj)
            self._hold(obj, self._clock())

    def drop(self, id: str) -> None:
        """Forget the object that was just deleted."""
        with self._lock:
            self._note(id, None)
            self._entries.pop(id, None)

    def doubt(self, id: str) -> None:
        """Read the object anew at its next use; until that succeeds the last good version is served."""
        with self._lock:
            self._void()
            if (entry := self._entries.get(id)) is not None:
                entry.fresh_until = self._clock()
