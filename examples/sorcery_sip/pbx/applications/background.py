"""BackGround(file[&file...][,options][,language][,context]): sounds that the caller may dial into."""

from __future__ import annotations

import logging

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import arguments_of, options_of
from sorcery_sip.pbx.events import ChannelEvent, DtmfEnd
from sorcery_sip.pbx.playing import find_sound, play

__all__ = ["background"]

_LOG = logging.getLogger(__name__)


async def background(call: Call, arguments: str, services: Services) -> None:
    """Play sounds until a digit comes, which begins an extension; `BACKGROUNDSTATUS` is as `PLAYBACKSTATUS`.

    The channel is answered first; with `n` it is not, and with `s` one that is not up hears nothing. With `m` only
    digits count that are an extension by themselves.
    """
    files, letters, language, context = arguments_of(arguments, 4)
    channel = call.channel
    options = options_of(letters, served="snm", application="BackGround", channel=channel.name)
    status = "SUCCESS" if files else "FAILED"
    channel.set_variable("BACKGROUNDSTATUS", status)
    if not channel.is_up:
        if "s" in options:
            return
        if "n" not in options:
            channel.answer()

    def begins(event: ChannelEvent) -> bool:
        if not isinstance(event, DtmfEnd):
            return False
        return "m" not in options or call.exists(context or channel.context, event.digit)

    for name in filter(None, files.split("&")):
        try:
            sound = await find_sound(services.sounds, name.strip(), language or channel.language)
            ended = await play(channel, sound, until=begins)
        except (SoundError, UnsupportedFormat) as error:
            _LOG.warning("BackGround on %s: %s", channel.name, error)
            channel.set_variable("BACKGROUNDSTATUS", "FAILED")
            continue
        if isinstance(ended, DtmfEnd):
            if context:
                channel.context = context
            call.press(ended.digit)
        if ended is not None:
            return
