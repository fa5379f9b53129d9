"""Whether the stores behind a cache are known not to answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sorcery.errors import Unavailable
from sorcery_memory_cache.counting import Figures

__all__ = ["RETRY", "Outage"]

RETRY: Final = 1.0
"""Seconds between two tries to read what could not be read."""


class Outage:
    """Keeps readers from waiting, one after the other, for stores that do not answer.

    After a question that was not answered `RETRY` seconds pass until a reader who has something else to serve asks
    again, and while that one waits the others do not.
    """

    def __init__(self, clock: Callable[[], float], figures: Figures) -> None:
        self._clock, self._figures = clock, figures
        self._until = -math.inf

    def is_on(self, now: float) -> bool:
        """Tell whether the next question is not worth its wait."""
        return now < self._until

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch a question to the stores behind."""
        if self._until > -math.inf:
            self._until = math.inf
        until = -math.inf
        try:
            yield
        except Unavailable:
            until = self._clock() + RETRY
            self._figures.unavailable.add()
            raise
        finally:
            self._until = until
