"""Two channels that hear one another: what happens to one is told to the other."""

from __future__ import annotations

from collections.abc import Collection

from sorcery_sip.pbx.channel import Channel, read_any
from sorcery_sip.pbx.events import (
    T38,
    ChannelEvent,
    ConnectedLine,
    DtmfEnd,
    HangupRequested,
    Hold,
    Progress,
    RedirectingChanged,
    Ringing,
    TextReceived,
    Unhold,
)
from sorcery_sip.pbx.local_port import LocalPort
from sorcery_sip.pbx.technology import Indication

__all__ = ["Bridge", "connect_media", "join", "part", "relay"]


class Bridge:
    """Carry a call between two channels, until one of them leaves.

    `pass_identity=False` keeps what one learns of its party from the other; the channels of `star_leaves` leave
    by pressing the star key.
    """

    def __init__(
        self, first: Channel, second: Channel, *, pass_identity: bool = True, star_leaves: Collection[Channel] = ()
    ) -> None:
        self._members = (first, second)
        self._pass_identity, self._star_leaves = pass_identity, star_leaves

    async def run(self) -> Channel:
        """Join them and return who left first; neither is hung up."""
        first, second = self._members
        join(first, second)
        try:
            while True:
                channel, event = await read_any(self._members)
                if self._is_leaving(channel, event):
                    return channel
                if self._pass_identity or not isinstance(event, ConnectedLine | RedirectingChanged):
                    relay(event, second if channel is first else first)
        finally:
            part(first, second)

    def _is_leaving(self, channel: Channel, event: ChannelEvent) -> bool:
        if isinstance(event, DtmfEnd):
            return event.digit == "*" and channel in self._star_leaves
        return isinstance(event, HangupRequested)


def connect_media(first: Channel, second: Channel) -> None:
    """Let two channels hear one another, as far as they have media already."""
    one, other = first.technology.media, second.technology.media
    if one is not None and other is not None:
        if isinstance(other, LocalPort):  # what lies behind it has to be found first, and that it does itself
            other.connect(one)
        else:
            one.connect(other)


def join(first: Channel, second: Channel) -> None:
    """Connect the media of two channels, and tell their drivers."""
    connect_media(first, second)
    first.technology.bridged(second)
    second.technology.bridged(first)


def part(first: Channel, second: Channel) -> None:
    """Take apart what `join` joined."""
    for channel in (first, second):
        media = channel.technology.media
        if media is not None:
            media.disconnect()
        channel.technology.bridged(None)


def relay(event: ChannelEvent, to: Channel) -> None:
    """Tell a channel what happened to the one it is joined to; digits unless they came with the media."""
    match event:
        case DtmfEnd(digit, ms, relayed):
            if not relayed:
                to.technology.send_dtmf(digit, ms)
        case Hold(music_class):
            to.indicate(Indication.HOLD, music_class or None)
        case Unhold():
            to.indicate(Indication.UNHOLD)
        case ConnectedLine(party):
            to.connect_line(party)
        case RedirectingChanged(redirecting):
            to.indicate(Indication.REDIRECTING, redirecting)
        case T38():
            to.indicate(Indication.T38, event)
        case TextReceived(text, content_type):
            to.technology.send_text(text, content_type)
        case Ringing() if not to.is_up:
            to.indicate(Indication.RINGING)
        case Progress() if not to.is_up:
            to.indicate(Indication.PROGRESS)
        case _:  # what a channel answers or is refused is no news to one that it is joined to
            pass
