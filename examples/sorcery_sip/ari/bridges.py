"""Bridges that applications make: two channels that hear one another, or any number that wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from uuid import uuid4

from sorcery_sip.ari.errors import AriError, not_found
from sorcery_sip.ari.hub import ConnectedApplication, Hub, subscribe, unsubscribe
from sorcery_sip.ari.json_values import Json, timestamp
from sorcery_sip.pbx.bridge import join, part
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.stasis import StasisControl

__all__ = ["AriBridge", "Bridges"]

_TECHNOLOGIES = {"mixing": "simple_bridge", "holding": "holding_bridge"}
_MOST = 2
"""Channels that can hear one another: nothing is mixed here."""


class AriBridge:
    """One bridge and the channels in it."""

    def __init__(self, id: str, type: str, name: str, created: float) -> None:
        self.id, self.type, self.name, self.created = id, type, name, created
        self.members: list[StasisControl] = []

    def json(self) -> Json:
        """Return it as JSON."""
        return {
            "id": self.id,
            "technology": _TECHNOLOGIES[self.type],
            "bridge_type": self.type,
            "bridge_class": "stasis",
            "creator": "Stasis",
            "name": self.name,
            "channels": [control.channel.id for control in self.members],
            "creationtime": timestamp(self.created),
            "video_mode": "none",
        }


class Bridges:
    """All bridges; a channel is in one at most."""

    def __init__(self, hub: Hub, clock: Callable[[], float] = time.time) -> None:
        self._hub, self._clock = hub, clock
        self._by_id: dict[str, AriBridge] = {}
        self.on_left: Callable[[AriBridge, Channel], None] = lambda bridge, channel: None
        """Called when a channel leaves a bridge, before that is told."""

    def __iter__(self) -> Iterator[AriBridge]:
        return iter(tuple(self._by_id.values()))

    def get(self, id: str) -> AriBridge:
        """Return a bridge; raises `AriError` where there is none."""
        bridge = self._by_id.get(id)
        if bridge is None:
            raise not_found("Bridge")
        return bridge

    def create(self, id: str, types: list[str], name: str) -> AriBridge:
        """Make a bridge, named by a random id if `id` is empty; raises `AriError`."""
        kinds = [kind for kind in types if kind in _TECHNOLOGIES] or ["mixing"]
        unknown = set(types) - _TECHNOLOGIES.keys() - {"dtmf_events", "proxy_media"}
        if unknown or len(kinds) > 1:
            raise AriError(400, f"Bridge type {','.join(types)!r} is not served; use mixing or holding")
        if id in self._by_id:
            raise AriError(409, f"Bridge with id {id!r} already exists")
        bridge = AriBridge(id or str(uuid4()), kinds[0], name, self._clock())
        self._by_id[bridge.id] = bridge
        self._tell(bridge, "BridgeCreated")
        return bridge

    def destroy(self, bridge: AriBridge) -> None:
        """Let all leave it, and forget it."""
        for control in tuple(bridge.members):
            self.remove(bridge, control)
        del self._by_id[bridge.id]
        self._tell(bridge, "BridgeDestroyed")
        for application in self._hub:
            application.bridges.pop(bridge.id, None)

    def add(self, bridge: AriBridge, control: StasisControl) -> None:
        """Put a channel into a bridge, out of the one it is in; raises `AriError` where there is no room."""
        if control in bridge.members:
            return
        if bridge.type == "mixing" and len(bridge.members) == _MOST:
            raise AriError(409, "Two channels are in this bridge, and no more can be mixed")
        self.remove_from_any(control)
        bridge.members.append(control)
        application = self._hub.get(control.application)
        if application is not None:
            subscribe(application.bridges, bridge.id)
        self._tell(bridge, "ChannelEnteredBridge", control.channel)
        if bridge.type == "mixing" and len(bridge.members) == _MOST:
            _join(*bridge.members)

    def remove(self, bridge: AriBridge, control: StasisControl) -> None:
        """Take a channel out of a bridge; raises `AriError` if it is not in it."""
        if control not in bridge.members:
            raise AriError(422, "Channel not in this bridge")
        if control.peer is not None:
            _part(*bridge.members)
        bridge.members.remove(control)
        self.on_left(bridge, control.channel)
        self._tell(bridge, "ChannelLeftBridge", control.channel)
        application = self._hub.get(control.application)
        if application is not None:
            unsubscribe(application.bridges, bridge.id)

    def hear_of_own(self, application: ConnectedApplication, control: StasisControl) -> None:
        """Let an application hear of the bridge that a channel of its own is in."""
        for bridge in self:
            if control in bridge.members:
                subscribe(application.bridges, bridge.id)

    def remove_from_any(self, control: StasisControl) -> None:
        """Take a channel out of the bridge that it is in, if it is in one."""
        for bridge in self:
            if control in bridge.members:
                self.remove(bridge, control)

    def _tell(self, bridge: AriBridge, type: str, channel: Channel | None = None) -> None:
        event: Json = {"type": type, "bridge": bridge.json()}
        if channel is None:
            self._hub.tell_of_bridge(bridge.id, event)
        else:
            self._hub.tell_of_bridge(bridge.id, event | {"channel": self._hub.describe(channel)}, channel.id)


def _join(first: StasisControl, second: StasisControl) -> None:
    one, other = first.channel, second.channel
    first.peer, second.peer = other, one
    join(one, other)
    one.set_variable("BRIDGEPEER", other.name)
    other.set_variable("BRIDGEPEER", one.name)
    one.connect_line(other.caller)
    other.connect_line(one.caller)


def _part(first: StasisControl, second: StasisControl) -> None:
    part(first.channel, second.channel)
    for control in (first, second):
        control.peer = None
        control.channel.set_variable("BRIDGEPEER", "")
