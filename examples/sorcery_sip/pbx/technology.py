"""What a channel driver does for its channels: all that the PBX knows of SIP, or of any other protocol."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sorcery_sip.errors import SipError

if TYPE_CHECKING:
    from sorcery_sip.pbx.channel import Channel
    from sorcery_sip.pbx.media import MediaPort

__all__ = ["CannotCall", "ChannelDriver", "Indication", "Technology"]


class Indication(enum.Enum):
    """What the PBX tells the peer of a channel; some take data."""

    RINGING = "ringing"
    PROGRESS = "progress"
    PROCEEDING = "proceeding"
    BUSY = "busy"
    CONGESTION = "congestion"
    INCOMPLETE = "incomplete"
    HOLD = "hold"
    """Data: the class of music, or None."""
    UNHOLD = "unhold"
    CONNECTED_LINE = "connected line"
    """Data: the `Party` that the peer now speaks with."""
    REDIRECTING = "redirecting"
    """Data: `Redirecting`."""
    T38 = "t38"
    """Data: the `events.T38` of the other channel."""
    SOURCE_CHANGED = "source changed"


class Technology(Protocol):
    """The driver's side of one channel. Nothing here blocks; all is called in the thread of the event loop."""

    name: str
    """As it stands before the slash of the channel's name: `PJSIP`."""

    @property
    def media(self) -> MediaPort | None:
        """Return where its sound comes from and goes to; None while there is none."""

    def call(self) -> None:
        """Begin the call of a channel that `ChannelDriver.request` made."""

    def answer(self) -> None:
        """Accept an incoming call; nothing for one that is up."""

    def hangup(self, cause: int) -> None:
        """End the call in whichever way fits its state; called once, also for one that the peer has ended."""

    def indicate(self, what: Indication, data: Any = None) -> None:
        """Tell the peer; what the protocol has no word for is left out."""

    def send_dtmf(self, digit: str, ms: int) -> None:
        """Send one digit, `ms` milliseconds long."""

    def send_text(self, text: str, content_type: str = "text/plain") -> None:
        """Send a text in the call."""

    def bridged(self, peer: Channel | None) -> None:
        """Learn which channel it is joined to; None: no longer to any."""

    def read_variable(self, name: str) -> str | None:
        """Return what only the driver knows: `pjsip,call-id` for `CHANNEL(pjsip,call-id)`; None: not known here."""


class CannotCall(SipError):
    """A resource that cannot be called; `cause` is what the channel would have ended with."""

    def __init__(self, cause: int, reason: str) -> None:
        self.cause, self.reason = cause, reason
        super().__init__(reason)


class ChannelDriver(Protocol):
    """Makes channels of one technology."""

    name: str

    async def request(
        self,
        resource: str,
        *,
        caller: Channel | None,
        formats: Sequence[str],
        variables: Mapping[str, str],
        id: str = "",
    ) -> Channel:
        """Return a channel to `resource` (what follows the slash in a dial string); its `call()` begins the call.

        `caller` is who dials, None for a call that the PBX begins. `formats` are wanted first, none for whatever
        the resource likes; `variables` are set with `Channel.set_variable`; `id` is the channel's, not empty if it
        matters. Raises `CannotCall`.
        """
        ...
