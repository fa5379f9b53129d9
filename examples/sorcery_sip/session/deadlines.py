"""What is to happen later, if nothing comes before it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable

import attrs

__all__ = ["Deadline", "Deadlines"]

Alarm = Callable[[float], None]
"""Is called with the present time."""

_FEW = 64


@attrs.define(slots=True, eq=False)
class Deadline:
    """One thing that is to happen; `cancel` it when it is no longer wanted."""

    when: float
    alarm: Alarm | None
    _owner: Deadlines = attrs.field(repr=False)

    def cancel(self) -> None:
        """Let it never happen; no matter if it has, or was cancelled before."""
        if self.alarm is not None:
            self.alarm = None
            self._owner.forgotten()


class Deadlines:
    """A heap of deadlines. Cancelled ones leave it once they are the more part, so that it stays small."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Deadline]] = []
        self._order = itertools.count()
        self._cancelled = 0

    def at(self, when: float, alarm: Alarm) -> Deadline:
        """Call `alarm` at `when`, unless the deadline is cancelled first."""
        deadline = Deadline(when, alarm, self)
        heapq.heappush(self._heap, (when, next(self._order), deadline))
        return deadline

    def next(self) -> float | None:
        """Return when the next deadline is, None when there is none."""
        while self._heap and self._heap[0][2].alarm is None:
            heapq.heappop(self._heap)
            self._cancelled -= 1
        return self._heap[0][0] if self._heap else None

    def handle(self, now: float) -> None:
        """Let happen what is due by `now`, in its order."""
        while (when := self.next()) is not None and when <= now:
            deadline = heapq.heappop(self._heap)[2]
            alarm, deadline.alarm = deadline.alarm, None
            if alarm is not None:
                alarm(now)

    def forgotten(self) -> None:
        """Count one that was cancelled; clear them out when they are many."""
        self._cancelled += 1
        if self._cancelled > _FEW and 2 * self._cancelled > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].alarm is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def __len__(self) -> int:
        """Return how many deadlines are still wanted."""
        return len(self._heap) - self._cancelled
