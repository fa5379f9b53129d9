"""The lock of an SQLite file: waited for as long as callers were promised, and by one of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sorcery_database import Fault
from sorcery_realtime.failures import Lost

__all__ = ["FileLock", "Patience"]

LOOK: Final = 0.05
"""Seconds that a lock is waited for which others have waited for in vain."""

COMMITTING: Final = 1.0
"""Seconds that readers wait where writers have waited in vain: who holds a lock for long lets others read, save when
he commits."""

LOCKED: Final = (
    "database is locked; another program keeps a lock there, and somebody is just looking whether it is gone"
)
BUSY: Final = "another writer does not finish"


class Patience:
    """Says how long to wait. Safe to use from many threads; never blocks.

    What somebody has waited for in vain, for as long as anybody is to, the next ones do not wait for: one at a time
    looks for a moment whether it is free, others who come meanwhile are told at once. Else those who stand behind one
    another, for a thread, for their turn or for the same object, would wait as long one after the other.
    """

    def __init__(self, seconds: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._looks_until = 0.0
        self.is_over = False
        """Whether somebody has waited in vain, and nobody was served since."""

    def left(self, since: float | None = None) -> float | None:
        """Return how many seconds to wait now, for who has waited `since` a moment; None for not even a look."""
        now = self._clock()
        if not self.is_over:
            return self.seconds if since is None else max(0.0, since + self.seconds - now)
        with self._lock:
            if now < self._looks_until:
                return None
            look = min(LOOK, self.seconds)
            self._looks_until = now + look
            return look

    @property
    def is_looked_for(self) -> bool:
        """Whether somebody is looking just now, and nobody else is to wait."""
        return self.is_over and self._clock() < self._looks_until

    def failed(self) -> None:
        """Note that somebody has waited in vain."""
        with self._lock:
            self._looks_until, self.is_over = 0.0, True

    def served(self) -> None:
        """Note that somebody got what others wait for."""
        self.is_over = False


class FileLock:
    """Bounds all waiting for one file: a writer's for those of his process, for those of others, and at his commit.

    The writers of a process stand in a queue of ours, which is fairer than the busy waiting of SQLite. `reading` and
    `writing` are apart: who holds a write lock lets others read, mostly.
    """

    def __init__(self, database: object, name: str, seconds: float, longest: float) -> None:
        """Take how long SQLite waits for a lock, and how long a writer waits in all."""
        self._database, self._name, self._seconds = database, name, seconds
        self._turn = threading.Lock()
        self.reading, self.writing = Patience(seconds), Patience(max(seconds, longest))

    def enter(self, since: float | None = None) -> float:
        """Wait for one's turn to write; return the seconds that are left to wait for others. Raises `Lost`."""
        left = self.writing.left(since)
        if left is None:
            raise self._lost(LOCKED)
        begun = time.monotonic()
        if not self._turn.acquire(timeout=left):
            self.writing.failed()
            raise self._lost(BUSY)
        return min(self._seconds, max(0.0, left - (time.monotonic() - begun)))

    def enter_to_look(self) -> None:
        """Wait for a moment in which nobody of this process writes; raises `Lost`."""
        if not self._turn.acquire(timeout=self.writing.seconds):
            raise self._lost(BUSY)

    def admit(self) -> None:
        """Raise `Lost` where it is known already that one would not get to write."""
        if self.writing.is_looked_for:
            raise self._lost(LOCKED)

    def leave(self) -> None:
        """Let the next one write."""
        self._turn.release()

    def is_free(self) -> bool:
        """Take the turn to write if nobody has it, and tell whether."""
        return self._turn.acquire(blocking=False)

    def begin(self, connection: Any, begin: Callable[[], object], seconds: float) -> None:
        """Begin a transaction on a driver's connection; its commit may wait for the rest of the seconds."""
        begun = time.monotonic()
        wait_at_most(connection, seconds)
        begin()
        wait_at_most(connection, max(LOOK, seconds - (time.monotonic() - begun)))

    def end(self, connection: Any) -> None:
        """Let a connection wait as usual again."""
        wait_at_most(connection, self._seconds)

    @property
    def is_held(self) -> bool:
        """Whether somebody has waited in vain: then readers go by way of `looking`."""
        return self.reading.is_over or self.writing.is_over

    @contextmanager
    def looking(self, connection: Any) -> Iterator[None]:
        """Let a driver's connection read from a file that others waited for in vain; raises `Lost`."""
        left = self.reading.left()
        if left is None:
            raise self._lost(LOCKED)
        wait_at_most(connection, min(left, COMMITTING))
        try:
            yield
        finally:
            wait_at_most(connection, self._seconds)
        self.reading.served()

    def _lost(self, reason: str) -> Lost:
        return Lost(self._database, f"{self._name}: {reason}", Fault.LOCKED)


def wait_at_most(connection: Any, seconds: float) -> None:
    """Tell SQLite how long to wait for a lock; the file is not asked for that."""
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * seconds)}")
