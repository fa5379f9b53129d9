"""One channel's way through the dialplan: its place, its variables, its subroutines, one step after the other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

import attrs

from sorcery_sip.errors import SipError
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.arguments import whole_number
from sorcery_sip.pbx.dialplan.dialplan import Candidates, Dialplan
from sorcery_sip.pbx.dialplan.model import Step
from sorcery_sip.pbx.dialplan.scope import Scope, World
from sorcery_sip.pbx.dialplan.targets import parse_target, split_call
from sorcery_sip.pbx.dialplan.template import Template
from sorcery_sip.pbx.dialplan.variables import CHANNEL_VARIABLES
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.technology import Indication

__all__ = ["Application", "ApplicationFailed", "Execution", "Frame"]

HANGUP_GRACE = 5.0
"""Seconds that an application has to return after its channel was hung up."""
STEPS_AT_A_TIME = 50
"""Steps that are run before others get their turn, if none of these waits for anything."""
MAX_ARGUMENTS = 100
"""Arguments of the caller that a subroutine does not see, whatever ARGC says."""
MAX_FRAMES = 500
"""Subroutines within each other."""
BUSY_SECONDS = 10.0
"""How long a channel that was answered hears that it cannot go on."""

_log = logging.getLogger(__name__)


class ApplicationFailed(SipError):
    """An application could not do its work and the call cannot go on; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@attrs.define(slots=True)
class Frame:
    """A subroutine: where it returns to, and what the variables that are its own were before."""

    context: str
    exten: str
    priority: int
    saved: dict[str, str | None] = attrs.field(factory=dict)

    def keep(self, channel: Channel, name: str) -> None:
        """Remember a variable as it is outside the subroutine."""
        self.saved.setdefault(name, channel.variables.get(name))

    def restore(self, channel: Channel) -> None:
        """Give the variables back."""
        for name, value in self.saved.items():
            channel.set_variable(name, value or "")
            if value is None:
                del channel.variables[name]


