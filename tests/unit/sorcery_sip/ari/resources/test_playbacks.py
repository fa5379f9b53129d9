from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sorcery_sip.pbx.channel import Channel
from tests.unit.sorcery_sip.ari.board import Board, Events, board
from tests.unit.sorcery_sip.pbx.fakes import media, run, technology, until


def in_application(scenario: Callable[[Board, Channel, Events], Awaitable[Any]]) -> Any:
    """Run a scenario with a channel that the application has and that hears until it is told otherwise."""

    async def whole() -> Any:
        async with board() as made:
            channel, events = await made.in_application()
            media(channel).is_quick = False
            return await scenario(made, channel, events)

    return run(whole())


def playing(channel: Channel) -> list[object]:
    return [getattr(each.source, "name", "") for each in media(channel).played]


async def begun(channel: Channel, number: int) -> None:
    await until(lambda: len(media(channel).played) > number)


def test_a_playback_is_shown_and_stopped() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/play/mine?media=tone:busy")
        await events.next("PlaybackStarted")
        assert (await made.done("GET", "/playbacks/mine"))["state"] == "playing"
        await made.done("DELETE", "/playbacks/mine")
        assert (await events.next("PlaybackFinished"))["playback"]["state"] == "done"
        assert media(channel).played[0].done.result() is False
        assert (await made.ask("GET", "/playbacks/mine"))[:2] == (404, {"message": "Playback not found"})
        assert (await made.ask("DELETE", "/playbacks/mine"))[:2] == (404, {"message": "Playback not found"})

    in_application(scenario)


def test_several_sounds_follow_one_another() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        value = await made.done("POST", f"/channels/{channel.id}/play?media=sound:hello,tone:busy,sound:bye")
        assert value["next_media_uri"] == "tone:busy"
        for number in range(3):
            await begun(channel, number)
            media(channel).played[number].end()
        finished = (await events.next("PlaybackFinished"))["playback"]
        assert finished["media_uri"] == "sound:bye"
        assert "next_media_uri" not in finished
        assert playing(channel) == ["hello", "tone:busy", "bye"]

    in_application(scenario)


def test_who_leaves_a_bridge_hears_no_more_of_what_is_played_there() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        second = await made.call(name="bob")
        media(second).is_quick = False
        await events.next("StasisStart")
        await made.done("POST", "/bridges/talk")
        await made.done("POST", f"/bridges/talk/addChannel?channel={channel.id},{second.id}")
        await made.done("POST", "/bridges/talk/play?media=tone:busy,sound:hello")
        await begun(second, 0)
        await made.done("POST", f"/bridges/talk/removeChannel?channel={channel.id}")
        assert media(channel).played[0].done.result() is False
        assert not media(second).played[0].done.done()
        media(second).played[0].end()
        await begun(second, 1)
        assert playing(channel) == ["tone:busy"]
        await made.done("POST", f"/bridges/talk/removeChannel?channel={second.id}")
        await events.next("PlaybackFinished")

    in_application(scenario)


def test_playbacks_for_one_channel_wait_for_one_another() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/play/first?media=tone:busy")
        await made.done("POST", f"/channels/{channel.id}/play/second?media=tone:ring")
        await made.done("POST", f"/channels/{channel.id}/play/third?media=tone:dial")
        await until(lambda: media(channel).played)
        assert (await made.done("GET", "/playbacks/second"))["state"] == "queued"
        await made.done("DELETE", "/playbacks/second")
        media(channel).played[0].end()
        await until(lambda: len(media(channel).played) == 2)
        assert playing(channel) == ["tone:busy", "tone:dial"]

    in_application(scenario)


@pytest.mark.parametrize("uri", ["sound:missing", "tone:bad"])
def test_a_sound_that_cannot_be_had_has_failed(uri: str) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/play?media={uri}")
        assert (await events.next("PlaybackFinished"))["playback"]["state"] == "failed"

    in_application(scenario)


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("", 400, "Media to play is required"),
        ("?media=number:7", 400, "Media 'number:7' is not served; use sound:NAME or tone:NAME"),
        ("?media=tone:busy&playbackId=mine", 409, "Playback with id 'mine' already exists"),
    ],
)
def test_what_cannot_be_played(query: str, status: int, message: str) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/play/mine?media=tone:busy")
        answer = await made.ask("POST", f"/channels/{channel.id}/play{query}")
        assert answer[:2] == (status, {"message": message})

    in_application(scenario)


def test_a_channel_without_media_hears_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery_sip.pbx.playing.PATIENCE", 0.01)

    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        technology(channel).media = None
        await made.done("POST", f"/channels/{channel.id}/play?media=tone:busy")
        assert (await events.next("PlaybackFinished"))["playback"]["state"] == "failed"

    in_application(scenario)
