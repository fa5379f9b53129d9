"""One thing after the other: what is to happen to a call, in the order in which it was asked for."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

__all__ = ["Serializer", "Work"]

Work = Callable[[], Coroutine[Any, Any, None] | None]
"""Does its work at once and returns None, or returns a coroutine that others wait for."""

_LOG = logging.getLogger(__name__)


class Serializer:
    """Run work for one call in order. Idle, it runs in the caller: only what has to wait costs a task.

    Use it in the thread of the running event loop.
    """

    __slots__ = ("_is_busy", "_task", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[Work] = deque()
        self._is_busy = False
        self._task: asyncio.Task[None] | None = None

    def run(self, work: Work) -> None:
        """Do `work` now, or after all that was asked for before; what it raises is logged."""
        if self._is_busy:
            self._waiting.append(work)
            return
        self._is_busy = True
        waited_for = _begin(work)
        while waited_for is None and self._waiting:
            waited_for = _begin(self._waiting.popleft())
        if waited_for is None:
            self._is_busy = False
        else:
            self._task = asyncio.get_running_loop().create_task(self._finish(waited_for))

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        """Await one coroutine after the other until nothing waits."""
        waited_for: Coroutine[Any, Any, None] | None = work
        try:
            while waited_for is not None:
                await _logged(waited_for)
                waited_for = None
                while waited_for is None and self._waiting:
                    waited_for = _begin(self._waiting.popleft())
        finally:
            self._is_busy, self._task = False, None


def _begin(work: Work) -> Coroutine[Any, Any, None] | None:
    try:
        return work()
    except Exception:  # noqa: BLE001 - what comes next is to be done all the same
        _LOG.error("work for a call failed", exc_info=True)
        return None


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001 - what comes next is to be done all the same
        _LOG.error("work for a call failed", exc_info=True)
