"""What both sorts of cache share: the stores behind, reads under way, and refreshes aside."""

from __future__ import annotations

import abc
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from concurrent.futures import Future
from contextlib import contextmanager

import attrs

from sorcery.chain import Chain
from sorcery.errors import SorceryError, Unavailable
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.plain import plain
from sorcery.wizard import Listing, LoadedStore, Publisher, Reader
from sorcery_memory_cache.counting import Figures
from sorcery_memory_cache.outage import Outage
from sorcery_memory_cache.reading import Reading
from sorcery_memory_cache.settings import Settings

__all__ = ["Backed", "Submit", "doubted", "lists_all", "log"]

log = logging.getLogger("sorcery.memory_cache")

PATIENCE = 30.0
"""Seconds that closing waits for what is being read aside."""

Submit = Callable[[Callable[[], None]], None]


class Unheard:
    """The publisher of a cache that nobody listens to."""

    def publish(self, ids: Collection[str], settle: Callable[[], LoadedStore]) -> None:
        """Make the finding visible."""
        settle()

    def deliver(self) -> None:
        """Do nothing: there is nobody to be told."""


@attrs.define(slots=True, eq=False, repr=False)
class Backed(abc.ABC):
    """The part of a cache that knows the stores behind it.

    `submit` hands a refresh to another thread; `clock` counts seconds. The lock is held for moments only, never while
    the stores behind are asked.
    """

    object_type: ObjectType
    name: str
    settings: Settings
    _submit: Submit
    _clock: Callable[[], float] = time.monotonic
    _predecessor: Backed | None = None
    """The cache of the same name whose place this one takes, until it has."""
    label: str = attrs.field(init=False)
    _counted: Figures = attrs.field(init=False)
    _outage: Outage = attrs.field(init=False)
    _backend: Reader = attrs.field(init=False)
    _publisher: Publisher = attrs.field(init=False, factory=Unheard)
    _readings: list[Reading] = attrs.field(init=False, factory=list)
    _flights: dict[str, Future[Object | None]] = attrs.field(init=False, factory=dict)
    """The reads of single objects that others may wait for, by id."""
    _lock: threading.Lock = attrs.field(init=False, factory=threading.Lock)
    _refreshes: int = attrs.field(init=False, default=0)
    """How many are under way."""
    _idle: threading.Condition = attrs.field(init=False, factory=threading.Condition)
    _is_closed: bool = attrs.field(init=False, default=False)

    @label.default
    def _label(self) -> str:
        return f"memory_cache {self.name}"

    @_counted.default
    def _counted_before(self) -> Figures:
        return self._predecessor._counted if self._predecessor else Figures()

    @_outage.default
    def _no_outage(self) -> Outage:
        return Outage(lambda: self._clock(), self._counted)

    @property
    def options(self) -> Mapping[str, str | int | bool]:
        """The options in force, by name."""
        return {**attrs.asdict(self.settings), "name": self.name}

    # Beginning and ending

    def bind(self, backend: Reader) -> None:
        """Say which stores are behind; what is being read from others is not kept."""
        with self._lock:
            self._backend = backend
            self._void()
            predecessor, self._predecessor = self._predecessor, None
            if predecessor is not None:
                predecessor._retire()
                self._adopt(predecessor)

    @abc.abstractmethod
    def _adopt(self, predecessor: Backed) -> None:
        """Take what the cache held whose place this one takes, if it is of the same sort; the lock is held."""

    def report_to(self, publisher: Publisher) -> None:
        """Say who is to be told of what a refresh finds."""
        self._publisher = publisher

    def _retire(self) -> None:
        """Keep nothing any more of what is being read."""
        with self._lock:
            self._is_closed = True
            self._void()

    def close(self) -> None:
        """Refresh no more; wait for the refreshes under way, but not for ever: what they find then is not kept."""
        with self._idle:
            self._is_closed = True
            is_idle = self._idle.wait_for(lambda: not self._refreshes, PATIENCE)
        if not is_idle:
            log.warning("%s", plain(f"{self.label}: closed while the stores behind still owe an answer"))
            with self._lock:
                self._void()

    # Reads under way

    def _void(self) -> None:
        """Let no read under way keep anything; the lock is held."""
        self._flights.clear()
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

    def _note(self, id: str, obj: Object | None, by: Reading | None = None) -> None:
        """Tell the other reads under way what an object is now, None for absent; the lock is held."""
        self._flights.pop(id, None)
        for reading in self._readings:
            if reading is not by:
                reading.changed[id] = obj
                reading.doubted.discard(id)

    def _note_doubt(self, ids: Collection[str], by: Reading | None = None) -> None:
        """Tell the other reads under way that what they saw of some objects may be old; the lock is held."""
        for id in ids:
            self._flights.pop(id, None)
        for reading in self._readings:
            if reading is not by:
                reading.doubted.update(ids)

    def _beware(self, reading: Reading, ids: Collection[str]) -> None:
        """Keep nothing of what caches behind answer that they doubt themselves; call it before they are asked."""
        unsure = doubted(reading.backend, ids)
        if unsure:
            with self._lock:
                reading.doubted |= unsure

    @abc.abstractmethod
    def _doubts(self, ids: Collection[str] | None) -> Set[str]:
        """Return those of the ids, or of all, that are served and yet to be read anew after a doubt."""

    def _once(self, id: str, read: Callable[[], Object | None]) -> Object | None:
        """Read an object, or wait for who is reading it already, and get the same answer or error."""
        with self._lock:
            flight = self._flights.get(id)
            if flight is None:
                own = self._flights[id] = Future()
        if flight is not None:
            return flight.result()
        try:
            obj = read()
        except Exception as error:
            own.set_exception(error)
            raise
        except BaseException:
            own.set_exception(Unavailable(self.label, "who was reading it for all was interrupted"))
            raise
        else:
            own.set_result(obj)
            return obj
        finally:
            with self._lock:
                if self._flights.get(id) is own:
                    del self._flights[id]

    # Refreshing

    def _aside(self, what: str, refresh: Callable[[], None]) -> None:
        """Let another thread refresh; what goes wrong there is logged."""

        def run() -> None:
            with self._idle:
                if self._is_closed:
                    return
                self._refreshes += 1
            try:
                self._refresh_safely(what, refresh)
            finally:
                with self._idle:
                    self._refreshes -= 1
                    self._idle.notify_all()
            self._publisher.deliver()  # here: nobody waits for this thread any more, whatever observers do

        self._submit(run)

    def _refresh_safely(self, what: str, refresh: Callable[[], None]) -> None:
        self._counted.refreshes.add()
        try:
            refresh()
        except SorceryError as error:
            self._counted.refresh_failures.add()
            log.warning("%s", plain(f"{self.label}: {what} stays as it was: {error}"))
        except Exception:
            self._counted.refresh_failures.add()
            log.exception("%s", plain(f"{self.label}: {what} stays as it was"))

    def _publish(self, ids: Collection[str], settle: Callable[[], LoadedStore]) -> LoadedStore:
        """Make visible what was found, in the order of all changes, and return it."""
        found: list[LoadedStore] = []

        def settled() -> LoadedStore:
            found.append(settle())
            return found[0]

        self._publisher.publish(ids, settled)
        return found[0]

    def _log_bad(self, found: LoadedStore) -> None:
        """Log what a refresh found to be bad."""
        for fault in found.findings:
            self._counted.refresh_failures.add()
            log.warning("%s", plain(f"{self.label}: the last good version stays: {fault}"))


def lists_all(reader: Reader) -> bool:
    """Tell whether a search for everything finds everything that a reader would give by id."""
    if isinstance(reader, Chain):
        return all(lists_all(each) for each in reader.readers)
    if isinstance(reader, Backed):
        return lists_all(reader._backend)
    return not isinstance(reader, Listing) or reader.lists_all


def doubted(reader: Reader, ids: Collection[str] | None = None) -> Set[str]:
    """Return those of the ids, or of all, for which a cache among some stores may answer what is old."""
    if isinstance(reader, Chain):
        return {id for each in reader.readers for id in doubted(each, ids)}
    if isinstance(reader, Backed):
        return reader._doubts(ids) | doubted(reader._backend, ids)
    return set()
