"""What each application does to a channel; Dial has a module of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import pytest

from sorcery_sip.pbx.applications import Services, applications
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested, TextReceived
from sorcery_sip.pbx.stasis import StasisApplications
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.fakes import (
    FakeCall,
    FakeMedia,
    FakeSounds,
    FakeSubroutines,
    incoming,
    media,
    run,
    settle,
    technology,
    until,
)

SERVICES = Services(FakeSounds("hello", "bye"), {}, StasisApplications(), FakeSubroutines())


@pytest.fixture
def channel() -> Channel:
    return incoming(Channels())


async def perform(channel: Channel, name: str, arguments: str = "") -> None:
    await applications(SERVICES)[name](FakeCall(channel), arguments)


async def while_running(channel: Channel, name: str, arguments: str, *steps: Callable[[], object]) -> None:
    """Run an application and let things happen meanwhile, each once the one before was taken."""
    running = asyncio.ensure_future(perform(channel, name, arguments))
    for step in steps:
        await settle()
        step()
    await running


def played(channel: Channel) -> list[object]:
    return [getattr(playing.source, "name", playing.source) for playing in media(channel).played]


def test_answer_answers(channel: Channel) -> None:
    run(perform(channel, "Answer"))
    assert channel.is_up


@pytest.mark.parametrize("arguments", ["20", "20,nocdr"])
def test_answer_may_wait_a_little(channel: Channel, arguments: str) -> None:
    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await perform(channel, "Answer", arguments)
        return loop.time() - began

    assert run(scenario()) >= 0.02


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Ringing", Indication.RINGING),
        ("Progress", Indication.PROGRESS),
        ("Proceeding", Indication.PROCEEDING),
    ],
)
def test_the_caller_is_told_how_the_call_goes(channel: Channel, name: str, told: Indication) -> None:
    run(perform(channel, name))
    assert technology(channel).log == [told]


def test_wait_takes_what_happens_and_ends_at_a_hang_up(channel: Channel) -> None:
    async def scenario() -> None:
        channel.post(DtmfEnd("1"))
        await perform(channel, "Wait", "0.01")
        channel.post(DtmfEnd("2"))
        assert await channel.read() == DtmfEnd("2")
        channel.post(HangupRequested())
        await perform(channel, "Wait", "1000")

    run(scenario())


def test_wait_for_no_time_at_all_is_over_at_once(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    for arguments in ("", "0", "soon", "-1", "inf"):
        run(perform(channel, "Wait", arguments))
    assert [record.message for record in caplog.records] == [
        f"Wait on {channel.name}: time '{text}' is no number of seconds" for text in ("soon", "-1", "inf")
    ]


@pytest.mark.parametrize(
    ("name", "arguments", "told", "cause"),
    [
        ("Busy", "10", Indication.BUSY, Cause.USER_BUSY),
        ("Congestion", "10", Indication.CONGESTION, Cause.NORMAL_CIRCUIT_CONGESTION),
        ("Incomplete", "n", Indication.INCOMPLETE, Cause.INVALID_NUMBER_FORMAT),
    ],
)
def test_a_caller_is_turned_away(channel: Channel, name: str, arguments: str, told: Indication, cause: Cause) -> None:
    run(perform(channel, name, arguments))
    assert technology(channel).log == [told]
    assert channel.is_hung_up
    assert channel.hangup_cause == cause


@pytest.mark.parametrize(("name", "tone"), [("Busy", "tone:busy"), ("Congestion", "tone:congestion")])
def test_a_caller_who_was_answered_hears_a_tone_and_is_hung_up_in_the_end(
    channel: Channel, name: str, tone: str
) -> None:
    media(channel).is_quick = False

    async def scenario() -> None:
        channel.answer()
        await perform(channel, name, "0.01")

    run(scenario())
    assert played(channel) == [tone]
    assert media(channel).played[0].done.done()
    assert channel.is_hung_up


def test_a_caller_who_was_answered_goes_on_after_incomplete(channel: Channel) -> None:
    async def scenario() -> None:
        channel.answer()
        await perform(channel, "Incomplete", "n")

    run(scenario())
    assert not channel.is_hung_up


def test_incomplete_answers_first(channel: Channel) -> None:
    run(perform(channel, "Incomplete"))
    assert channel.is_up
    assert not channel.is_hung_up


def test_playback_answers_and_plays_one_after_the_other(channel: Channel) -> None:
    run(perform(channel, "Playback", "hello&tone:busy&bye"))
    assert channel.is_up
    assert played(channel) == ["hello", "tone:busy", "bye"]
    assert channel.variables["PLAYBACKSTATUS"] == "SUCCESS"


@pytest.mark.parametrize("name", ["nothing", "tone:bad", ""])
def test_playback_of_what_is_missing_has_failed(channel: Channel, name: str, caplog: pytest.LogCaptureFixture) -> None:
    run(perform(channel, "Playback", f"{name}&hello" if name else ""))
    assert channel.variables["PLAYBACKSTATUS"] == "FAILED"
    assert played(channel) == (["hello"] if name else [])
    assert not name or "Playback on Fake/alice" in caplog.text


def test_playback_in_a_codec_that_we_cannot_make_has_failed(channel: Channel) -> None:
    technology(channel).media = FakeMedia(codec=None)
    channel.post(HangupRequested())
    run(perform(channel, "Playback", "hello"))
    assert channel.variables["PLAYBACKSTATUS"] == "FAILED"


@pytest.mark.parametrize(("options", "heard"), [("noanswer", ["hello"]), ("skip", [])])
def test_playback_before_the_answer(channel: Channel, options: str, heard: list[str]) -> None:
    run(perform(channel, "Playback", f"hello,{options}"))
    assert not channel.is_up
    assert played(channel) == heard
    assert channel.variables["PLAYBACKSTATUS"] == "SUCCESS"


def test_playback_ends_at_a_hang_up(channel: Channel) -> None:
    media(channel).is_quick = False
    run(while_running(channel, "Playback", "hello&bye", lambda: channel.post(HangupRequested())))
    assert played(channel) == ["hello"]


def test_playtones_go_on_beside_the_dialplan_until_they_are_stopped(channel: Channel) -> None:
    media(channel).is_quick = False

    async def scenario() -> None:
        await perform(channel, "Playtones", "440/500")
        (tone,) = media(channel).played
        assert not tone.done.done()
        await perform(channel, "StopPlaytones")
        assert tone.done.done()
        await perform(channel, "StopPlaytones")

    run(scenario())
    assert played(channel) == ["tone:440/500"]


def test_a_tone_that_is_none_is_named_in_the_log(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    run(perform(channel, "Playtones", "bad"))
    assert "Playtones on Fake/alice-00000000: tone 'bad': no frequency" in caplog.text


@pytest.mark.parametrize("end", [HangupRequested(), DtmfEnd("#")])
def test_echo_sends_back_what_comes(channel: Channel, end: HangupRequested | DtmfEnd) -> None:
    def post() -> None:
        assert media(channel).is_echoing
        channel.post(DtmfEnd("5", 90))
        channel.post(TextReceived("hello"))
        channel.post(end)

    run(while_running(channel, "Echo", "", post))
    assert technology(channel).log == [("dtmf", "5", 90), ("text", "hello")]
    assert not media(channel).is_echoing


def test_echo_without_media_is_over_at_once(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    technology(channel).media = None
    channel.post(HangupRequested())
    run(perform(channel, "Echo"))
    assert "has no media" in caplog.text


def test_digits_are_sent_one_after_the_other(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    run(perform(channel, "SendDTMF", "1wa?#,1,2"))
    assert technology(channel).log == [("dtmf", "1", 2), ("dtmf", "A", 2), ("dtmf", "#", 2)]
    assert "'?' is no digit" in caplog.text


def test_digits_stop_at_a_hang_up(channel: Channel) -> None:
    run(while_running(channel, "SendDTMF", "12,9000", lambda: channel.post(HangupRequested())))
    assert technology(channel).log == [("dtmf", "1", 100)]


def test_digits_for_another_channel_are_not_sent(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    run(perform(channel, "SendDTMF", "1,,,Fake/bob-1"))
    assert technology(channel).log == []
    assert "not to 'Fake/bob-1'" in caplog.text


@pytest.mark.parametrize(
    ("arguments", "keys", "digits", "status"),
    [
        ("X", "12#3", "12", "OK"),
        ("X,,2", "123", "12", "OK"),
        ("X,," + "9" * 5000, "12#", "12", "OK"),
        ("X,,,," + "9" * 5000, "1#", "1", "OK"),
        ("X,,,,,0.02", "12", "12", "OK"),
        ("X,,,,,0.02", "", "", "TIMEOUT"),
        ("X,,,,2,0.02", "", "", "TIMEOUT"),
        ("X", "#", "", "OK"),
        ("X,hello,1", "7", "7", "OK"),
        ("X,nothing,1", "7", "7", "OK"),
        ("X,hello,1,n", "7", "7", "OK"),
        ("X", "1h", "1", "HANGUP"),
    ],
)
def test_read_collects_digits(channel: Channel, arguments: str, keys: str, digits: str, status: str) -> None:
    for key in keys:
        channel.post(HangupRequested() if key == "h" else DtmfEnd(key))
    run(perform(channel, "Read", arguments))
    assert (channel.variables["X"], channel.variables["READSTATUS"]) == (digits, status)
    assert channel.is_up is not (arguments.endswith(",n") or "h" in keys)


def test_a_digit_ends_the_prompt_of_read(channel: Channel) -> None:
    media(channel).is_quick = False
    run(while_running(channel, "Read", "X,hello&bye,1", lambda: channel.post(DtmfEnd("7"))))
    assert played(channel) == ["hello"]
    assert channel.variables["X"] == "7"


def test_a_tone_of_read_rings_no_longer_than_the_first_digit_may_take(channel: Channel) -> None:
    media(channel).is_quick = False
    run(perform(channel, "Read", "X,tone:dial,1,,2,0.02"))
    assert played(channel) == ["tone:dial", "tone:dial"]
    assert (channel.variables["X"], channel.variables["READSTATUS"]) == ("", "TIMEOUT")


def test_read_may_leave_a_channel_alone_that_is_not_up(channel: Channel) -> None:
    run(perform(channel, "Read", "X,,,s"))
    assert channel.variables == {"X": "", "READSTATUS": "SKIPPED"}


def test_read_needs_a_variable(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    run(perform(channel, "Read"))
    assert channel.variables == {"READSTATUS": "ERROR"}
    assert "no variable" in caplog.text


def test_an_option_that_is_not_served_is_named_in_the_log(channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    run(perform(channel, "Read", "X,,,si"))
    assert "Read on Fake/alice-00000000: option i of 'si' is not served" in caplog.text


def test_what_waits_for_ever_is_broken_off(channel: Channel) -> None:
    async def scenario() -> None:
        running = asyncio.ensure_future(perform(channel, "Echo"))
        await until(lambda: media(channel).is_echoing)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert not media(channel).is_echoing

    run(scenario())
