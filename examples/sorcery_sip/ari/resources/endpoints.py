"""`/endpoints`: whom channels lead to."""

from __future__ import annotations

from sorcery_sip.ari.errors import AriError, not_found
from sorcery_sip.ari.json_values import Json
from sorcery_sip.ari.operations import Arguments, Operation, Resource, path
from sorcery_sip.ari.state import Ari, EndpointState

__all__ = ["ENDPOINTS"]

_TECH = path("tech", "Technology, such as PJSIP")


async def _list(ari: Ari, arguments: Arguments) -> object:
    return [_json(ari, endpoint) for endpoint in await ari.endpoints()]


async def _list_by_tech(ari: Ari, arguments: Arguments) -> object:
    tech = arguments.text("tech")
    if not any(name.casefold() == tech.casefold() for name in ari.drivers):
        raise AriError(404, f"No Endpoints found - invalid tech {tech}")
    endpoints = await ari.endpoints()
    return [_json(ari, endpoint) for endpoint in endpoints if endpoint.technology.casefold() == tech.casefold()]


async def _get(ari: Ari, arguments: Arguments) -> object:
    wanted = (arguments.text("tech").casefold(), arguments.text("resource"))
    for endpoint in await ari.endpoints():
        if (endpoint.technology.casefold(), endpoint.resource) == wanted:
            return _json(ari, endpoint)
    raise not_found("Endpoint")


def _json(ari: Ari, endpoint: EndpointState) -> Json:
    name = f"{endpoint.technology}/{endpoint.resource}"
    ids = [channel.id for channel in ari.channels if channel.name.rpartition("-")[0] == name]
    return {
        "technology": endpoint.technology,
        "resource": endpoint.resource,
        "state": endpoint.state,
        "channel_ids": ids,
    }


ENDPOINTS = Resource(
    "endpoints",
    "Endpoints",
    (
        Operation("GET", "/endpoints", "list", "List all endpoints", _list, (), "List[Endpoint]"),
        Operation(
            "GET",
            "/endpoints/{tech}",
            "listByTech",
            "List the endpoints of a technology",
            _list_by_tech,
            (_TECH,),
            "List[Endpoint]",
        ),
        Operation(
            "GET",
            "/endpoints/{tech}/{resource}",
            "get",
            "Show an endpoint",
            _get,
            (_TECH, path("resource", "Name of the endpoint")),
            "Endpoint",
        ),
    ),
)
