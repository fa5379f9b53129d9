"""What an application is given: the call that runs it, and what the server has for all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import attrs

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.media import Sounds
from sorcery_sip.pbx.stasis import StasisApplications
from sorcery_sip.pbx.technology import ChannelDriver

__all__ = ["Application", "Call", "Services"]


class Call(Protocol):
    """The part of an execution of the dialplan that applications use."""

    @property
    def channel(self) -> Channel:
        """Return the channel whose dialplan runs."""

    def goto(self, context: str, exten: str, priority: int = 1) -> None:
        """Go on there after this application."""

    def exists(self, context: str, exten: str, priority: int = 1) -> bool:
        """Tell whether the dialplan has a step there for this caller."""

    def on(self, channel: Channel) -> Call:
        """Return an execution for another channel, such as one that is called."""

    async def gosub(self, place: str, arguments: Sequence[str] = ()) -> None:
        """Run a subroutine on the channel up to its return; raises `SipError` where there is none."""


@attrs.frozen
class Services:
    """What applications use besides the channel; `drivers` by the name of their technology."""

    sounds: Sounds
    drivers: Mapping[str, ChannelDriver]
    stasis: StasisApplications = attrs.Factory(StasisApplications)


Application: TypeAlias = Callable[[Call, str, Services], Awaitable[None]]
"""Takes what stands between the parentheses, expanded. It returns when it is done or the channel is hung up, and
asks for the end of the channel with `Channel.request_hangup`."""
