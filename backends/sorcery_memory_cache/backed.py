"""What both sorts of cache share: the stores behind, reads under way, and refreshes aside."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import attrs

from sorcery.errors import InvalidObject, SorceryError
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.snapshot import Snapshot
from sorcery.wizard import LoadedStore, Reader
from sorcery_memory_cache.settings import Settings

__all__ = ["RETRY", "Backed", "Reading", "Submit", "compared", "confirm"]

log = logging.getLogger("sorcery.memory_cache")

RETRY: Final = 1.0
"""Seconds between two tries to refresh what could not be refreshed."""

Submit = Callable[[Callable[[], None]], None]


@attrs.define(slots=True, eq=False)
class Reading:
    """A read of the stores behind, and what was changed while it was under way: of that it may have seen too little."""

    backend: Reader
    changed: dict[str, Object | None] = attrs.field(factory=dict)
    """What was put, and None for what was dropped."""
    is_void: bool = False
    """Nothing that it found may be kept: it began before other stores, or a reconciliation, came."""

    def may_keep(self, id: str) -> bool:
        """Tell whether what was found of an id is still true."""
        return not self.is_void and id not in self.changed


@attrs.define(slots=True, eq=False, repr=False)
class Backed:
    """The part of a cache that knows the stores behind it.

    `submit` hands a refresh to another thread; `clock` counts seconds.
    """

    object_type: ObjectType
    name: str
    settings: Settings
    _submit: Submit
    _clock: Callable[[], float] = time.monotonic
    label: str = attrs.field(init=False)
    _backend: Reader = attrs.field(init=False)
    _readings: list[Reading] = attrs.field(init=False, factory=list)
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)
    _refreshing: threading.Lock = attrs.field(init=False, factory=threading.Lock)
    _is_closed: bool = attrs.field(init=False, default=False)

    @label.default
    def _label(self) -> str:
        return f"memory_cache {self.name}"

    def bind(self, backend: Reader) -> None:
        """Say which stores are behind; what is being read from others is not kept."""
        with self._lock:
            self._backend = backend
            self._void()

    def close(self) -> None:
        """Refresh no more; wait for the refresh under way."""
        self._is_closed = True
        with self._refreshing:
            pass

    def _void(self) -> None:
        for reading in self._readings:
            reading.is_void = True

    @contextmanager
    def _reading(self, *, alone: bool = False) -> Iterator[Reading]:
        """Watch for changes while the stores behind are read; with `alone` earlier reads may keep nothing."""
        with self._lock:
            if alone:
                self._void()
            reading = Reading(self._backend)
            self._readings.append(reading)
        try:
            yield reading
        finally:
            with self._lock:
                self._readings.remove(reading)

    def _note(self, id: str, obj: Object | None) -> None:
        """Tell the reads under way of a change; the lock is held."""
        for reading in self._readings:
            reading.changed[id] = obj

    def _aside(self, what: str, refresh: Callable[[], None]) -> None:
        """Let another thread refresh; what goes wrong there is logged."""

        def run() -> None:
            with self._refreshing:
                if self._is_closed:
                    return
                try:
                    refresh()
                except SorceryError as error:
                    log.warning("%s: %s stays as it was: %s", self.label, what, error)
                except Exception:
                    log.exception("%s: %s stays as it was", self.label, what)

        self._submit(run)


def confirm(backend: Reader, ids: Iterable[str]) -> tuple[dict[str, Object], dict[str, InvalidObject]]:
    """Ask one by one for ids that a list left out; return the objects that exist, and what is wrong with the bad ones.

    A list leaves out what is bad as well as what is absent. Raises `Unavailable`.
    """
    found: dict[str, Object] = {}
    bad: dict[str, InvalidObject] = {}
    for id in ids:
        try:
            obj = backend.retrieve(id)
        except InvalidObject as error:
            bad[id] = error
        else:
            if obj is not None:
                found[id] = obj
    return found, bad


def compared(before: Mapping[str, Object], after: Mapping[str, Object], bad: Iterable[InvalidObject]) -> LoadedStore:
    """Return what became of the objects that were held; bad ones are kept."""
    faults = tuple(bad)
    return LoadedStore(
        difference=Snapshot(before).difference(Snapshot(after)),
        kept=tuple(error.id for error in faults),
        findings=tuple(Finding.of(error) for error in faults),
    )
