"""RTCP (RFC 3550 6): reports made and read, and those of another stream made to fit ours."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

import attrs

from sorcery_sip.errors import ParseError

__all__ = ["Report", "ReportBlock", "SenderInfo", "ntp_time", "parse_reports", "translate_rtcp", "write_report"]

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION = 200, 201, 202
FEEDBACK = (205, 206)

_HEADER = struct.Struct("!BBHI")
"""Version and count, type, words that follow, SSRC of the sender."""
_SENDER = struct.Struct("!QIII")
_BLOCK = struct.Struct("!IIIIII")
_VERSION = 0x80
_CNAME = 1
_1970 = 2_208_988_800
"""Seconds from 1900, where NTP begins to count."""


@attrs.frozen
class SenderInfo:
    """What a sender report tells of the sender: NTP and RTP time of the same moment, packets and octets so far."""

    ntp: int
    timestamp: int
    packets: int
    octets: int


@attrs.frozen
class ReportBlock:
    """What somebody has received of one source."""

    ssrc: int
    fraction_lost: int
    """Of the packets since the last report, in 256ths."""
    lost: int
    highest: int
    jitter: int
    """In ticks of the RTP clock."""
    last_report: int = 0
    """The middle 32 bits of the NTP time of the source's last sender report."""
    delay: int = 0
    """Since that came, in 65536ths of a second."""


@attrs.frozen
class Report:
    """A sender report, or, without `sender`, a receiver report."""

    ssrc: int
    sender: SenderInfo | None = None
    blocks: tuple[ReportBlock, ...] = ()


def ntp_time(seconds: float) -> int:
    """Return seconds since 1970 as NTP writes them: 32 bits of seconds since 1900, 32 of their fraction."""
    whole = int(seconds)
    return ((whole + _1970) & 0xFFFFFFFF) << 32 | int((seconds - whole) * (1 << 32))


def write_report(report: Report, name: str) -> bytes:
    """Return a packet of a report and the canonical name (`CNAME`) of who reports."""
    sender = report.sender
    body = b"" if sender is None else _SENDER.pack(sender.ntp, sender.timestamp, sender.packets, sender.octets)
    for block in report.blocks:
        losses = block.fraction_lost << 24 | block.lost & 0xFFFFFF
        body += _BLOCK.pack(block.ssrc, losses, block.highest, block.jitter, block.last_report, block.delay)
    kind = RECEIVER_REPORT if sender is None else SENDER_REPORT
    text = name.encode()[:255]
    item = bytes([_CNAME, len(text)]) + text
    item += bytes(4 - len(item) % 4)
    return _packet(len(report.blocks), kind, report.ssrc, body) + _packet(1, DESCRIPTION, report.ssrc, item)


def parse_reports(data: bytes) -> tuple[Report, ...]:
    """Return the reports in what came as RTCP; other packets in it are passed over. Raises `ParseError`."""
    return tuple(
        _report(packet) for packet in map(bytes, _packets(data)) if packet[1] in (SENDER_REPORT, RECEIVER_REPORT)
    )


def translate_rtcp(data: bytes, names: Mapping[int, int], timestamp_offset: int, sequence_offset: int) -> bytes:
    """Return what one side sent as RTCP, in the terms of the other.

    `names` gives for each SSRC on one side the one on the other. `timestamp_offset` is added to the RTP time of sender
    reports, `sequence_offset` to the highest number of report blocks. Raises `ParseError`.
    """
    translated = bytearray(data)
    for packet in _packets(translated):
        _rename(packet, 4, names)
        kind, count = packet[1], packet[0] & 0x1F
        if kind == SENDER_REPORT:
            _add(packet, 16, timestamp_offset)
        if kind in (SENDER_REPORT, RECEIVER_REPORT):
            first = _HEADER.size + (_SENDER.size if kind == SENDER_REPORT else 0)
            for begin in range(first, first + count * _BLOCK.size, _BLOCK.size):
                _rename(packet, begin, names)
                _add(packet, begin + 8, sequence_offset)
        elif kind in FEEDBACK:
            for begin in range(8, len(packet) - 3, 4):  # the media source, and whom an FIR asks
                _rename(packet, begin, names)
    return bytes(translated)


def _packet(count: int, kind: int, ssrc: int, body: bytes) -> bytes:
    return _HEADER.pack(_VERSION | count, kind, 1 + len(body) // 4, ssrc) + body


def _packets(data: bytes | bytearray) -> Iterator[memoryview]:
    """Yield the packets that came as one, at least one, each long enough for what it must have."""
    view, begin = memoryview(data), 0
    while begin < len(view) or not begin:
        rest = view[begin:]
        if len(rest) < _HEADER.size or rest[0] & 0xC0 != _VERSION:
            raise ParseError(f"no RTCP packet of version 2 at octet {begin}")
        size = 4 + 4 * int.from_bytes(rest[2:4], "big")
        least = _HEADER.size
        if rest[1] in (SENDER_REPORT, RECEIVER_REPORT):
            least += (rest[0] & 0x1F) * _BLOCK.size + (_SENDER.size if rest[1] == SENDER_REPORT else 0)
        if not least <= size <= len(rest):
            raise ParseError(f"the RTCP packet at octet {begin} has {len(rest)} octets, and says {size}")
        yield rest[:size]
        begin += size


def _report(packet: bytes) -> Report:
    count, kind, _, ssrc = _HEADER.unpack_from(packet)
    begin, sender = _HEADER.size, None
    if kind == SENDER_REPORT:
        sender = SenderInfo(*_SENDER.unpack_from(packet, begin))
        begin += _SENDER.size
    return Report(ssrc, sender, tuple(_block(packet, begin + place * _BLOCK.size) for place in range(count & 0x1F)))


def _block(packet: bytes, begin: int) -> ReportBlock:
    ssrc, losses, *others = _BLOCK.unpack_from(packet, begin)
    lost = losses & 0xFFFFFF
    return ReportBlock(ssrc, losses >> 24, lost - (1 << 24) if lost & 0x800000 else lost, *others)


def _rename(packet: memoryview, begin: int, names: Mapping[int, int]) -> None:
    old = int.from_bytes(packet[begin : begin + 4], "big")
    packet[begin : begin + 4] = names.get(old, old).to_bytes(4, "big")


def _add(packet: memoryview, begin: int, offset: int) -> None:
    value = int.from_bytes(packet[begin : begin + 4], "big") + offset
    packet[begin : begin + 4] = (value & 0xFFFFFFFF).to_bytes(4, "big")
