"""What an application is given: the call that runs it, and what the server has for all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

import attrs

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.media import Sounds
from sorcery_sip.pbx.stasis import StasisApplications
from sorcery_sip.pbx.technology import ChannelDriver

__all__ = ["Application", "Call", "Services", "Subroutine"]


class Call(Protocol):
    """The part of an execution of the dialplan that applications use."""

    @property
    def channel(self) -> Channel:
        """Return the channel whose dialplan runs."""

    def goto(self, context: str, exten: str, priority: int = 1) -> None:
        """Go on there after this application."""

    def exists(self, context: str, exten: str, priority: int = 1) -> bool:
        """Tell whether the dialplan has a step there for this caller."""

    def press(self, digits: str) -> None:
        """Go on with what the caller has dialed, and wait for more that could belong to it."""


Subroutine: TypeAlias = Callable[[Channel, str, tuple[str, ...]], Awaitable[None]]
"""Runs `context,extension,priority` with arguments on a channel; raises `SipError` where there is none."""


@attrs.frozen
class Services:
    """What applications use besides the channel; `drivers` by the name of their technology."""

    sounds: Sounds
    drivers: Mapping[str, ChannelDriver]
    stasis: StasisApplications
    subroutine: Subroutine
    """For channels that are called; the PBX runs it."""


Application: TypeAlias = Callable[[Call, str, Services], Awaitable[None]]
"""Takes what stands between the parentheses, expanded. It returns when it is done or the channel is hung up, and
asks for the end of the channel with `Channel.request_hangup`."""
