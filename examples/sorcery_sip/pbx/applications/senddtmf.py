"""SendDTMF(digits[,gap][,length][,channel]): press keys."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable

from sorcery_sip.errors import shorten
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.options import arguments_of, seconds_of
from sorcery_sip.pbx.applications.wait import pass_time
from sorcery_sip.pbx.channel import Channel

__all__ = ["send_digits", "senddtmf"]

DIGITS = frozenset("0123456789*#ABCDabcd")
GAP, LENGTH = 250, 100
"""Milliseconds between digits, and of each."""
_PAUSES = {"w": 0.5, "W": 1.0}

_LOG = logging.getLogger(__name__)


async def senddtmf(call: Call, arguments: str, services: Services) -> None:
    """Send digits; `w` waits half a second, `W` a whole one. `gap` and `length` are in milliseconds."""
    digits, gap, length, other = arguments_of(arguments, 4)
    if other:
        _LOG.warning("SendDTMF on %s: digits go to the channel itself, not to %s", call.channel.name, shorten(other))
        return
    times = [seconds_of(text, application="SendDTMF", channel=call.channel.name) for text in (gap, length)]
    await send_digits(call.channel, digits, int(times[0] or GAP), int(times[1] or LENGTH))


async def send_digits(
    channel: Channel,
    digits: str,
    gap: int = GAP,
    length: int = LENGTH,
    *,
    pause: Callable[[float], Awaitable[None]] | None = None,
) -> None:
    """Send digits one after the other and return after the last, or at a hang-up.

    `pause` waits so many seconds; without it the channel is read meanwhile.
    """
    wait = pause or functools.partial(pass_time, channel)
    for digit in digits:
        if channel.is_hung_up:
            return
        if digit in DIGITS:
            channel.technology.send_dtmf(digit.upper(), length)
            await wait((length + gap) / 1000)
        elif digit in _PAUSES:
            await wait(_PAUSES[digit])
        else:
            _LOG.warning("%s: %s is no digit to send", channel.name, shorten(digit))
