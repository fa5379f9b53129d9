"""Loopback ports nobody listens on, for the servers and clients of a test."""

from __future__ import annotations

import os
import random
import socket

LOOPBACK = "127.0.0.1"

PAIRS = range(15_501, 16_384)
"""Halves of the ports 31002 to 32767: the system hands those out to nobody, and media lie below them."""
SHARES = 16


def free_port(*, with_next: bool = False) -> int:
    """Return a port of 127.0.0.1 that is free for UDP and TCP at this moment; `with_next`, the one after it too.

    The port is not held: whoever wants it binds it in a moment, or when a program has started. Until then it is given
    to nobody else: not to sockets that take any port, which come by the hundred, nor by the other workers of a run,
    each of whom has a share of his own.
    """
    chance = random.SystemRandom()  # tests draw with a seed, and would draw the same ports again
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    pairs = PAIRS if worker is None else PAIRS[int(worker.removeprefix("gw")) % SHARES :: SHARES]
    while True:
        port = 2 * chance.choice(pairs)
        if all(map(_is_free, (port, port + 1) if with_next else (port,))):
            return port


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
