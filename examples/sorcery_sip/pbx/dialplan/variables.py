"""The variables that are read from the channel itself; setting one of that name has no effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sorcery_sip.pbx.channel import Channel

__all__ = ["CHANNEL_VARIABLES"]

CHANNEL_VARIABLES: Mapping[str, Callable[[Channel], str]] = {
    "CHANNEL": lambda channel: channel.name,
    "CONTEXT": lambda channel: channel.context,
    "EXTEN": lambda channel: channel.exten,
    "HANGUPCAUSE": lambda channel: str(int(channel.hangup_cause)),
    "PRIORITY": lambda channel: str(channel.priority),
    "UNIQUEID": lambda channel: channel.id,
}
