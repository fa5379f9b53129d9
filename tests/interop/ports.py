"""Loopback ports nobody listens on, for the servers and clients of a test."""

from __future__ import annotations

import itertools
import os
import random
import socket
from collections.abc import Sequence

LOOPBACK = "127.0.0.1"

PAIRS = range(15_501, 16_384)
"""Halves of the ports 31002 to 32767: the system hands those out to nobody, and media lie below them."""
SHARES = 16


def share_of(worker: str | None) -> Sequence[int]:
    """Return the pairs of one worker of a run of pytest-xdist, which are no other's; all where there is none."""
    return PAIRS if worker is None else PAIRS[int(worker.removeprefix("gw")) % SHARES :: SHARES]


class Ports:
    """Gives out ports in an order of its own, each again only after all others."""

    def __init__(self, pairs: Sequence[int]) -> None:
        # not the seeded generator: tests draw with a seed, and would draw the same ports again
        self._order = itertools.cycle(random.SystemRandom().sample(pairs, len(pairs)))

    def take(self, *, with_next: bool = False) -> int:
        """Return the next port that is free."""
        while True:
            port = 2 * next(self._order)
            if all(map(_is_free, (port, port + 1) if with_next else (port,))):
                return port


_PORTS = Ports(share_of(os.environ.get("PYTEST_XDIST_WORKER")))


def free_port(*, with_next: bool = False) -> int:
    """Return a port of 127.0.0.1 that is free for UDP and TCP at this moment; `with_next`, the one after it too.

    The port is not held: whoever wants it binds it in a moment, or when a program has started. Until then it is given
    to nobody else: not to sockets that take any port, which come by the hundred, not to who asks next here, nor to
    another worker of the run.
    """
    return _PORTS.take(with_next=with_next)


def _is_free(port: int) -> bool:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
    ):
        try:
            stream.bind((LOOPBACK, port))
            datagram.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
