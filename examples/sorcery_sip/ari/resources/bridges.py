"""`/bridges`: channels that hear one another."""

from __future__ import annotations

from sorcery_sip.ari.errors import AriError
from sorcery_sip.ari.operations import Arguments, Operation, Resource, path, query
from sorcery_sip.ari.state import Ari
from sorcery_sip.pbx.stasis import StasisControl

__all__ = ["BRIDGES"]

_ID = path("bridgeId", "Id of the bridge")
_TYPE = query("type", "mixing (two channels) or holding", multiple=True)
_NAME = query("name", "Name of the bridge")
_CHANNELS = query("channel", "Ids of the channels", required=True, multiple=True)
_MEDIA = query("media", "sound:NAME or tone:NAME", required=True, multiple=True)
_LANGUAGE = query("lang", "Language of the sounds")


async def _list(ari: Ari, arguments: Arguments) -> object:
    return [bridge.json() for bridge in ari.bridges]


async def _create(ari: Ari, arguments: Arguments) -> object:
    bridge = ari.bridges.create(arguments.text("bridgeId"), arguments.several("type"), arguments.text("name"))
    return bridge.json()


async def _get(ari: Ari, arguments: Arguments) -> object:
    return ari.bridges.get(arguments.text("bridgeId")).json()


async def _destroy(ari: Ari, arguments: Arguments) -> object:
    bridge = ari.bridges.get(arguments.text("bridgeId"))
    ari.playbacks.stop_all(f"bridge:{bridge.id}")
    ari.bridges.destroy(bridge)
    return None


async def _add_channel(ari: Ari, arguments: Arguments) -> object:
    bridge = ari.bridges.get(arguments.text("bridgeId"))
    for control in _controls(ari, arguments):
        ari.bridges.add(bridge, control)
    return None


async def _remove_channel(ari: Ari, arguments: Arguments) -> object:
    bridge = ari.bridges.get(arguments.text("bridgeId"))
    for control in _controls(ari, arguments):
        ari.bridges.remove(bridge, control)
    return None


async def _play(ari: Ari, arguments: Arguments) -> object:
    bridge = ari.bridges.get(arguments.text("bridgeId"))
    playback = ari.playbacks.begin(
        arguments.several("media"),
        f"bridge:{bridge.id}",
        arguments.text("lang", "en"),
        lambda: [control.channel for control in bridge.members],
        id=arguments.text("playbackId"),
    )
    return playback.json()


def _controls(ari: Ari, arguments: Arguments) -> list[StasisControl]:
    """Return the controls of the channels that a request names; raises `AriError`."""
    arguments.needed("channel", "Missing parameter channel")
    controls = []
    for id in arguments.several("channel"):
        channel = ari.channels.get(id)
        if channel is None:
            raise AriError(400, "Channel not found")
        control = ari.stasis.control(channel)
        if control is None:
            raise AriError(422, "Channel not in Stasis application")
        controls.append(control)
    return controls


BRIDGES = Resource(
    "bridges",
    "Bridges",
    (
        Operation("GET", "/bridges", "list", "List all bridges", _list, (), "List[Bridge]"),
        Operation(
            "POST",
            "/bridges",
            "create",
            "Make a bridge",
            _create,
            (_TYPE, query("bridgeId", "Id of the bridge"), _NAME),
            "Bridge",
        ),
        Operation(
            "POST", "/bridges/{bridgeId}", "createWithId", "Make a bridge", _create, (_TYPE, _ID, _NAME), "Bridge"
        ),
        Operation("GET", "/bridges/{bridgeId}", "get", "Show a bridge", _get, (_ID,), "Bridge"),
        Operation("DELETE", "/bridges/{bridgeId}", "destroy", "Let all leave a bridge, and end it", _destroy, (_ID,)),
        Operation(
            "POST",
            "/bridges/{bridgeId}/addChannel",
            "addChannel",
            "Put channels into a bridge",
            _add_channel,
            (_ID, _CHANNELS),
        ),
        Operation(
            "POST",
            "/bridges/{bridgeId}/removeChannel",
            "removeChannel",
            "Take channels out of a bridge",
            _remove_channel,
            (_ID, _CHANNELS),
        ),
        Operation(
            "POST",
            "/bridges/{bridgeId}/play",
            "play",
            "Play sounds to all in a bridge",
            _play,
            (_ID, _MEDIA, _LANGUAGE, query("playbackId", "Id of the playback")),
            "Playback",
            status=201,
        ),
        Operation(
            "POST",
            "/bridges/{bridgeId}/play/{playbackId}",
            "playWithId",
            "Play sounds to all in a bridge",
            _play,
            (_ID, path("playbackId", "Id of the playback"), _MEDIA, _LANGUAGE),
            "Playback",
            status=201,
        ),
    ),
)
