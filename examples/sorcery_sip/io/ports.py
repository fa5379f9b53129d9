"""Media ports: which numbers are free, and sockets bound to them."""

from __future__ import annotations

import collections
import errno
import random
import socket
from collections.abc import Callable
from typing import TypeVar

from sorcery_sip.errors import NoPorts

__all__ = ["PortRange", "bind_pair", "bind_single", "plain_address"]

Bound = TypeVar("Bound")
_LAST_PORT = 0xFFFF
_RECEIVE_BUFFER = 256 * 1024


class PortRange:
    """The even ports from `first` to `last`, each with the odd one after it, used in turns that nobody can foresee.

    One that is given back is the last to be used again, for late packets may still come to it. Raises `ValueError`
    where no pair of ports lies between the two.
    """

    def __init__(self, first: int, last: int, chance: random.Random | None = None) -> None:
        ports = list(range(first + first % 2, last, 2))
        if not ports or first < 1 or last > _LAST_PORT:
            raise ValueError(f"ports {first} to {last} hold no even port and the one after it")
        (chance or random.SystemRandom()).shuffle(ports)
        self.first, self.last = first, last
        self._free = collections.deque(ports)

    def __len__(self) -> int:
        """Return how many are free."""
        return len(self._free)

    def take(self, bind: Callable[[int], Bound]) -> tuple[int, Bound]:
        """Return a free port, and what `bind` made of it.

        Ports that others have are passed over (`bind` says so with `EADDRINUSE`). Raises `NoPorts` when none is left,
        and what else `bind` raises.
        """
        for _ in range(len(self._free)):
            port = self._free.popleft()
            try:
                return port, bind(port)
            except OSError as error:
                self._free.append(port)
                if error.errno != errno.EADDRINUSE:
                    raise
        raise NoPorts(f"all media ports from {self.first} to {self.last} are in use")

    def give_back(self, port: int) -> None:
        """Let a port be used again."""
        self._free.append(port)


def bind_pair(ip: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return sockets bound to a port and the one after it. Raises `OSError`."""
    first = bind_single(ip, port)
    try:
        return first, bind_single(ip, port + 1)
    except BaseException:
        first.close()
        raise


def bind_single(ip: str, port: int) -> socket.socket:
    """Return a socket for datagrams that never blocks; one for IPv6 takes no IPv4. Raises `OSError`."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        bound.bind((ip, port))
    except BaseException:
        bound.close()
        raise
    return bound


def plain_address(address: tuple[str, int] | None, family: socket.AddressFamily | int) -> tuple[str, int] | None:
    """Return an address as sockets write it; None for one that nothing can be sent to, such as `0.0.0.0`.

    Raises `ValueError` for a host that is no IP address, or not of the family, and for what is no port.
    """
    if address is None:
        return None
    host, port = address
    try:
        ip = socket.inet_pton(family, host)
    except OSError as error:
        wanted = "IPv6" if family == socket.AF_INET6 else "IPv4"
        raise ValueError(f"{host!r} is no {wanted} address, which this port sends to") from error
    if not 0 <= port <= _LAST_PORT:
        raise ValueError(f"{port} is no port")
    return (socket.inet_ntop(family, ip), port) if port and any(ip) else None
