"""Following changes that others made: where wizards' notices go, and when they are acted on.

A wizard's thread only leaves word; one thread of our own looks at the stores, so that a slow one holds up nobody
else, and comes back to one that does not answer.
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Final, Self

from sorcery.binding import Binding, Generation
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.plain import plain
from sorcery.report import Report
from sorcery.told import Told
from sorcery.watching.agenda import Agenda, Due
from sorcery.watching.noticed import Spectator, System
from sorcery.wizard import Loader, Notice, Noticing, PartlyNoticing, Store, Watch

__all__ = ["Follower", "Watcher", "Watching"]

log = logging.getLogger("sorcery.watching")

GATHER: Final = 0.05
"""Seconds from the first notice that asks for a reload to that reload: a file is seldom written in one go."""


class Follower:
    """Hears the notices of a system's wizards and acts on them, from its making until it is closed."""

    def __init__(self, system: System, wants_files: Callable[[], bool]) -> None:
        """Begin; while nobody wants files they are left to reloads, and what was noticed of others reads none."""
        self._system, self._told = system, Told()
        self._wants_files = wants_files
        self._spectator = Spectator(system, self._told)
        self._findings = system.report().findings
        self._watches: dict[int, Watch] = {}
        self._following = threading.Lock()
        self._agenda = Agenda()
        self._thread = threading.Thread(target=self._run, name="sorcery-watch", daemon=True)
        system.notifier.told = self._told
        self._thread.start()

    def follow(self, generation: Generation) -> None:
        """Hear the wizards of a generation too; raises `ConfigurationError` where one cannot watch its sources.

        A reload finds what changed before.
        """
        with self._following:
            for wizard in _noticing(generation).values():
                if isinstance(wizard, Loader) and not self._wants_files():
                    continue
                if id(wizard) not in self._watches and not self._agenda.is_closed:
                    self._watches[id(wizard)] = wizard.watch(functools.partial(self._notify, wizard))
                    self._agenda.add(Due())

    def close(self) -> None:
        """Hear no more; waits for what is being looked at, unless called from an observer of it."""
        if left := self._agenda.close():
            log.warning("the watch ended before %d changes could be looked at", left)
        with self._following:
            for watch in self._watches.values():
                watch.close()
        if self._system.notifier.told is self._told:  # and not that of a follower that came after
            self._system.notifier.told = None
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _notify(self, wizard: Noticing, notices: Sequence[Notice]) -> None:
        """Leave word of what a wizard noticed: of single objects, or that much may be another now."""
        loads = isinstance(wizard, Loader)
        if loads and not self._wants_files():
            return
        for notice in notices:
            if notice.id and not loads:
                self._agenda.add(Due(notice.store, notice.id, notice.op))
            else:
                self._agenda.add(Due(insists=not loads), after=GATHER)

    # In the thread

    def _run(self) -> None:
        while ripe := self._agenda.take():
            silent: set[Store | None] = set()
            for due in ripe:
                if due.store in silent or self._agenda.is_closed:
                    self._agenda.put_back(due)
                else:
                    self._act(due)
                    if self._agenda.is_silent(due.store):
                        silent.add(due.store)

    def _act(self, due: Due) -> None:
        try:
            if due.store is not None:
                self._spectator.look(due.store, due.id, due.op)
            elif self._is_incomplete(self._look_at_all()) and due.insists:
                self._agenda.failed(due)
                return
        except Unavailable as error:
            if not self._agenda.is_silent(due.store):
                log.warning("changes cannot be looked at yet: %s", plain(str(error)))
            self._agenda.failed(due)
        except Exception:
            log.exception("a change could not be looked at: %s", plain(str(due)))
        else:
            self._agenda.answered(due.store)

    def _look_at_all(self) -> Report:
        return self._system.reload() if self._wants_files() else self._system.reconcile()

    def _is_incomplete(self, report: Report) -> bool:
        """Log what a reload found for the first time; tell whether a store did not answer it."""
        known, self._findings = self._findings, report.findings
        for finding in report.findings:
            if finding not in known:
                log.log(finding.severity.level, "%s", plain(str(finding)))
        return any(finding.rule == "unavailable" for finding in report.findings)


class Watching:
    """The wish to follow the stores; close it to end it. Usable as a context manager."""

    def __init__(self, watcher: Watcher, *, files: bool) -> None:
        self._watcher = watcher
        self.files = files
        """Whether changed files are of interest."""

    @property
    def types(self) -> tuple[str, ...]:
        """The names of the types of which a store tells what others change; raises `Unavailable` once all is closed."""
        bindings = self._watcher.system.generation().bindings.values()
        silent = self.unnoticed
        return tuple(b.object_type.name for b in bindings if _noticed(b) and b.object_type.name not in silent)

    @property
    def unnoticed(self) -> Mapping[str, str]:
        """Why changes by others go unnoticed now, and what to do, by type; raises `Unavailable` once all is closed.

        Types of whose wizards none ever tells of changes are not among them.
        """
        bindings = self._watcher.system.generation().bindings.values()
        reasons = {binding.object_type.name: _unnoticed(binding) for binding in bindings}
        return {name: reason for name, reason in reasons.items() if reason}

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
        self._wishes: frozenset[Watching] = frozenset()
        self._follower: Follower | None = None
        self._is_closed = False

    def join(self, *, files: bool = True) -> Watching:
        """Follow the stores from now on; raises `ConfigurationError` where a wizard cannot watch its sources."""
        wish = Watching(self, files=files)
        with ExitStack() as refused, self._lock:
            if self._is_closed:
                raise Unavailable("sorcery", "it was closed")
            follower, self._wishes = self._follower, self._wishes | {wish}
            if follower is None:
                follower = self._follower = Follower(self.system, lambda: any(each.files for each in self._wishes))
            try:
                follower.follow(self.system.generation())  # what comes into force after that calls `follow`
            except BaseException:
                self._wishes -= {wish}
                if not self._wishes:
                    self._follower = None
                    refused.callback(follower.close)  # without the lock, as below
                raise
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
        with self._ending():
            self._wishes -= {wish}

    def close(self) -> None:
        """End it for good, whoever wishes it."""
        with self._ending():
            self._wishes = frozenset()
            self._is_closed = True

    @contextmanager
    def _ending(self) -> Iterator[None]:
        """Let wishes be taken back, and follow no more where none is left."""
        with self._lock:
            yield
            follower = None if self._wishes else self._follower
            if follower is not None:
                self._follower = None
        if follower is not None:  # without the lock: an observer that it waits for may ask for another watch
            follower.close()


def _noticing(generation: Generation) -> dict[int, Noticing]:
    """Return the wizards of a generation that tell of changes, each once."""
    bound = (bound for binding in generation.bindings.values() for bound in binding.bound)
    return {id(each.wizard): each.wizard for each in bound if isinstance(each.wizard, Noticing)}


def _noticed(binding: Binding) -> bool:
    return any(isinstance(bound.wizard, Noticing) for bound in binding.bound)


def _unnoticed(binding: Binding) -> str:
    """Return why the changes in a store of a type are not told of, though its wizard can."""
    reasons = (b.wizard.unnoticed(b.store) for b in binding.bound if isinstance(b.wizard, PartlyNoticing))
    return next(filter(None, reasons), "")
