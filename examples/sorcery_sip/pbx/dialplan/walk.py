"""A channel's place in the dialplan: where it is and can go, its variables, the subroutines it is in."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import attrs

from sorcery_sip.errors import SipError
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.arguments import whole_number
from sorcery_sip.pbx.dialplan.dialplan import Candidates, Dialplan
from sorcery_sip.pbx.dialplan.model import Step
from sorcery_sip.pbx.dialplan.scope import Scope, World
from sorcery_sip.pbx.dialplan.targets import parse_target
from sorcery_sip.pbx.dialplan.variables import CHANNEL_VARIABLES

__all__ = ["ApplicationFailed", "Frame", "Walk"]

MAX_ARGUMENTS = 100
"""Arguments of the caller that a subroutine does not see, whatever ARGC says."""
MAX_FRAMES = 500
"""Subroutines within each other."""

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


class Walk(Scope):
    """Knows where a channel is, moves it, and enters and leaves subroutines."""

    channel: Channel

    def __init__(self, world: World, channel: Channel) -> None:
        super().__init__(world, channel)
        self.frames: list[Frame] = []
        self.exception: tuple[str, str, str, int] | None = None
        """Reason and place of what led to the extension `e`."""
        self._has_moved = False
        self._candidates: Candidates | None = None
        self._candidates_of: tuple[Dialplan, str, str, str] | None = None

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

    def raise_exception(self, reason: str) -> bool:
        """Go on at the extension `e`; False if there is none."""
        channel = self.channel
        if channel.exten == "e" or not self.exists(channel.context, "e"):
            return False
        self.exception = (reason, channel.context, channel.exten, channel.priority)
        self.goto(channel.context, "e")
        return True

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
