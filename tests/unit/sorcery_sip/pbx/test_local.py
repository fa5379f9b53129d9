from __future__ import annotations

import asyncio

import pytest

from sorcery_sip.pbx.bridge import connect_media
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dial_terms import DialStatus, Terms
from sorcery_sip.pbx.dialing import Dialing
from sorcery_sip.pbx.events import (
    T38,
    Answered,
    Busy,
    ChannelEvent,
    Congestion,
    ConnectedLine,
    DtmfEnd,
    HangupRequested,
    Hold,
    Proceeding,
    Progress,
    RedirectingChanged,
    Ringing,
    TextReceived,
    Unhold,
)
from sorcery_sip.pbx.local import LocalDriver
from sorcery_sip.pbx.party import Party, Redirecting
from sorcery_sip.pbx.technology import CannotCall, Indication
from tests.unit.sorcery_sip.pbx.fakes import FakeSound, incoming, media, run

FAX = T38("negotiate")


class Board:
    def __init__(self) -> None:
        self.channels = Channels()
        self.started: list[Channel] = []
        self.driver = LocalDriver(
            self.channels,
            self.started.append,
            lambda context, exten, caller: context == "in" and exten.startswith("200"),
        )
        self.caller = incoming(self.channels)

    async def pair(self, resource: str = "200@in") -> tuple[Channel, Channel]:
        """Return a pair whose dialplan has begun."""
        outside = await self.driver.request(resource, caller=self.caller, formats=("ulaw",), variables={"__A": "1"})
        outside.connected, outside.caller = self.caller.caller, Party("200")
        outside.max_forwards = 7
        outside.technology.call()
        return outside, self.started[-1]


@pytest.fixture
def board() -> Board:
    return Board()


def test_the_second_of_a_pair_runs_the_extension(board: Board) -> None:
    outside, inside = run(board.pair("200@in/n"))
    assert (outside.name, inside.name) == ("Local/200@in-00000000;1", "Local/200@in-00000000;2")
    assert (inside.context, inside.exten, inside.priority) == ("in", "200", 1)
    assert inside.caller == Party("6001", "Alice")
    assert inside.connected == Party("200")
    assert inside.inherited_variables() == {"__A": "1"}
    assert inside.max_forwards == 7
    assert inside.formats == ("ulaw",)
    assert (outside.state, inside.state) == (ChannelState.DIALING, ChannelState.RING)


def test_a_name_holds_nothing_that_is_not_for_a_line_of_the_log(board: Board) -> None:
    outside, inside = run(board.pair(f"200\n\x1b{'0' * 5000}@in"))
    assert outside.name == f"Local/200??{'0' * 75}-00000000;1"
    assert inside.exten == f"200\n\x1b{'0' * 5000}"


@pytest.mark.parametrize("resource", ["201@in", "200@out", "200"])
def test_an_extension_that_is_missing_cannot_be_called(board: Board, resource: str) -> None:
    with pytest.raises(CannotCall, match="has no extension '20") as caught:
        run(board.pair(resource))
    assert caught.value.cause == Cause.NO_ROUTE_DESTINATION
    assert len(board.channels) == 1


@pytest.mark.parametrize(
    ("what", "data", "event"),
    [
        (Indication.RINGING, None, Ringing()),
        (Indication.PROGRESS, None, Progress()),
        (Indication.PROCEEDING, None, Proceeding()),
        (Indication.BUSY, None, Busy()),
        (Indication.CONGESTION, None, Congestion()),
        (Indication.INCOMPLETE, None, HangupRequested(28)),
        (Indication.HOLD, None, Hold()),
        (Indication.HOLD, "jazz", Hold("jazz")),
        (Indication.UNHOLD, None, Unhold()),
        (Indication.CONNECTED_LINE, Party("1"), ConnectedLine(Party("1"))),
        (Indication.REDIRECTING, Redirecting(count=2), RedirectingChanged(Redirecting(count=2))),
        (Indication.T38, FAX, FAX),
    ],
)
def test_what_one_is_told_happens_to_the_other(
    board: Board, what: Indication, data: object, event: ChannelEvent
) -> None:
    async def scenario() -> ChannelEvent:
        outside, inside = await board.pair()
        inside.indicate(what, data)
        return await outside.read()

    assert run(scenario()) == event


