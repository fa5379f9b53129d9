"""Long work in Python that leaves room for other threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

__all__ = ["paced"]

T = TypeVar("T")

STRETCH = 0.0005
"""Seconds of work between two pauses. A thread that has to wait for the interpreter asks for it after 5 ms only."""
PAUSE = 1e-4
"""Seconds of a pause, so that several threads get their turn in it. With 0 the same thread may go on at once."""
_AT_ONCE = 16


def paced(items: Iterable[T]) -> Iterator[T]:
    """Yield the items, and pause each half millisecond, so that threads with a little to do need not wait for long.

    Without another thread there are no pauses.
    """
    until = time.monotonic() + STRETCH
    for number, item in enumerate(items):
        yield item
        if number % _AT_ONCE == 0 and time.monotonic() > until:
            if threading.active_count() > 1:
                time.sleep(PAUSE)
            until = time.monotonic() + STRETCH
