from __future__ import annotations

import asyncio

import pytest

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.playing import audible, find_sound, next_event, play
from tests.unit.sorcery_sip.pbx.fakes import FakeMedia, FakeSound, FakeSounds, incoming, media, run, technology, until

SOUND = FakeSound("hello")


@pytest.fixture
def channel() -> Channel:
    channel = incoming(Channels())
    media(channel).is_quick = False
    return channel


def test_a_sound_is_played_to_its_end_whatever_is_pressed(channel: Channel) -> None:
    async def scenario() -> object:
        playing = asyncio.ensure_future(play(channel, SOUND))
        await until(lambda: media(channel).played)
        channel.post(DtmfEnd("1"))
        await asyncio.sleep(0.01)
        assert not playing.done()
        media(channel).played[0].end()
        result = await playing
        channel.post(DtmfEnd("2"))
        assert await channel.read() == DtmfEnd("2")
        return result

    assert run(scenario()) is None


@pytest.mark.parametrize("event", [HangupRequested(16), DtmfEnd("#")])
def test_a_hang_up_or_a_chosen_event_ends_it(channel: Channel, event: HangupRequested | DtmfEnd) -> None:
    async def scenario() -> object:
        playing = asyncio.ensure_future(play(channel, SOUND, until=lambda event: event == DtmfEnd("#")))
        await until(lambda: media(channel).played)
        channel.post(event)
        return await playing

    assert run(scenario()) == event
    assert media(channel).played[0].done.result() is False


def test_who_plays_may_be_broken_off(channel: Channel) -> None:
    async def scenario() -> None:
        playing = asyncio.ensure_future(play(channel, SOUND))
        await until(lambda: media(channel).played)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)

        channel.post(DtmfEnd("1"))
        assert await channel.read() == DtmfEnd("1")

    run(scenario())
    assert media(channel).played[0].done.result() is False


def test_media_that_comes_a_little_late_is_waited_for(channel: Channel) -> None:
    late, technology(channel).media = media(channel), None

    async def scenario() -> object:
        waiting = asyncio.ensure_future(audible(channel))
        await asyncio.sleep(0.03)
        assert not waiting.done()
        technology(channel).media = late
        return await waiting

    assert run(scenario()) is late


def test_media_of_a_channel_that_ends_is_not_waited_for(channel: Channel) -> None:
    technology(channel).media = FakeMedia(codec=None)
    channel.post(HangupRequested())
    with pytest.raises(UnsupportedFormat, match="has no media"):
        run(audible(channel))


def test_an_event_is_waited_for_so_long_and_no_longer(channel: Channel) -> None:
    assert run(next_event(channel, 0.01)) is None
    channel.post(DtmfEnd("1"))
    assert run(next_event(channel, None)) == DtmfEnd("1")


@pytest.mark.parametrize(
    ("name", "found"),
    [("tone:busy", "tone:busy"), ("tone:ring;tonezone=us", "tone:ring"), ("sound:hello", "hello"), ("hello", "hello")],
)
def test_sounds_are_tones_or_files(name: str, found: str) -> None:
    sound = run(find_sound(FakeSounds("hello"), name, "en"))
    assert isinstance(sound, FakeSound)
    assert sound.name == found


def test_a_sound_that_is_missing_is_an_error() -> None:
    with pytest.raises(SoundError, match="'nothing'"):
        run(find_sound(FakeSounds(), "nothing", "en"))