class Execution(Scope):
    """Runs the dialplan of one channel; made by `Pbx`. Used in the thread of the event loop only."""

    channel: Channel

    def __init__(self, world: World, applications: Mapping[str, Application], channel: Channel) -> None:
        super().__init__(world, channel)
        self.frames: list[Frame] = []
        self.digit_timeout, self.response_timeout = 5.0, 10.0
        """Seconds that the caller has for the next digit, and for the first one."""
        self.hangup_handlers: list[str] = []
        """Subroutines `context,extension,priority(arguments)` to run after the end."""
        self.exception: tuple[str, str, str, int] | None = None
        """Reason and place of what led to the extension `e`."""
        self._applications = applications
        self._candidates: Candidates | None = None
        self._candidates_of: tuple[Dialplan, str, str, str] | None = None
        self._has_moved = False
        self._pressed = ""
        self._task: asyncio.Task[None] | None = None
        self._is_interrupted = False
        self._is_late = False
        self._absolute: asyncio.TimerHandle | None = None
        self._grace: asyncio.TimerHandle | None = None
        self._steps = 0

    # -- places

    @property
    def description(self) -> str:
        """Say in a log where it was that something went wrong."""
        channel = self.channel
        return f"{channel.name!r} at {channel.exten!r}@{channel.context!r}:{channel.priority}"

    def exists(self, context: str, exten: str, priority: int = 1) -> bool:
        """Tell whether the dialplan has a step there for this caller."""
        return self.candidates(context, exten).step(priority) is not None

    def goto(self, context: str, exten: str, priority: int = 1) -> None:
        """Go on there after this step."""
        self.channel.context, self.channel.exten, self.channel.priority = context, exten, priority
        self._has_moved = True

    def place(self, text: str) -> tuple[str, str, int] | None:
        """Return the place that a text such as `context,extension,label` names, None for a label that is not there."""
        target, channel = parse_target(text), self.channel
        context, exten = target.context or channel.context, target.exten or channel.exten
        sign, steps = target.priority[:1], whole_number(target.priority[1:])
        if sign in ("+", "-") and steps is not None:
            return context, exten, channel.priority + (steps if sign == "+" else -steps)
        priority = whole_number(target.priority)
        if priority is None:
            priority = self.candidates(context, exten).label(target.priority)
        return None if not priority else (context, exten, priority)

    def goto_text(self, text: str) -> bool:
        """Go on at the place that a text names; False, and a line in the log, where it names none."""
        place = self.place(text)
        if place is None:
            _log.warning("%s: %r names no priority: write a number above 0, or a label", self.description, text)
            return False
        self.goto(*place)
        return True

    def step(self, priority: int) -> Step | None:
        """Return a step of the extension that the channel is in."""
        channel = self.channel
        place = (self.world.dialplan(), channel.context, channel.exten, channel.caller.number)
        if self._candidates is None or place != self._candidates_of or not self._candidates.are_lasting:
            self._candidates, self._candidates_of = self.candidates(channel.context, channel.exten), place
        return self._candidates.step(priority)

    def could_be_longer(self, exten: str) -> bool:
        """Tell whether more digits after these could make an extension of the channel's context."""
        return self.world.dialplan().could_be_longer(self.channel.context, exten, self.world.now)

    # -- variables

    def variable(self, name: str) -> str | None:
        """Return a variable: what is built in, the channel's, or a global one."""
        built_in = CHANNEL_VARIABLES.get(name)
        if built_in is not None:
            return built_in(self.channel)
        value = self.channel.variables.get(name)
        return super().variable(name) if value is None else value

    def set_variable(self, name: str, value: str) -> None:
        """Give a variable of the channel a value; leading underscores say who inherits it."""
        self.channel.set_variable(name, value)

    def set_local(self, name: str, value: str) -> None:
        """Give a variable a value until the subroutine returns; outside of one, for good."""
        if self.frames:
            self.frames[-1].keep(self.channel, name.lstrip("_"))
        self.set_variable(name, value)

    # -- subroutines

    def enter(self, context: str, exten: str, priority: int, arguments: Sequence[str]) -> None:
        """Begin a subroutine with `ARG1`, `ARG2` …; `leave` comes back to the step after this one.

        Raises `ApplicationFailed` where there is no such step, or too many are within each other.
        """
        channel = self.channel
        if not self.exists(context, exten, priority):
            raise ApplicationFailed(f"there is no {exten!r} in context {context!r} with priority {priority}")
        if len(self.frames) == MAX_FRAMES:
            raise ApplicationFailed(f"{MAX_FRAMES} subroutines are within each other: one calls itself for ever")
        frame = Frame(channel.context, channel.exten, channel.priority + 1)
        self.frames.append(frame)
        outer = min(whole_number(channel.variables.get("ARGC", "")) or 0, MAX_ARGUMENTS)
        for number in range(len(arguments) + 1, outer + 1):  # those of the caller are not the subroutine's
            frame.keep(channel, f"ARG{number}")
            channel.variables.pop(f"ARG{number}", None)
        for number, argument in enumerate(arguments, 1):
            self.set_local(f"ARG{number}", argument)
        self.set_local("ARGC", str(len(arguments)))
        self.goto(context, exten, priority)

    def leave(self, value: str) -> None:
        """Return from a subroutine; its value is `GOSUB_RETVAL`. Raises `ApplicationFailed` outside of one."""
        frame = self.pop_frame()
        self.set_variable("GOSUB_RETVAL", value)
        self.goto(frame.context, frame.exten, frame.priority)

    def pop_frame(self) -> Frame:
        """Forget where the subroutine was called from, its variables too; raises `ApplicationFailed` outside of one."""
        if not self.frames:
            raise ApplicationFailed("this is no subroutine: nothing called it")
        frame = self.frames.pop()
        frame.restore(self.channel)
        return frame

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

    # -- what applications tell

    def press(self, digits: str) -> None:
        """Go on with what the caller has dialed: more digits are waited for as long as they could mean something."""
        self._pressed = digits

    def raise_exception(self, reason: str) -> bool:
        """Go on at the extension `e`; False if there is none."""
        channel = self.channel
        if channel.exten == "e" or not self.exists(channel.context, "e"):
            return False
        self.exception = (reason, channel.context, channel.exten, channel.priority)
        self.goto(channel.context, "e")
        return True

    def redirect(self, context: str, exten: str, priority: int = 1) -> None:
        """Go on elsewhere at once, whatever runs at present; nothing for a channel that is to end."""
        if self.channel.is_hung_up:
            return
        self.frames.clear()
        self.goto(context, exten, priority)
        self._interrupt()

    def limit(self, seconds: float) -> None:
        """End the call so many seconds from now: at the extension `T` if there is one; 0 takes the limit away."""
        if self._absolute is not None:
            self._absolute.cancel()
            self._absolute = None
        if seconds > 0:
            self._absolute = asyncio.get_running_loop().call_later(seconds, self._at_the_limit)

    @property
    def seconds_left(self) -> float:
        """How long the call may last still; 0 without a limit."""
        return 0.0 if self._absolute is None else self._absolute.when() - asyncio.get_running_loop().time()

    # -- running

    def knows(self, application: str) -> bool:
        """Tell whether there is an application of that name."""
        return application.lower() in self._applications

    async def execute(self, name: str, arguments: str) -> None:
        """Run one application, given what stands between its parentheses; raises `ApplicationFailed`."""
        application = self._applications.get(name) or self._applications.get(name.lower())
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
            return await self._past_the_end()
        if not await self._perform(step):
            return False
        return not self._pressed or await self._collect(self._take_pressed(), self.digit_timeout)

    async def _perform(self, step: Step) -> bool:
        """Run one step and move to the next; False when the call cannot go on."""
        self._has_moved = False
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
        return True

    async def _expanded(self, text: Template) -> str:
        if not text.parts:
            return text.text
        slow = self.world.waiting_functions
        if slow and not slow.isdisjoint(text.functions):
            return await text.expand_later(self)
        return text.expand(self)

    async def _past_the_end(self) -> bool:
        """There is no such step: go to `i` or `e`, wait for digits, or end the call; False when it is to end."""
        channel = self.channel
        if not self.exists(channel.context, channel.exten):
            return self._invalid(channel.exten)
        if not self.world.dialplan().settings.autofallthrough:
            return await self._collect("", self.response_timeout)
        await self._fall_through()
        return False

    def _invalid(self, exten: str) -> bool:
        """Go to the extension for what does not exist."""
        channel = self.channel
        if exten != "i" and self.exists(channel.context, "i"):
            self.set_variable("INVALID_EXTEN", exten)
            self.goto(channel.context, "i")
            return True
        if self.raise_exception("INVALID"):
            return True
        _log.warning("%s: there is no extension %r, and neither i nor e", self.description, exten)
        return False

    async def _fall_through(self) -> None:
        """End a call that has no steps left, telling the caller what the last Dial came to."""
        status = self.get("DIALSTATUS").upper()
        if status == "BUSY":
            await self._complain(Indication.BUSY, Cause.USER_BUSY)
        elif status in ("CONGESTION", "CHANUNAVAIL"):
            await self._complain(Indication.CONGESTION, Cause.SWITCH_CONGESTION)

    async def _complain(self, what: Indication, cause: Cause) -> None:
        channel = self.channel
        channel.hangup_cause = channel.hangup_cause or cause
        channel.indicate(what)
        if channel.is_up:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(channel.wait_for_hangup(), BUSY_SECONDS)

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

    # -- digits

    async def digit(self, seconds: float) -> str | None:
        """Return the next digit that is pressed, nothing if none comes in time, None when the channel is to end."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    match await self.channel.read():
                        case DtmfEnd(digit):
                            return digit
                        case HangupRequested():
                            return None
        except TimeoutError:
            return ""

    async def _collect(self, digits: str, seconds: float) -> bool:
        """Wait for the rest of an extension that is being dialed and go there; False when the call is to end."""
        channel = self.channel
        while self.could_be_longer(digits):
            digit = await self.digit(seconds)
            if digit is None:
                return False
            if not digit:
                break
            digits += digit
            seconds = self.digit_timeout
        if digits and self.exists(channel.context, digits):
            self.goto(channel.context, digits)
            return True
        return self._invalid(digits) if digits else self.time_out()

    def time_out(self) -> bool:
        """Go to the extension for a caller who dials nothing; False if there is neither `t` nor `e`."""
        channel = self.channel
        if self.exists(channel.context, "t"):
            self.goto(channel.context, "t")
            return True
        if self.raise_exception("RESPONSETIMEOUT"):
            return True
        _log.warning("%s: nothing was dialed, and there is neither t nor e", self.description)
        return False

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
