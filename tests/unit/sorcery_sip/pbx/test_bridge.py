from __future__ import annotations

import asyncio

import pytest

from sorcery_sip.pbx.bridge import Bridge, join
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import (
    T38,
    Answered,
    ChannelEvent,
    ConnectedLine,
    DtmfEnd,
    HangupRequested,
    Hold,
    Progress,
    RedirectingChanged,
    Ringing,
    TextReceived,
    Unhold,
)
from sorcery_sip.pbx.party import Party, Redirecting
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.fakes import FakeTechnology, incoming, media, run, technology, until

BOB, FAX = Party("6002", "Bob"), T38("negotiate", {"version": 0})


@pytest.fixture
def pair() -> tuple[Channel, Channel]:
    channels = Channels()
    return incoming(channels), incoming(channels, "bob")


async def bridged(first: Channel, second: Channel, *events: ChannelEvent) -> Channel:
    """Let events happen to the second channel, then its end; returns who left."""
    for event in events:
        second.post(event)
    second.post(HangupRequested(17))
    return await Bridge(first, second).run()


def test_both_hear_one_another_until_one_leaves(pair: tuple[Channel, Channel]) -> None:
    first, second = pair

    async def scenario() -> Channel:
        running = asyncio.ensure_future(Bridge(first, second).run())
        await until(lambda: media(first).partner is media(second))
        assert technology(first).peers == [second]
        assert technology(second).peers == [first]
        first.post(HangupRequested())
        return await running

    assert run(scenario()) is first
    assert media(first).partner is media(second).partner is None
    assert technology(first).peers == [second, None]
    assert technology(second).peers == [first, None]
    assert technology(second).causes == []


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (DtmfEnd("5", 120), [("dtmf", "5", 120)]),
        (DtmfEnd("5", 120, relayed=True), []),
        (Hold("jazz"), [(Indication.HOLD, "jazz")]),
        (Hold(), [Indication.HOLD]),
        (Unhold(), [Indication.UNHOLD]),
        (ConnectedLine(BOB), [(Indication.CONNECTED_LINE, BOB)]),
        (RedirectingChanged(Redirecting(count=1)), [(Indication.REDIRECTING, Redirecting(count=1))]),
        (FAX, [(Indication.T38, FAX)]),
        (TextReceived("hello"), [("text", "hello")]),
        (Ringing(), [Indication.RINGING]),
        (Progress(), [Indication.PROGRESS]),
        (Answered(), []),
    ],
)
def test_what_happens_to_one_is_told_to_the_other(
    pair: tuple[Channel, Channel], event: ChannelEvent, told: list[object]
) -> None:
    first, second = pair
    assert run(bridged(first, second, event)) is second
    assert technology(first).log == told


def test_a_channel_that_is_up_hears_of_no_ringing(pair: tuple[Channel, Channel]) -> None:
    async def scenario() -> None:
        pair[0].answer()
        await bridged(*pair, Ringing(), Progress())

    run(scenario())
    assert technology(pair[0]).log == ["answer"]


def test_identity_may_be_kept(pair: tuple[Channel, Channel]) -> None:
    first, second = pair
    second.post(ConnectedLine(BOB))
    second.post(RedirectingChanged(Redirecting(count=1)))
    second.post(HangupRequested())
    assert run(Bridge(first, second, pass_identity=False).run()) is second
    assert technology(first).log == []


def test_the_star_key_leaves_where_it_is_said_to(pair: tuple[Channel, Channel]) -> None:
    first, second = pair
    second.post(DtmfEnd("*"))
    first.post(DtmfEnd("*"))
    assert run(Bridge(first, second, star_leaves=[first]).run()) is first
    second.post(HangupRequested())
    run(Bridge(first, second, star_leaves=[first]).run())
    assert technology(first).log == [("dtmf", "*", 100)]


def test_channels_without_media_are_joined_all_the_same() -> None:
    channels = Channels()
    first, second = incoming(channels), channels.create("mute", FakeTechnology())
    join(first, second)
    assert technology(second).peers == [first]
