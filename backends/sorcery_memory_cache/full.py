"""A cache of everything."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

import attrs

from sorcery.chain import retrieve_many
from sorcery.errors import InvalidObject, SorceryError, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.pace import paced
from sorcery.plain import plain
from sorcery.query import ALL, Query
from sorcery.snapshot import Snapshot
from sorcery.wizard import PENDING, CacheEntry, LoadedStore, Pending, Reader
from sorcery_memory_cache.backed import Backed, lists_all, log
from sorcery_memory_cache.outage import RETRY
from sorcery_memory_cache.reading import Reading, confirm, told

__all__ = ["FullCacheStore"]


@attrs.frozen(slots=True)
class State:
    """All objects, or None where the stores behind are to be asked; times are in seconds of the cache's clock."""

    snapshot: Snapshot | None
    as_of: float = -math.inf
    """When it was read."""
    fresh_until: float = -math.inf
    """From then on it is read anew aside."""
    served_until: float = -math.inf
    """From then on it is read anew before it is served, if it can be."""
    gone_at: float = -math.inf
    """From then on it is not served any more."""


EMPTY: Final = State(None)
"""Nothing was read yet."""


@attrs.frozen(slots=True, eq=False)
class Whole:
    """Everything that the stores behind hold, and what is new by it."""

    held: Mapping[str, Object]
    """What was held when they were asked."""
    found: Mapping[str, Object]
    changes: Mapping[str, Object | None]
    """What is another than what was held, None for what vanished."""
    bad: Mapping[str, InvalidObject]
    epoch: int


