from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import Answered, Busy, Congestion, HangupRequested, Progress, RedirectRequested, Ringing
from sorcery_sip.pbx.party import Party
from tests.unit.sorcery_sip.ari.board import Board, board
from tests.unit.sorcery_sip.pbx.fakes import run, technology, until


def on_board(scenario: Callable[[Board], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with board() as made:
            return await scenario(made)

    return run(whole())


def rings_and_answers(channel: Channel) -> None:
    for event in (Ringing(), Progress(), Answered()):
        channel.post(event)


def test_an_application_has_the_channel_once_it_is_answered() -> None:
    async def scenario(made: Board) -> None:
        made.fake.phones["bob"] = rings_and_answers
        events = await made.connect()
        query = 'endpoint=Fake/bob&app=app&appArgs=a,b&channelId=mine&callerId="Al" <123>&formats=ulaw,alaw'
        body = {"variables": {"X": "y", "CALLERID(name)": "z"}}
        value = await made.done("POST", f"/channels?{query}", body=body)
        assert (value["id"], value["state"], value["dialplan"]["app_name"]) == ("mine", "Down", "AppDial2")
        heard: list[tuple[str, str | None, str | None]] = []
        while not heard or heard[-1][0] != "StasisStart":
            event = await events.next()
            heard.append((event["type"], event.get("dialstatus"), event.get("dialstring")))
        assert [each for each in heard if each[0] in ("Dial", "StasisStart")] == [
            ("Dial", "", "bob"),
            ("Dial", "RINGING", "bob"),
            ("Dial", "PROGRESS", "bob"),
            ("Dial", "ANSWER", "bob"),
            ("StasisStart", None, None),
        ]
        (channel,) = made.fake.made
        assert events.all[-1]["args"] == ["a", "b"]
        assert channel.formats == ("ulaw", "alaw")
        assert (channel.caller, channel.connected) == (Party("123", "z"), Party("123", "Al"))
        assert channel.variables["X"] == "y"
        await made.done("DELETE", "/channels/mine?reason=busy")
        await events.next("StasisEnd")
        destroyed = await events.next("ChannelDestroyed")
        assert (destroyed["cause"], destroyed["cause_txt"]) == (17, "User busy")

    on_board(scenario)


@pytest.mark.parametrize(
    ("query", "priority"),
    [("extension=200&context=default", 2), ("extension=200&priority=2", 2), ("extension=100&label=more", 4)],
)
def test_the_dialplan_has_the_channel_once_it_is_answered(query: str, priority: int) -> None:
    async def scenario(made: Board) -> None:
        await made.done("POST", f"/channels/mine?endpoint=Fake/bob&{query}")
        channel = made.channels.get("mine")
        assert channel is not None
        await until(lambda: channel.application == "Wait")
        assert channel.priority == priority

    on_board(scenario)


@pytest.mark.parametrize(
    ("event", "status", "cause"),
    [
        (Busy(), "BUSY", 17),
        (Congestion(), "CONGESTION", 34),
        (HangupRequested(21), "CHANUNAVAIL", 21),
        (HangupRequested(19), "NOANSWER", 19),
        (RedirectRequested("200"), "CHANUNAVAIL", 23),
    ],
)
def test_a_call_that_does_not_come_about(event: Any, status: str, cause: int) -> None:
    async def scenario(made: Board) -> None:
        made.fake.phones["bob"] = lambda channel: channel.post(event)
        events = await made.connect()
        await made.done("POST", "/channels?endpoint=Fake/bob&app=app")
        while (await events.next("Dial"))["dialstatus"] != status:
            pass
        assert (await events.next("ChannelDestroyed"))["cause"] == cause

    on_board(scenario)


def test_a_call_that_nobody_answers_in_time() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect()
        await made.done("POST", "/channels?endpoint=Fake/carol&app=app&timeout=1")
        assert (await events.next("ChannelDestroyed"))["cause"] == 19

    on_board(scenario)


def test_a_call_is_broken_off_while_it_rings() -> None:
    async def scenario(made: Board) -> None:
        await made.done("POST", "/channels/mine?endpoint=Fake/carol&app=app&timeout=-1")
        await made.done("DELETE", "/channels/mine")
        await until(lambda: not len(made.channels))
        assert technology(made.fake.made[0]).causes == [16]

    on_board(scenario)


def test_an_application_that_is_not_connected_has_no_channel() -> None:
    async def scenario(made: Board) -> None:
        await made.done("POST", "/channels?endpoint=Fake/bob&app=nobody")
        await until(lambda: not len(made.channels))

    on_board(scenario)


def test_a_channel_goes_on_in_the_dialplan_after_its_application() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect()
        await made.done("POST", "/channels/mine?endpoint=Fake/bob&app=app")
        await events.next("StasisStart")
        await made.done("POST", "/channels/mine/continue?context=default&extension=200")
        channel = made.channels.get("mine")
        assert channel is not None
        await until(lambda: channel.application == "Wait")

    on_board(scenario)


def test_a_local_channel_calls_an_extension() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect()
        await made.done("POST", "/channels/mine?endpoint=Local/200@default&app=app")
        await events.next("StasisStart")
        assert {channel.id for channel in made.channels} == {"mine", "mine;2"}

    on_board(scenario)


def test_a_channel_is_made_and_dialed_later() -> None:
    async def scenario(made: Board) -> None:
        made.fake.phones["bob"] = rings_and_answers
        events = await made.connect()
        value = await made.done("POST", "/channels/create?endpoint=Fake/bob&app=app&appArgs=q&channelId=mine")
        assert value["state"] == "Down"
        assert (await events.next("StasisStart"))["args"] == ["q"]
        assert technology(made.fake.made[0]).log == []
        caller = await made.call("200")
        await made.done("POST", f"/channels/mine/dial?caller={caller.id}&timeout=30")
        statuses = [(await events.next("Dial"))["dialstatus"] for _ in range(4)]
        assert sorted(statuses) == ["", "ANSWER", "PROGRESS", "RINGING"]
        assert made.fake.made[0].connected == Party("6001", "Alice")
        assert (await made.ask("POST", "/channels/mine/dial")).status == 409
        await until(lambda: not len(made.ari.tasks) - 1)

    on_board(scenario)


def test_a_channel_that_was_dialed_and_not_answered_in_time_is_hung_up() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect()
        await made.done("POST", "/channels/create?endpoint=Fake/carol&app=app&channelId=mine")
        await made.done("POST", "/channels/mine/dial?timeout=1")
        assert (await events.next("ChannelDestroyed"))["cause"] == 19

    on_board(scenario)


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("", 400, "Endpoint must be specified"),
        ("?endpoint=Fake/bob", 400, "Application or extension must be specified"),
        ("?endpoint=Fake/bob&extension=100&label=nowhere", 404, "Requested label can not be found"),
        ("?endpoint=Fake/bob&app=app&timeout=soon", 400, "timeout is no whole number"),
        ("?endpoint=Fake/bob&app=app&timeout=3000000000", 400, "timeout is larger than 2147483647"),
        ("?endpoint=Fake/gone&app=app", 500, "Allocation failed: gone cannot be called"),
        ("?endpoint=Nope/bob&app=app", 500, "Allocation failed: 'Nope/bob': there are channels of Fake, Local only"),
        ("?endpoint=Fake/bob&app=app&originator=none", 404, "Channel not found"),
        ("?endpoint=Fake/bob&app=app&originator=x&formats=ulaw", 400, "Originator and formats can't both be specified"),
        ("/create?endpoint=Fake/bob", 400, "Application must be specified"),
        ("/create?app=app", 400, "Endpoint must be specified"),
    ],
)
def test_a_call_that_cannot_begin(path: str, status: int, message: str) -> None:
    async def scenario(made: Board) -> None:
        assert (await made.ask("POST", f"/channels{path}"))[:2] == (status, {"message": message})
        assert len(made.channels) == 0

    on_board(scenario)


def test_an_id_that_is_in_use() -> None:
    async def scenario(made: Board) -> None:
        await made.done("POST", "/channels/mine?endpoint=Fake/carol&app=app")
        answer = await made.ask("POST", "/channels?endpoint=Fake/carol&app=app&channelId=mine")
        assert answer[:2] == (409, {"message": "Channel with given unique ID already exists"})

    on_board(scenario)


def test_variables_that_are_no_object() -> None:
    async def scenario(made: Board) -> Any:
        return await made.ask("POST", "/channels?endpoint=Fake/bob&app=app", body={"variables": "X=1"})

    assert on_board(scenario)[:2] == (400, {"message": "variables is no JSON object"})


def test_the_originator_hands_its_variables_on() -> None:
    async def scenario(made: Board) -> None:
        caller = await made.call("200")
        caller.set_variable("_X", "1")
        await made.done("POST", f"/channels?endpoint=Fake/carol&app=app&originator={caller.id}")
        assert made.fake.made[0].variables["X"] == "1"
        await asyncio.sleep(0)

    on_board(scenario)
