"""Following changes that others made: where wizards' notices go, and when they are acted on.

A wizard's thread only leaves word; one thread of our own looks at the stores, so that a slow one holds up nobody
else, and comes back to one that does not answer.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

import attrs

from sorcery.binding import Generation
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.findings import Severity
from sorcery.noticed import Spectator, System
from sorcery.plain import plain
from sorcery.told import Told
from sorcery.wizard import Loader, Notice, Noticing, Op, Store, Watch

__all__ = ["Follower", "Watcher", "Watching"]

log = logging.getLogger("sorcery.watching")

GATHER: Final = 0.05
"""Seconds from the first notice that asks for a reload to that reload: a file is seldom written in one go."""
RETRY: Final = 0.5
"""Seconds until a store that did not answer is asked again; the double each time, up to `LONGEST`."""
LONGEST: Final = 30.0

_RELOAD: Final = None

_Key = tuple[Store, str] | None
"""An object in a store, or the reload."""


@attrs.define(slots=True)
class _Due:
    """Something to be looked at."""

    at: float
    """Not before, by the follower's clock."""
    op: Op | None = None
    """What the first of its notices says: the state before counts from there."""
    insists: bool = False
    """A reload is made again until every store has answered."""
    wait: float = RETRY
    """Seconds until the next try, should this one fail."""


class Follower:
    """Hears the notices of a system's wizards and acts on them, from its making until it is closed."""

    def __init__(self, system: System) -> None:
        self._system, self._told = system, Told()
        self._spectator = Spectator(system, self._told)
        self._findings = system.report().findings
        self._watches: dict[int, Watch] = {}
        self._following = threading.Lock()
        self._wake = threading.Condition()
        self._due: dict[_Key, _Due] = {}
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="sorcery-watch", daemon=True)
        system.notifier.told = self._told
        self._thread.start()

    def follow(self, generation: Generation) -> None:
        """Hear the wizards of a generation too; raises `ConfigurationError` where one cannot watch its sources.

        A reload finds what changed before.
        """
        with self._following:
            for wizard in _noticing(generation).values():
                if id(wizard) not in self._watches and not self._is_closed:
                    self._watches[id(wizard)] = wizard.watch(functools.partial(self._notify, wizard))
                    self._put(_RELOAD, _Due(time.monotonic()))

    def close(self) -> None:
        """Hear no more; waits for what is being looked at, unless called from an observer of it."""
        with self._wake:
            self._is_closed = True
            self._wake.notify()
        with self._following:
            for watch in self._watches.values():
                watch.close()
        if self._system.notifier.told is self._told:  # and not that of a follower that came after
            self._system.notifier.told = None
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _notify(self, wizard: Noticing, notices: Sequence[Notice]) -> None:
        """Leave word of what a wizard noticed: of single objects, or that much may be another now."""
        loads, now = isinstance(wizard, Loader), time.monotonic()
        for notice in notices:
            if notice.id and not loads:
                self._put((notice.store, notice.id), _Due(now, notice.op))
            else:
                self._put(_RELOAD, _Due(now + GATHER, insists=not loads))

    def _put(self, key: _Key, due: _Due) -> None:
        with self._wake:
            waiting = self._due.setdefault(key, due)
            waiting.at = min(waiting.at, due.at)
            waiting.insists |= due.insists
            self._wake.notify()

    # In the thread

    def _run(self) -> None:
        while not self._is_closed:
            for key, due in self._next():
                if self._is_closed:
                    self._put(key, due)
                else:
                    self._act(key, due)
        if silent := sum(due.wait > RETRY for due in self._due.values()):
            log.warning("the watch ended before %d changes could be looked at", silent)

    def _next(self) -> list[tuple[_Key, _Due]]:
        """Wait until something is due and take it, the oldest notice first."""
        with self._wake:
            now = time.monotonic()
            ripe = [(key, due) for key, due in self._due.items() if due.at <= now]
            for key, _ in ripe:
                del self._due[key]
            if not ripe and not self._is_closed:
                self._wake.wait(min((due.at - now for due in self._due.values()), default=None))
            return ripe

    def _act(self, key: _Key, due: _Due) -> None:
        try:
            if key is _RELOAD:
                self._reload(due)
            else:
                self._spectator.look(*key, due.op)
        except Unavailable as error:
            if due.wait == RETRY:
                log.warning("a change cannot be looked at yet: %s", plain(str(error)))
            self._again(key, due)
        except Exception:
            log.exception("a change could not be looked at: %s", plain(str(key and f"{key[0].label} {key[1]!r}")))

    def _reload(self, due: _Due) -> None:
        known, report = self._findings, self._system.reload()
        self._findings = report.findings
        for finding in report.findings:
            if finding not in known:
                log.log(logging.ERROR if finding.severity is Severity.ERROR else logging.WARNING, "%s", finding)
        if due.insists and any(finding.rule == "unavailable" for finding in report.findings):
            self._again(_RELOAD, due)

    def _again(self, key: _Key, due: _Due) -> None:
        """Come back to it later, or when a newer notice wants it: it may be that the store answers again."""
        with self._wake:
            newer = self._due.get(key)
            at = newer.at if newer else time.monotonic() + due.wait
            self._due[key] = attrs.evolve(due, at=at, wait=min(2 * due.wait, LONGEST))


class Watching:
    """The wish to follow the stores; close it to end it. Usable as a context manager."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    @property
    def types(self) -> tuple[str, ...]:
        """The names of the types of which a store tells what others change; raises `Unavailable` once all is closed."""
        bindings = self._watcher.system.generation().bindings.values()
        return tuple(b.object_type.name for b in bindings if any(isinstance(x.wizard, Noticing) for x in b.bound))

    def close(self) -> None:
        """Follow no more; waits for what is being looked at, unless called from an observer. Twice does nothing."""
        self._watcher.leave(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Watcher:
    """Follows the stores of a system as long as somebody wishes it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._lock = threading.Lock()
        self._wishes: set[Watching] = set()
        self._follower: Follower | None = None

    def join(self) -> Watching:
        """Follow the stores from now on; raises `ConfigurationError` where a wizard cannot watch its sources."""
        with self._lock:
            generation, wish = self.system.generation(), Watching(self)
            if self._follower is None:
                self._follower = follower = Follower(self.system)
                try:
                    follower.follow(generation)
                except BaseException:
                    self._follower = None
                    follower.close()
                    raise
            self._wishes.add(wish)
        return wish

    def follow(self) -> None:
        """Hear the wizards that came into force meanwhile; one that cannot watch its sources is logged."""
        if (follower := self._follower) is not None:
            try:
                follower.follow(self.system.generation())
            except ConfigurationError as error:
                log.warning("changes of others go unnoticed: %s", plain(str(error)))

    def leave(self, wish: Watching) -> None:
        """Take a wish back; the last one ends it."""
        self._end(wish)

    def close(self) -> None:
        """End it, whoever wishes it."""
        self._end(*tuple(self._wishes))

    def _end(self, *wishes: Watching) -> None:
        with self._lock:
            self._wishes.difference_update(wishes)
            follower = None if self._wishes else self._follower
            if follower is not None:
                self._follower = None
        if follower is not None:  # without the lock: an observer that it waits for may ask for another watch
            follower.close()


def _noticing(generation: Generation) -> dict[int, Noticing]:
    """Return the wizards of a generation that tell of changes, each once."""
    bound = (bound for binding in generation.bindings.values() for bound in binding.bound)
    return {id(each.wizard): each.wizard for each in bound if isinstance(each.wizard, Noticing)}
