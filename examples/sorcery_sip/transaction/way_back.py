"""Where a request came from, and by which way its response goes back (RFC 3261 18.2, RFC 3581)."""

from __future__ import annotations

import ipaddress

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Response, vias_of
from sorcery_sip.message.via import Via
from sorcery_sip.message.writer import write

__all__ = ["arrived", "on_its_way"]

_DEFAULT_PORT = 5060


def arrived(headers: Headers, source: Address, *, force_rport: bool = False) -> Headers:
    """Fill `received` and `rport` of the top Via (RFC 3261 18.2.1, RFC 3581 4). Raises `HeaderError`."""
    vias = vias_of(headers)
    if not vias:
        raise HeaderError("Via", "", "the message has none")
    vias = (vias[0].arrived_from(source.host, source.port, force_rport=force_rport), *vias[1:])
    arrived = headers.with_set("Via", *[str(via) for via in vias])
    arrived.view("via", lambda _: vias)  # known already: nobody has to parse it
    return arrived


def on_its_way(response: Response, source: Address, force_rport: bool) -> tuple[bytes, Address]:
    """Return the octets of the response to a request from `source`, and where they go.

    `force_rport` treats the request as if its Via had `rport`. Raises `ValueError` when a header value holds a line
    end.
    """
    if force_rport and response.via.rport is None:
        response = response.with_headers(arrived(response.headers, source, force_rport=True))
    return write(response), _way_back(response.via, source)


def _way_back(via: Via, source: Address) -> Address:
    """Choose where a response goes: maddr when the socket can send there, else where the request came from."""
    maddr = (via.params.get("maddr") or "").strip("[]")
    if maddr and _version(maddr) == _version(source.host):
        return Address(maddr, via.port or _DEFAULT_PORT, source.transport)
    return Address(source.host, via.rport or via.port or _DEFAULT_PORT, source.transport)


def _version(host: str) -> int | None:
    """Return the version of IP that an address belongs to; None for a name, which nobody here looks up."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return None
