"""Playback(file[&file...][,options]): let the caller hear sounds."""

from __future__ import annotations

import logging

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import arguments_of
from sorcery_sip.pbx.playing import find_sound, play

__all__ = ["playback"]

_LOG = logging.getLogger(__name__)


async def playback(call: Call, arguments: str, services: Services) -> None:
    """Play files or `tone:…` one after the other; `PLAYBACKSTATUS` is `SUCCESS`, or `FAILED` if one was missing.

    The channel is answered first; with `noanswer` it is not, and with `skip` one that is not up hears nothing.
    """
    files, options, *_ = arguments_of(arguments, 3)
    wanted = {option.strip() for option in options.split("&")}
    channel = call.channel
    status = "SUCCESS" if files else "FAILED"
    if not channel.is_up:
        if "skip" in wanted:
            channel.set_variable("PLAYBACKSTATUS", status)
            return
        if "noanswer" not in wanted:
            channel.answer()
    for name in filter(None, files.split("&")):
        try:
            ended = await play(channel, await find_sound(services.sounds, name.strip(), channel.language))
        except (SoundError, UnsupportedFormat) as error:
            _LOG.warning("Playback on %s: %s", channel.name, error)
            status = "FAILED"
            continue
        if ended is not None:
            break
    channel.set_variable("PLAYBACKSTATUS", status)