@attrs.define(slots=True, eq=False, repr=False)
class FullCacheStore(Backed):
    """Hold every object of the stores behind, from the first question on, and answer all questions.

    A row that is bad from the start is absent here. Where more than `maximum_objects` exist, or they cannot be read,
    or the stores behind do not list all that they hold, these answer. Readers take no lock once it is filled.
    """

    _state: State = attrs.field(init=False, default=EMPTY)
    _epoch: int = attrs.field(init=False, default=0)
    """Counts how often everything was replaced."""
    _is_blind: bool = attrs.field(init=False, default=False)
    """The stores behind do not list all that they hold."""
    _doubted: set[str] = attrs.field(init=False, factory=set)
    """Ids of which nobody knows whether a write came through; those that are not held are no absent ones."""
    _is_refreshing: bool = attrs.field(init=False, default=False)
    _retry_at: float = attrs.field(init=False, default=-math.inf)
    _reading_all: threading.Lock = attrs.field(init=False, factory=threading.Lock)
    """Held by who reads everything; never while a finding is published."""

    def __len__(self) -> int:
        snapshot = self._state.snapshot
        return 0 if snapshot is None else len(snapshot.objects)

    def bind(self, backend: Reader) -> None:
        """Say which stores are behind; what is being read from others is not kept."""
        super().bind(backend)
        was_blind, self._is_blind = self._is_blind, not lists_all(backend)
        if self._is_blind and not was_blind:
            with self._lock:
                self._replace(EMPTY)
            log.warning("%s", plain(f"{self._blindness().message}; {self._blindness().remedy}"))

    def _adopt(self, predecessor: Backed) -> None:
        state = predecessor._state if isinstance(predecessor, FullCacheStore) else EMPTY
        if state.snapshot is not None:
            self._replace(self._bounded(self._aging(state.snapshot, state.as_of)))

    # Reading

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `Unavailable` where the objects are not held."""
        state = self._state
        if self._clock() < state.fresh_until and state.snapshot is not None:  # as nearly always: the quick way
            self._counted.hits.add()
            obj = state.snapshot.objects.get(id)
        else:
            snapshot = self._snapshot()
            if snapshot is None:
                return self._ask(id)
            obj = snapshot.objects.get(id)
        return self._ask(id) if obj is None and id in self._doubted else obj

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises as `retrieve`."""
        snapshot = self._snapshot()
        held = {} if snapshot is None else {id: snapshot.objects[id] for id in ids if id in snapshot.objects}
        unsure = [id for id in ids if id not in held and (snapshot is None or id in self._doubted)]
        if not unsure:
            return held
        with self._outage.watch():
            return {**held, **retrieve_many(self._backend, unsure)}

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; raises as `retrieve`."""
        snapshot = self._snapshot()
        if snapshot is None:
            with self._outage.watch():
                return self._backend.search(query)
        return snapshot.search(query)

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Return the object, or None, where everything is held."""
        snapshot = self._held()
        if snapshot is None or snapshot is PENDING:
            return PENDING
        return snapshot.objects.get(id, PENDING if id in self._doubted else None)

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        """Return the objects that match where everything is held."""
        snapshot = self._held()
        return PENDING if snapshot is None or snapshot is PENDING else snapshot.search_now(query)

    def _snapshot(self) -> Snapshot | None:
        """Return what is held, read now where its time is over; None where the stores behind are to be asked."""
        snapshot = self._held()
        if snapshot is None or snapshot is PENDING:
            self._counted.misses.add()
        return self._populated() if snapshot is PENDING else snapshot

    def _held(self) -> Snapshot | Pending | None:
        """Return what may be served, if only while it is read anew aside; `PENDING` where it is to be read before."""
        if self._is_blind:
            return None
        state, now = self._state, self._clock()
        if now >= state.served_until:
            if now >= state.gone_at or not self._outage.is_on(now):
                return PENDING
            self._counted.stale_served.add()
        elif now >= state.fresh_until:
            self._counted.stale_served.add()
            if not self._is_refreshing and now >= self._retry_at:
                self._refresh_aside()
        if state.snapshot is not None:
            self._counted.hits.add()
        return state.snapshot

    def _ask(self, id: str) -> Object | None:
        def read() -> Object | None:
            with self._outage.watch():
                return self._backend.retrieve(id)

        return self._once(id, read)

    # Filling

    def _populated(self) -> Snapshot | None:
        """Read everything, once for all who wait for it; where that fails the last state is served, or none."""
        with self._reading_all:
            held = self._held()
            if held is not PENDING:  # somebody has read it meanwhile
                return held
            try:
                with self._reading() as reading:
                    now = self._clock()
                    self._settle(reading, self._look(reading), now)
            except SorceryError as error:
                return self._unpopulated(error)
        state = self._state
        return state.snapshot if self._clock() < state.served_until else None

    def _unpopulated(self, error: SorceryError) -> Snapshot | None:
        log.warning("%s", plain(f"{self.label}: cannot be filled: {error}"))
        with self._lock:
            state, now = self._state, self._clock()
            if isinstance(error, Unavailable) and now < state.gone_at:
                self._counted.stale_served.add()
                return state.snapshot
            self._let_go(now)
        return None

    def _let_go(self, now: float) -> None:
        """Let the stores behind answer for a while; the lock is held."""
        snapshot = self._state.snapshot
        for _ in snapshot.objects if snapshot is not None else ():
            self._counted.expired.add()
        self._replace(attrs.evolve(EMPTY, fresh_until=now + RETRY, served_until=now + RETRY))

    def _refresh_aside(self) -> None:
        with self._lock:
            if self._is_refreshing:
                return
            self._is_refreshing = True
        self._aside(f"every {self.object_type.name}", self._refresh)

    def _refresh(self) -> None:
        try:
            self._take_everything()
        finally:
            with self._lock:
                self._is_refreshing, self._retry_at = False, self._clock() + RETRY

    def _take_everything(self) -> None:
        """Read everything, and tell observers what changed."""
        with self._reading() as reading:
            with self._reading_all:
                now = self._clock()
                whole = self._look(reading)
            # not under that lock: who changes an object may wait for it, and is waited for here
            self._publish(whole.changes, lambda: self._settle(reading, whole, now))

    def reconcile(self, ids: Collection[str] | None = None) -> LoadedStore:
        """Compare with the stores behind: prune what vanished, replace what changed, keep what is bad there.

        Takes everything anew, or looks at some ids alone. A cache that was not filled yet has nothing to compare.
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
        with self._reading(alone=True) as reading, self._reading_all:
            now = self._clock()
            return self._settle(reading, self._look(reading), now)

    def _look(self, reading: Reading) -> Whole:
        """Read everything; raises `Unavailable`."""
        with self._lock:
            snapshot, epoch = self._state.snapshot, self._epoch
        held = {} if snapshot is None else snapshot.objects
        with self._outage.watch():
            listed = {obj.id: obj for obj in paced(reading.backend.search(ALL))}
            with self._lock:
                doubted, reading.doubted = reading.doubted, set()
            for id in doubted:  # others changed it while everything was listed
                listed.pop(id, None)
            confirmed, bad = confirm(reading.backend, {*doubted, *(id for id in held if id not in listed)})
        found = {**listed, **confirmed}
        bad = {id: error for id, error in bad.items() if id in held}
        changes: dict[str, Object | None] = {id: None for id in held if id not in found and id not in bad}
        changes.update((id, obj) for id, obj in paced(found.items()) if held.get(id) != obj)
        return Whole(held, found, changes, bad, epoch)

    def _settle(self, reading: Reading, whole: Whole, now: float) -> LoadedStore:
        """Take everything, save what was changed meanwhile; return what is new by it."""
        with self._lock:
            snapshot = self._state.snapshot
            if reading.is_void or whole.epoch != self._epoch or reading.doubted:
                return LoadedStore()
            if snapshot is None:
                objects = {**whole.found, **reading.changed}
                newer, changes = Snapshot({id: obj for id, obj in objects.items() if obj is not None}), {}
            else:
                changes = {id: obj for id, obj in whole.changes.items() if reading.may_keep(id)}
                newer = snapshot.replace(changes)
            self._replace(self._bounded(self._aging(newer, now)))
        return told(whole.held, changes, [error for id, error in whole.bad.items() if reading.may_keep(id)])

    def _replace(self, state: State) -> None:
        """Put another whole in force; the lock is held."""
        self._state = state
        self._epoch += 1
        self._doubted.clear()

    def _aging(self, snapshot: Snapshot, as_of: float) -> State:
        stale, maximum = self.settings.object_lifetime_stale, self.settings.object_lifetime_maximum
        served_until = as_of + maximum if maximum else math.inf
        fresh_until = min(served_until, as_of + stale if stale else math.inf)
        return State(snapshot, as_of, fresh_until, served_until, served_until + self.settings.serve_unavailable)

    def _bounded(self, state: State) -> State:
        limit = self.settings.maximum_objects
        if state.snapshot is None or not limit or len(state.snapshot.objects) <= limit:
            return state
        log.error("%s", plain(f"{self.label}: {self._excess()}; the stores behind are asked"))
        return State(None, state.as_of, state.served_until, state.served_until, state.served_until)

    def _excess(self) -> str:
        return f"more than maximum_objects={self.settings.maximum_objects} exist"

    def _blindness(self) -> Finding:
        return Finding(
            severity=Severity.WARNING,
            rule="unlisted-cache",
            message=f"{self.label} cannot hold everything: a store behind it does not list all of its objects",
            remedy="write allow_unqualified_fetch=yes in that store's mapping, or take full_backend_cache=yes out",
            type_name=self.object_type.name,
        )

    def faults(self) -> Iterable[Finding]:
        """Return a finding where the stores behind cannot be cached as a whole."""
        return (self._blindness(),) if self._is_blind else ()

    # Looking at some objects

    def _reconcile_some(self, ids: Collection[str]) -> LoadedStore:
        """Look at some objects; who reads everything just now does not undo what is found."""
        with self._reading() as reading:
            with self._lock:
                self._note_doubt(ids, by=reading)
            if self._state.snapshot is None:
                return LoadedStore()
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
            self._doubted.difference_update(sure)
            self._state = self._bounded(attrs.evolve(self._state, snapshot=snapshot.replace(after)))
        return told(before, after, [error for id, error in bad.items() if id in before and reading.may_keep(id)])

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
            self._doubted.difference_update(changes)
            snapshot = self._state.snapshot
            if snapshot is not None:
                self._state = self._bounded(attrs.evolve(self._state, snapshot=snapshot.replace(changes)))

    def doubt(self, id: str) -> None:
        """Read everything anew at the next use; until that succeeds the last good state is served.

        Where that does not hold the object, the stores behind are asked for it: it may have been created.
        """
        with self._lock:
            self._note_doubt([id])
            self._doubted.add(id)
            self._mark()

    def _mark(self) -> None:
        """Let everything be read anew; the lock is held."""
        state, self._retry_at = self._state, -math.inf
        if state.snapshot is not None:
            self._state = attrs.evolve(state, fresh_until=min(state.fresh_until, self._clock()))

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
        self._take_everything()
        self._publisher.deliver()
        snapshot = self._state.snapshot
        if snapshot is None:
            raise ValueError(f"{self.label}: {self._excess()}; set it higher, or to 0")
        return len(snapshot.objects)
