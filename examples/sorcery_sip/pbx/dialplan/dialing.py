"""When a channel has no step: digits that are still to come, wrong numbers, silence, the end of the dialplan."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.technology import Indication

if TYPE_CHECKING:
    from sorcery_sip.pbx.dialplan.execution import Execution

__all__ = ["collect", "go_past_the_end", "next_digit", "time_out"]

BUSY_SECONDS = 10.0
"""How long a channel that was answered hears that it cannot go on."""

_log = logging.getLogger(__name__)


async def go_past_the_end(call: Execution) -> bool:
    """Go to `i` or `e`, or where the caller dials next, from a step that is not there; False: the call is to end."""
    channel = call.channel
    if not call.exists(channel.context, channel.exten):
        return _invalid(call, channel.exten)
    if not call.world.dialplan().settings.autofallthrough:
        return await collect(call, "", call.response_timeout)
    await _fall_through(call)
    return False


async def collect(call: Execution, digits: str, seconds: float) -> bool:
    """Wait for the rest of an extension that is being dialed and go there; False: the call is to end."""
    context = call.channel.context
    while call.could_be_longer(digits):
        digit = await next_digit(call, seconds)
        if digit is None:
            return False
        if not digit:
            break
        digits += digit
        seconds = call.digit_timeout
    if digits and call.exists(context, digits):
        call.goto(context, digits)
        return True
    return _invalid(call, digits) if digits else time_out(call)


async def next_digit(call: Execution, seconds: float) -> str | None:
    """Return the next digit that is pressed, nothing if none comes in time, None: the channel is to end."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                match await call.channel.read():
                    case DtmfEnd(digit):
                        return digit
                    case HangupRequested():
                        return None
    except TimeoutError:
        return ""


def time_out(call: Execution) -> bool:
    """Go to the extension for a caller who dials nothing; False if there is neither `t` nor `e`."""
    context = call.channel.context
    if call.exists(context, "t"):
        call.goto(context, "t")
        return True
    if call.raise_exception("RESPONSETIMEOUT"):
        return True
    _log.warning("%s: nothing was dialed, and there is neither t nor e", call.description)
    return False


def _invalid(call: Execution, exten: str) -> bool:
    """Go to the extension for what does not exist; False if there is neither `i` nor `e`."""
    context = call.channel.context
    if exten != "i" and call.exists(context, "i"):
        call.set_variable("INVALID_EXTEN", exten)
        call.goto(context, "i")
        return True
    if call.raise_exception("INVALID"):
        return True
    _log.warning("%s: there is no extension %r, and neither i nor e", call.description, exten)
    return False


async def _fall_through(call: Execution) -> None:
    """Tell the caller what the last Dial came to."""
    match call.get("DIALSTATUS").upper():
        case "BUSY":
            await _complain(call, Indication.BUSY, Cause.USER_BUSY)
        case "CONGESTION" | "CHANUNAVAIL":
            await _complain(call, Indication.CONGESTION, Cause.NORMAL_CIRCUIT_CONGESTION)


async def _complain(call: Execution, what: Indication, cause: Cause) -> None:
    channel = call.channel
    channel.hangup_cause = cause  # it ends for this, whatever a called party said
    channel.indicate(what)
    if channel.is_up:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(channel.wait_for_hangup(), BUSY_SECONDS)
