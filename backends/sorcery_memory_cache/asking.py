"""Single objects: what is known of them, and asking the stores behind for the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set

import attrs

from sorcery.chain import retrieve_many
from sorcery.errors import InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.wizard import PENDING, Pending, Reader
from sorcery_memory_cache.backed import Backed
from sorcery_memory_cache.entries import Entries
from sorcery_memory_cache.outage import RETRY
from sorcery_memory_cache.reading import Reading

__all__ = ["Asking"]


@attrs.define(slots=True, eq=False, repr=False)
class Asking(Backed):
    """The part of a cache of some objects that answers for them, and asks for what it does not hold."""

    _entries: Entries = attrs.field(init=False)

    @_entries.default
    def _no_entries(self) -> Entries:
        return Entries(self.settings, self._counted)

    def __len__(self) -> int:
        return len(self._entries)

    def bind(self, backend: Reader) -> None:
        """Say which stores are behind; what is being read from others is not kept, nor what those did not hold."""
        super().bind(backend)
        with self._lock:
            self._entries.forget_absent()

    def _adopt(self, predecessor: Backed) -> None:
        if isinstance(predecessor, Asking):
            with predecessor._lock:
                self._entries.adopt(predecessor._entries)

    def _doubts(self, ids: Collection[str] | None) -> Set[str]:
        with self._lock:
            return self._entries.doubted(ids)

    def _known(self, id: str, now: float) -> tuple[Object | Pending | None, bool]:
        """Return what is known of an id, and whether it is to be refreshed; the lock is held."""
        entry = self._entries.use(id, now)
        if entry is None:
            if self._entries.is_absent(id, now):
                self._counted.negative_hits.add()
                return None, False
            return PENDING, False
        is_aged, is_stale = self._entries.is_aged(entry, now), self._entries.is_stale(entry, now)
        if is_aged and not (self._outage.is_on(now) or (entry.met_silence and now < entry.retry_at)):
            return PENDING, False
        self._counted.hits.add()
        if is_aged or is_stale:
            self._counted.stale_served.add()
        is_due = is_stale and not (is_aged or entry.is_refreshing or now < entry.retry_at)
        if is_due:
            entry.is_refreshing = True
        return entry.obj, is_due

    def _ask(self, id: str) -> Object | None:
        self._counted.misses.add()
        try:
            return self._once(id, lambda: self._read(id))
        except Unavailable:
            aged = self._served_all_the_same([id])
            if aged is None:
                raise
            return aged[id]

    def _read(self, id: str) -> Object | None:
        with self._reading() as reading:
            self._beware(reading, [id])
            now = self._clock()
            try:
                with self._outage.watch():
                    obj = reading.backend.retrieve(id)
            except InvalidObject:
                self._keep(reading, {}, now, [id])
                raise
            self._keep(reading, {} if obj is None else {id: obj}, now, [id])
            if obj is None:
                with self._lock:
                    if reading.may_keep(id):
                        self._entries.note_absent(id, now)
        return obj

    def _ask_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        for _ in ids:
            self._counted.misses.add()
        try:
            with self._reading() as reading:
                self._beware(reading, ids)
                now = self._clock()
                with self._outage.watch():
                    found = retrieve_many(reading.backend, ids)
                self._keep(reading, found, now, ids)
        except Unavailable:
            aged = self._served_all_the_same(ids)
            if aged is None:
                raise
            return aged
        return found

    def _keep(self, reading: Reading, found: Mapping[str, Object], now: float, asked: Iterable[str]) -> None:
        """Hold what was found, and forget what was held and is absent or bad."""
        with self._lock:
            for id in filter(reading.may_keep, asked):
                obj = found.get(id)
                if obj is not None:
                    self._entries.hold(obj, now)
                else:
                    self._entries.drop(id)
                self._note(id, obj, by=reading)

    def _served_all_the_same(self, ids: Collection[str]) -> Mapping[str, Object] | None:
        """Return the entries of ids whose stores do not answer, if each has one that may still be served."""
        with self._lock:
            now = self._clock()
            entries = {id: entry for id in ids if (entry := self._entries.use(id, now)) is not None}
            for entry in entries.values():
                entry.met_silence, entry.retry_at = True, now + RETRY
            if len(entries) < len(set(ids)):
                return None
            for _ in entries:
                self._counted.stale_served.add()
            return {id: entry.obj for id, entry in entries.items()}
