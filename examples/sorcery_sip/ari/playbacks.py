"""Sounds that applications play to channels and bridges, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from uuid import uuid4

from sorcery_sip.ari.errors import AriError, not_found
from sorcery_sip.ari.hub import Hub
from sorcery_sip.ari.json_values import Json
from sorcery_sip.ari.tasks import Tasks
from sorcery_sip.errors import SoundError, UnsupportedFormat, shorten
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.media import Playing, Sounds
from sorcery_sip.pbx.playing import audible, find_sound
from sorcery_sip.pbx.technology import Indication

__all__ = ["Playback", "Playbacks"]

_SCHEMES = ("sound:", "tone:")

_LOG = logging.getLogger(__name__)


class Playback:
    """Sounds for one target: `channel:` or `bridge:` and its id."""

    def __init__(self, id: str, media: Sequence[str], target: str, language: str) -> None:
        self.id, self.media, self.target, self.language = id, media, target, language
        self.state = "queued"
        self.at = 0
        self.is_stopped = False
        self.playing: dict[Channel, Playing] = {}
        """By who hears it."""

    def json(self) -> Json:
        """Return it as JSON."""
        value: Json = {"id": self.id, "media_uri": self.media[self.at]}
        if self.at + 1 < len(self.media):
            value["next_media_uri"] = self.media[self.at + 1]
        return value | {"target_uri": self.target, "language": self.language, "state": self.state}

    def stop(self) -> None:
        """Let it end now."""
        self.is_stopped = True
        for playing in self.playing.values():
            playing.stop()


class Playbacks:
    """All that is played or waits for its turn: one at a time for each target."""

    def __init__(self, hub: Hub, sounds: Sounds, tasks: Tasks) -> None:
        self._hub, self._sounds, self._tasks = hub, sounds, tasks
        self._by_id: dict[str, Playback] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        """By target, for as long as something is played to it."""

    def get(self, id: str) -> Playback:
        """Return a playback that is not over; raises `AriError` where there is none."""
        playback = self._by_id.get(id)
        if playback is None:
            raise not_found("Playback")
        return playback

    def begin(
        self,
        media: Sequence[str],
        target: str,
        language: str,
        hearers: Callable[[], Sequence[Channel]],
        *,
        id: str = "",
    ) -> Playback:
        """Play sounds, each to the channels that `hearers` returns when its turn comes; raises `AriError`."""
        if not media:
            raise AriError(400, "Media to play is required")
        for uri in media:
            if not uri.startswith(_SCHEMES):
                raise AriError(400, f"Media {uri!r} is not served; use sound:NAME or tone:NAME")
        if id in self._by_id:
            raise AriError(409, f"Playback with id {id!r} already exists")
        playback = Playback(id or str(uuid4()), media, target, language)
        self._by_id[playback.id] = playback
        self._tasks.begin(self._run(playback, hearers))
        return playback

    def stop_all(self, target: str) -> None:
        """Stop whatever is or would be played to a target."""
        for playback in tuple(self._by_id.values()):
            if playback.target == target:
                playback.stop()

    def leave(self, target: str, channel: Channel) -> None:
        """Stop what is played to a target for one of its channels; the others go on hearing it."""
        for playback in self._by_id.values():
            if playback.target == target and channel in playback.playing:
                playback.playing[channel].stop()

    async def _run(self, playback: Playback, hearers: Callable[[], Sequence[Channel]]) -> None:
        turn = self._turns.setdefault(playback.target, asyncio.Lock())
        try:
            async with turn:
                if not playback.is_stopped:
                    await self._play(playback, hearers)
        finally:
            del self._by_id[playback.id]
            if all(other.target != playback.target for other in self._by_id.values()):
                del self._turns[playback.target]

    async def _play(self, playback: Playback, hearers: Callable[[], Sequence[Channel]]) -> None:
        """Play one sound after the other, telling of the first and the last."""
        ids = [channel.id for channel in hearers()]
        playback.state = "playing"
        self._tell("PlaybackStarted", playback, ids)
        state = "done"
        try:
            for at, uri in enumerate(playback.media):
                if not playback.is_stopped:
                    playback.at = at
                    await self._play_one(playback, uri, hearers)
        except (SoundError, UnsupportedFormat) as error:
            _LOG.warning("playback to %s: %s", shorten(playback.target), error)
            state = "failed"
        finally:
            for playing in playback.playing.values():
                playing.stop()
            playback.state = state
            self._tell("PlaybackFinished", playback, ids)

    async def _play_one(self, playback: Playback, uri: str, hearers: Callable[[], Sequence[Channel]]) -> None:
        source = await find_sound(self._sounds, uri, playback.language)
        playback.playing = {}
        for channel in hearers():
            if not channel.is_up:
                channel.indicate(Indication.PROGRESS)
            playback.playing[channel] = (await audible(channel)).play(source)
        if playback.is_stopped:
            playback.stop()
        for playing in tuple(playback.playing.values()):
            await playing

    def _tell(self, type: str, playback: Playback, channel_ids: Sequence[str]) -> None:
        event = {"type": type, "playback": playback.json()}
        scheme, _, id = playback.target.partition(":")
        if scheme == "bridge":
            self._hub.tell_of_bridge(id, event, *channel_ids)
        else:
            self._hub.tell_of_channels(event, id)
