"""Host names: what one looks like, and where it is."""

from __future__ import annotations

import re
import socket
from ipaddress import ip_address

from sorcery.kinds import Refused
from sorcery.pjsip.kinds.networks import Address

__all__ = ["is_host_name", "look_up"]

_HOST = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?\Z")


def is_host_name(text: str) -> bool:
    """Tell whether a text may be a host name; digits and dots alone are a broken address."""
    return _HOST.match(text) is not None


def look_up(host: str, *, option: str = "") -> tuple[Address, ...]:
    """Return the addresses of a host, each once, IPv4 first; blocks on DNS.

    Raises `Refused`, which blames `option`, for a host that does not resolve.
    """
    try:
        answers = socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        raise Refused(f"host {host!r} does not resolve", "write an address, or repair DNS", option=option) from None
    found = {ip_address(str(answer[4][0]).partition("%")[0]) for answer in answers}
    return tuple(sorted(found, key=lambda address: (address.version, int(address))))
