"""`/channels/{channelId}/variable`: variables and functions of a channel."""

from __future__ import annotations

from sorcery_sip.ari.errors import AriError
from sorcery_sip.ari.operations import Arguments, Operation, path, query
from sorcery_sip.ari.state import Ari
from sorcery_sip.ari.variables import value_of

__all__ = ["VARIABLES"]

_NEEDED = (
    path("channelId", "Id or name of the channel"),
    query("variable", "Name of the variable, or of a function with what stands in its parentheses", required=True),
)


async def _get(ari: Ari, arguments: Arguments) -> object:
    name = arguments.needed("variable", "Variable name is required")
    scope = ari.pbx.scope(ari.channel(arguments.text("channelId")))
    value = await value_of(scope, name)
    if value is None:
        raise AriError(404, "Provided variable was not found")
    return {"value": value}


async def _set(ari: Ari, arguments: Arguments) -> object:
    name = arguments.needed("variable", "Variable name is required")
    ari.pbx.scope(ari.control(arguments.text("channelId")).channel).set(name, arguments.text("value"))
    return None


VARIABLES = (
    Operation(
        "GET",
        "/channels/{channelId}/variable",
        "getChannelVar",
        "Read a variable or function of a channel",
        _get,
        _NEEDED,
        "Variable",
    ),
    Operation(
        "POST",
        "/channels/{channelId}/variable",
        "setChannelVar",
        "Set a variable or function of a channel",
        _set,
        (*_NEEDED, query("value", "Its value")),
    ),
)
