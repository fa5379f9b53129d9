"""Codecs: Asterisk's names for formats, and what `rtpmap` calls them (RFC 3551, RFC 4855)."""

from __future__ import annotations

import attrs

__all__ = ["TELEPHONE_EVENT", "Codec"]

TELEPHONE_EVENT = "telephone-event"


@attrs.frozen(slots=True)
class Codec:
    """A format on the wire: Asterisk's name for it, and the number that stands for it in the packets of one call."""

    name: str
    """As `allow` writes it: `ulaw`, `g722`, `opus`; or `telephone-event`."""
    encoding: str
    """As `rtpmap` writes it: `PCMU`, `G722`, `opus`."""
    clock_rate: int
    """Ticks per second of the RTP timestamp."""
    channels: int = 1
    payload_type: int = -1
    """The number in the packets; -1 until one is given out."""
    fmtp: str = ""
    """What the `fmtp` line says after the number."""
    ptime: int = 20
    """Milliseconds per packet."""
    media: str = "audio"
