"""RTP packets (RFC 3550 5.1): the header, and where the payload lies."""

from __future__ import annotations

import struct
from typing import NamedTuple

from sorcery_sip.errors import ParseError

__all__ = ["HEADER", "MARKER", "RtpPacket", "is_rtcp", "parse_rtp", "write_rtp"]

HEADER = struct.Struct("!BBHII")
"""Flags, marker and payload number, sequence number, timestamp, SSRC."""
MARKER = 0x80

_VERSION = 0x80
_PADDING, _EXTENSION, _CONTRIBUTORS = 0x20, 0x10, 0x0F


class RtpPacket(NamedTuple):
    """What a packet says, and its payload without padding."""

    number: int
    """The payload number (`PT`)."""
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def parse_rtp(data: bytes | memoryview) -> RtpPacket:
    """Read a packet. Raises `ParseError` for what is none."""
    if len(data) < HEADER.size:
        raise ParseError(f"an RTP packet has {HEADER.size} octets at least, not {len(data)}")
    flags, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    if flags & 0xC0 != _VERSION:
        raise ParseError(f"RTP version {flags >> 6} where 2 is spoken")
    begin, end = HEADER.size + 4 * (flags & _CONTRIBUTORS), len(data)
    if flags & _EXTENSION and begin + 4 <= end:
        begin += 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    if flags & _PADDING:
        end -= data[-1] or end
    if begin > end:
        raise ParseError("an RTP packet ends within what its header announces")
    return RtpPacket(second & 0x7F, sequence, timestamp, ssrc, bytes(data[begin:end]), bool(second & MARKER))


def write_rtp(packet: RtpPacket) -> bytes:
    """Return a packet's octets."""
    number, sequence, timestamp, ssrc, payload, marker = packet
    return HEADER.pack(_VERSION, number | (MARKER if marker else 0), sequence, timestamp, ssrc) + payload


def is_rtcp(second: int) -> bool:
    """Tell by the second octet whether a packet on a port shared by both is RTCP (RFC 5761 4)."""
    return 64 <= second & 0x7F <= 95
