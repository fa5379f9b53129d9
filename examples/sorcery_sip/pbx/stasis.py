"""Channels in the hands of applications outside: which there are, and which channels they have."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from sorcery_sip.pbx.bridge import relay
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import HangupRequested

__all__ = ["Destination", "StasisApplication", "StasisApplications", "StasisControl"]


class Destination(NamedTuple):
    """Where a channel goes on in the dialplan."""

    context: str
    exten: str
    priority: int


class StasisApplication(Protocol):
    """An application outside, as long as it is connected."""

    def entered(self, control: StasisControl, arguments: Sequence[str]) -> None:
        """Learn that it has a channel from now on."""

    def left(self, control: StasisControl) -> None:
        """Learn that it has a channel no longer."""


class StasisControl:
    """A channel while an application outside has it."""

    def __init__(self, channel: Channel, application: str) -> None:
        self.channel, self.application = channel, application
        self.peer: Channel | None = None
        """Whom it is bridged with, who is told what happens to it."""
        self.destination: Destination | None = None
        """Where it goes afterwards; None: to the next priority."""
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def follow(self) -> None:
        """Take what happens to the channel, until it is let go or is to end."""
        while (event := await self.channel.read_unless(self._left)) is not None:
            if isinstance(event, HangupRequested):
                return
            if self.peer is not None:
                relay(event, self.peer)

    def leave(self, destination: Destination | None = None) -> None:
        """Let the channel go on in the dialplan."""
        self.destination = destination
        if not self._left.done():
            self._left.set_result(None)


class StasisApplications:
    """The applications that are connected, by name, and the channels that any has or had when it went."""

    def __init__(self) -> None:
        self._by_name: dict[str, StasisApplication] = {}
        self._controls: dict[str, StasisControl] = {}

    def register(self, name: str, application: StasisApplication) -> StasisApplication | None:
        """Connect an application, and return the one whose place it takes."""
        previous = self._by_name.get(name)
        self._by_name[name] = application
        return previous

    def unregister(self, name: str) -> None:
        """Forget an application; its channels stay where they are, for the next of that name."""
        self._by_name.pop(name, None)

    def get(self, name: str) -> StasisApplication | None:
        """Return an application that is connected."""
        return self._by_name.get(name)

    def controls(self, name: str) -> list[StasisControl]:
        """Return the controls of the channels that an application has, or had when it went."""
        return [control for control in self._controls.values() if control.application == name]

    def control(self, channel: Channel) -> StasisControl | None:
        """Return the control of a channel that an application has."""
        return self._controls.get(channel.id)

    async def hand_over(self, channel: Channel, name: str, arguments: Sequence[str]) -> Destination | None:
        """Let an application have a channel until it lets it go, or the channel is to end; return where it goes.

        Raises `LookupError` when no application of that name is connected.
        """
        application = self._by_name.get(name)
        if application is None:
            raise LookupError(f"no application {name!r} is connected")
        control = StasisControl(channel, name)
        self._controls[channel.id] = control
        application.entered(control, arguments)
        try:
            await control.follow()
        finally:
            del self._controls[channel.id]
            present = self._by_name.get(name, application)  # it may have connected anew meanwhile
            present.left(control)
        return control.destination
