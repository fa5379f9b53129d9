"""Observers: who is told of changes, in order and outside any lock."""

from __future__ import annotations

import collections
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

import attrs

from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.report import Report
from sorcery.snapshot import Difference
from sorcery.told import Event, Moving, Told

__all__ = [
    "SYSTEM",
    "Event",
    "Notifier",
    "ObjectEvent",
    "Observer",
    "Subscription",
    "SystemObserver",
    "events_of",
    "telling",
]

log = logging.getLogger("sorcery.observers")

SYSTEM: Final = ""
"""Stands for the type's name in events of the system as a whole: loading, loaded, mapped, unmapped."""


@attrs.frozen(slots=True, eq=False, kw_only=True)
class Observer:
    """What one subscriber wants to be told of one type."""

    created: Callable[[Object], object] | None = None
    updated: Callable[[Object, Object], object] | None = None
    """Called with the new object and the old one."""
    deleted: Callable[[Object], object] | None = None
    loaded: Callable[[str], object] | None = None
    """Called with the type's name after each load of it, changed or not."""


@attrs.frozen(slots=True, eq=False, kw_only=True)
class SystemObserver:
    """What one subscriber wants to be told of a system as a whole."""

    loading: Callable[[], object] | None = None
    """Called before a reload."""
    loaded: Callable[[Report], object] | None = None
    """Called with the report of a reload."""
    mapped: Callable[[Mapping], object] | None = None
    """Called with each new mapping, whether `map` or a file made it."""
    unmapped: Callable[[Mapping], object] | None = None


@attrs.frozen(slots=True)
class ObjectEvent:
    """What became of one object, as one value."""

    change: Literal["created", "updated", "deleted"]
    obj: Object
    """The object as it is now; a deleted one as it was."""
    old: Object | None = None
    """An updated object as it was, which is `obj` itself where nobody here knew."""

    @property
    def type_name(self) -> str:
        """The object's type."""
        return self.obj.__sorcery__.name


def telling(take: Callable[[ObjectEvent], object]) -> dict[str, Callable[..., object]]:
    """Return the three functions, by the names that `Sorcery.observe` gives them, that hand every event to one."""
    return {
        "created": lambda new: take(ObjectEvent("created", new)),
        "updated": lambda new, old: take(ObjectEvent("updated", new, old)),
        "deleted": lambda old: take(ObjectEvent("deleted", old)),
    }


def events_of(type_name: str, difference: Difference) -> list[Event]:
    """Return the events that a difference comes to."""
    return [
        *((type_name, "created", (obj,)) for obj in difference.created),
        *((type_name, "updated", pair) for pair in difference.updated),
        *((type_name, "deleted", (obj,)) for obj in difference.deleted),
    ]


class Subscription:
    """An observer's place in the list; close it to hear no more. Usable as a context manager."""

    def __init__(self, notifier: Notifier, type_name: str, observer: Observer | SystemObserver) -> None:
        self._notifier, self._type_name, self._observer = notifier, type_name, observer

    def close(self) -> None:
        """Take the observer off the list; closing twice does nothing."""
        self._notifier.remove(self._type_name, self._observer)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Notifier:
    """Queue events in the order of the changes, and deliver them one at a time.

    Whoever made a change delivers; if another thread is delivering just then, that thread goes on with the new
    events, so a callback may change objects itself. A callback that raises is logged and stops nobody.
    """

    def __init__(self) -> None:
        self._observers: dict[str, tuple[Observer | SystemObserver, ...]] = {}
        self._lock = threading.Lock()
        self._queue: collections.deque[Event] = collections.deque()
        self._delivering = threading.Lock()
        self.told: Told | None = None
        """What observers know of objects that others change too."""
        self.moving: Moving | None = None
        """What they know of types that just moved to other stores."""

    def add(self, type_name: str, observer: Observer | SystemObserver) -> Subscription:
        """Add an observer of a type, or of the system under the name `SYSTEM`."""
        with self._lock:
            for told in filter(None, (self.told, self.moving)):
                if not self.watches(type_name):
                    told.forget(type_name)
            self._observers[type_name] = (*self._observers.get(type_name, ()), observer)
        return Subscription(self, type_name, observer)

    def remove(self, type_name: str, observer: Observer | SystemObserver) -> None:
        """Remove an observer, by identity."""
        with self._lock:
            kept = tuple(other for other in self._observers.get(type_name, ()) if other is not observer)
            self._observers[type_name] = kept

    def watches(self, type_name: str) -> bool:
        """Tell whether anybody observes the type."""
        return bool(self._observers.get(type_name))

    def queue(self, events: Iterable[Event]) -> None:
        """Append events; call it where the order of the changes is still fixed."""
        for event in events:
            if self.watches(event[0]):
                self._queue.extend([event] if event[0] == SYSTEM else self._continued([event]))

    def _continued(self, events: Iterable[Event]) -> Iterable[Event]:
        """Return events so that each begins where the last one of its object ended, where that is known."""
        for told in filter(None, (self.told, self.moving)):
            events = [each for event in events for each in told.follow(event)]
        return events

    def deliver(self) -> None:
        """Call the observers of all queued events; call it outside any lock."""
        while self._queue and self._delivering.acquire(blocking=False):
            try:
                while self._queue:
                    self._call(*self._queue.popleft())
            finally:
                self._delivering.release()

    def _call(self, type_name: str, event: str, arguments: tuple[Any, ...]) -> None:
        for observer in self._observers.get(type_name, ()):
            callback = getattr(observer, event)
            if callback is None:
                continue
            try:
                callback(*arguments)
            except Exception:
                log.exception("an observer of %s raised in %s", type_name or "the system", event)
