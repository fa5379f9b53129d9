"""Channels that an application has: what it may do with them, and what it hears."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import ConnectedLine, DtmfEnd, HangupRequested, Hold, Unhold
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.ari.board import Board, Events, board
from tests.unit.sorcery_sip.pbx.fakes import media, run, technology, until

Scenario = Callable[[Board, Channel, Events], Awaitable[Any]]


def in_application(scenario: Scenario) -> Any:
    """Run a scenario with a channel that the application has."""

    async def whole() -> Any:
        async with board() as made:
            channel, events = await made.in_application()
            return await scenario(made, channel, events)

    return run(whole())


def on_board(scenario: Callable[[Board], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with board() as made:
            return await scenario(made)

    return run(whole())


CHANNEL = {
    "id": "1700000000.0",
    "name": "Fake/alice-00000000",
    "state": "Ring",
    "protocol_id": "",
    "caller": {"name": "Alice", "number": "6001"},
    "connected": {"name": "", "number": ""},
    "accountcode": "",
    "dialplan": {
        "context": "default",
        "exten": "100",
        "priority": 2,
        "app_name": "Stasis",
        "app_data": "app,one,two",
    },
    "language": "en",
}


def without_time(channel: dict[str, Any]) -> dict[str, Any]:
    assert channel["creationtime"].startswith("2023-11-1")
    assert ".250" in channel["creationtime"]
    return {name: value for name, value in channel.items() if name != "creationtime"}


def test_an_application_hears_that_it_has_a_channel() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        event = events.all[-1]
        assert event["args"] == ["one", "two"]
        assert event["application"] == "app"
        assert event["asterisk_id"] == "02:00:00:00:00:01"
        assert event["timestamp"].startswith("2023-11-1")
        assert without_time(event["channel"]) == CHANNEL

    in_application(scenario)


def test_channels_are_listed_and_shown() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        (listed,) = await made.done("GET", "/channels")
        assert without_time(listed) == CHANNEL
        assert await made.done("GET", f"/channels/{channel.id}") == listed
        assert await made.done("GET", "/channels/Fake%2Falice-00000000") == listed

    in_application(scenario)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/answer"),
        ("POST", "/ring"),
        ("POST", "/play?media=tone:busy"),
        ("POST", "/dtmf?dtmf=1"),
        ("POST", "/continue"),
        ("GET", "/variable?variable=X"),
        ("POST", "/variable?variable=X&value=1"),
        ("POST", "/dial"),
    ],
)
def test_a_channel_that_is_not_there(method: str, path: str) -> None:
    answer = on_board(lambda made: made.ask(method, f"/channels/none{path}"))
    assert answer[:2] == (404, {"message": "Channel not found"})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "answer"),
        ("POST", "ring"),
        ("DELETE", "ring"),
        ("POST", "progress"),
        ("POST", "hold"),
        ("DELETE", "hold"),
        ("POST", "play?media=tone:busy"),
        ("POST", "dtmf?dtmf=1"),
        ("POST", "continue"),
        ("POST", "variable?variable=X&value=1"),
        ("POST", "dial"),
    ],
)
def test_a_channel_that_no_application_has(method: str, path: str) -> None:
    async def scenario(made: Board) -> Any:
        channel = await made.call("200")
        return await made.ask(method, f"/channels/{channel.id}/{path}")

    assert on_board(scenario)[:2] == (409, {"message": "Channel not in Stasis application"})


def test_a_channel_is_answered() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/answer")
        assert (await events.next("ChannelStateChange"))["channel"]["state"] == "Up"
        assert technology(channel).log == ["answer"]

    in_application(scenario)


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("POST", "ring", [Indication.RINGING]),
        ("DELETE", "ring", []),
        ("POST", "progress", [Indication.PROGRESS]),
        ("POST", "hold", [Indication.HOLD]),
        ("DELETE", "hold", [Indication.UNHOLD]),
    ],
)
def test_the_peer_is_told(method: str, path: str, told: list[Indication]) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done(method, f"/channels/{channel.id}/{path}")
        assert technology(channel).log == told

    in_application(scenario)


@pytest.mark.parametrize(
    ("query", "cause"), [("", 16), ("?reason=busy", 17), ("?reason=no_answer", 19), ("?reason_code=21", 21)]
)
def test_a_channel_is_hung_up(query: str, cause: int) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("DELETE", f"/channels/{channel.id}{query}")
        event = await events.next("ChannelHangupRequest")
        assert (event["cause"], event["soft"]) == (cause, True)
        await events.next("StasisEnd")
        await until(lambda: channel.is_over)
        assert technology(channel).causes == [cause]

    in_application(scenario)


@pytest.mark.parametrize(
    "query", ["reason=silly", "reason_code=x", "reason_code=128", "reason_code=-1", "reason=busy&reason_code=17"]
)
def test_a_reason_that_is_none(query: str) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> Any:
        return await made.ask("DELETE", f"/channels/{channel.id}?{query}")

    assert in_application(scenario).status == 400


def test_a_peer_that_hangs_up() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        channel.post(HangupRequested(17))
        event = await events.next("ChannelHangupRequest")
        assert event["cause"] == 17
        assert "soft" not in event
        await events.next("StasisEnd")

    in_application(scenario)


@pytest.mark.parametrize(
    ("happens", "type", "fields"),
    [
        (DtmfEnd("5", 80), "ChannelDtmfReceived", {"digit": "5", "duration_ms": 80}),
        (Hold(), "ChannelHold", {}),
        (Hold("jazz"), "ChannelHold", {"musicclass": "jazz"}),
        (Unhold(), "ChannelUnhold", {}),
        (
            ConnectedLine(Party("1", "Eve", "prohib")),
            "ChannelCallerId",
            {
                "caller_presentation": 35,
                "caller_presentation_txt": "Presentation Prohibited, Network Number",
            },
        ),
    ],
)
def test_what_happens_to_a_channel_is_heard(happens: Any, type: str, fields: dict[str, Any]) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        channel.post(happens)
        event = await events.next(type)
        frame = ("type", "timestamp", "asterisk_id", "application", "channel")
        assert {name: value for name, value in event.items() if name not in frame} == fields
        assert event["channel"]["id"] == channel.id

    in_application(scenario)


def test_digits_are_sent_while_the_application_listens() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/dtmf?dtmf=12&between=1&duration=2&before=1")
        await until(lambda: len(technology(channel).log) == 2)
        assert technology(channel).log == [("dtmf", "1", 2), ("dtmf", "2", 2)]
        channel.post(DtmfEnd("3"))
        assert (await events.next("ChannelDtmfReceived"))["digit"] == "3"

    in_application(scenario)


def test_digits_wait_no_longer_than_there_is_a_channel() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/dtmf?dtmf=1&before=60000")
        await made.done("DELETE", f"/channels/{channel.id}")
        await until(lambda: not len(made.ari.tasks))
        assert technology(channel).log == []

    in_application(scenario)


def test_no_digit_is_shorter_than_nothing() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/dtmf?dtmf=1&between=-1&duration=-5&before=-1")
        await until(lambda: technology(channel).log)
        assert technology(channel).log == [("dtmf", "1", 0)]

    in_application(scenario)


@pytest.mark.parametrize("query", ["", "?dtmf=1&between=x", "?dtmf=1&before=99999999999"])
def test_digits_that_are_none(query: str) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> Any:
        return await made.ask("POST", f"/channels/{channel.id}/dtmf{query}")

    assert in_application(scenario).status == 400


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("", ("100", 4)),
        ("?priority=4", ("100", 4)),
        ("?label=more", ("100", 4)),
        ("?context=default&extension=200&priority=2", ("200", 2)),
        ("?extension=200", ("200", 2)),
    ],
)
def test_a_channel_goes_on_in_the_dialplan(query: str, place: tuple[str, int]) -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        await made.done("POST", f"/channels/{channel.id}/continue{query}")
        await events.next("StasisEnd")
        await until(lambda: channel.application == "Wait")
        assert (channel.exten, channel.priority) == place
        assert channel.variables["STASISSTATUS"] == "SUCCESS"
        assert channel.is_up is (query == "?extension=200")

    in_application(scenario)


def test_a_label_that_is_missing() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> Any:
        return await made.ask("POST", f"/channels/{channel.id}/continue?label=nowhere")

    assert in_application(scenario)[:2] == (404, {"message": "Requested label can not be found"})


def test_variables_and_functions() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        path = f"/channels/{channel.id}/variable"
        assert await made.done("GET", f"{path}?variable=FOO") == {"value": "bar"}
        assert await made.done("GET", f"{path}?variable=CALLERID(num)") == {"value": "6001"}
        assert (await made.ask("GET", f"{path}?variable=NONE"))[:2] == (
            404,
            {"message": "Provided variable was not found"},
        )
        assert (await made.ask("GET", path))[:2] == (400, {"message": "Variable name is required"})
        await made.done("POST", f"{path}?variable=_Q&value=1")
        event = await events.next("ChannelVarset")
        assert (event["variable"], event["value"]) == ("Q", "1")
        assert channel.inherited_variables() == {"Q": "1"}
        await made.done("POST", f"{path}?variable=CALLERID(name)&value=Eve")
        assert channel.caller.name == "Eve"
        assert (await made.ask("POST", f"{path}?value=1")).status == 400

    in_application(scenario)


def test_a_sound_is_played_to_its_end() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        answer = await made.ask("POST", f"/channels/{channel.id}/play/mine?media=sound:hello&lang=de")
        assert answer.status == 201
        expected = {
            "id": "mine",
            "media_uri": "sound:hello",
            "target_uri": f"channel:{channel.id}",
            "language": "de",
            "state": "queued",
        }
        assert answer.json == expected
        assert (await events.next("PlaybackStarted"))["playback"] == expected | {"state": "playing"}
        assert (await events.next("PlaybackFinished"))["playback"] == expected | {"state": "done"}
        assert technology(channel).log == [Indication.PROGRESS]

    in_application(scenario)


def test_a_channel_that_leaves_hears_no_more() -> None:
    async def scenario(made: Board, channel: Channel, events: Events) -> None:
        media(channel).is_quick = False
        await made.done("POST", f"/channels/{channel.id}/play?media=tone:busy")
        await events.next("PlaybackStarted")
        await made.done("POST", f"/channels/{channel.id}/continue")
        await events.next("PlaybackFinished", "StasisEnd")
        await until(lambda: media(channel).played[0].done.done())

    in_application(scenario)
