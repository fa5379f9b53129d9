"""Calls that applications begin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import attrs

from sorcery_sip.ari.errors import AriError
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dial_terms import Dialed, DialStatus
from sorcery_sip.pbx.dialing import request_channel
from sorcery_sip.pbx.events import Answered, Busy, Congestion, HangupRequested, Progress, RedirectRequested, Ringing
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import CannotCall, ChannelDriver

__all__ = ["OutgoingCall", "make_channel", "parse_caller_id", "ring", "watch_dial"]


@attrs.frozen(slots=True)
class OutgoingCall:
    """A call to begin: where to, and what the channel is to be."""

    endpoint: str
    id: str = ""
    caller_id: str = ""
    formats: tuple[str, ...] = ()
    originator: Channel | None = None


async def make_channel(call: OutgoingCall, channels: Channels, drivers: Mapping[str, ChannelDriver]) -> Channel:
    """Return the channel of a call that is yet to begin; raises `AriError`."""
    if call.id and channels.get(call.id) is not None:
        raise AriError(409, "Channel with given unique ID already exists")
    formats = call.formats or (call.originator.formats if call.originator is not None else ())
    try:
        channel = await request_channel(drivers, call.endpoint, caller=call.originator, formats=formats, id=call.id)
    except CannotCall as error:
        raise AriError(500, f"Allocation failed: {error.reason}") from None
    if call.caller_id:
        channel.caller = channel.connected = parse_caller_id(call.caller_id)
    channel.start_application("AppDial2", "(Outgoing Line)")
    return channel


async def ring(channel: Channel, dial_string: str, timeout: float | None) -> bool:
    """Call a channel and return whether it was answered in time; if not, it is hung up."""
    channel.tell(Dialed(None, dial_string, ""))
    channel.technology.call()
    try:
        async with asyncio.timeout(timeout):
            cause = await _until_answered(channel, dial_string)
    except TimeoutError:
        cause = Cause.NO_ANSWER
    if not cause:
        channel.tell(Dialed(None, dial_string, DialStatus.ANSWER.value))
        return True
    channel.tell(Dialed(None, dial_string, _STATUSES.get(cause, DialStatus.CHANUNAVAIL).value))
    channel.hangup(cause)
    return False


async def _until_answered(channel: Channel, dial_string: str) -> int:
    """Return 0 once it is answered, else the cause that it ended with."""
    while True:
        match await channel.read():
            case Answered():
                return 0
            case Ringing():
                channel.tell(Dialed(None, dial_string, "RINGING"))
            case Progress():
                channel.tell(Dialed(None, dial_string, "PROGRESS"))
            case Busy():
                return Cause.USER_BUSY
            case Congestion():
                return Cause.NORMAL_CIRCUIT_CONGESTION
            case RedirectRequested():
                return Cause.REDIRECTED_TO_NEW_DESTINATION
            case HangupRequested(cause):
                return cause


async def watch_dial(channel: Channel, dial_string: str, timeout: float | None) -> None:
    """Call a channel that an application has already, and hang it up if it is not answered in time."""
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_notice(_: Channel, notice: object) -> None:
        status = _PROGRESS.get(type(notice))
        if status is not None:
            channel.tell(Dialed(None, dial_string, status))
        if isinstance(notice, Answered | HangupRequested) and not over.done():
            over.set_result(None)

    channel.tell(Dialed(None, dial_string, ""))
    stop = channel.observe(on_notice)
    try:
        channel.technology.call()
        async with asyncio.timeout(timeout):
            if not (channel.is_up or channel.is_hung_up):
                await over
    except TimeoutError:
        channel.request_hangup(Cause.NO_ANSWER)
    finally:
        stop()


def parse_caller_id(text: str) -> Party:
    """Read `"Name" <number>`, `Name <number>`, a number, or a name."""
    name, bracket, rest = text.partition("<")
    if bracket:
        return Party(rest.rpartition(">")[0].strip() or rest.strip(), name.strip().strip('"'))
    text = text.strip().strip('"')
    return Party(text) if text and all(char in "+*#0123456789" for char in text) else Party(name=text)


_STATUSES: dict[int, DialStatus] = {
    Cause.USER_BUSY: DialStatus.BUSY,
    Cause.NORMAL_CIRCUIT_CONGESTION: DialStatus.CONGESTION,
    Cause.NO_ANSWER: DialStatus.NOANSWER,
    Cause.NORMAL_CLEARING: DialStatus.CANCEL,
}
_PROGRESS: dict[type, str] = {
    Ringing: "RINGING",
    Progress: "PROGRESS",
    Answered: DialStatus.ANSWER.value,
    Busy: DialStatus.BUSY.value,
    Congestion: DialStatus.CONGESTION.value,
}
