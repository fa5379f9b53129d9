"""What all media ports of one event loop share: waiting for packets, the beat for players, the clock."""

from __future__ import annotations

import asyncio
import random
import selectors
import socket
import time
from collections.abc import Callable

from sorcery_sip.io.wheel import Wheel

__all__ = ["MediaLoop"]

_FRAME_SECONDS = 0.02
_CHECK_SECONDS = 1.0
_BATCH = 500
"""Packets after which the loop gets its turn, some 3 ms; each socket that has something is read once in any case."""
_LONGEST_DATAGRAM = 1 << 16


class MediaLoop:
    """Made once, in the thread of the event loop; everything in it happens there.

    Ports wait in a selector of their own, which the loop sees as one file: so a wake-up of the loop serves all the
    packets that have come, and none of them costs a turn of the loop.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic, chance: random.Random | None = None) -> None:
        self.clock = clock
        """Seconds that never go back."""
        self.chance = chance or random.SystemRandom()
        self.buffer = bytearray(_LONGEST_DATAGRAM)
        """What a packet is received into: it is done with before the next one comes."""
        self.players = Wheel(_FRAME_SECONDS)
        self.checks = Wheel(_CHECK_SECONDS)
        """For what looks at a port now and then."""
        self._selector = selectors.DefaultSelector()
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._selector.fileno(), self._ready)

    def watch(self, bound: socket.socket, readable: Callable[[], None]) -> None:
        """Call `readable` for each packet that waits at a socket; it takes one out."""
        self._selector.register(bound, selectors.EVENT_READ, readable)

    def forget(self, bound: socket.socket) -> None:
        """Watch a socket no more; to be called before it is closed."""
        self._selector.unregister(bound)

    def close(self) -> None:
        """Watch nothing any more. Ports have to be closed before."""
        self._loop.remove_reader(self._selector.fileno())
        self._selector.close()
        self.players.close()
        self.checks.close()

    def _ready(self) -> None:
        """Take in what waits, but not much more than a batch: others want the loop too."""
        select, taken = self._selector.select, 0
        while taken < _BATCH and (events := select(0)):
            for key, _ in events:
                key.data()
            taken += len(events)
