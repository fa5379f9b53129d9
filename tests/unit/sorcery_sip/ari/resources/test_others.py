"""The server, its variables, endpoints, applications and events of their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sorcery_sip.pbx.events import DtmfEnd
from tests.unit.sorcery_sip.ari.board import Board, board
from tests.unit.sorcery_sip.pbx.fakes import run


def on_board(scenario: Callable[[Board], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with board() as made:
            return await scenario(made)

    return run(whole())


def test_the_server_tells_about_itself() -> None:
    async def scenario(made: Board) -> None:
        info = await made.done("GET", "/asterisk/info")
        assert list(info) == ["build", "system", "config", "status"]
        assert info["system"] == {"version": "test 1.0", "entity_id": "02:00:00:00:00:01"}
        assert info["status"]["startup_time"].startswith("2023-11-1")
        assert info["status"]["last_reload_time"] == info["status"]["startup_time"]
        assert list(await made.done("GET", "/asterisk/info?only=system,status")) == ["system", "status"]
        ping = await made.done("GET", "/asterisk/ping")
        assert (ping["ping"], ping["asterisk_id"]) == ("pong", "02:00:00:00:00:01")

    on_board(scenario)


def test_global_variables() -> None:
    async def scenario(made: Board) -> None:
        path = "/asterisk/variable"
        assert await made.done("GET", f"{path}?variable=X") == {"value": ""}
        await made.done("POST", f"{path}?variable=X&value=1")
        assert await made.done("GET", f"{path}?variable=X") == {"value": "1"}
        assert await made.done("GET", f"{path}?variable=LEN(hello)") == {"value": "5"}
        for method in ("GET", "POST"):
            assert (await made.ask(method, path))[:2] == (400, {"message": "Variable name is required"})

    on_board(scenario)


def test_endpoints() -> None:
    async def scenario(made: Board) -> None:
        channel = await made.call("200", name="bob")
        bob = {"technology": "Fake", "resource": "bob", "state": "online", "channel_ids": [channel.id]}
        gone = {"technology": "Fake", "resource": "gone", "state": "offline", "channel_ids": []}
        assert await made.done("GET", "/endpoints") == [bob, gone]
        assert await made.done("GET", "/endpoints/fake") == [bob, gone]
        assert await made.done("GET", "/endpoints/Local") == []
        assert await made.done("GET", "/endpoints/Fake/bob") == bob
        assert (await made.ask("GET", "/endpoints/Fake/x"))[:2] == (404, {"message": "Endpoint not found"})
        answer = await made.ask("GET", "/endpoints/ZZ")
        assert answer[:2] == (404, {"message": "No Endpoints found - invalid tech ZZ"})

    on_board(scenario)


def test_an_application_hears_of_what_it_subscribes_to() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect()
        await made.done("POST", "/bridges/b")
        channel = await made.call("200", name="bob")
        path = "/applications/app/subscription?eventSource="
        value = await made.done("POST", f"{path}channel:{channel.id},bridge:b,endpoint:Fake/carol")
        assert value["channel_ids"] == [channel.id]
        assert value["bridge_ids"] == ["b"]
        assert value["endpoint_ids"] == ["Fake/carol"]
        assert await made.done("GET", "/applications/app") == value
        channel.post(DtmfEnd("5"))
        assert (await events.next())["type"] == "ChannelDtmfReceived"
        await made.done("DELETE", f"{path}channel:{channel.id}")
        channel.post(DtmfEnd("6"))
        carol = await made.call("200", name="carol")
        assert (await events.next("ChannelCreated"))["channel"]["id"] == carol.id

    on_board(scenario)


def test_subscribing_to_everything() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect("all", "&subscribeAll=true")
        assert (await made.done("GET", "/applications/all"))["channel_ids"] == ["*"]
        await made.call("200")
        types = await events.types_until("ChannelStateChange")
        assert types == ["ChannelCreated", "ChannelDialplan", "ChannelStateChange"]

    on_board(scenario)


@pytest.mark.parametrize(
    ("method", "app", "source", "status", "message"),
    [
        ("POST", "none", "channel:x", 404, "Application not found"),
        ("POST", "app", "channel:x", 422, "Event source does not exist"),
        ("POST", "app", "bridge:x", 422, "Event source does not exist"),
        ("POST", "app", "zz:x", 400, "Invalid event source URI scheme"),
        ("POST", "app", "", 400, "Missing parameter eventSource"),
        ("DELETE", "app", "endpoint:Fake/x", 409, "Application not subscribed to event source"),
    ],
)
def test_what_cannot_be_subscribed_to(method: str, app: str, source: str, status: int, message: str) -> None:
    async def scenario(made: Board) -> None:
        await made.connect()
        answer = await made.ask(method, f"/applications/{app}/subscription?eventSource={source}")
        assert answer[:2] == (status, {"message": message})

    on_board(scenario)


def test_an_application_that_is_not_connected_is_not_shown() -> None:
    answer = on_board(lambda made: made.ask("GET", "/applications/none"))
    assert answer[:2] == (404, {"message": "Application not found"})


def test_events_of_an_applications_own() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect()
        await made.done("POST", "/events/user/mine?application=app", body={"variables": {"a": "1"}})
        event = await events.next()
        assert (event["type"], event["eventname"]) == ("ChannelUserevent", "mine")
        assert event["userevent"] == {"eventname": "mine", "a": "1"}
        answer = await made.ask("POST", "/events/user/mine?application=none")
        assert answer[:2] == (404, {"message": "Application not found"})

    on_board(scenario)
