"""Requests to worker threads and answers back: nothing that may block runs in the thread of the sockets."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from sorcery_sip.events import RequestReceived
from sorcery_sip.modules.pipeline import Result

__all__ = ["HIGH_WATER", "LOW_WATER", "SERIALIZERS", "Distributor", "Handle"]

SERIALIZERS = 31
HIGH_WATER = 500
LOW_WATER = 450
_TURN = 64

Handle = Callable[[RequestReceived], Result]
"""Decides about a request, in a worker."""


class _Serializer:
    """Requests that have to be handled one after the other, each with who handles it; in the ready queue once."""

    __slots__ = ("is_ready", "lock", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[tuple[RequestReceived, Handle]] = deque()
        self.lock = threading.Lock()
        self.is_ready = False


class Distributor:
    """Spread requests over 31 serializers, and those over a few threads.

    A serializer is chosen by Call-ID and From tag, so what belongs together stays in order. `wake` is called from
    a worker whenever results wait that `results` has not fetched; many results may lie behind one call.
    """

    def __init__(self, handle: Handle, wake: Callable[[], object], workers: int) -> None:
        self._handle, self._wake = handle, wake
        self._serializers = tuple(_Serializer() for _ in range(SERIALIZERS))
        self._ready: SimpleQueue[_Serializer | None] = SimpleQueue()
        self._results: deque[Result] = deque()
        self._is_woken = False
        self._over: set[_Serializer] = set()
        self._threads = [
            threading.Thread(target=self._work, name=f"sip-worker-{number}", daemon=True) for number in range(workers)
        ]
        self.pending = 0
        """How many requests have been taken whose results nobody has fetched yet."""
        for thread in self._threads:
            thread.start()

    def submit(self, received: RequestReceived, handle: Handle | None = None) -> None:
        """Take a request for `handle`, or whoever handles them all; only the thread of the sockets calls this."""
        request = received.request
        serializer = self._serializers[hash((request.call_id, request.from_.tag)) % SERIALIZERS]
        self.pending += 1
        with serializer.lock:
            serializer.waiting.append((received, handle or self._handle))
            wakes = not serializer.is_ready
            serializer.is_ready = True
        if wakes:
            self._ready.put(serializer)
        if len(serializer.waiting) >= HIGH_WATER:
            self._over.add(serializer)

    @property
    def is_overloaded(self) -> bool:
        """Whether a serializer has been over its high-water mark and is not back under the low one."""
        if self._over:
            self._over = {serializer for serializer in self._over if len(serializer.waiting) > LOW_WATER}
        return bool(self._over)

    def results(self) -> list[Result]:
        """Fetch what the workers have finished; only the thread of the sockets calls this."""
        self._is_woken = False  # before fetching: what comes later wakes again
        found = []
        while self._results:
            found.append(self._results.popleft())
        self.pending -= len(found)
        return found

    def close(self, timeout: float) -> None:
        """Tell the threads to end after their present turn, and wait up to `timeout` seconds for each.

        Whoever wants every request handled first waits until `pending` is 0.
        """
        for _ in self._threads:
            self._ready.put(None)
        for thread in self._threads:
            thread.join(timeout)

    def _work(self) -> None:
        while (serializer := self._ready.get()) is not None:
            self._take_turn(serializer)

    def _take_turn(self, serializer: _Serializer) -> None:
        """Handle some of a serializer's requests, then let others have their turn."""
        for _ in range(_TURN):
            received, handle = serializer.waiting.popleft()
            self._finish(handle(received))
            with serializer.lock:
                if not serializer.waiting:
                    serializer.is_ready = False
                    return
        self._ready.put(serializer)

    def _finish(self, result: Result) -> None:
        self._results.append(result)
        if not self._is_woken:
            self._is_woken = True
            self._wake()
