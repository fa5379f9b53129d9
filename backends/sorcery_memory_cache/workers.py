"""The threads in which one cache reads anew."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from sorcery.plain import plain

__all__ = ["Workers"]

log = logging.getLogger("sorcery.memory_cache")

THREADS: Final = 2
"""At most so many questions does one cache put to its stores aside."""


class Workers:
    """A few threads, made when there is work for them, and gone when there is none.

    No executor: one takes no work any more once the main thread has ended, though others may go on reading, and the
    process would wait for a store that does not answer.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: deque[Callable[[], None]] = deque()
        self._threads = 0
        self._is_closed = False
        self._lock = threading.Lock()

    def submit(self, task: Callable[[], None]) -> None:
        """Have a task done; one that comes after `close` never is."""
        with self._lock:
            if self._is_closed:
                return
            self._tasks.append(task)
            if self._threads < THREADS:
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
                self._threads += 1

    def close(self) -> None:
        """Forget the tasks that wait; those under way end by themselves."""
        with self._lock:
            self._is_closed = True
            self._tasks.clear()

    def _work(self) -> None:
        while task := self._next():
            try:
                task()
            except BaseException:  # such as an observer's SystemExit: other tasks may be waiting
                log.exception("%s: a task was broken off", plain(self._name))

    def _next(self) -> Callable[[], None] | None:
        """Return the next task; where there is none, this thread does not count any more."""
        with self._lock:
            if self._tasks:
                return self._tasks.popleft()
            self._threads -= 1
            return None
