"""Read(variable[,files][,digits][,options][,attempts][,timeout]): let the caller type digits."""

from __future__ import annotations

import asyncio
import logging

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import arguments_of, options_of, seconds_of
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.arguments import whole_number
from sorcery_sip.pbx.events import ChannelEvent, DtmfEnd, HangupRequested
from sorcery_sip.pbx.media import Sounds
from sorcery_sip.pbx.playing import find_sound, is_tone, next_event, play

__all__ = ["read"]

MOST_DIGITS = 255
FIRST, BETWEEN = 10.0, 5.0
"""Seconds that the first digit may take, and each after it."""

_LOG = logging.getLogger(__name__)


async def read(call: Call, arguments: str, services: Services) -> None:
    """Collect digits until `#`, so many of them, or silence; `READSTATUS` is `OK`, `TIMEOUT`, `HANGUP`, `SKIPPED`.

    Sounds are played first, until a digit comes; a tone, as long as the first digit may take. `attempts` times are
    tried while none comes. With the option `s` a channel that is not up is left alone, with `n` it is read without an
    answer.
    """
    variable, files, most, letters, attempts, timeout = arguments_of(arguments, 6)
    channel = call.channel
    if not variable:
        _LOG.warning("Read on %s: no variable to read into", channel.name)
        channel.set_variable("READSTATUS", "ERROR")
        return
    options = options_of(letters, served="sn", application="Read", channel=channel.name)
    channel.set_variable(variable, "")
    if not channel.is_up and "s" in options:
        channel.set_variable("READSTATUS", "SKIPPED")
        return
    if not channel.is_up and "n" not in options:
        channel.answer()
    limit = min(whole_number(most) or MOST_DIGITS, MOST_DIGITS)
    seconds = seconds_of(timeout, application="Read", channel=channel.name)
    digits, status = "", "TIMEOUT"
    for _ in range(whole_number(attempts) or 1):
        digits, status = await _collect(channel, files, limit, seconds, services.sounds)
        if status != "TIMEOUT":
            break
    channel.set_variable(variable, digits)
    channel.set_variable("READSTATUS", status)


async def _collect(channel: Channel, files: str, limit: int, seconds: float | None, sounds: Sounds) -> tuple[str, str]:
    try:
        event = await _prompt(channel, files, seconds or FIRST, sounds)
    except TimeoutError:
        return "", "TIMEOUT"
    digits = ""
    while True:
        match event:
            case HangupRequested():
                return digits, "HANGUP"
            case DtmfEnd("#"):
                return digits, "OK"
            case DtmfEnd(digit):
                digits += digit
                if len(digits) == limit:
                    return digits, "OK"
        event = await _next_key(channel, seconds or (BETWEEN if digits else FIRST))
        if event is None:
            return digits, "OK" if digits else "TIMEOUT"


async def _prompt(channel: Channel, files: str, patience: float, sounds: Sounds) -> ChannelEvent | None:
    """Play sounds, and return the event that ended them; raises `TimeoutError` where a tone rang so long in vain."""
    for name in filter(None, files.split("&")):
        try:
            sound = await find_sound(sounds, name.strip(), channel.language)
            async with asyncio.timeout(patience if is_tone(name) else None):
                event = await play(channel, sound, until=lambda event: isinstance(event, DtmfEnd))
        except (SoundError, UnsupportedFormat) as error:
            _LOG.warning("Read on %s: %s", channel.name, error)
            continue
        if event is not None:
            return event
    return None


async def _next_key(channel: Channel, seconds: float) -> ChannelEvent | None:
    """Return the next digit or hang-up; None when none comes in time."""
    while True:
        event = await next_event(channel, seconds)
        if event is None or isinstance(event, DtmfEnd | HangupRequested):
            return event
