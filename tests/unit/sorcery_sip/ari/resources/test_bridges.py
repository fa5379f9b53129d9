from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.ari.board import Board, Events, board
from tests.unit.sorcery_sip.pbx.fakes import media, run, technology, until


def on_board(scenario: Callable[[Board], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        async with board() as made:
            return await scenario(made)

    return run(whole())


async def pair(made: Board) -> tuple[Channel, Channel, Events]:
    """Return two channels in the bridge `b`."""
    first, events = await made.in_application()
    second = await made.call(name="bob")
    await events.next("StasisStart")
    await made.done("POST", "/bridges/b?type=mixing&name=talk")
    await made.done("POST", f"/bridges/b/addChannel?channel={first.id},{second.id}")
    return first, second, events


BRIDGE = {
    "id": "b",
    "technology": "simple_bridge",
    "bridge_type": "mixing",
    "bridge_class": "stasis",
    "creator": "Stasis",
    "name": "talk",
    "channels": [],
    "video_mode": "none",
}


def test_a_bridge_is_made_shown_and_destroyed() -> None:
    async def scenario(made: Board) -> None:
        events = await made.connect("all", "&subscribeAll=true")
        value = await made.done("POST", "/bridges/b?type=mixing,dtmf_events,proxy_media&name=talk")
        assert {name: field for name, field in value.items() if name != "creationtime"} == BRIDGE
        assert (await events.next("BridgeCreated"))["bridge"] == value
        assert await made.done("GET", "/bridges") == [value]
        assert await made.done("GET", "/bridges/b") == value
        await made.done("DELETE", "/bridges/b")
        await events.next("BridgeDestroyed")
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/addChannel?channel=x"), ("POST", "/play")):
            answer = await made.ask(method, f"/bridges/b{path}")
            assert answer[:2] == (404, {"message": "Bridge not found"})

    on_board(scenario)


def test_a_bridge_without_an_id_gets_one() -> None:
    async def scenario(made: Board) -> None:
        value = await made.done("POST", "/bridges?type=holding")
        assert len(value["id"]) == 36
        assert (value["technology"], value["bridge_type"]) == ("holding_bridge", "holding")

    on_board(scenario)


def test_a_type_or_id_that_cannot_be() -> None:
    async def scenario(made: Board) -> None:
        for wrong in ("silly", "mixing,holding"):
            answer = await made.ask("POST", f"/bridges?type={wrong}")
            assert answer[:2] == (400, {"message": f"Bridge type '{wrong}' is not served; use mixing or holding"})
        await made.done("POST", "/bridges/b")
        answer = await made.ask("POST", "/bridges/b")
        assert answer[:2] == (409, {"message": "Bridge with id 'b' already exists"})

    on_board(scenario)


def test_two_channels_hear_one_another() -> None:
    async def scenario(made: Board) -> None:
        first, second, events = await pair(made)
        entered = [await events.next("ChannelEnteredBridge") for _ in range(2)]
        assert [event["bridge"]["channels"] for event in entered] == [[first.id], [first.id, second.id]]
        assert media(first).partner is media(second)
        assert technology(first).peers == [second]
        assert first.variables["BRIDGEPEER"] == second.name
        second.post(DtmfEnd("5", 70))
        await until(lambda: ("dtmf", "5", 70) in technology(first).log)
        assert (await events.next("ChannelDtmfReceived"))["channel"]["id"] == second.id

    on_board(scenario)


def test_each_learns_of_the_other() -> None:
    async def scenario(made: Board) -> None:
        first, _, events = await pair(made)
        assert technology(first).log == [(Indication.CONNECTED_LINE, Party("6001", "Alice"))]
        assert (await events.next("ChannelConnectedLine"))["channel"]["connected"]["number"] == "6001"

    on_board(scenario)


def test_a_channel_is_taken_out() -> None:
    async def scenario(made: Board) -> None:
        first, second, events = await pair(made)
        await made.done("POST", f"/bridges/b/removeChannel?channel={first.id}")
        assert (await events.next("ChannelLeftBridge"))["bridge"]["channels"] == [second.id]
        assert media(first).partner is media(second).partner is None
        assert technology(second).peers == [first, None]
        answer = await made.ask("POST", f"/bridges/b/removeChannel?channel={first.id}")
        assert answer[:2] == (422, {"message": "Channel not in this bridge"})
        second.post(DtmfEnd("5"))
        await events.next("ChannelDtmfReceived")
        assert ("dtmf", "5", 100) not in technology(first).log

    on_board(scenario)


@pytest.mark.parametrize("how", ["hangs up", "is let go", "bridge ends"])
def test_a_channel_that_leaves_is_in_no_bridge(how: str) -> None:
    async def scenario(made: Board) -> None:
        first, second, events = await pair(made)
        if how == "hangs up":
            first.post(HangupRequested())
        elif how == "is let go":
            await made.done("POST", f"/channels/{first.id}/continue")
        else:
            await made.done("DELETE", "/bridges/b")
        types = await events.types_until("ChannelLeftBridge")
        assert "StasisEnd" not in types
        assert media(second).partner is None
        if how != "bridge ends":
            assert (await made.done("GET", "/bridges/b"))["channels"] == [second.id]

    on_board(scenario)


def test_a_channel_moves_from_one_bridge_to_another() -> None:
    async def scenario(made: Board) -> None:
        first, second, _ = await pair(made)
        await made.done("POST", "/bridges/other")
        await made.done("POST", f"/bridges/other/addChannel?channel={first.id}")
        await made.done("POST", f"/bridges/other/addChannel?channel={first.id}")
        assert (await made.done("GET", "/bridges/other"))["channels"] == [first.id]
        assert (await made.done("GET", "/bridges/b"))["channels"] == [second.id]
        assert media(second).partner is None

    on_board(scenario)


def test_what_cannot_be_put_into_a_bridge() -> None:
    async def scenario(made: Board) -> None:
        _, _, events = await pair(made)
        third = await made.call(name="carol")
        await events.next("StasisStart")
        outside = await made.call("200")
        for channel, answer in (
            (third.id, (409, {"message": "Two channels are in this bridge, and no more can be mixed"})),
            (outside.id, (422, {"message": "Channel not in Stasis application"})),
            ("none", (400, {"message": "Channel not found"})),
            ("", (400, {"message": "Missing parameter channel"})),
        ):
            assert (await made.ask("POST", f"/bridges/b/addChannel?channel={channel}"))[:2] == answer

    on_board(scenario)


def test_any_number_waits_in_a_holding_bridge_and_hears_nobody() -> None:
    async def scenario(made: Board) -> None:
        first, events = await made.in_application()
        others = [await made.call(name="bob"), await made.call(name="carol")]
        for _ in others:
            await events.next("StasisStart")
        await made.done("POST", "/bridges/b?type=holding")
        ids = [first.id, *(other.id for other in others)]
        await made.done("POST", f"/bridges/b/addChannel?channel={','.join(ids)}")
        assert (await made.done("GET", "/bridges/b"))["channels"] == ids
        assert media(first).partner is None

    on_board(scenario)


def test_all_in_a_bridge_hear_what_is_played_to_it() -> None:
    async def scenario(made: Board) -> None:
        first, second, events = await pair(made)
        answer = await made.ask("POST", "/bridges/b/play?media=tone:busy")
        assert (answer.status, answer.json["target_uri"]) == (201, "bridge:b")
        assert (await events.next("PlaybackFinished"))["playback"]["state"] == "done"
        assert len(media(first).played) == len(media(second).played) == 1

    on_board(scenario)
