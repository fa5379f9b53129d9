"""Sounds to a channel: played to their end, or until something happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import ChannelEvent, HangupRequested
from sorcery_sip.pbx.media import AudioSource, MediaPort, Playing, Sounds

__all__ = ["audible", "find_sound", "is_tone", "next_event", "play"]

PATIENCE = 2.0
"""Seconds that media may take to be agreed on, such as by an offer in the answer."""
_LOOK_AGAIN = 0.02
_TONE = "tone:"


def is_tone(name: str) -> bool:
    """Tell whether a sound is a tone, which may be without end."""
    return name.strip().startswith(_TONE)


async def find_sound(sounds: Sounds, name: str, language: str) -> AudioSource:
    """Return a tone for `tone:…`, else the sound of a file (`sound:` before its name is allowed).

    Raises `SoundError` where there is none. Files are read in a thread.
    """
    if name.startswith(_TONE):
        return sounds.tone(name.removeprefix(_TONE).partition(";")[0])
    return await sounds.file(name.removeprefix("sound:"), language)


async def audible(channel: Channel) -> MediaPort:
    """Return the port of a channel once its codec is agreed on; waits up to two seconds for that.

    Raises `UnsupportedFormat` when it does not come to that.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        port = channel.technology.media
        if port is not None and port.codec is not None:
            return port
        if channel.is_hung_up or loop.time() >= deadline:
            raise UnsupportedFormat(f"{channel.name} has no media")
        await asyncio.sleep(_LOOK_AGAIN)


async def play(
    channel: Channel, source: AudioSource, *, until: Callable[[ChannelEvent], bool] = lambda event: False
) -> ChannelEvent | None:
    """Play to a channel and return None at the end of the sound, or the event that ended it before.

    That is a hang-up, or one for which `until` is true; other events are passed over. Raises `UnsupportedFormat`.
    """
    playing = (await audible(channel)).play(source)
    done = asyncio.ensure_future(_end_of(playing))
    try:
        while (event := await channel.read_unless(done)) is not None:
            if isinstance(event, HangupRequested) or until(event):
                return event
        return None
    finally:
        playing.stop()
        done.cancel()


async def next_event(channel: Channel, seconds: float | None) -> ChannelEvent | None:
    """Return the next event of a channel; None when none comes for so long."""
    try:
        async with asyncio.timeout(seconds):
            return await channel.read()
    except TimeoutError:
        return None


async def _end_of(playing: Playing) -> bool:
    return await playing
