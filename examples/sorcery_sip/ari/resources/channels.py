"""`/channels`: the legs of calls."""

from __future__ import annotations

import asyncio
import contextlib

from sorcery_sip.ari.errors import AriError
from sorcery_sip.ari.operations import Arguments, Operation, Resource, path, query
from sorcery_sip.ari.resources.channel_variables import VARIABLES
from sorcery_sip.ari.resources.outgoing_calls import OUTGOING_CALLS
from sorcery_sip.ari.state import Ari
from sorcery_sip.pbx.applications.senddtmf import GAP, LENGTH, send_digits
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.stasis import Destination
from sorcery_sip.pbx.technology import Indication

__all__ = ["CHANNELS"]

_ID = path("channelId", "Id or name of the channel")
_PLAYED = (
    query("media", "sound:NAME or tone:NAME", required=True, multiple=True),
    query("lang", "Language of the sounds"),
)

_REASONS = {
    "normal": Cause.NORMAL_CLEARING,
    "busy": Cause.USER_BUSY,
    "congestion": Cause.NORMAL_CIRCUIT_CONGESTION,
    "no_answer": Cause.NO_ANSWER,
    "timeout": Cause.NO_USER_RESPONSE,
    "rejected": Cause.CALL_REJECTED,
    "unallocated": Cause.UNALLOCATED,
    "normal_unspecified": Cause.NORMAL_UNSPECIFIED,
    "number_incomplete": Cause.INVALID_NUMBER_FORMAT,
    "codec_mismatch": Cause.BEARERCAPABILITY_NOTAVAIL,
    "interworking": Cause.INTERWORKING,
    "failure": Cause.NETWORK_OUT_OF_ORDER,
    "answered_elsewhere": Cause.ANSWERED_ELSEWHERE,
}


async def _list(ari: Ari, arguments: Arguments) -> object:
    return [ari.describe(channel) for channel in ari.channels]


async def _get(ari: Ari, arguments: Arguments) -> object:
    return ari.describe(ari.channel(arguments.text("channelId")))


async def _hangup(ari: Ari, arguments: Arguments) -> object:
    channel = ari.channel(arguments.text("channelId"))
    reason = arguments.text("reason")
    if arguments.text("reason_code"):
        if reason:
            raise AriError(400, "The reason and reason_code parameters cannot both be specified")
        cause = arguments.number("reason_code", 0)
    else:
        cause = _REASONS.get(reason or "normal", -1)
    if not 0 <= cause < 128:
        raise AriError(400, "Invalid reason for hangup reason provided")
    channel.request_hangup(cause)
    return None


async def _answer(ari: Ari, arguments: Arguments) -> object:
    ari.control(arguments.text("channelId")).channel.answer()
    return None


async def _ring(ari: Ari, arguments: Arguments) -> object:
    ari.control(arguments.text("channelId")).channel.indicate(Indication.RINGING)
    return None


async def _progress(ari: Ari, arguments: Arguments) -> object:
    ari.control(arguments.text("channelId")).channel.indicate(Indication.PROGRESS)
    return None


async def _ring_stop(ari: Ari, arguments: Arguments) -> object:
    """Do nothing: what the peer was told of ringing ends with the next thing it is told."""
    ari.control(arguments.text("channelId"))
    return None


async def _hold(ari: Ari, arguments: Arguments) -> object:
    ari.control(arguments.text("channelId")).channel.indicate(Indication.HOLD)
    return None


async def _unhold(ari: Ari, arguments: Arguments) -> object:
    ari.control(arguments.text("channelId")).channel.indicate(Indication.UNHOLD)
    return None


async def _send_dtmf(ari: Ari, arguments: Arguments) -> object:
    channel = ari.control(arguments.text("channelId")).channel
    digits = arguments.needed("dtmf", "DTMF is required")
    before, gap, length = (
        max(arguments.number(name, default), 0)
        for name, default in (("before", 0), ("between", GAP), ("duration", LENGTH))
    )
    ari.tasks.begin(_digits(channel, digits, gap, length, before / 1000))
    return None


