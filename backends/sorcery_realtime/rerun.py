"""Beginning again what a database has undone for the sake of another transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final

from sorcery_database import Fault

__all__ = ["Rerun"]

MOST: Final = 5
"""How often one piece of work is begun again."""

PAUSE: Final = 0.02
"""Seconds within which it is, the first time; twice as many each further time."""


class Rerun:
    """One piece of work that can be begun again as a whole: nothing of it has been stored."""

    def __init__(self, *, sleep: Callable[[float], object] = time.sleep, draw: Callable[[], float] = random.random):
        self._sleep, self._draw, self._times = sleep, draw, 0

    def begins(self, fault: Fault) -> bool:
        """Tell whether to begin again, after a random pause that keeps two rivals from meeting once more.

        Not what waited for a lock until the database gave up: that was the wait which callers were promised.
        """
        if fault is not Fault.RIVAL or self._times == MOST:
            return False
        self._sleep(self._draw() * PAUSE * 2**self._times)
        self._times += 1
        return True
