"""The threads in which one cache reads anew."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

__all__ = ["Workers"]

THREADS: Final = 2
"""At most so many questions does one cache put to its stores aside."""


class Workers:
    """A few threads, made when there is work for them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._pool: ThreadPoolExecutor | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def submit(self, task: Callable[[], None]) -> None:
        """Have a task done; one that comes after `close` never is."""
        with self._lock:
            if self._is_closed:
                return
            if self._pool is None:
                self._pool = ThreadPoolExecutor(THREADS, self._name)
            self._pool.submit(task)

    def close(self) -> None:
        """Forget the tasks that wait; those under way end by themselves."""
        with self._lock:
            self._is_closed, pool = True, self._pool
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
