"""Calling several channels at once, until one answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sorcery_sip.errors import UnsupportedFormat, shorten
from sorcery_sip.pbx.bridge import connect_media
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, read_any
from sorcery_sip.pbx.dial_terms import Dialed, DialStatus, Outcome, Terms, status_of
from sorcery_sip.pbx.events import (
    Answered,
    Busy,
    ChannelEvent,
    Congestion,
    ConnectedLine,
    DtmfEnd,
    HangupRequested,
    Proceeding,
    Progress,
    RedirectingChanged,
    RedirectRequested,
    Ringing,
)
from sorcery_sip.pbx.media import Playing
from sorcery_sip.pbx.technology import CannotCall, ChannelDriver, Indication

__all__ = ["Dialing", "request_channel"]

_LOG = logging.getLogger(__name__)


class Dialing:
    """One dial of one caller. Its legs end with it, except the one that answered.

    `prepare` is awaited with each channel before it is called.
    """

    def __init__(
        self,
        caller: Channel,
        drivers: Mapping[str, ChannelDriver],
        terms: Terms,
        prepare: Callable[[Channel], Awaitable[None]] | None = None,
    ) -> None:
        self._caller, self._drivers, self._terms, self._prepare = caller, drivers, terms, prepare
        self._legs: dict[Channel, str] = {}
        """By channel, what was dialed for it."""
        self._causes: list[int] = []
        """What those ended with that are gone."""
        self._is_single = True
        self._told: set[Indication] = set()
        self._ringback: Playing | None = None

    async def run(self, targets: Sequence[str]) -> Outcome:
        """Call `TECH/resource` targets, all at once, and return what came of it.

        The caller hears of ringing, and with one target of all else. It is neither answered nor hung up.
        """
        self._is_single = len(targets) == 1
        outcome = None
        try:
            for target in targets:
                await self._call(target)
            if self._terms.ringing_at_once and self._legs:
                self._tell_caller(Indication.RINGING)
            outcome = await self._wait()
            return outcome
        finally:
            self._stop_ringback()
            self._end_rest(outcome)

    async def _call(
        self, target: str, forwarded: Channel | None = None, event: RedirectRequested | None = None
    ) -> None:
        """Begin one call; one that cannot be made counts among those that are gone."""
        caller = self._caller
        forwards = (forwarded or caller).max_forwards - 1
        if forwards <= 0:
            _LOG.warning("%s does not call %s: the call was passed on too often", caller.name, shorten(target))
            self._causes.append(Cause.USER_BUSY)
            return
        try:
            channel = await request_channel(self._drivers, target, caller=caller, formats=caller.formats)
        except CannotCall as error:
            _LOG.info("%s cannot call %s: %s", caller.name, shorten(target), error.reason)
            self._causes.append(error.cause)
            return
        self._legs[channel] = target
        channel.max_forwards = forwards
        channel.connected = self._terms.shown or caller.caller
        channel.redirecting = caller.redirecting if event is None else event.redirecting
        if not channel.caller.number_valid:
            channel.caller = channel.caller.replace(number=caller.exten)
        if forwarded is not None:
            channel.set_variable("FORWARDERNAME", forwarded.name)
        if self._prepare is not None:
            await self._prepare(channel)
        if channel.is_hung_up or caller.is_hung_up:
            return  # what is to be read of them says so
        channel.tell(Dialed(caller, target, ""))
        channel.technology.call()
        if self._is_single and self._terms.pass_identity:
            caller.connect_line(channel.caller)

    async def _wait(self) -> Outcome:
        loop = asyncio.get_running_loop()
        timeout = self._terms.timeout
        try:
            async with asyncio.timeout_at(None if timeout is None else loop.time() + timeout):
                while self._legs:
                    channel, event = await read_any((self._caller, *self._legs))
                    if channel is self._caller:
                        if self._is_given_up(event):
                            return Outcome(DialStatus.CANCEL, self._cause(Cause.NORMAL_CLEARING))
                    elif isinstance(event, Answered):
                        return self._answered(channel)
                    else:
                        await self._on_leg(channel, event)
        except TimeoutError:
            return Outcome(DialStatus.NOANSWER, self._cause(Cause.NO_ANSWER))
        return Outcome(status_of(self._causes), self._cause(Cause.NORMAL_CLEARING))

    def _is_given_up(self, event: ChannelEvent) -> bool:
        if isinstance(event, DtmfEnd):
            return self._terms.ends_on_digit(event.digit)
        return isinstance(event, HangupRequested)

    def _answered(self, channel: Channel) -> Outcome:
        target = self._legs.pop(channel)
        channel.tell(Dialed(self._caller, target, DialStatus.ANSWER.value))
        return Outcome(DialStatus.ANSWER, Cause.NORMAL_CLEARING, channel, target.partition("/")[2])

    async def _on_leg(self, channel: Channel, event: ChannelEvent) -> None:
        match event:
            case Ringing():
                channel.tell(Dialed(self._caller, self._legs[channel], "RINGING"))
                self._tell_caller(Indication.RINGING)
            case Progress(has_media):
                channel.tell(Dialed(self._caller, self._legs[channel], "PROGRESS"))
                self._on_progress(channel, has_media)
            case Proceeding() if self._is_single:
                self._tell_caller(Indication.PROCEEDING)
            case ConnectedLine(party) if self._is_single and self._terms.pass_identity:
                self._caller.connect_line(party)
            case RedirectingChanged(redirecting) if self._is_single and self._terms.pass_identity:
                self._caller.indicate(Indication.REDIRECTING, redirecting)
            case RedirectRequested():
                await self._forward(channel, event)
            case Busy():
                self._lost(channel, Cause.USER_BUSY)
            case Congestion():
                self._lost(channel, Cause.NORMAL_CIRCUIT_CONGESTION)
            case HangupRequested(cause):
                self._lost(channel, cause)
            case _:  # digits, texts and the like before the answer go nowhere
                pass

    def _on_progress(self, channel: Channel, has_media: bool) -> None:
        if self._is_single and self._terms.early_media:
            if has_media:
                self._stop_ringback()
                connect_media(self._caller, channel)
            self._tell_caller(Indication.PROGRESS)

    def _tell_caller(self, what: Indication) -> None:
        if what not in self._told:
            self._told.add(what)
            self._caller.indicate(what)
            if what is Indication.RINGING and self._caller.is_up:
                self._start_ringback()

    def _start_ringback(self) -> None:
        port, ringback = self._caller.technology.media, self._terms.ringback
        if port is not None and ringback is not None:
            try:
                self._ringback = port.play(ringback)
            except UnsupportedFormat as error:
                _LOG.info("%s hears no ringing: %s", self._caller.name, error)

    def _stop_ringback(self) -> None:
        if self._ringback is not None:
            self._ringback.stop()
            self._ringback = None

    async def _forward(self, channel: Channel, event: RedirectRequested) -> None:
        """Call somebody else in place of a channel that asked for it."""
        target = event.target
        if "/" not in target:
            context = self._caller.variables.get("FORWARD_CONTEXT") or channel.context
            target = f"Local/{target}@{context}"
        if not self._terms.follow_forwards:
            self._lost(channel, Cause.USER_BUSY)
            return
        del self._legs[channel]
        if self._is_single and self._terms.pass_identity:
            self._caller.indicate(Indication.REDIRECTING, event.redirecting)
        await self._call(target, channel, event)
        channel.hangup(Cause.REDIRECTED_TO_NEW_DESTINATION)

    def _lost(self, channel: Channel, cause: int) -> None:
        self._causes.append(cause)
        self._end(channel, cause, status_of([cause]).value)

    def _end_rest(self, outcome: Outcome | None) -> None:
        """End those that are still called; no outcome: the dial itself was broken off."""
        is_answered = outcome is not None and outcome.winner is not None
        is_late = outcome is not None and outcome.status is DialStatus.NOANSWER
        cause = self._terms.cause_for_losers if is_answered else self._terms.cause_for_cancelled
        for channel in tuple(self._legs):
            self._end(channel, cause, (DialStatus.NOANSWER if is_late else DialStatus.CANCEL).value)

    def _end(self, channel: Channel, cause: int, status: str) -> None:
        channel.tell(Dialed(self._caller, self._legs.pop(channel), status))
        channel.hangup(cause)

    def _cause(self, otherwise: int) -> int:
        return self._causes[-1] if self._causes else otherwise


async def request_channel(
    drivers: Mapping[str, ChannelDriver],
    target: str,
    *,
    caller: Channel | None,
    formats: Sequence[str] = (),
    id: str = "",
) -> Channel:
    """Return a channel to `TECH/resource`, with the variables that `caller` hands on; raises `CannotCall`."""
    technology, slash, resource = target.partition("/")
    driver = next((driver for name, driver in drivers.items() if name.casefold() == technology.casefold()), None)
    if not slash or not resource:
        raise CannotCall(Cause.NO_ROUTE_DESTINATION, f"{target!r} is not TECHNOLOGY/resource")
    if driver is None:
        raise CannotCall(Cause.CHAN_NOT_IMPLEMENTED, f"{target!r}: there are channels of {', '.join(drivers)} only")
    variables = {} if caller is None else caller.inherited_variables()
    return await driver.request(resource, caller=caller, formats=formats, variables=variables, id=id)
