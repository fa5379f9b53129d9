"""The applications that are connected: what each wants to hear of, and how it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence

from sorcery_sip.ari.channel_events import event_of
from sorcery_sip.ari.json_values import Json, channel_json, timestamp
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dial_terms import Dialed
from sorcery_sip.pbx.notices import Ended
from sorcery_sip.pbx.stasis import StasisApplications, StasisControl

__all__ = ["ConnectedApplication", "Hub", "subscribe", "unsubscribe"]

Send = Callable[[str], None]
"""Takes the text of one event; never blocks."""


class ConnectedApplication:
    """One application, its connection, and the channels, bridges and endpoints it hears of."""

    def __init__(self, name: str, send: Send, hub: Hub, *, hears_all: bool) -> None:
        self.name, self.send, self.hears_all = name, send, hears_all
        self.channels: dict[str, int] = {}
        """By id, for how many reasons it hears of it."""
        self.bridges: dict[str, int] = {}
        self.endpoints: dict[str, int] = {}
        self._hub = hub

    def entered(self, control: StasisControl, arguments: Sequence[str]) -> None:
        """Tell it that it has a channel."""
        subscribe(self.channels, control.channel.id)
        event = {"type": "StasisStart", "args": list(arguments), "channel": self._hub.describe(control.channel)}
        self._hub.tell(self, event)

    def left(self, control: StasisControl) -> None:
        """Tell it that it has a channel no longer; it hears of it no more, unless it asked to."""
        self._hub.on_left(control)
        self._hub.tell(self, {"type": "StasisEnd", "channel": self._hub.describe(control.channel)})
        unsubscribe(self.channels, control.channel.id)

    def json(self) -> Json:
        """Return it as JSON."""
        everything = "*"
        return {
            "name": self.name,
            "channel_ids": [everything] if self.hears_all else list(self.channels),
            "bridge_ids": [everything] if self.hears_all else list(self.bridges),
            "endpoint_ids": [everything] if self.hears_all else list(self.endpoints),
            "device_names": [],
            "events_allowed": [],
            "events_disallowed": [],
        }


class Hub:
    """Tell applications what happens. `entity_id` is this server's name in events."""

    def __init__(
        self,
        channels: Channels,
        stasis: StasisApplications,
        *,
        entity_id: str,
        clock: Callable[[], float] = time.time,
        describe: Callable[[Channel], Json] = channel_json,
    ) -> None:
        self.entity_id, self._stasis, self._clock, self.describe = entity_id, stasis, clock, describe
        self._applications: dict[str, ConnectedApplication] = {}
        self.on_left: Callable[[StasisControl], None] = lambda control: None
        """Called when a channel leaves its application, before that is told."""
        self.on_returned: Callable[[ConnectedApplication, StasisControl], None] = lambda application, control: None
        """Called for each channel that an application finds when it comes back."""
        channels.observe(self._on_notice)

    def __iter__(self) -> Iterator[ConnectedApplication]:
        return iter(tuple(self._applications.values()))

    def get(self, name: str) -> ConnectedApplication | None:
        """Return an application that is connected."""
        return self._applications.get(name)

    def connect(self, name: str, send: Send, *, hears_all: bool) -> None:
        """Connect an application; it takes over what one of its name heard of, which is told so.

        One that comes back hears of the channels that are still its own, and of their bridges.
        """
        application = ConnectedApplication(name, send, self, hears_all=hears_all)
        previous = self._applications.get(name)
        if previous is not None:
            self.tell(previous, {"type": "ApplicationReplaced"})
            application.channels, application.bridges = previous.channels, previous.bridges
            application.endpoints = previous.endpoints
        self._applications[name] = application
        self._stasis.register(name, application)
        if previous is None:
            for control in self._stasis.controls(name):
                subscribe(application.channels, control.channel.id)
                self.on_returned(application, control)

    def disconnect(self, name: str, send: Send) -> None:
        """Forget the application of a connection that is gone, unless another took its place."""
        application = self._applications.get(name)
        if application is not None and application.send == send:
            del self._applications[name]
            self._stasis.unregister(name)

    def tell(self, application: ConnectedApplication, event: Json) -> None:
        """Tell one application."""
        stamped = {"type": event["type"], "timestamp": self.timestamp(), **event}
        stamped |= {"asterisk_id": self.entity_id, "application": application.name}
        application.send(json.dumps(stamped, separators=(",", ":")))

    def tell_of_bridge(self, bridge_id: str, event: Json, *channel_ids: str) -> None:
        """Tell the applications that hear of a bridge, or of one of the channels."""
        for application in self:
            wanted = application.hears_all or bridge_id in application.bridges
            if wanted or any(channel_id in application.channels for channel_id in channel_ids):
                self.tell(application, event)

    def tell_of_channels(self, event: Json, *channel_ids: str) -> None:
        """Tell the applications that hear of one of the channels."""
        for application in self:
            if application.hears_all or any(channel_id in application.channels for channel_id in channel_ids):
                self.tell(application, event)

    def timestamp(self) -> str:
        """Return the time as it stands in events."""
        return timestamp(self._clock())

    def _on_notice(self, channel: Channel, notice: object) -> None:
        if not self._applications:
            return
        ids = [channel.id]
        if isinstance(notice, Dialed) and notice.caller is not None:
            ids.append(notice.caller.id)
        endpoint = channel.name.rpartition("-")[0]
        interested = [
            application
            for application in self
            if application.hears_all
            or endpoint in application.endpoints
            or any(channel_id in application.channels for channel_id in ids)
        ]
        event = event_of(channel, notice, self.describe) if interested else None
        if event is not None:
            for application in interested:
                self.tell(application, event)
        if type(notice) is Ended:
            for application in self:
                application.channels.pop(channel.id, None)


def subscribe(subscriptions: dict[str, int], id: str) -> None:
    """Have one reason more to hear of something."""
    subscriptions[id] = subscriptions.get(id, 0) + 1


def unsubscribe(subscriptions: dict[str, int], id: str) -> None:
    """Have one reason less to hear of something."""
    left = subscriptions.pop(id, 0) - 1
    if left > 0:
        subscriptions[id] = left
