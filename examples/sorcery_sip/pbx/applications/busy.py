"""Busy([seconds]), Congestion([seconds]), Incomplete([n]): turn the caller away."""

from __future__ import annotations

import logging

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import options_of, seconds_of
from sorcery_sip.pbx.applications.wait import pass_time
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.media import Sounds
from sorcery_sip.pbx.technology import Indication

__all__ = ["busy", "congestion", "incomplete"]

_LOG = logging.getLogger(__name__)


async def busy(call: Call, arguments: str, services: Services) -> None:
    """Tell the caller that the called party is busy, with a tone once answered, until he hangs up."""
    seconds = seconds_of(arguments.strip(), application="Busy", channel=call.channel.name)
    await _turn_away(call.channel, Indication.BUSY, Cause.USER_BUSY, seconds, services.sounds)


async def congestion(call: Call, arguments: str, services: Services) -> None:
    """Tell the caller that there is no way, with a tone once answered, until he hangs up."""
    seconds = seconds_of(arguments.strip(), application="Congestion", channel=call.channel.name)
    cause = Cause.NORMAL_CIRCUIT_CONGESTION
    await _turn_away(call.channel, Indication.CONGESTION, cause, seconds, services.sounds)


async def incomplete(call: Call, arguments: str, services: Services) -> None:
    """Answer, and go on; with `n` tell a caller who was not answered yet that the number lacks digits."""
    channel = call.channel
    if channel.is_up:
        return
    if "n" in options_of(arguments, served="n", application="Incomplete", channel=channel.name):
        channel.indicate(Indication.INCOMPLETE)
        channel.request_hangup(Cause.INVALID_NUMBER_FORMAT)
    else:
        channel.answer()


async def _turn_away(channel: Channel, what: Indication, cause: Cause, seconds: float | None, sounds: Sounds) -> None:
    """Refuse the call, which ends it; one that is up hears the tone of that name instead."""
    channel.hangup_cause = cause
    channel.indicate(what)
    if channel.is_up:
        media = channel.technology.media
        try:
            playing = None if media is None else media.play(sounds.tone(what.value))
        except (SoundError, UnsupportedFormat) as error:
            _LOG.info("%s hears no tone: %s", channel.name, error)
            playing = None
        await pass_time(channel, seconds)
        if playing is not None:
            playing.stop()
    channel.request_hangup(cause)
