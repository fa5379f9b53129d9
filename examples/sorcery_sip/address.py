"""Where a message came from, or goes to."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Address"]


class Address(NamedTuple):
    """Name a peer: IP address (IPv6 without brackets), port, and the name of our socket that leads to it.

    A response leaves by the socket its request came in on, so the name travels with the address.
    """

    host: str
    port: int
    transport: str = "udp"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"
