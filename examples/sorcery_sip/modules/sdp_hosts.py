"""Host names in `c=` lines: they are looked up before a call begins, for nothing may wait during one."""

from __future__ import annotations

import socket

import attrs

from sorcery_sip.sdp import Connection, MediaDescription, SessionDescription, parse_sdp

__all__ = ["read_offer"]


def read_offer(sdp: bytes) -> SessionDescription:
    """Parse an offer, and put addresses where its streams have host names; these are looked up, which blocks.

    A name that does not resolve stays, and is refused when the offer is answered. Raises `SdpError`.
    """
    description = parse_sdp(sdp)
    if not any(_has_name(media) for media in description.media):
        return description
    return attrs.evolve(description, media=tuple([_resolved(media) for media in description.media]))


def _has_name(media: MediaDescription) -> bool:
    host = "" if media.connection is None else media.connection.host
    return ":" not in host and not host[-1:].isdigit()


def _resolved(media: MediaDescription) -> MediaDescription:
    connection = media.connection
    if connection is None or not _has_name(media):
        return media
    family = socket.AF_INET6 if connection.is_ipv6 else socket.AF_INET
    try:
        found = socket.getaddrinfo(connection.host, None, family, socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return media
    return attrs.evolve(media, connection=Connection(str(found[0][4][0]), connection.is_ipv6))
