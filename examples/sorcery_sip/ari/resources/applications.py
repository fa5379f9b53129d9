"""`/applications`: the applications that are connected, and what they hear of."""

from __future__ import annotations

from sorcery_sip.ari.errors import AriError, not_found
from sorcery_sip.ari.hub import ConnectedApplication, subscribe, unsubscribe
from sorcery_sip.ari.operations import Arguments, Operation, Resource, path, query
from sorcery_sip.ari.state import Ari

__all__ = ["APPLICATIONS"]

_NAME = path("applicationName", "Name of the application")
_SOURCE = query("eventSource", "channel:ID, bridge:ID or endpoint:TECH/RESOURCE", required=True, multiple=True)


async def _list(ari: Ari, arguments: Arguments) -> object:
    return [application.json() for application in ari.hub]


async def _get(ari: Ari, arguments: Arguments) -> object:
    return ari.application_json(arguments.text("applicationName"))


async def _subscribe(ari: Ari, arguments: Arguments) -> object:
    application = _application(ari, arguments)
    for subscriptions, id in [_source(ari, application, source) for source in _sources(arguments)]:
        subscribe(subscriptions, id)
    return application.json()


async def _unsubscribe(ari: Ari, arguments: Arguments) -> object:
    application = _application(ari, arguments)
    for subscriptions, id in [_source(ari, application, source) for source in _sources(arguments)]:
        if id not in subscriptions:
            raise AriError(409, "Application not subscribed to event source")
        unsubscribe(subscriptions, id)
    return application.json()


def _application(ari: Ari, arguments: Arguments) -> ConnectedApplication:
    application = ari.hub.get(arguments.text("applicationName"))
    if application is None:
        raise not_found("Application")
    return application


def _sources(arguments: Arguments) -> list[str]:
    arguments.needed("eventSource", "Missing parameter eventSource")
    return arguments.several("eventSource")


def _source(ari: Ari, application: ConnectedApplication, source: str) -> tuple[dict[str, int], str]:
    """Return where subscriptions to a kind of source are kept, and which it is; raises `AriError`."""
    scheme, _, id = source.partition(":")
    match scheme:
        case "channel":
            found = ari.channels.get(id)
            if found is not None:
                return application.channels, found.id
        case "bridge":
            if any(bridge.id == id for bridge in ari.bridges):
                return application.bridges, id
        case "endpoint":
            return application.endpoints, id
        case _:
            raise AriError(400, "Invalid event source URI scheme")
    raise AriError(422, "Event source does not exist")


APPLICATIONS = Resource(
    "applications",
    "Applications that are connected",
    (
        Operation("GET", "/applications", "list", "List all applications", _list, (), "List[Application]"),
        Operation(
            "GET", "/applications/{applicationName}", "get", "Show an application", _get, (_NAME,), "Application"
        ),
        Operation(
            "POST",
            "/applications/{applicationName}/subscription",
            "subscribe",
            "Let an application hear of something",
            _subscribe,
            (_NAME, _SOURCE),
            "Application",
        ),
        Operation(
            "DELETE",
            "/applications/{applicationName}/subscription",
            "unsubscribe",
            "Let an application hear of something no longer",
            _unsubscribe,
            (_NAME, _SOURCE),
            "Application",
        ),
    ),
)
