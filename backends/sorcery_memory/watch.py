"""Word of changes, from the thread that makes them to the one that is told."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from sorcery.wizard import Notice

__all__ = ["MemoryWatch"]


class MemoryWatch:
    """One who is told, in a thread of its own, so that nobody who writes waits for it."""

    def __init__(
        self, owner: object, notify: Callable[[Sequence[Notice]], None], forget: Callable[[MemoryWatch], None]
    ) -> None:
        self.owner, self._notify, self._forget = owner, notify, forget
        self._is_closed = False
        self._told: queue.SimpleQueue[Sequence[Notice]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sorcery-memory-watch", daemon=True)
        self._thread.start()

    def tell(self, notices: Sequence[Notice]) -> None:
        """Leave word; does not block."""
        if notices:
            self._told.put(notices)

    def close(self) -> None:
        """Hear no more; waits for a call that is under way, unless made from within it."""
        self._forget(self)
        self._is_closed = True
        self._told.put(())
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._is_closed:
            notices = self._told.get()
            if not self._is_closed:
                self._notify(notices)
