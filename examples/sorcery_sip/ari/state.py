"""What the operations work on."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

import attrs

from sorcery_sip.ari.bridges import Bridges
from sorcery_sip.ari.errors import AriError, not_found
from sorcery_sip.ari.hub import Hub
from sorcery_sip.ari.json_values import Json, channel_json
from sorcery_sip.ari.playbacks import Playbacks
from sorcery_sip.ari.tasks import Tasks
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.media import Sounds
from sorcery_sip.pbx.pbx import Pbx
from sorcery_sip.pbx.stasis import StasisApplications, StasisControl
from sorcery_sip.pbx.technology import ChannelDriver

__all__ = ["Ari", "EndpointState", "ServerInfo", "nobody"]


@attrs.frozen(slots=True)
class EndpointState:
    """An endpoint: `state` is `online`, `offline` or `unknown`."""

    technology: str
    resource: str
    state: str


async def nobody() -> Sequence[EndpointState]:
    """Return no endpoints."""
    return ()


@attrs.frozen(slots=True)
class ServerInfo:
    """What the server says of itself; times in unix seconds."""

    version: str
    entity_id: str
    name: str = ""
    started: float = attrs.field(factory=time.time)
    reloaded: Callable[[], float | None] = lambda: None
    """When the configuration was read again last."""


class Ari:
    """The PBX as seen by applications outside. Used in the thread of the event loop only."""

    def __init__(
        self,
        pbx: Pbx,
        stasis: StasisApplications,
        sounds: Sounds,
        info: ServerInfo,
        *,
        endpoints: Callable[[], Awaitable[Sequence[EndpointState]]] = nobody,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.pbx, self.stasis, self.info, self.endpoints = pbx, stasis, info, endpoints
        self.tasks = Tasks()
        self.channel_variables: tuple[str, ...] = ()
        """Variables and functions that are shown with each channel."""
        self.hub = Hub(pbx.channels, stasis, entity_id=info.entity_id, clock=clock, describe=self.describe)
        self.bridges = Bridges(self.hub, clock)
        self.playbacks = Playbacks(self.hub, sounds, self.tasks)
        self.bridges.on_left = lambda bridge, channel: self.playbacks.leave(f"bridge:{bridge.id}", channel)
        self.hub.on_left = self._on_left
        self.hub.on_returned = self.bridges.hear_of_own

    @property
    def channels(self) -> Channels:
        """Return all channels there are."""
        return self.pbx.channels

    @property
    def drivers(self) -> Mapping[str, ChannelDriver]:
        """Return what makes channels, by technology."""
        return self.pbx.drivers

    def describe(self, channel: Channel) -> Json:
        """Return a channel as JSON, with the variables that are to be shown."""
        value = channel_json(channel)
        if self.channel_variables:
            scope = self.pbx.scope(channel)
            value["channelvars"] = {name: scope.get(name) for name in self.channel_variables}
        return value

    def channel(self, id: str) -> Channel:
        """Return a channel by id or name; raises `AriError` where there is none."""
        found = self.channels.get(id)
        if found is None:
            raise not_found("Channel")
        return found

    def control(self, id: str) -> StasisControl:
        """Return the control of a channel that an application has; raises `AriError` where none has."""
        control = self.stasis.control(self.channel(id))
        if control is None:
            raise AriError(409, "Channel not in Stasis application")
        return control

    def application_json(self, name: str) -> Json:
        """Return an application as JSON; raises `AriError` where it is not connected."""
        application = self.hub.get(name)
        if application is None:
            raise not_found("Application")
        return application.json()

    def _on_left(self, control: StasisControl) -> None:
        self.bridges.remove_from_any(control)
        self.playbacks.stop_all(f"channel:{control.channel.id}")
