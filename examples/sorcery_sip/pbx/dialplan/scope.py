"""Where texts of the dialplan find variables and functions: with no channel at hand, or with one."""

from __future__ import annotations

import inspect
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import attrs

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.dialplan import Candidates, Dialplan
from sorcery_sip.pbx.dialplan.template import Template

__all__ = ["BadCall", "Function", "Scope", "World"]

_log = logging.getLogger(__name__)


_FAULTS = (ValueError, ArithmeticError)
"""What a function raises for arguments that are of no use to it."""
MAX_EVALUATIONS = 20
"""Texts within each other that a text is put together from while it is put together (`EVAL`)."""


class BadCall(ValueError):
    """A function that cannot do what it is asked; the message says why, and what would be right."""


@attrs.frozen(slots=True)
class Function:
    """What a name with parentheses stands for; either part may be missing. Both raise `BadCall`."""

    read: Callable[[Scope, str], str | Awaitable[str]] | None = None
    """Returns the value, given what stands between the parentheses; a coroutine function where it has to wait."""
    write: Callable[[Scope, str, str], None] | None = None
    """Takes a value that `Set` assigns."""


@attrs.define(slots=True)
class World:
    """What all channels share."""

    functions: dict[str, Function]
    """By name, in capitals."""
    dialplan: Callable[[], Dialplan] = attrs.field(factory=lambda: _always(Dialplan()))
    """Returns the dialplan as it is now."""
    variables: dict[str, str] = attrs.field(factory=dict)
    """The global variables."""
    clock: Callable[[], float] = time.time
    """Tells unix seconds."""
    chance: random.Random = attrs.field(factory=random.Random)
    waiting_functions: set[str] = attrs.field(init=False)
    """The functions that have to wait for what they say: only the steps of a channel can read them."""

    def __attrs_post_init__(self) -> None:
        self.waiting_functions = {name for name, function in self.functions.items() if _waits(function)}

    def register(self, name: str, function: Function) -> None:
        """Add a function, or put it in the place of the one of that name."""
        self.functions[name] = function
        (self.waiting_functions.add if _waits(function) else self.waiting_functions.discard)(name)

    def now(self) -> datetime:
        """Return the time in the time zone of the machine."""
        return datetime.fromtimestamp(self.clock()).astimezone()


class Scope:
    """Global variables and functions; `Execution` adds what a channel has."""

    def __init__(self, world: World, channel: Channel | None = None) -> None:
        self.world, self.channel = world, channel
        self._evaluations = 0

    @property
    def description(self) -> str:
        """Say in a log where it was that something went wrong."""
        return "global variables"

    def variable(self, name: str) -> str | None:
        """Return a variable, None if there is none of that name."""
        value = self.world.variables.get(name)
        return str(int(self.world.clock())) if value is None and name == "EPOCH" else value

    def get(self, name: str, default: str = "") -> str:
        """Return a variable, or what a function says that is written as in a text: `CALLERID(num)`."""
        if name.endswith(")") and "(" in name:
            function, _, arguments = name[:-1].partition("(")
            return self.call(function, arguments)
        value = self.variable(name)
        return default if value is None else value

    def call(self, name: str, arguments: str) -> str:
        """Return what a function says; nothing, and a line in the log, where it cannot be read."""
        try:
            value = self._read(name, arguments)
        except _FAULTS as error:
            _log.error("%s: %s(%r): %s", self.description, name, arguments, error)
            return ""
        assert isinstance(value, str)
        return value

    async def ask(self, name: str, arguments: str) -> str:
        """Return what a function says, waiting for one that takes its time."""
        if name not in self.world.waiting_functions:
            return self.call(name, arguments)
        try:
            value = self._read(name, arguments, may_wait=True)
            return value if isinstance(value, str) else await value
        except _FAULTS as error:
            _log.error("%s: %s(%r): %s", self.description, name, arguments, error)
            return ""

    def set(self, name: str, value: str) -> None:
        """Assign to a variable or to a function, as `Set` does; what is refused is a line in the log."""
        if name.endswith(")") and "(" in name:
            self._write(name, value)
        else:
            self.set_variable(name, value)

    def set_variable(self, name: str, value: str) -> None:
        """Give a variable a value; leading underscores say who inherits it."""
        self.world.variables[name.lstrip("_")] = value

    def expand(self, text: str) -> str:
        """Return a text with the values of what it refers to; raises `BadCall` where one refers to itself."""
        if self._evaluations == MAX_EVALUATIONS:
            raise BadCall(f"{MAX_EVALUATIONS} texts are within each other: one refers to itself")
        self._evaluations += 1
        try:
            return Template.of(text).expand(self)
        finally:
            self._evaluations -= 1

    def candidates(self, context: str, exten: str) -> Candidates:
        """Return the extensions for a number, as seen by the caller of the channel."""
        caller = self.channel.caller.number if self.channel is not None else ""
        return self.world.dialplan().candidates(context, exten, caller, self.world.now)

    def _read(self, name: str, arguments: str, *, may_wait: bool = False) -> str | Awaitable[str]:
        function = self.world.functions.get(name)
        if function is None:
            raise BadCall("there is no such function")
        if function.read is None:
            raise BadCall("it can only be written")
        if name in self.world.waiting_functions and not may_wait:
            raise BadCall("it has to wait for its value: write it as ${…} in what an application is given")
        return function.read(self, arguments)

    def _write(self, text: str, value: str) -> None:
        name, _, arguments = text[:-1].partition("(")
        function = self.world.functions.get(name)
        if function is None or function.write is None:
            what = "can only be read" if function else "is not known"
            _log.error("%s: function %r %s", self.description, name, what)
            return
        try:
            function.write(self, arguments, value)
        except _FAULTS as error:
            _log.error("%s: %s(%r)=%r: %s", self.description, name, arguments, value, error)


def _waits(function: Function) -> bool:
    return inspect.iscoroutinefunction(function.read)


def _always(dialplan: Dialplan) -> Callable[[], Dialplan]:
    return lambda: dialplan
