"""The cyclic collector, which waits while a great many lasting objects are made.

It looks for garbage whenever some hundred more objects were made than freed, and again and again at all that are there.
While a file of 100,000 sections becomes objects, none of which is garbage, that costs as much as the work itself.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


class _Pauses:
    """How many are at such work: the collector is one for all threads, so the last one lets it go on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._resumes = False

    def begin(self) -> None:
        with self._lock:
            if self._count == 0:
                self._resumes = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0 and self._resumes:
                gc.enable()

    def forget(self) -> None:
        """Let the collector go on in a forked process, where no thread is left that would end its work."""
        if self._count and self._resumes:
            gc.enable()
        self._lock, self._count = threading.Lock(), 0


_pauses = _Pauses()
os.register_at_fork(after_in_child=_pauses.forget)


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the cyclic collector wait during some work that waits for nobody and makes no garbage in cycles.

    The collector is the process's: what other threads leave in cycles is freed a little later. Where it is switched
    off already it stays so. May be nested, and used by several threads at once.
    """
    _pauses.begin()
    try:
        yield
    finally:
        _pauses.end()
