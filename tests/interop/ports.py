"""Loopback ports nobody listens on, for the servers and clients of a test."""

import socket

LOOPBACK = "127.0.0.1"


def free_port(*, with_next: bool = False) -> int:
    """Return a port of 127.0.0.1 that is free for UDP and TCP at this moment; `with_next`, the one after it too.

    The port is not held: whoever wants it binds it soon. The system hands out ports in no order, so tests
    that run side by side do not meet.
    """
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram,
        ):
            stream.bind((LOOPBACK, 0))
            port = int(stream.getsockname()[1])
            try:
                datagram.bind((LOOPBACK, port))
                if with_next:
                    _try(port + 1)
            except OSError:
                continue
            return port


def _try(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        stream.bind((LOOPBACK, port))