async def _digits(channel: Channel, digits: str, gap: int, length: int, before: float) -> None:
    async def pause(seconds: float) -> None:  # somebody else reads the channel
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await channel.wait_for_hangup()

    await pause(before)
    await send_digits(channel, digits, gap, length, pause=pause)


async def _continue(ari: Ari, arguments: Arguments) -> object:
    control = ari.control(arguments.text("channelId"))
    channel = control.channel
    asked = [arguments.text(name) for name in ("context", "extension", "priority", "label")]
    destination = None
    if any(asked):
        context, exten = asked[0] or channel.context, asked[1] or channel.exten
        priority = arguments.number("priority", 1)
        if asked[3]:
            found = ari.pbx.scope(channel).candidates(context, exten).label(asked[3])
            if found is None:
                raise AriError(404, "Requested label can not be found")
            priority = found
        destination = Destination(context, exten, priority)
    control.leave(destination)
    return None


async def _play(ari: Ari, arguments: Arguments) -> object:
    channel = ari.control(arguments.text("channelId")).channel
    playback = ari.playbacks.begin(
        arguments.several("media"),
        f"channel:{channel.id}",
        arguments.text("lang", channel.language),
        lambda: [channel],
        id=arguments.text("playbackId"),
    )
    return playback.json()


CHANNELS = Resource(
    "channels",
    "Channels",
    (
        Operation("GET", "/channels", "list", "List all channels", _list, (), "List[Channel]"),
        *OUTGOING_CALLS,
        Operation("GET", "/channels/{channelId}", "get", "Show a channel", _get, (_ID,), "Channel"),
        Operation(
            "DELETE",
            "/channels/{channelId}",
            "hangup",
            "Hang up a channel",
            _hangup,
            (
                _ID,
                query("reason", f"Why: {', '.join(_REASONS)}"),
                query("reason_code", "Why, as a number of Q.850", type="int"),
            ),
        ),
        Operation("POST", "/channels/{channelId}/answer", "answer", "Answer a channel", _answer, (_ID,)),
        Operation("POST", "/channels/{channelId}/ring", "ring", "Tell a channel that it rings", _ring, (_ID,)),
        Operation("DELETE", "/channels/{channelId}/ring", "ringStop", "Take that back", _ring_stop, (_ID,)),
        Operation(
            "POST",
            "/channels/{channelId}/progress",
            "progress",
            "Let a channel hear what comes before the answer",
            _progress,
            (_ID,),
        ),
        Operation("POST", "/channels/{channelId}/hold", "hold", "Put a channel on hold", _hold, (_ID,)),
        Operation("DELETE", "/channels/{channelId}/hold", "unhold", "Take a channel back from hold", _unhold, (_ID,)),
        Operation(
            "POST",
            "/channels/{channelId}/dtmf",
            "sendDTMF",
            "Send digits to a channel",
            _send_dtmf,
            (
                _ID,
                query("dtmf", "The digits"),
                query("before", "Milliseconds before the first", type="int"),
                query("between", "Milliseconds between two", type="int"),
                query("duration", "Milliseconds that each lasts", type="int"),
                query("after", "Milliseconds after the last; nothing waits for them", type="int"),
            ),
        ),
        Operation(
            "POST",
            "/channels/{channelId}/continue",
            "continueInDialplan",
            "Let a channel go on in the dialplan",
            _continue,
            (
                _ID,
                query("context", "Where: the context"),
                query("extension", "Where: the extension"),
                query("priority", "Where: the priority", type="int"),
                query("label", "Where: the label, in place of a priority"),
            ),
        ),
        Operation(
            "POST",
            "/channels/{channelId}/play",
            "play",
            "Play sounds to a channel",
            _play,
            (_ID, *_PLAYED, query("playbackId", "Id of the playback")),
            "Playback",
            status=201,
        ),
        Operation(
            "POST",
            "/channels/{channelId}/play/{playbackId}",
            "playWithId",
            "Play sounds to a channel",
            _play,
            (_ID, path("playbackId", "Id of the playback"), *_PLAYED),
            "Playback",
            status=201,
        ),
        *VARIABLES,
    ),
)
