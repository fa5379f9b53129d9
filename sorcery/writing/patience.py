"""Waiting for stores that do not answer, as long as a policy says."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sorcery.errors import Unavailable

__all__ = ["persist"]

T = TypeVar("T")

FIRST: Final = 0.05
LONGEST: Final = 0.5
"""Seconds within which the change is tried again: the first time, and later on."""


def persist(
    attempt: Callable[[], T],
    seconds: float,
    *,
    is_over: Callable[[float], bool],
    clock: Callable[[], float] = time.monotonic,
    draw: Callable[[], float] = random.random,
) -> T:
    """Return what `attempt` returns, trying again for so many seconds while it raises `Unavailable`; blocks.

    Not where the change may have been stored: it would be made twice. `is_over` waits so many seconds, and tells
    whether nobody is to wait any more. The stores' own time limits come on top.
    """
    deadline, longest = clock() + seconds, FIRST
    while True:
        try:
            return attempt()
        except Unavailable as error:
            left = deadline - clock()
            if error.is_uncertain or left <= 0 or is_over(min(left, draw() * longest)):
                raise
            longest = min(LONGEST, 2 * longest)
