"""What is to be looked at, in the order of the first notices, and when to come back to a store that is silent."""

from __future__ import annotations

import threading
import time
from typing import Final

import attrs

from sorcery.wizard import Op, Store

__all__ = ["Agenda", "Due"]

RETRY: Final = 0.5
LONGEST: Final = 30.0


@attrs.define(slots=True, eq=False)
class Due:
    """An object of a store, or without a store the reload."""

    store: Store | None = None
    id: str = ""
    op: Op | None = None
    """What the first of its notices says: the state before counts from there."""
    insists: bool = False
    """A reload is made again until every store has answered."""
    at: float = 0.0
    """When, by the clock of `time.monotonic`."""

    def __str__(self) -> str:
        return f"{self.store.label} {self.id!r}" if self.store is not None else "the reload"


@attrs.define(slots=True)
class _Silence:
    until: float
    wait: float


class Agenda:
    """Hands out what is due, each thing once however many notices there were of it; usable from many threads.

    A store that did not answer is asked for one thing after `retry` seconds, then after the double each time up to
    `longest`, or when word of another change comes from it; when it has answered, all else of it is due.
    """

    def __init__(self, *, retry: float = RETRY, longest: float = LONGEST) -> None:
        self._retry, self._longest = retry, longest
        self._wake = threading.Condition()
        self._due: dict[tuple[Store | None, str], Due] = {}
        self._silent: dict[Store | None, _Silence] = {}
        self._is_closed = False

    def add(self, due: Due, *, after: float = 0.0) -> None:
        """Take in what a notice is about, for in so many seconds."""
        due.at = time.monotonic() + after
        with self._wake:
            waiting = self._due.setdefault((due.store, due.id), due)
            waiting.at = min(waiting.at, due.at)
            waiting.insists |= due.insists
            if (silence := self._silent.get(due.store)) is not None:
                silence.until = min(silence.until, due.at)
            self._wake.notify()

    def take(self) -> list[Due]:
        """Wait until something is due and return it; nothing once the agenda is closed."""
        with self._wake:
            while not self._is_closed:
                if ripe := self._ripe(time.monotonic()):
                    for due in ripe:
                        del self._due[due.store, due.id]
                    return ripe
                moments = [self._moment(due) for due in self._due.values()]
                self._wake.wait(max(0.0, min(moments) - time.monotonic()) if moments else None)
            return []

    def _ripe(self, now: float) -> list[Due]:
        ripe, asked = [], set()
        for due in self._due.values():
            if self._moment(due) <= now and due.store not in asked:
                ripe.append(due)
                if due.store in self._silent:
                    asked.add(due.store)
        return ripe

    def _moment(self, due: Due) -> float:
        silence = self._silent.get(due.store)
        return due.at if silence is None else max(due.at, silence.until)

    def put_back(self, due: Due) -> None:
        """Keep what was taken and not looked at; what its first notice said counts before that of newer ones."""
        with self._wake:
            if (newer := self._due.get((due.store, due.id))) is not None:
                due = attrs.evolve(due, at=newer.at, insists=due.insists or newer.insists)
            self._due[due.store, due.id] = due

    def is_silent(self, store: Store | None) -> bool:
        """Tell whether a store did not answer when it was asked last."""
        return store in self._silent

    def failed(self, due: Due) -> None:
        """Come back to something, and to its store, later."""
        with self._wake:
            before = self._silent.get(due.store)
            wait = self._retry if before is None else min(2 * before.wait, self._longest)
            self._silent[due.store] = _Silence(time.monotonic() + wait, wait)
        self.put_back(due)

    def answered(self, store: Store | None) -> None:
        """Take down that a store answers."""
        with self._wake:
            self._silent.pop(store, None)

    def close(self) -> int:
        """Let `take` return; tell how many things silent stores leave behind."""
        with self._wake:
            self._is_closed = True
            self._wake.notify()
            return sum(due.store in self._silent for due in self._due.values())

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing is handed out any more."""
        return self._is_closed
