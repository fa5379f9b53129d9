"""The PBX: channels enter the dialplan here."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan.control import CONTROL
from sorcery_sip.pbx.dialplan.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.execution import Application, Execution
from sorcery_sip.pbx.dialplan.functions import STANDARD
from sorcery_sip.pbx.dialplan.model import Match
from sorcery_sip.pbx.dialplan.scope import Function, Scope, World
from sorcery_sip.pbx.technology import ChannelDriver

__all__ = ["Pbx"]

_log = logging.getLogger(__name__)


class Pbx:
    """Run the dialplan for channels, one task each.

    `dialplan_source` returns the dialplan as it is now; a call in progress goes on in the new one after a reload.
    `applications` come besides those that steer the dialplan itself (`CONTROL`). `exists` may be asked by any thread,
    all else belongs to the thread of the event loop.
    """

    def __init__(
        self,
        dialplan_source: Callable[[], Dialplan],
        drivers: Mapping[str, ChannelDriver],
        applications: Mapping[str, Application],
        functions: Mapping[str, Function] = STANDARD,
        *,
        channels: Channels,
        clock: Callable[[], float] = time.time,
        chance: random.Random | None = None,
    ) -> None:
        self.drivers, self.channels = drivers, channels
        self.applications: dict[str, Application] = dict(CONTROL)
        for name, application in applications.items():
            self.register_application(name, application)
        self._source = dialplan_source
        self._latest: Dialplan | None = None
        self._world = World(dict(functions), self._dialplan, clock=clock, chance=chance or random.Random())
        self._executions: dict[str, Execution] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    @property
    def variables(self) -> dict[str, str]:
        """The global variables."""
        self._dialplan()
        return self._world.variables

    def register_application(self, name: str, application: Application) -> None:
        """Add an application, or put it in the place of the one of that name (in any letters)."""
        self.applications[name.lower()] = application

    def register_function(self, name: str, function: Function) -> None:
        """Add a function, or put it in the place of the one of that name."""
        self._world.register(name, function)

    def exists(self, context: str, exten: str, caller_number: str = "") -> Match:
        """Tell whether an extension exists at priority 1, or could with more digits. Never blocks."""
        return self._source().match(context, exten, caller_number, self._world.now)

    def start(self, channel: Channel) -> asyncio.Task[None]:
        """Run the dialplan from where the channel is until it ends; cancelled, the task ends the channel.

        After `close` the channel ends at once.
        """
        if self._is_closed:
            channel.request_hangup(Cause.SWITCH_CONGESTION)
        execution = self._executions[channel.id] = Execution(self._world, self.applications, channel)
        task = asyncio.get_running_loop().create_task(execution.run())
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._done(task, channel.id))
        return task

    def execution(self, channel: Channel) -> Execution | None:
        """Return what runs the dialplan of a channel, None if nothing does."""
        return self._executions.get(channel.id)

    def scope(self, channel: Channel | None = None) -> Scope:
        """Return where texts find variables and functions: with a channel at hand, or with none."""
        self._dialplan()
        if channel is None:
            return Scope(self._world)
        return self._executions.get(channel.id) or self._outside(channel)

    async def run_subroutine(self, channel: Channel, place: str, arguments: tuple[str, ...] = ()) -> None:
        """Run a subroutine `context,extension,priority` on a channel that the dialplan does not have.

        Raises `ApplicationFailed`.
        """
        await self._outside(channel).gosub(place, arguments)

    async def close(self) -> None:
        """Take no more calls, end those in progress, and return when their tasks have ended."""
        self._is_closed = True
        for execution in tuple(self._executions.values()):
            execution.channel.request_hangup(Cause.NORMAL_CLEARING)
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _outside(self, channel: Channel) -> Execution:
        return Execution(self._world, self.applications, channel)

    def _dialplan(self) -> Dialplan:
        """Return the dialplan; the global variables of a new one count from now on."""
        dialplan = self._source()
        if dialplan is not self._latest:
            if dialplan.settings.clear_globals:
                self._world.variables.clear()
            self._world.variables.update(dialplan.global_variables)
            self._latest = dialplan
        return dialplan

    def _done(self, task: asyncio.Task[None], channel_id: str) -> None:
        self._tasks.discard(task)
        self._executions.pop(channel_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the dialplan of channel %s broke down", channel_id, exc_info=error)
