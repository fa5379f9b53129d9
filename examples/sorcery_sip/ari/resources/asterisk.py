"""`/asterisk`: the server and its global variables."""

from __future__ import annotations

import platform

from sorcery_sip.ari.json_values import Json, timestamp
from sorcery_sip.ari.operations import Arguments, Operation, Resource, query
from sorcery_sip.ari.state import Ari
from sorcery_sip.ari.variables import value_of

__all__ = ["ASTERISK"]

_VARIABLE = query("variable", "Name of the variable", required=True)
_NO_NAME = "Variable name is required"


async def _info(ari: Ari, arguments: Arguments) -> object:
    system = platform.uname()
    reloaded = ari.info.reloaded()
    status = {"startup_time": timestamp(ari.info.started)}
    if reloaded is not None:
        status["last_reload_time"] = timestamp(reloaded)
    everything: dict[str, Json] = {
        "build": {
            "os": system.system,
            "kernel": system.release,
            "machine": system.machine,
            "options": "",
            "date": "",
            "user": "",
        },
        "system": {"version": ari.info.version, "entity_id": ari.info.entity_id},
        "config": {"name": ari.info.name, "default_language": "en", "setid": {"user": "", "group": ""}},
        "status": status,
    }
    only = arguments.several("only")
    return {name: part for name, part in everything.items() if not only or name in only}


async def _ping(ari: Ari, arguments: Arguments) -> object:
    return {"ping": "pong", "timestamp": ari.hub.timestamp(), "asterisk_id": ari.info.entity_id}


async def _get_variable(ari: Ari, arguments: Arguments) -> object:
    name = arguments.needed("variable", _NO_NAME)
    return {"value": await value_of(ari.pbx.scope(), name) or ""}


async def _set_variable(ari: Ari, arguments: Arguments) -> object:
    ari.pbx.scope().set(arguments.needed("variable", _NO_NAME), arguments.text("value"))
    return None


ASTERISK = Resource(
    "asterisk",
    "The server",
    (
        Operation(
            "GET",
            "/asterisk/info",
            "getInfo",
            "Tell about the server",
            _info,
            (query("only", "Parts to return: build, system, config, status", multiple=True),),
            "AsteriskInfo",
        ),
        Operation("GET", "/asterisk/ping", "ping", "Answer", _ping, (), "AsteriskPing"),
        Operation(
            "GET",
            "/asterisk/variable",
            "getGlobalVar",
            "Read a global variable",
            _get_variable,
            (_VARIABLE,),
            "Variable",
        ),
        Operation(
            "POST",
            "/asterisk/variable",
            "setGlobalVar",
            "Set a global variable",
            _set_variable,
            (_VARIABLE, query("value", "Its value")),
        ),
    ),
)