def test_answers_digits_and_texts_pass(board: Board) -> None:
    async def scenario() -> list[ChannelEvent]:
        outside, inside = await board.pair()
        inside.answer()
        inside.technology.send_dtmf("5", 80)
        inside.technology.send_text("hello")
        inside.indicate(Indication.SOURCE_CHANGED)
        outside.technology.send_dtmf("6", 90)
        assert await inside.read() == DtmfEnd("6", 90)
        return [await outside.read() for _ in range(3)]

    assert run(scenario()) == [Answered(), DtmfEnd("5", 80), TextReceived("hello")]


def test_when_one_ends_the_other_is_asked_to(board: Board) -> None:
    async def scenario() -> None:
        outside, inside = await board.pair()
        inside.hangup(Cause.USER_BUSY)
        assert outside.hangup_cause == Cause.USER_BUSY
        outside.hangup()

    run(scenario())
    assert list(board.channels) == [board.caller]


def test_a_pair_that_was_never_called_ends_as_a_whole(board: Board) -> None:
    async def scenario() -> None:
        made = await board.driver.request("200@in", caller=None, formats=(), variables={})
        made.hangup()

    run(scenario())
    assert list(board.channels) == [board.caller]


def test_those_at_both_ends_hear_one_another_whoever_is_joined_first(board: Board) -> None:
    async def scenario(*, is_caller_first: bool) -> None:
        outside, inside = await board.pair()
        far = incoming(board.channels, "bob")
        joins = [(board.caller, outside), (inside, far)]
        for first, second in joins if is_caller_first else reversed(joins):
            assert media(board.caller).partner is None
            connect_media(first, second)
        assert media(board.caller).partner is media(far)
        port = outside.technology.media
        assert port is not None
        assert port.codec == "ulaw"
        port.disconnect()
        assert media(far).partner is None

    run(scenario(is_caller_first=True))
    run(scenario(is_caller_first=False))


def test_those_at_the_ends_of_a_chain_hear_one_another(board: Board) -> None:
    async def scenario() -> None:
        outside, inside = await board.pair()
        next_outside, next_inside = await board.pair()
        far = incoming(board.channels, "bob")
        connect_media(board.caller, outside)
        connect_media(next_inside, far)
        connect_media(inside, next_outside)
        assert media(board.caller).partner is media(far)

    run(scenario())


def test_a_ring_of_local_channels_is_silent_and_ends(board: Board) -> None:
    async def scenario() -> None:
        outside, inside = await board.pair()
        next_outside, next_inside = await board.pair()
        connect_media(outside, next_outside)
        connect_media(inside, next_inside)
        port = outside.technology.media
        assert port is not None
        assert port.codec is None
        for channel in (outside, inside, next_outside, next_inside):
            channel.hangup()

    run(scenario())
    assert list(board.channels) == [board.caller]


def test_who_is_joined_to_a_local_channel_is_parted_from_it_by_its_end(board: Board) -> None:
    async def scenario() -> None:
        outside, inside = await board.pair()
        next_outside, next_inside = await board.pair()
        far = incoming(board.channels, "bob")
        connect_media(board.caller, outside)
        connect_media(inside, next_outside)
        inside.hangup()
        connect_media(next_inside, far)
        assert media(board.caller).partner is media(far).partner is None

    run(scenario())


def test_what_is_played_to_one_end_is_heard_at_the_other(board: Board) -> None:
    async def scenario() -> None:
        outside, inside = await board.pair()
        connect_media(board.caller, outside)
        port = inside.technology.media
        assert port is not None
        port.play(FakeSound("hello"))
        port.send_dtmf("7")
        port.echo(True)

    run(scenario())
    assert [playing.source.name for playing in media(board.caller).played if isinstance(playing.source, FakeSound)] == [
        "hello"
    ]
    assert media(board.caller).digits == "7"
    assert media(board.caller).is_echoing


def test_an_extension_can_be_dialed_like_a_phone(board: Board) -> None:
    async def scenario() -> None:
        dialing = asyncio.ensure_future(Dialing(board.caller, {"Local": board.driver}, Terms()).run(["Local/200@in"]))
        while not board.started:
            await asyncio.sleep(0)
        board.started[0].answer()
        outcome = await dialing
        assert outcome.status is DialStatus.ANSWER
        assert outcome.winner is not None
        assert outcome.winner.caller == Party("100")

    run(scenario())
