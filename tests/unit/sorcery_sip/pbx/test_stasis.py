from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested
from sorcery_sip.pbx.stasis import Destination, StasisApplications, StasisControl
from tests.unit.sorcery_sip.pbx.fakes import (
    incoming,
    run,
    technology,
    until,
)


class Outside:
    def __init__(self) -> None:
        self.told: list[object] = []
        self.control: StasisControl

    def entered(self, control: StasisControl, arguments: Sequence[str]) -> None:
        self.control = control
        self.told.append(list(arguments))

    def left(self, control: StasisControl) -> None:
        self.told.append("left")


class Board:
    def __init__(self) -> None:
        self.channels = Channels()
        self.channel = incoming(self.channels)
        self.outside, self.stasis = Outside(), StasisApplications()
        self.stasis.register("app", self.outside)

    async def begin(self) -> asyncio.Future[Destination | None]:
        """Hand the channel over and return what waits for its end."""
        waiting = asyncio.ensure_future(self.stasis.hand_over(self.channel, "app", ["x"]))
        await until(lambda: self.outside.told)
        return waiting


@pytest.fixture
def board() -> Board:
    return Board()


def test_an_application_has_a_channel_until_it_ends(board: Board) -> None:
    async def scenario() -> Destination | None:
        waiting = await board.begin()
        assert board.outside.told == [["x"]]
        assert board.stasis.control(board.channel) is board.outside.control
        board.channel.post(DtmfEnd("1"))
        board.channel.post(HangupRequested())
        return await waiting

    assert run(scenario()) is None
    assert board.outside.told == [["x"], "left"]
    assert board.stasis.control(board.channel) is None


@pytest.mark.parametrize("destination", [None, Destination("in", "200", 3)])
def test_an_application_may_let_it_go(board: Board, destination: Destination | None) -> None:
    async def scenario() -> Destination | None:
        waiting = await board.begin()
        board.outside.control.leave(destination)
        result = await waiting
        board.channel.post(DtmfEnd("7"))
        assert await board.channel.read() == DtmfEnd("7")
        return result

    assert run(scenario()) == destination


def test_a_channel_that_is_let_go_as_soon_as_it_comes_leaves_too(board: Board) -> None:
    class Brisk(Outside):
        def entered(self, control: StasisControl, arguments: Sequence[str]) -> None:
            control.leave(Destination("in", "1", 1))

    board.stasis.register("app", Brisk())
    assert run(board.stasis.hand_over(board.channel, "app", [])) == Destination("in", "1", 1)


def test_nobody_takes_a_channel_for_an_application_that_is_not_connected(board: Board) -> None:
    board.stasis.unregister("app")
    with pytest.raises(LookupError, match="'app'"):
        run(board.stasis.hand_over(board.channel, "app", []))
    assert board.stasis.get("app") is None


def test_who_connects_under_a_name_takes_over_the_channels_of_the_one_before(board: Board) -> None:
    async def scenario() -> Outside:
        waiting = await board.begin()
        later = Outside()
        assert board.stasis.register("app", later) is board.outside
        board.channel.post(HangupRequested())
        await waiting
        return later

    assert run(scenario()).told == ["left"]
    assert board.outside.told == [["x"]]


def test_a_channel_stays_where_it_is_while_its_application_is_away(board: Board) -> None:
    async def scenario() -> None:
        waiting = await board.begin()
        board.stasis.unregister("app")
        await asyncio.sleep(0.001)
        assert not waiting.done()
        board.channel.post(HangupRequested())
        await waiting

    run(scenario())


def test_what_happens_to_a_channel_in_a_bridge_is_told_to_the_other(board: Board) -> None:
    other: Channel = incoming(board.channels)

    async def scenario() -> None:
        waiting = await board.begin()
        board.outside.control.peer = other
        board.channel.post(DtmfEnd("5", 80))
        board.channel.post(HangupRequested())
        await waiting

    run(scenario())
    assert technology(other).log == [("dtmf", "5", 80)]


def test_what_waits_for_an_application_may_be_broken_off(board: Board) -> None:
    async def scenario() -> None:
        waiting = await board.begin()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert board.stasis.control(board.channel) is None
        board.channel.post(DtmfEnd("7"))
        assert await board.channel.read() == DtmfEnd("7")

    run(scenario())
