"""A cache of everything."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import attrs

from sorcery.chain import cut, pages, retrieve_many
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.query import Query
from sorcery.snapshot import Snapshot
from sorcery.wizard import PENDING, CacheEntry, LoadedStore, Pending
from sorcery_memory_cache.reading import Reading, confirm, told
from sorcery_memory_cache.whole import EMPTY, Whole

__all__ = ["FullCacheStore"]


@attrs.define(slots=True, eq=False, repr=False)
class FullCacheStore(Whole):
    """Hold every object of the stores behind, from the first question on, and answer all questions.

    A row that is bad from the start is absent here. Where more than `maximum_objects` exist, or they cannot be read,
    or the stores behind do not list all that they hold, these answer. Readers take no lock once it is filled.
    """

    # Reading

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `Unavailable` where the objects are not held."""
        state = self._state
        if self._clock() < state.fresh_until and state.snapshot is not None:  # as nearly always: the quick way
            self._counted.hits.add()
        else:
            state = self._current()
            if state.snapshot is None:
                return self._ask(id)
        obj = state.snapshot.objects.get(id)
        return self._ask(id) if obj is None and id in state.doubted else obj

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises as `retrieve`."""
        state = self._current()
        objects = {} if state.snapshot is None else state.snapshot.objects
        held = {id: objects[id] for id in ids if id in objects}
        unsure = [id for id in ids if id not in held and (state.snapshot is None or id in state.doubted)]
        if not unsure:
            return held
        with self._outage.watch():
            return {**held, **retrieve_many(self._backend, unsure)}

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; raises as `retrieve`."""
        snapshot = self._current().snapshot
        if snapshot is None:
            with self._outage.watch():
                return self._backend.search(query)
        return snapshot.search(query)

    def pages(self, query: Query, size: int) -> Iterator[Sequence[Object]]:
        """Yield the objects that match: of what is held at the first one, else from the stores behind."""
        snapshot = self._current().snapshot
        return pages(self._backend, query, size) if snapshot is None else cut(snapshot.search(query), size)

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Return the object, or None, where everything is held."""
        state = self._held()
        if state is PENDING or state.snapshot is None:
            return PENDING
        return state.snapshot.objects.get(id, PENDING if id in state.doubted else None)

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        """Return the objects that match where everything is held."""
        state = self._held()
        return PENDING if state is PENDING or state.snapshot is None else state.snapshot.search_now(query)

    def _ask(self, id: str) -> Object | None:
        def read() -> Object | None:
            with self._outage.watch():
                return self._backend.retrieve(id)

        return self._once(id, read)

    # Comparing

    def reconcile(self, ids: Collection[str] | None = None) -> LoadedStore:
        """Compare with the stores behind: prune what vanished, replace what changed, keep what is bad there.

        Takes everything anew, and tells observers, or looks at some ids alone. A cache that was not filled yet has
        nothing to compare.
        Raises `Unavailable`, and then keeps everything.
        """
        if self._is_blind:
            return LoadedStore(findings=(self._blindness(),))
        if ids is not None:
            return self._reconcile_some(ids)
        if self._state.snapshot is None:
            with self._lock:
                self._replace(EMPTY)
                self._void()
            return LoadedStore()
        return self._take_everything(alone=True)

    def _reconcile_some(self, ids: Collection[str]) -> LoadedStore:
        """Look at some objects; who reads everything just now does not undo what is found."""
        with self._reading() as reading:
            with self._lock:
                self._note_doubt(ids, by=reading)
            if self._state.snapshot is None:
                return LoadedStore()
            self._beware(reading, ids)
            with self._outage.watch():
                found, bad = confirm(reading.backend, ids)
            return self._settle_some(reading, found, bad, ids)

    def _settle_some(
        self, reading: Reading, found: Mapping[str, Object], bad: Mapping[str, InvalidObject], ids: Collection[str]
    ) -> LoadedStore:
        with self._lock:
            snapshot = self._state.snapshot
            if snapshot is None:
                return LoadedStore()
            before = {id: obj for id in ids if (obj := snapshot.objects.get(id)) is not None}
            sure = [id for id in ids if reading.may_keep(id) and id not in bad]
            after = {id: found.get(id) for id in sure if found.get(id) != before.get(id)}
            for id in sure:
                self._note(id, after.get(id, before.get(id)), by=reading)
            self._amend(snapshot, after, sure)
        return told(before, after, [error for id, error in bad.items() if id in before and reading.may_keep(id)])

    def faults(self) -> Iterable[Finding]:
        """Return a finding where the stores behind cannot be cached as a whole."""
        return (self._blindness(),) if self._is_blind else ()

    # Changes behind the cache

    def put(self, obj: Object) -> None:
        """Take the object that was just written."""
        self.take({obj.id: obj})

    def drop(self, id: str) -> None:
        """Forget the object that was just deleted."""
        self.take({id: None})

    def take(self, changes: Mapping[str, Object | None]) -> None:
        """Take what was just written or deleted, at once for all readers."""
        with self._lock:
            for id, obj in changes.items():
                self._note(id, obj)
            snapshot = self._state.snapshot
            if snapshot is not None:
                self._amend(snapshot, changes, changes)

    def doubt(self, id: str) -> None:
        """Read everything anew at the next use; until that succeeds the last good state is served.

        Where that does not hold the object, the stores behind are asked for it: it may have been created.
        """
        with self._lock:
            self._note_doubt([id])
            self._mark([id])

    def _amend(self, snapshot: Snapshot, changes: Mapping[str, Object | None], sure: Collection[str]) -> None:
        """Put some changes in force, with no doubt about the `sure` ids any more; the lock is held."""
        doubted = self._state.doubted.difference(sure)
        self._state = self._bounded(attrs.evolve(self._state, snapshot=snapshot.replace(changes), doubted=doubted))

    # Commands

    def figures(self) -> Mapping[str, int]:
        """Return what was counted so far, by name."""
        return {**self._counted.values(), "entries": len(self)}

    def entries(self) -> Sequence[CacheEntry]:
        """Return what is held, sorted by id; all are of one age."""
        state, now = self._state, self._clock()
        stale_in, expires_in = (
            None if math.isinf(until) else max(0.0, until - now) for until in (state.fresh_until, state.served_until)
        )
        return [CacheEntry(id, stale_in, expires_in) for id in sorted(state.snapshot.objects)] if state.snapshot else []

    def expire(self, id: str | None = None) -> int:
        """Forget everything; return how much there was. Raises `ValueError` for one entry."""
        if id is not None:
            raise ValueError(f"{self.name} holds everything or nothing; expire it whole, or mark {id!r} stale")
        with self._lock:
            count = len(self)
            self._void()
            self._replace(EMPTY)
        return count

    def stale(self, id: str | None = None, *, reload: bool = False) -> int:
        """Let everything be read anew at its next use, or with `reload` aside now; return how much is held of that.

        One entry is as old as all: with an `id` the same happens where it is held.
        """
        with self._lock:
            snapshot = self._state.snapshot
            if snapshot is None or (id is not None and id not in snapshot.objects):
                return 0
            self._mark()
        if reload:
            self._refresh_aside()
        return len(snapshot.objects) if id is None else 1

    def populate(self) -> int:
        """Take everything from the stores behind; return how much there is.

        Raises `Unavailable`, and `ValueError` where the cache cannot hold it.
        """
        if self._is_blind:
            raise ValueError(f"{self._blindness().message}; {self._blindness().remedy}")
        self._log_bad(self._take_everything())
        self._publisher.deliver()
        snapshot = self._state.snapshot
        if snapshot is None:
            raise ValueError(f"{self.label}: {self._excess()}; set it higher, or to 0")
        return len(snapshot.objects)
