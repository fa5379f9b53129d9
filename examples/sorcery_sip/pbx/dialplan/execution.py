"""Running the dialplan of one channel, one step after the other, until the channel is to end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.dialing import collect, go_past_the_end
from sorcery_sip.pbx.dialplan.model import Step
from sorcery_sip.pbx.dialplan.scope import World
from sorcery_sip.pbx.dialplan.targets import split_call
from sorcery_sip.pbx.dialplan.template import Template
from sorcery_sip.pbx.dialplan.walk import ApplicationFailed, Walk
from sorcery_sip.pbx.events import HangupRequested

__all__ = ["Application", "ApplicationFailed", "Execution"]

HANGUP_GRACE = 5.0
"""Seconds that an application has to return after its channel was hung up."""
STEPS_AT_A_TIME = 50
"""Steps that are run before others get their turn, if none of these waits for anything."""

_log = logging.getLogger(__name__)


class Execution(Walk):
    """Runs the dialplan of one channel; made by `Pbx`. Used in the thread of the event loop only."""

    def __init__(self, world: World, applications: Mapping[str, Application], channel: Channel) -> None:
        super().__init__(world, channel)
        self.digit_timeout, self.response_timeout = 5.0, 10.0
        """Seconds that the caller has for the next digit, and for the first one."""
        self.hangup_handlers: list[str] = []
        """Subroutines `context,extension,priority(arguments)` to run after the end."""
        self._applications = applications
        self._pressed = ""
        self._is_stopped = False
        self._steps = 0
        self._task: asyncio.Task[None] | None = None
        self._is_interrupted = False
        self._is_late = False
        self._absolute: asyncio.Handle | None = None
        self._ends_at = 0.0
        self._grace: asyncio.TimerHandle | None = None

    # -- what applications tell

    def press(self, digits: str) -> None:
        """Go on with what the caller has dialed: more digits are waited for as long as they could mean something."""
        self._pressed = digits

    def stop(self) -> None:
        """Run no step after this one."""
        self._is_stopped = True

    def redirect(self, context: str, exten: str, priority: int = 1) -> None:
        """Go on elsewhere at once, whatever runs at present; nothing for a channel that is to end."""
        if self.channel.is_hung_up:
            return
        self.goto(context, exten, priority)
        self._interrupt()

    def limit(self, seconds: float) -> None:
        """End the call so many seconds from now: at the extension `T` if there is one; 0 takes the limit away."""
        if self._absolute is not None:
            self._absolute.cancel()
            self._absolute = None
        if seconds > 0:
            loop = asyncio.get_running_loop()
            self._ends_at = loop.time() + seconds
            self._absolute = loop.call_at(self._ends_at, self._at_the_limit)

    @property
    def seconds_left(self) -> float:
        """How long the call may last still; 0 without a limit."""
        return 0.0 if self._absolute is None else self._ends_at - asyncio.get_running_loop().time()

    # -- running

    def knows(self, application: str) -> bool:
        """Tell whether there is an application of that name."""
        return application.lower() in self._applications

    async def execute(self, name: str, arguments: str) -> None:
        """Run one application, given what stands between its parentheses; raises `ApplicationFailed`."""
        application = self._applications.get(name.lower())
        if application is None:
            raise ApplicationFailed(f"there is no application {name!r}")
        self.channel.start_application(name, arguments)
        await application(self, arguments)

    async def run(self) -> None:
        """Run the dialplan from where the channel is, then its `h` extension, and end the channel."""
        channel = self.channel
        self._task = asyncio.current_task()
        forget = channel.observe(self._notice)
        try:
            self._begin()
            await self._follow()
            forget()
            self._stop_timers()
            channel.request_hangup()
            await self._farewell()
        except Exception:  # noqa: BLE001 - whatever an application does, it ends no other call
            _log.exception("%s: an application broke down", self.description)
            channel.request_hangup(Cause.NORMAL_TEMPORARY_FAILURE)
        finally:
            forget()
            self._stop_timers()
            self._task = None
            channel.hangup()

    def _begin(self) -> None:
        """Start where the channel is; else at `s`, in its own context or in `default`."""
        channel = self.channel
        if not self.exists(channel.context, channel.exten, channel.priority):
            self.goto(channel.context, "s")
            if not self.exists(channel.context, "s"):
                self.goto("default", "s")

    async def _follow(self) -> None:
        """Run steps, wherever the call is sent, until the channel is to end or there is nothing left."""
        while True:
            try:
                while not self.channel.is_hung_up and await self._next():
                    pass
                return
            except asyncio.CancelledError:
                if not self._is_interrupted or self._task is None:
                    raise
                self._is_interrupted = False
                self._task.uncancel()
                if self._is_late:
                    _log.warning("%s: what ran went on after the channel was hung up", self.description)
                    return

    async def _next(self) -> bool:
        """Run what comes next; False when the call is to end."""
        step = self.step(self.channel.priority)
        if step is None:
            return await go_past_the_end(self)
        if not await self._perform(step):
            return False
        return not self._pressed or await collect(self, self._take_pressed(), self.digit_timeout)

    async def _perform(self, step: Step) -> bool:
        """Run one step and move to the next; False when none is to follow."""
        self._has_moved = self._is_stopped = False
        try:
            await self.execute(step.application, await self._expanded(step.arguments))
        except ApplicationFailed as failure:
            _log.error("%s: %s: %s", self.description, step.application, failure.reason)
            return False
        if not self._has_moved:
            self.channel.priority += 1
        self._steps += 1
        if self._steps % STEPS_AT_A_TIME == 0:
            await asyncio.sleep(0)
        return not self._is_stopped

    async def _expanded(self, text: Template) -> str:
        if not text.parts:
            return text.text
        slow = self.world.waiting_functions
        if slow and not slow.isdisjoint(text.functions):
            return await text.expand_later(self)
        return text.expand(self)

    async def _farewell(self) -> None:
        """Run the extension `h` of the context that the call ended in, then the handlers, the latest first."""
        channel = self.channel
        if self.exists(channel.context, "h"):
            self.goto(channel.context, "h")
            while (step := self.step(channel.priority)) is not None and await self._perform(step):
                pass
        while self.hangup_handlers:
            place, arguments = split_call(self.hangup_handlers.pop())
            try:
                await self.gosub(place, arguments)
            except ApplicationFailed as failure:
                _log.error("%s: hang-up handler %r: %s", self.description, place, failure.reason)

    async def gosub(self, place: str, arguments: Sequence[str] = ()) -> None:
        """Run a subroutine up to its return, or to the end of the channel; raises `ApplicationFailed` if it is none."""
        channel = self.channel
        before, depth = (channel.context, channel.exten, channel.priority), len(self.frames)
        target = self.place(place)
        if target is None:
            raise ApplicationFailed(f"{place!r} names no priority")
        self.enter(*target, arguments)
        try:
            is_live = not channel.is_hung_up  # else it runs after the end, as `h` does
            while len(self.frames) > depth and not (is_live and channel.is_hung_up):
                step = self.step(channel.priority)
                if step is None or not await self._perform(step):
                    break
        finally:
            while len(self.frames) > depth:
                self.pop_frame()
            if not self._is_interrupted:  # else the channel was sent elsewhere
                channel.context, channel.exten, channel.priority = before
                self._has_moved = False

    def _take_pressed(self) -> str:
        pressed, self._pressed = self._pressed, ""
        return pressed

    # -- interruptions

    def _interrupt(self) -> None:
        """Break off what the task waits for, unless it is the task itself that says so."""
        if self._task is not None and self._task is not asyncio.current_task() and not self._is_interrupted:
            self._is_interrupted = True
            self._task.cancel()

    def _at_the_limit(self) -> None:
        self._absolute = None
        if self.exists(self.channel.context, "T"):
            self.redirect(self.channel.context, "T")
        else:
            self.channel.request_hangup()

    def _notice(self, channel: Channel, notice: object) -> None:
        if type(notice) is HangupRequested:
            self._grace = asyncio.get_running_loop().call_later(HANGUP_GRACE, self._too_late)

    def _too_late(self) -> None:
        self._is_late = True
        self._interrupt()

    def _stop_timers(self) -> None:
        self.limit(0)
        if self._grace is not None:
            self._grace.cancel()
            self._grace = None


Application: TypeAlias = Callable[[Execution, str], Awaitable[None]]
"""Takes the execution that runs it and what stands between its parentheses, with all values.

It returns when it is done or the channel is to end. Raises `ApplicationFailed` when the call cannot go on.
"""
