"""Between an event loop and threads: work that the loop hands to threads, and events that these hand to the loop."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from sorcery.errors import Unavailable
from sorcery.observers import ObjectEvent, Subscription, telling
from sorcery.plain import plain
from sorcery.watching.watcher import Watching

__all__ = ["Events", "LoopSubscription", "Observe", "Threads", "aside"]

log = logging.getLogger("sorcery.aio")

P = ParamSpec("P")
R = TypeVar("R")

Observe = Callable[..., Subscription]
"""Takes the functions by name, as `Sorcery.observe` does for one type."""


class Threads:
    """A bounded number of threads that wait in the place of coroutines."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, "sorcery-aio")
        self._is_closed = False

    async def ask(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function and return its answer; given up where the caller is cancelled."""
        return await asyncio.wrap_future(self._submit(functools.partial(function, *args, **kwargs)))

    async def carry_out(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function to its end, also where the caller is cancelled; an error that nobody awaits is logged."""
        return await self._finish(self._submit(functools.partial(function, *args, **kwargs)), _log_when_done)

    async def obtain(self, function: Callable[[], R], discard: Callable[[R], object]) -> R:
        """Call a function and return what it makes, which is discarded where the caller is cancelled."""

        def unwanted(made: Future[R]) -> None:
            _log_failure(made)
            if made.exception() is None:
                discard(made.result())

        def abandon(made: Future[R]) -> None:
            threading.Thread(target=unwanted, args=(made,), name="sorcery-aio-discard").start()

        return await self._finish(self._submit(function), abandon)

    def _submit(self, call: Callable[[], R]) -> Future[R]:
        if self._is_closed:
            raise Unavailable("sorcery", "it was closed")
        return self._pool.submit(call)

    async def _finish(self, work: Future[R], abandoned: Callable[[Future[R]], object]) -> R:
        future = asyncio.wrap_future(work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            future.add_done_callback(asyncio.Future.exception)  # an error is told by `abandoned`, and not again here
            abandoned(work)
            raise

    def close(self) -> None:
        """Take no more work; what is under way or waits goes on."""
        self._is_closed = True
        self._pool.shutdown(wait=False)


async def aside(function: Callable[[], R]) -> R:
    """Call a function to its end in a thread of its own, however many others are busy."""
    threads = Threads(1)
    try:
        return await threads.carry_out(function)
    finally:
        threads.close()


def _log_when_done(work: Future[Any]) -> None:
    work.add_done_callback(_log_failure)


def _log_failure(work: Future[Any]) -> None:
    if (error := work.exception()) is not None:
        log.warning("what a cancelled caller had begun failed: %s", plain(str(error)))


class LoopSubscription:
    """Functions that the loop calls on changes, in order; close it to hear no more. Usable as a context manager."""

    def __init__(self, observe: Observe, functions: Mapping[str, Callable[..., object] | None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._is_open = True
        self._subscription = observe(
            **{name: self._in_loop(function) for name, function in functions.items() if function is not None}
        )

    def _in_loop(self, function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: Any) -> None:
            if self._is_open:  # it may have been closed while the call was on its way
                function(*arguments)

        return lambda *arguments: self._loop.call_soon_threadsafe(call, *arguments)

    def close(self) -> None:
        """Call them no more, from this moment on; never blocks. Closing twice does nothing."""
        self._is_open = False
        self._subscription.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Events:
    """What becomes of objects, here and where others change them, one event after the other.

    Hears from the beginning of its `async with` block to the end of it, or of the system: then the iteration ends.
    What nobody has taken yet waits in memory.
    """

    def __init__(self, threads: Threads, observers: Iterable[Observe], watch: Callable[[], Watching]) -> None:
        self._threads, self._observers, self._watch = threads, tuple(observers), watch
        self._queue: asyncio.Queue[ObjectEvent | None] = asyncio.Queue()
        self._subscriptions = ExitStack()
        self._watching: Watching | None = None
        self._has_begun = False

    async def __aenter__(self) -> Self:
        self._has_begun = True
        try:
            for observe in self._observers:
                self._subscriptions.enter_context(LoopSubscription(observe, telling(self._queue.put_nowait)))
            self._watching = await self._threads.obtain(self._watch, Watching.close)
        except BaseException:
            self.end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if self._watching is not None:
            await aside(self._watching.close)

    def end(self) -> None:
        """Hear no more: the iteration ends with what was heard until now. Never blocks."""
        self._subscriptions.close()
        self._queue.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ObjectEvent:
        if not self._has_begun:
            raise RuntimeError("events are heard in a block: async with sorcery.watch() as events:")
        event = await self._queue.get()
        if event is None:
            self._queue.put_nowait(None)  # for whoever else iterates, or asks again
            raise StopAsyncIteration
        return event
