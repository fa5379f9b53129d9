"""Host names in `c=` lines: they are looked up before a call begins, for nothing may wait during one."""

from __future__ import annotations

import socket

import attrs

from sorcery_sip.modules.resolver import ip_version
from sorcery_sip.sdp import Connection, MediaDescription, SessionDescription, parse_sdp

__all__ = ["read_offer"]


def read_offer(sdp: bytes) -> SessionDescription:
    """Parse an offer, and put addresses where its streams have host names; these are looked up, which blocks.

    A name that does not resolve stays, and is refused when the offer is answered. Raises `SdpError`.
    """
    description = parse_sdp(sdp)
    names = dict.fromkeys([media.connection for media in description.media if media.connection and _has_name(media)])
    if not names:
        return description
    found: dict[Connection | None, Connection] = {
        each: _resolved(each) for each in names
    }  # each once: a name server may be slow
    streams = [
        attrs.evolve(media, connection=found.get(media.connection, media.connection)) for media in description.media
    ]
    return attrs.evolve(description, media=tuple(streams))


def _has_name(media: MediaDescription) -> bool:
    connection = media.connection
    return connection is not None and not media.is_declined and ip_version(connection.host) is None


def _resolved(connection: Connection) -> Connection:
    family = socket.AF_INET6 if connection.is_ipv6 else socket.AF_INET
    try:
        found = socket.getaddrinfo(connection.host, None, family, socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return connection
    return Connection(str(found[0][4][0]), connection.is_ipv6)
