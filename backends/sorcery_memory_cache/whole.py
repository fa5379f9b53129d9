"""Everything that the stores behind a cache hold, read as a whole."""

from __future__ import annotations

import math
import threading
from collections.abc import Collection, Mapping
from typing import Final

import attrs

from sorcery.errors import InvalidObject, SorceryError, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.pace import paced
from sorcery.plain import plain
from sorcery.query import ALL
from sorcery.snapshot import Snapshot
from sorcery.wizard import PENDING, LoadedStore, Pending, Reader
from sorcery_memory_cache.backed import Backed, doubted, lists_all, log
from sorcery_memory_cache.outage import RETRY
from sorcery_memory_cache.reading import Reading, confirm, told

__all__ = ["EMPTY", "Whole"]


@attrs.frozen(slots=True)
class State:
    """What is held, for how long; times are in seconds of the cache's clock."""

    snapshot: Snapshot | None
    """All objects, or None where the stores behind are to be asked."""
    as_of: float = -math.inf
    """When it was read."""
    fresh_until: float = -math.inf
    """From then on it is read anew aside."""
    served_until: float = -math.inf
    """From then on it is read anew before it is served, if it can be."""
    gone_at: float = -math.inf
    """From then on it is not served any more."""
    doubted: frozenset[str] = frozenset()
    """Ids of which nobody knows whether a write came through; those that are not held are no absent ones."""


EMPTY: Final = State(None)
"""Nothing was read yet."""


@attrs.frozen(slots=True, eq=False)
class Look:
    """Everything that the stores behind hold, and what is new by it."""

    held: Mapping[str, Object]
    """What was held when they were asked."""
    found: Mapping[str, Object]
    changes: Mapping[str, Object | None]
    """What is another than what was held, None for what vanished."""
    bad: Mapping[str, InvalidObject]
    epoch: int


@attrs.define(slots=True, eq=False, repr=False)
class Whole(Backed):
    """The part of a cache of everything that reads everything, and puts it in force as one."""

    _state: State = attrs.field(init=False, default=EMPTY)
    _epoch: int = attrs.field(init=False, default=0)
    """Counts how often everything was replaced."""
    _is_blind: bool = attrs.field(init=False, default=False)
    """The stores behind do not list all that they hold."""
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
        if isinstance(predecessor, Whole) and (state := predecessor._state).snapshot is not None:
            self._replace(self._bounded(self._aging(state.snapshot, state.as_of)))
            if state.doubted:
                self._mark(state.doubted)

    def _doubts(self, ids: Collection[str] | None) -> frozenset[str]:
        doubted = self._state.doubted
        return doubted if ids is None else doubted.intersection(ids)

    # What is held

    def _current(self) -> State:
        """Return what is held, read now where its time is over."""
        state = self._held()
        if state is PENDING or state.snapshot is None:
            self._counted.misses.add()
        return self._populated() if state is PENDING else state

    def _held(self) -> State | Pending:
        """Return what may be served, if only while it is read anew aside; `PENDING` where it is to be read before."""
        if self._is_blind:
            return EMPTY
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
        return state

    def _mark(self, doubted: Collection[str] = ()) -> None:
        """Let everything be read anew, with doubts about some ids; the lock is held."""
        state, self._retry_at = self._state, -math.inf
        if state.snapshot is not None:
            fresh_until = min(state.fresh_until, self._clock())
            self._state = attrs.evolve(state, fresh_until=fresh_until, doubted=state.doubted.union(doubted))

    def _replace(self, state: State) -> None:
        """Put another whole in force; the lock is held."""
        self._state = state
        self._epoch += 1

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

    # Reading everything

    def _populated(self) -> State:
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
        return state if self._clock() < state.served_until else EMPTY

    def _unpopulated(self, error: SorceryError) -> State:
        log.warning("%s", plain(f"{self.label}: cannot be filled: {error}"))
        with self._lock:
            state, now = self._state, self._clock()
            if isinstance(error, Unavailable) and now < state.gone_at:
                self._counted.stale_served.add()
                return state
            self._let_go(now)
        return EMPTY

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
            self._log_bad(self._take_everything())
        finally:
            with self._lock:
                self._is_refreshing, self._retry_at = False, self._clock() + RETRY

    def _take_everything(self, *, alone: bool = False) -> LoadedStore:
        """Read everything, and tell observers what changed; `alone` as for `_reading`."""
        with self._reading(alone=alone) as reading:
            with self._reading_all:
                now = self._clock()
                look = self._look(reading)
            # not under that lock: who changes an object may wait for it, and is waited for here
            return self._publish(look.changes, lambda: self._settle(reading, look, now))

    def _look(self, reading: Reading) -> Look:
        """Read everything; raises `Unavailable`."""
        with self._lock:
            snapshot, epoch = self._state.snapshot, self._epoch
        held = {} if snapshot is None else snapshot.objects
        unsure = doubted(reading.backend)
        with self._outage.watch():
            listed = {obj.id: obj for obj in paced(reading.backend.search(ALL))}
            with self._lock:
                asked, reading.doubted = reading.doubted | unsure, set(unsure)
            for id in asked:  # it may have been changed while everything was listed
                listed.pop(id, None)
            confirmed, bad = confirm(reading.backend, {*asked, *(id for id in held if id not in listed)})
        found = {**listed, **confirmed}
        bad = {id: error for id, error in bad.items() if id in held}
        changes: dict[str, Object | None] = {id: None for id in held if id not in found and id not in bad}
        changes.update((id, obj) for id, obj in paced(found.items()) if held.get(id) != obj)
        return Look(held, found, changes, bad, epoch)

    def _settle(self, reading: Reading, look: Look, now: float) -> LoadedStore:
        """Take everything, save what was changed meanwhile or is in doubt still; return what is new by it."""
        with self._lock:
            snapshot = self._state.snapshot
            if reading.is_void or look.epoch != self._epoch:
                return LoadedStore()
            if snapshot is None:
                objects = {**look.found, **reading.changed}
                newer, changes = Snapshot({id: obj for id, obj in objects.items() if obj is not None}), {}
            else:
                changes = {id: obj for id, obj in look.changes.items() if reading.may_keep(id)}
                newer = snapshot.replace(changes)
            self._replace(self._bounded(self._aging(newer, now)))
            if reading.doubted:
                self._mark(reading.doubted)
        return told(look.held, changes, [error for id, error in look.bad.items() if reading.may_keep(id)])

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
