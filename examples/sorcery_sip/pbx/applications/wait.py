"""Wait(seconds): let time pass."""

from __future__ import annotations

import asyncio

from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import seconds_of
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import HangupRequested

__all__ = ["pass_time", "wait"]


async def wait(call: Call, arguments: str, services: Services) -> None:
    """Wait so long, whatever is pressed; a hang-up ends it."""
    seconds = seconds_of(arguments.strip(), application="Wait", channel=call.channel.name, option="time")
    if seconds:
        await pass_time(call.channel, seconds)


async def pass_time(channel: Channel, seconds: float | None) -> None:
    """Wait so long (None: for ever), taking what happens to a channel; a hang-up ends it."""
    try:
        async with asyncio.timeout(seconds):
            while not isinstance(await channel.read(), HangupRequested):
                pass
    except TimeoutError:
        pass
