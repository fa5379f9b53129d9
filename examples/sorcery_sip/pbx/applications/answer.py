"""Answer([milliseconds]): accept the call."""

from __future__ import annotations

from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import arguments_of, seconds_of
from sorcery_sip.pbx.applications.wait import pass_time

__all__ = ["answer"]


async def answer(call: Call, arguments: str, services: Services) -> None:
    """Answer the channel, and wait for so many milliseconds."""
    (delay, *_) = arguments_of(arguments, 2)
    channel = call.channel
    channel.answer()
    milliseconds = seconds_of(delay, application="Answer", channel=channel.name, option="delay")
    if milliseconds:
        await pass_time(channel, milliseconds / 1000)
