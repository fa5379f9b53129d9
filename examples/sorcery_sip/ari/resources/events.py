"""`/events`: the WebSocket that tells applications what happens, and events of their own."""

from __future__ import annotations

from sorcery_sip.ari.errors import AriError, not_found
from sorcery_sip.ari.json_values import Json
from sorcery_sip.ari.operations import Arguments, Operation, Resource, body, path, query
from sorcery_sip.ari.state import Ari

__all__ = ["EVENTS"]


async def _upgrade(ari: Ari, arguments: Arguments) -> object:
    raise AriError(426, "Upgrade Required")


async def _user_event(ari: Ari, arguments: Arguments) -> object:
    application = ari.hub.get(arguments.needed("application", "Missing parameter application"))
    if application is None:
        raise not_found("Application")
    name = arguments.text("eventName")
    event: Json = {"type": "ChannelUserevent", "eventname": name}
    ari.hub.tell(application, event | {"userevent": {"eventname": name, **arguments.object("variables")}})
    return None


EVENTS = Resource(
    "events",
    "What happens",
    (
        Operation(
            "GET",
            "/events",
            "eventWebsocket",
            "Connect applications, and tell them what happens",
            _upgrade,
            (
                query("app", "Names of the applications", required=True, multiple=True),
                query("subscribeAll", "Whether they hear of everything", type="boolean"),
            ),
            "Message",
            upgrade=True,
        ),
        Operation(
            "POST",
            "/events/user/{eventName}",
            "userEvent",
            "Tell an application of an event",
            _user_event,
            (
                path("eventName", "Name of the event"),
                query("application", "Name of the application", required=True),
                body("variables", "What else it says"),
            ),
        ),
    ),
)
