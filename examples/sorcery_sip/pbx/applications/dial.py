"""Dial(TECH/resource[&...][,timeout][,options]): call others and let the caller speak with who answers first."""

from __future__ import annotations

import asyncio
import logging

from sorcery_sip.errors import SipError, SoundError, UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.applications.dial_options import DialRequest
from sorcery_sip.pbx.applications.senddtmf import send_digits
from sorcery_sip.pbx.bridge import Bridge
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dial_terms import DialStatus as Status
from sorcery_sip.pbx.dial_terms import Outcome
from sorcery_sip.pbx.dialing import Dialing
from sorcery_sip.pbx.playing import find_sound, play

__all__ = ["dial"]

_REFUSALS = ("ABORT", "BUSY", "CONGESTION")
"""What a subroutine sets `GOSUB_RESULT` to so that the two are not joined."""

_SCHEMES = ("sound", "tone")

_LOG = logging.getLogger(__name__)


async def dial(call: Call, arguments: str, services: Services) -> None:
    """Call, and return when the call is over or did not come about; `DIALSTATUS` says which.

    After a call the caller is hung up too, unless the option `g` says to go on.
    """
    request = DialRequest.parse(arguments, call.channel)
    await _Dial(call, request, services).run()


class _Dial:
    def __init__(self, call: Call, request: DialRequest, services: Services) -> None:
        self._call, self._caller, self._request, self._services = call, call.channel, request, services
        self._now = asyncio.get_running_loop().time
        self._digit = ""

    async def run(self) -> None:
        caller, began = self._caller, self._now()
        for name in ("DIALSTATUS", "DIALEDPEERNAME", "DIALEDPEERNUMBER", "ANSWEREDTIME", "DIALEDTIME"):
            caller.set_variable(name, "")
        if not self._request.targets:
            _LOG.warning("Dial on %s: nobody to call; the first argument is TECHNOLOGY/resource", caller.name)
            caller.set_variable("DIALSTATUS", Status.CHANUNAVAIL.value)
            return
        outcome = await self._dial()
        caller.set_variable("DIALSTATUS", outcome.status.value)
        if outcome.winner is None:
            caller.hangup_cause = outcome.cause
            self._jump_on_digit()
            return
        answered = self._now()
        try:
            await self._connect(outcome.winner, outcome)
        finally:
            ended = self._now()
            _set_times(caller, "ANSWEREDTIME", ended - answered)
            _set_times(caller, "DIALEDTIME", ended - began)

    async def _dial(self) -> Outcome:
        ringback = self._services.sounds.tone("ring")
        terms = self._request.terms(self._caller.caller, ringback=ringback, ends_on_digit=self._ends_on_digit)
        dialing = Dialing(self._caller, self._services.drivers, terms, prepare=self._prepare)
        return await dialing.run(self._request.targets)

    async def _prepare(self, channel: Channel) -> None:
        """Run the subroutine of the option `b`, `[[context^]exten^]priority[(argument^...)]`, before the call."""
        if "b" in self._request.options:
            place, _, arguments = self._request.options["b"].partition("(")
            await self._subroutine(channel, place.replace("^", ","), _arguments(arguments.removesuffix(")")))

    async def _connect(self, winner: Channel, outcome: Outcome) -> None:
        """Join the two until one leaves; whoever answered is hung up then."""
        caller, options = self._caller, self._request.options
        caller.set_variable("DIALEDPEERNAME", winner.name)
        caller.set_variable("DIALEDPEERNUMBER", outcome.resource)
        try:
            if await self._greet(winner):
                await self._talk(winner)
        finally:
            winner.hangup(caller.hangup_cause if caller.is_hung_up else 0)
        caller.hangup_cause = winner.hangup_cause
        if "g" not in options:
            caller.request_hangup(winner.hangup_cause)

    async def _greet(self, winner: Channel) -> bool:
        """Do what comes before the call proper, and return whether there still is one."""
        options = self._request.options
        digits = options.get("D", "").split(":")
        if "A" in options:
            await self._announce(winner, _first_sound(options["A"]))
        if digits[0]:
            await send_digits(winner, digits[0])
        if len(digits) > 1 and digits[1]:
            self._caller.answer()
            await send_digits(self._caller, digits[1])
        result = ""
        if "U" in options:
            context, _, arguments = options["U"].partition("^")
            result = await self._subroutine(winner, f"{context},s,1", _arguments(arguments))
        return not (winner.is_hung_up or self._caller.is_hung_up or result in _REFUSALS)

    async def _talk(self, winner: Channel) -> None:
        caller, options = self._caller, self._request.options
        pass_identity = "I" not in options
        if pass_identity:  # before the answer, which tells it
            caller.connect_line(winner.caller)
        caller.answer()
        caller.set_variable("BRIDGEPEER", winner.name)
        winner.set_variable("BRIDGEPEER", caller.name)
        star_leaves = [channel for letter, channel in (("h", winner), ("H", caller)) if letter in options]
        bridge = Bridge(caller, winner, pass_identity=pass_identity, star_leaves=star_leaves)
        try:
            async with asyncio.timeout(self._request.limit):
                await bridge.run()
        except TimeoutError:
            _LOG.info("%s and %s have spoken as long as they may", caller.name, winner.name)
        finally:
            caller.set_variable("BRIDGEPEER", "")

    async def _announce(self, winner: Channel, name: str) -> None:
        try:
            await play(winner, await find_sound(self._services.sounds, name, winner.language))
        except (SoundError, UnsupportedFormat) as error:
            _LOG.warning("Dial on %s: %s", self._caller.name, error)

    async def _subroutine(self, channel: Channel, place: str, arguments: tuple[str, ...]) -> str:
        """Run a subroutine on a called channel and return its `GOSUB_RESULT`; one that is missing changes nothing."""
        try:
            await self._services.subroutine(channel, place, arguments)
        except SipError as error:
            _LOG.warning("Dial on %s: %s", self._caller.name, error)
        return channel.variables.get("GOSUB_RESULT", "")

    def _ends_on_digit(self, digit: str) -> bool:
        options = self._request.options
        if digit == "*" and "H" in options:
            return True
        if "d" in options and self._call.exists(self._exit_context, digit, 1):
            self._digit = digit
        return bool(self._digit)

    def _jump_on_digit(self) -> None:
        if self._digit:
            self._call.goto(self._exit_context, self._digit, 1)

    @property
    def _exit_context(self) -> str:
        return self._caller.variables.get("EXITCONTEXT") or self._caller.context


def _first_sound(text: str) -> str:
    """Return the first of two sounds with a colon between them; either may have a scheme of its own."""
    scheme, colon, rest = text.partition(":")
    return f"{scheme}:{rest.partition(':')[0]}" if colon and scheme in _SCHEMES else scheme


def _arguments(text: str) -> tuple[str, ...]:
    return tuple(text.split("^")) if text else ()


def _set_times(channel: Channel, name: str, seconds: float) -> None:
    channel.set_variable(name, str(int(seconds)))
    channel.set_variable(f"{name}_MS", str(int(seconds * 1000)))
