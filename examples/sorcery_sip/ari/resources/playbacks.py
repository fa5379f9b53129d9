"""`/playbacks`: sounds that are being played."""

from __future__ import annotations

from sorcery_sip.ari.operations import Arguments, Operation, Resource, path
from sorcery_sip.ari.state import Ari

__all__ = ["PLAYBACKS"]

_ID = path("playbackId", "Id of the playback")


async def _get(ari: Ari, arguments: Arguments) -> object:
    return ari.playbacks.get(arguments.text("playbackId")).json()


async def _stop(ari: Ari, arguments: Arguments) -> object:
    ari.playbacks.get(arguments.text("playbackId")).stop()
    return None


PLAYBACKS = Resource(
    "playbacks",
    "Sounds that are played",
    (
        Operation("GET", "/playbacks/{playbackId}", "get", "Show a playback", _get, (_ID,), "Playback"),
        Operation("DELETE", "/playbacks/{playbackId}", "stop", "Stop a playback", _stop, (_ID,)),
    ),
)
