"""What happens to a channel: told by its driver, read by the application or bridge that has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import attrs

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.party import Party, Redirecting

__all__ = [
    "T38",
    "Answered",
    "Busy",
    "ChannelEvent",
    "Congestion",
    "ConnectedLine",
    "DtmfBegin",
    "DtmfEnd",
    "HangupRequested",
    "Hold",
    "Proceeding",
    "Progress",
    "RedirectRequested",
    "RedirectingChanged",
    "Ringing",
    "TextReceived",
    "Unhold",
]


@attrs.frozen(slots=True)
class Answered:
    """The called party answered."""


@attrs.frozen(slots=True)
class Proceeding:
    """The call is on its way."""


@attrs.frozen(slots=True)
class Ringing:
    """The called party is alerted."""


@attrs.frozen(slots=True)
class Progress:
    """There is news before the answer; `has_media` when sound comes with it."""

    has_media: bool = True


@attrs.frozen(slots=True)
class Busy:
    """The called party is busy."""


@attrs.frozen(slots=True)
class Congestion:
    """The network cannot carry the call."""


@attrs.frozen(slots=True)
class HangupRequested:
    """The channel is to end: the peer left, or somebody asked for it. Whoever reads it leaves the channel alone.

    `tech_cause` is what the protocol said, such as `SIP 486`.
    """

    cause: int = Cause.NORMAL_CLEARING
    tech_cause: str = ""


@attrs.frozen(slots=True)
class DtmfBegin:
    """A key went down; `relayed` when the channel it is joined to got that with the media."""

    digit: str
    relayed: bool = False


@attrs.frozen(slots=True)
class DtmfEnd:
    """A key went up, after `ms` milliseconds; `relayed` as in `DtmfBegin`."""

    digit: str
    ms: int = 100
    relayed: bool = False


@attrs.frozen(slots=True)
class Hold:
    """The peer put the call on hold; `music_class` is what it wants the other to hear."""

    music_class: str = ""


@attrs.frozen(slots=True)
class Unhold:
    """The peer resumed the call."""


@attrs.frozen(slots=True)
class ConnectedLine:
    """The party at the channel's far end is another now."""

    party: Party


@attrs.frozen(slots=True)
class RedirectingChanged:
    """The call was passed on by the far end."""

    redirecting: Redirecting


@attrs.frozen(slots=True)
class RedirectRequested:
    """The called party wants the call to go to `target` instead: an extension, or a dial string `TECH/resource`."""

    target: str
    redirecting: Redirecting = attrs.field(factory=Redirecting)


@attrs.frozen(slots=True)
class T38:
    """Fax over UDPTL: `request` is one of `negotiate`, `negotiated`, `refused`, `terminate`, `terminated`."""

    request: str
    parameters: Mapping[str, str | int | bool] = attrs.field(factory=dict)


@attrs.frozen(slots=True)
class TextReceived:
    """The peer sent a text in the call."""

    text: str
    content_type: str = "text/plain"


ChannelEvent: TypeAlias = (
    Answered
    | Busy
    | Congestion
    | ConnectedLine
    | DtmfBegin
    | DtmfEnd
    | HangupRequested
    | Hold
    | Proceeding
    | Progress
    | RedirectRequested
    | RedirectingChanged
    | Ringing
    | T38
    | TextReceived
    | Unhold
)
