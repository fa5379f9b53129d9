"""A cache of everything."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from sorcery.chain import retrieve_many
from sorcery.errors import SorceryError
from sorcery.objects import Object
from sorcery.query import ALL, Query
from sorcery.snapshot import Snapshot
from sorcery.wizard import LoadedStore
from sorcery_memory_cache.backed import RETRY, Backed, Reading, compared, confirm, log

__all__ = ["FullCacheStore"]


@attrs.frozen(slots=True)
class State:
    """All objects, or None where the stores behind are to be asked; and until when, by the cache's clock."""

    snapshot: Snapshot | None
    fresh_until: float = math.inf
    served_until: float = math.inf


EMPTY: Final = State(None, served_until=-math.inf)


@attrs.define(slots=True, eq=False, repr=False)
class FullCacheStore(Backed):
    """Hold every object of the stores behind, from the first question on, and answer all questions.

    A row that is bad from the start is absent here. Where more than `maximum_objects` exist, or they cannot be read,
    the stores behind answer. Readers take no lock once it is filled.
    """

    _state: State = attrs.field(init=False, default=EMPTY)
    _pending: dict[str, Object | None] = attrs.field(init=False, factory=dict)
    _is_refreshing: bool = attrs.field(init=False, default=False)
    _populating: threading.Lock = attrs.field(init=False, factory=threading.Lock)

    def __len__(self) -> int:
        self._fold()
        snapshot = self._state.snapshot
        return 0 if snapshot is None else len(snapshot.objects)

    # Reading

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `Unavailable` where the objects are not held."""
        snapshot = self._snapshot()
        return self._backend.retrieve(id) if snapshot is None else snapshot.objects.get(id)

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises as `retrieve`."""
        snapshot = self._snapshot()
        if snapshot is None:
            return retrieve_many(self._backend, ids)
        return {id: snapshot.objects[id] for id in ids if id in snapshot.objects}

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; raises as `retrieve`."""
        snapshot = self._snapshot()
        return self._backend.search(query) if snapshot is None else snapshot.search(query)

    def _snapshot(self) -> Snapshot | None:
        """Return what is held, read now if its time is over; an old state is served while it is read aside."""
        if self._pending:
            self._fold()
        state, now = self._state, self._clock()
        if now >= state.served_until:
            return self._populate()
        if now >= state.fresh_until and not self._is_refreshing:
            self._refresh_aside()
        return state.snapshot

    # Filling

    def _populate(self) -> Snapshot | None:
        """Read everything, once for all who wait for it; where that fails the stores behind answer for a while."""
        with self._populating:
            state = self._state
            if self._clock() >= state.served_until:  # nobody has read it meanwhile
                self._read_all(state)
        state = self._state
        return state.snapshot if self._clock() < state.served_until else None

    def _read_all(self, seen: State) -> None:
        try:
            with self._reading() as reading:
                self._compare(reading)
        except SorceryError as error:
            log.warning("%s: cannot be filled: %s", self.label, error)
            with self._lock:
                if self._state is seen:
                    self._state = State(None, served_until=self._clock() + RETRY)

    def _refresh_aside(self) -> None:
        with self._lock:
            if self._is_refreshing:
                return
            self._is_refreshing = True
        self._aside(f"every {self.object_type.name}", self._refresh)

    def _refresh(self) -> None:
        try:
            with self._reading() as reading:
                for fault in self._compare(reading).findings:
                    log.warning("%s: the last good version stays: %s", self.label, fault)
        finally:
            with self._lock:
                self._is_refreshing = False
                state, retry_at = self._state, self._clock() + RETRY
                self._state = attrs.evolve(state, fresh_until=max(state.fresh_until, retry_at))

    def reconcile(self) -> LoadedStore:
        """Take everything anew from the stores behind, save what is bad there; return what changed.

        A cache that was not filled yet has nothing to compare. Raises `Unavailable`, and then keeps everything.
        """
        if self._state.snapshot is None:
            with self._lock:
                self._state = EMPTY
                self._void()
            return LoadedStore()
        with self._reading(alone=True) as reading:
            return self._compare(reading)

    def _compare(self, reading: Reading) -> LoadedStore:
        self._fold()
        state, now = self._state, self._clock()
        held = state.snapshot.objects if state.snapshot else {}
        listed = {obj.id: obj for obj in reading.backend.search(ALL)}
        confirmed, bad = confirm(reading.backend, [id for id in held if id not in listed])
        found = {**listed, **confirmed, **{id: held[id] for id in bad}}
        with self._lock:
            if reading.is_void:
                return LoadedStore()
            changed = dict(reading.changed)
            self._state = self._complete({**found, **changed}, now)
        before = {id: obj for id, obj in held.items() if id not in changed}
        after = {id: obj for id, obj in found.items() if id not in changed}
        return compared(before, after, [error for id, error in bad.items() if id in before])

    def _complete(self, objects: Mapping[str, Object | None], now: float) -> State:
        """Return the state that holds these objects, as of `now`; None stands for one that was deleted."""
        stale, maximum = self.settings.object_lifetime_stale, self.settings.object_lifetime_maximum
        fresh_until, served_until = now + stale if stale else math.inf, now + maximum if maximum else math.inf
        held = {id: obj for id, obj in objects.items() if obj is not None}
        return self._bounded(State(Snapshot(held), fresh_until, served_until))

    def _bounded(self, state: State) -> State:
        limit = self.settings.maximum_objects
        if state.snapshot is None or not limit or len(state.snapshot.objects) <= limit:
            return state
        log.error("%s: more than maximum_objects=%d exist; the stores behind are asked", self.label, limit)
        return State(None, served_until=state.served_until)

    # Changes behind the cache

    def put(self, obj: Object) -> None:
        """Take the object that was just written."""
        self._change(obj.id, obj)

    def drop(self, id: str) -> None:
        """Forget the object that was just deleted."""
        self._change(id, None)

    def doubt(self, id: str) -> None:
        """Read everything anew at the next use; until that succeeds the last good state is served."""
        with self._lock:
            self._void()
            self._state = attrs.evolve(self._state, fresh_until=self._clock())

    def _change(self, id: str, obj: Object | None) -> None:
        with self._lock:
            self._note(id, obj)
            if self._state.snapshot is not None:
                self._pending[id] = obj

    def _fold(self) -> None:
        """Take the changes since the last question into the state, all at once: each time costs a copy of it."""
        with self._lock:
            state = self._state
            if self._pending and state.snapshot is not None:
                changed = state.snapshot.replace(self._pending)
                self._state = self._bounded(attrs.evolve(state, snapshot=changed))
            self._pending = {}  # last: readers that take no lock look here first
