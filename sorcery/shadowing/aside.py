"""Work that nobody waits for: one thread does it, and of what comes too quickly it takes no more than may wait."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

__all__ = ["Aside"]

log = logging.getLogger("sorcery.shadow")

Task = Callable[[], object]

PATIENCE: Final = 2.0
"""Seconds that closing waits for what is under way; a store that hangs is left alone then."""


class Aside:
    """Does tasks in one thread, in their order, those that matter more before the others."""

    def __init__(self, name: str, waiting: int) -> None:
        """Begin; `waiting` is how many tasks of either sort may wait."""
        self._most = waiting
        self._tasks: deque[Task] = deque()
        self._first: deque[Task] = deque()
        self._changed = threading.Condition()
        self._is_busy = self._is_closed = False
        self._last: Task | None = None
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def offer(self, task: Task, *, first: bool = False) -> bool:
        """Take a task, `first` before all others that are not; tell whether it was taken. Waits for nobody."""
        tasks = self._first if first else self._tasks
        with self._changed:
            if self._is_closed or len(tasks) >= self._most:
                return False
            tasks.append(task)
            self._changed.notify_all()
        return True

    def settle(self, patience: float) -> bool:
        """Wait until all that was taken is done, at most for some seconds; tell whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._first or self._tasks or self._is_busy), patience)

    def close(self, last: Task | None = None) -> None:
        """Do nothing more, save for a last task; waits for a moment for that, and for what is being done."""
        with self._changed:
            if not self._is_closed:
                self._is_closed, self._last = True, last
            self._first.clear()
            self._tasks.clear()
            self._changed.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(PATIENCE)

    def _work(self) -> None:
        while (task := self._next()) is not None:
            try:
                task()
            except Exception:
                log.exception("the shadow of a store could not be dealt with")

    def _next(self) -> Task | None:
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._first or self._tasks or self._is_closed)
            if self._is_closed:
                last, self._last = self._last, None
                return last
            self._is_busy = True
            return (self._first or self._tasks).popleft()
