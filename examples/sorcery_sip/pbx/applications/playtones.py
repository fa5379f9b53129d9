"""Playtones(tones), StopPlaytones(): a tone beside what the dialplan does next."""

from __future__ import annotations

import logging

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.playing import audible

__all__ = ["playtones", "stop_playtones"]

_LOG = logging.getLogger(__name__)
_KEY = "playtones"


async def playtones(call: Call, arguments: str, services: Services) -> None:
    """Begin a tone, by name or in the notation of `indications.conf`, in place of the one before."""
    channel = call.channel
    try:
        channel.data[_KEY] = (await audible(channel)).play(services.sounds.tone(arguments.strip()))
    except (SoundError, UnsupportedFormat) as error:
        _LOG.warning("Playtones on %s: %s", channel.name, error)


async def stop_playtones(call: Call, arguments: str, services: Services) -> None:
    """End the tone, if there is one."""
    playing = call.channel.data.pop(_KEY, None)
    if playing is not None:
        playing.stop()
