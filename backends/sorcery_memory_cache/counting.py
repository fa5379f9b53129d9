"""What a cache counts, without a lock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable

import attrs

__all__ = ["Figures", "Tally"]


class Tally:
    """A number that many threads count up, in one step and without a lock."""

    __slots__ = ("_count", "_lock", "_looks", "add")

    def __init__(self) -> None:
        self._count = itertools.count()
        self._looks = 0
        self._lock = threading.Lock()
        self.add: Callable[[], int] = self._count.__next__
        """Count one."""

    @property
    def value(self) -> int:
        """How much was counted so far; to look counts too, and is taken off again."""
        with self._lock:
            value = next(self._count) - self._looks
            self._looks += 1
        return value


@attrs.frozen(slots=True, eq=False)
class Figures:
    """What a cache did since it was opened."""

    hits: Tally = attrs.field(init=False, factory=Tally)
    """Objects that were asked for and answered from memory; in a cache of everything, questions."""
    misses: Tally = attrs.field(init=False, factory=Tally)
    """Those for which the stores behind had to answer."""
    negative_hits: Tally = attrs.field(init=False, factory=Tally)
    """Ids that were known to be absent."""
    stale_served: Tally = attrs.field(init=False, factory=Tally)
    """Answers that were due to be read anew, or older than their maximum while the stores behind did not answer."""
    refreshes: Tally = attrs.field(init=False, factory=Tally)
    """Reads aside that were begun."""
    refresh_failures: Tally = attrs.field(init=False, factory=Tally)
    """Reads aside that brought no good answer."""
    evictions: Tally = attrs.field(init=False, factory=Tally)
    """Entries that had to leave for want of room."""
    expired: Tally = attrs.field(init=False, factory=Tally)
    """Entries that left because of their age."""
    unavailable: Tally = attrs.field(init=False, factory=Tally)
    """Questions that the stores behind did not answer."""

    def values(self) -> dict[str, int]:
        """Return all of them by name."""
        return {field.name: getattr(self, field.name).value for field in attrs.fields(Figures)}
