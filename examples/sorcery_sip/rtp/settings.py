"""What two sides have agreed on for one RTP stream."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

import attrs

__all__ = ["COMFORT_NOISE", "NOTHING_AGREED", "TELEPHONE_EVENT", "DtmfMode", "Format", "RtpSettings"]

TELEPHONE_EVENT = "telephone-event"
COMFORT_NOISE = "cn"


class Format(NamedTuple):
    """What a payload number stands for; equal formats are relayed to one another."""

    name: str
    """Asterisk's name (`ulaw`, `g722`, `opus`), or `telephone-event`, or `cn`."""
    clock_rate: int = 8000
    """Ticks per second of the timestamp."""
    channels: int = 1

    @property
    def is_audible(self) -> bool:
        """Whether it carries sound, rather than digits or the noise of silence."""
        return self.name not in (TELEPHONE_EVENT, COMFORT_NOISE)


class DtmfMode(enum.Enum):
    """How digits go with the audio."""

    EVENTS = "rfc4733"
    """As packets of their own (RFC 4733)."""
    INBAND = "inband"
    """As tones, which G.711 can carry."""
    OUTSIDE = "outside"
    """Not at all: `dtmf_mode=info` or `none`."""


@attrs.frozen
class RtpSettings:
    """Everything about a stream that offer, answer and endpoint say; a new negotiation makes new ones."""

    send: Mapping[int, Format] = attrs.field(factory=dict)
    """The peer's numbers of what we may send. The first audible one is what is played in."""
    receive: Mapping[int, Format] = attrs.field(factory=dict)
    """Our numbers of what may arrive; anything else is dropped."""
    remote: tuple[str, int] | None = None
    """IP address and port the peer wants its packets at; None, or an unspecified address, sends nothing."""
    remote_rtcp: tuple[str, int] | None = None
    """The same for RTCP; None is the port after `remote`."""
    rtcp_mux: bool = False
    """RTCP shares the port of RTP (RFC 5761)."""
    sends: bool = True
    """Whether the direction lets us send: not in `recvonly` and `inactive`."""
    receives: bool = True
    """Whether the direction lets the peer send: not in `sendonly` and `inactive`."""
    symmetric: bool = False
    """Send to where packets come from, once they have come (`rtp_symmetric`)."""
    strict: bool = True
    """Let one source in only, and learn which (`strictrtp` of rtp.conf)."""
    probation: int = 4
    """How many packets in a row make a source that is not `remote` the one (`probation` of rtp.conf)."""
    follow_codec: bool = True
    """Play in the codec that the peer sends, if that changes (`asymmetric_rtp_codec=no`)."""
    dtmf: DtmfMode = DtmfMode.EVENTS
    ptime: int = attrs.field(default=20, validator=attrs.validators.ge(10))
    """Milliseconds per packet of what is played."""
    timeout: float = 0
    """Seconds without a packet after which the call is dead; 0 for never."""
    hold_timeout: float = 0
    """The same while one side holds the other."""
    keepalive: float = 0
    """Seconds after which comfort noise goes where nothing else has gone; 0 for never."""

    @property
    def is_held(self) -> bool:
        """Whether sound goes one way at most."""
        return not (self.sends and self.receives)

    @property
    def codec(self) -> Format | None:
        """The format that is played in unless the peer moves us to another; None if none is agreed."""
        return next((known for known in self.send.values() if known.is_audible), None)


NOTHING_AGREED = RtpSettings()
"""The settings before the first negotiation."""
