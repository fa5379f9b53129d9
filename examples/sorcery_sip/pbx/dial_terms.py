"""How to dial, and what comes of it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence

import attrs

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.media import AudioSource
from sorcery_sip.pbx.party import Party

__all__ = ["DialStatus", "Dialed", "Outcome", "Terms", "status_of"]


class DialStatus(enum.Enum):
    """What came of a dial; the values are those of `DIALSTATUS`."""

    ANSWER = "ANSWER"
    BUSY = "BUSY"
    CANCEL = "CANCEL"
    CHANUNAVAIL = "CHANUNAVAIL"
    CONGESTION = "CONGESTION"
    NOANSWER = "NOANSWER"


@attrs.frozen(slots=True)
class Dialed:
    """Told of a called channel: how the call of it goes. `status` is empty when it begins."""

    caller: Channel | None
    dial_string: str
    status: str


@attrs.frozen(slots=True)
class Terms:
    """How to call."""

    timeout: float | None = None
    """Seconds; None to wait for ever."""
    ringing_at_once: bool = False
    """Tell the caller that it rings, whether it does or not."""
    early_media: bool = True
    pass_identity: bool = True
    """Tell the caller of a changed party, or of a call that was passed on."""
    follow_forwards: bool = True
    cause_for_cancelled: int = Cause.NORMAL_CLEARING
    cause_for_losers: int = Cause.ANSWERED_ELSEWHERE
    """What those end with that are still called once another answered."""
    shown: Party | None = None
    """Who is said to call, if it is not the caller."""
    ringback: AudioSource | None = None
    """What a caller hears who was answered already, while it rings elsewhere."""
    ends_on_digit: Callable[[str], bool] = lambda digit: False
    """Whether a digit of the caller ends it."""


@attrs.frozen(slots=True)
class Outcome:
    """What came of it; `winner` is who answered, joined to nobody yet, and `resource` what was called for it."""

    status: DialStatus
    cause: int
    winner: Channel | None = None
    resource: str = ""


def status_of(causes: Sequence[int]) -> DialStatus:
    """Return what a dial comes to of which nobody is left; those that are merely not there count as no answer."""
    kinds = {_KINDS.get(cause, DialStatus.CHANUNAVAIL) for cause in causes}
    if DialStatus.NOANSWER in kinds:
        return DialStatus.NOANSWER
    for status in (DialStatus.BUSY, DialStatus.CONGESTION):
        if status in kinds:
            return status
    return DialStatus.CHANUNAVAIL


_KINDS: dict[int, DialStatus] = {
    Cause.USER_BUSY: DialStatus.BUSY,
    Cause.NORMAL_CIRCUIT_CONGESTION: DialStatus.CONGESTION,
    Cause.NO_ANSWER: DialStatus.NOANSWER,
    Cause.NORMAL_CLEARING: DialStatus.NOANSWER,
}
