"""A circuit breaker: what was found not to serve is not asked again by everybody."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import attrs

from sorcery_database import Fault

__all__ = ["Breaker", "Outage"]

FIRST: Final = 0.1
"""Seconds within which the first trial is made; twice as many for each one that fails."""

LONGEST: Final = 2.0
"""Seconds within which a trial is made at the latest."""


@attrs.frozen(slots=True)
class Outage:
    """Why something does not serve, and since when."""

    reason: str
    fault: Fault
    since: float
    """Seconds since the epoch."""

    def __str__(self) -> str:
        return f"{self.reason} (since {datetime.fromtimestamp(self.since, UTC):%H:%M:%S} UTC)"


class Breaker:
    """Open while something does not serve. Safe to use from many threads; never blocks.

    Between two trials lies a random part of a time that doubles: the many processes on one database, which all
    found it down at once, neither come back at once nor keep step.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._now, self._draw = clock, now, draw
        self._lock = threading.Lock()
        self._trials, self._due = 0, 0.0
        self.outage: Outage | None = None
        """None while it serves."""

    def open(self, reason: str, fault: Fault) -> bool:
        """Note that it does not serve; tell whether that is news."""
        with self._lock:
            was_closed = self.outage is None
            since = self._now() if self.outage is None else self.outage.since
            self.outage = Outage(reason, fault, since)
            if was_closed:
                self._trials = 0
                self._pause()
            return was_closed

    def close(self) -> Outage | None:
        """Note that it serves; return the outage that is over with that."""
        with self._lock:
            over, self.outage = self.outage, None
            return over

    def admits(self) -> bool:
        """Tell whether a caller may go on: everybody while it serves, else one as a trial after each pause."""
        if self.outage is None:
            return True
        with self._lock:
            if self._clock() < self._due:
                return False
            self._pause()
            return True

    def pause(self) -> float:
        """Return the seconds until the next trial is due."""
        with self._lock:
            return max(0.0, self._due - self._clock())

    def _pause(self) -> None:
        self._due = self._clock() + self._draw() * min(LONGEST, FIRST * 2**self._trials)
        self._trials = min(self._trials + 1, 16)
