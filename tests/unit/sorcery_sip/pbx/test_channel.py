from __future__ import annotations

import asyncio

import pytest

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, ChannelState, read_any
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import Answered, ConnectedLine, DtmfEnd, HangupRequested, Ringing
from sorcery_sip.pbx.notices import ApplicationStarted, Ended, StateChanged, VariableSet
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.fakes import incoming, run, technology


@pytest.fixture
def channel() -> Channel:
    return incoming(Channels(lambda: 1_700_000_000.5))


def test_events_are_read_in_the_order_in_which_they_were_posted(channel: Channel) -> None:
    async def scenario() -> list[object]:
        channel.post(DtmfEnd("1"))
        channel.post(DtmfEnd("2"))
        return [await channel.read(), await channel.read()]

    assert run(scenario()) == [DtmfEnd("1"), DtmfEnd("2")]


def test_who_reads_waits_for_an_event(channel: Channel) -> None:
    async def scenario() -> object:
        reading = asyncio.ensure_future(channel.read())
        await asyncio.sleep(0)
        assert not reading.done()
        channel.post(DtmfEnd("5"))
        return await reading

    assert run(scenario()) == DtmfEnd("5")


def test_a_hang_up_is_read_after_what_was_left_and_then_for_ever(channel: Channel) -> None:
    async def scenario() -> list[object]:
        channel.post(DtmfEnd("1"))
        channel.post(HangupRequested(Cause.USER_BUSY, "SIP 486"))
        return [await channel.read() for _ in range(3)]

    busy = HangupRequested(Cause.USER_BUSY, "SIP 486")
    assert run(scenario()) == [DtmfEnd("1"), busy, busy]
    assert (channel.hangup_cause, channel.tech_cause) == (17, "SIP 486")


def test_two_tasks_cannot_read_one_channel(channel: Channel) -> None:
    async def scenario() -> None:
        first = asyncio.ensure_future(channel.read())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="two tasks"):
            await channel.read()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        channel.post(DtmfEnd("1"))
        assert await channel.read() == DtmfEnd("1")

    run(scenario())


def test_several_channels_are_read_at_once() -> None:
    channels = Channels()
    first, second = incoming(channels), incoming(channels)

    async def scenario() -> tuple[Channel, object]:
        reading = asyncio.ensure_future(read_any((first, second)))
        await asyncio.sleep(0)
        second.post(DtmfEnd("9"))
        return await reading

    assert run(scenario()) == (second, DtmfEnd("9"))


def test_any_number_of_tasks_wait_for_a_hang_up_and_take_nothing_from_the_reader(channel: Channel) -> None:
    async def scenario() -> object:
        waiting = [asyncio.ensure_future(channel.wait_for_hangup()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        channel.request_hangup()
        await asyncio.gather(*waiting[1:])
        await channel.wait_for_hangup()
        return await channel.read()

    assert run(scenario()) == HangupRequested(Cause.NORMAL_CLEARING)


def test_the_state_follows_what_the_driver_tells() -> None:
    async def scenario() -> list[ChannelState]:
        channel = incoming(Channels(), state=ChannelState.DIALING)
        states = [channel.state]
        for event in (Ringing(), Answered(), Ringing()):
            channel.post(event)
            states.append(channel.state)
        return states

    assert run(scenario()) == [ChannelState.DIALING, ChannelState.RINGING, ChannelState.UP, ChannelState.UP]


def test_answering_tells_the_driver_once(channel: Channel) -> None:
    async def scenario() -> None:
        channel.answer()
        channel.answer()

    run(scenario())
    assert technology(channel).log == ["answer"]
    assert channel.is_up
    assert channel.answered_at is not None


def test_a_channel_that_is_to_end_is_neither_answered_nor_told_anything(channel: Channel) -> None:
    channel.post(HangupRequested())
    channel.answer()
    channel.indicate(Indication.RINGING)
    assert technology(channel).log == []


def test_hanging_up_tells_the_driver_once_with_the_first_cause(channel: Channel) -> None:
    channel.request_hangup(Cause.CALL_REJECTED)
    assert technology(channel).causes == []
    channel.hangup(Cause.USER_BUSY)
    channel.hangup()
    assert technology(channel).causes == [21]
    assert channel.is_over


def test_without_a_cause_the_one_that_is_known_counts(channel: Channel) -> None:
    channel.hangup_cause = Cause.NO_ANSWER
    channel.hangup()
    assert technology(channel).causes == [19]


def test_a_known_party_is_told_once(channel: Channel) -> None:
    channel.connect_line(Party("6002"))
    channel.connect_line(Party("6002"))
    assert technology(channel).log == [(Indication.CONNECTED_LINE, Party("6002"))]


def test_a_changed_party_at_the_far_end_is_the_channels_caller(channel: Channel) -> None:
    channel.post(ConnectedLine(Party("6005", "Eve")))
    assert channel.caller == Party("6005", "Eve")


@pytest.mark.parametrize(("name", "handed_on"), [("A", {}), ("_A", {"A": "1"}), ("__A", {"__A": "1"})])
def test_underscores_say_who_inherits_a_variable(channel: Channel, name: str, handed_on: dict[str, str]) -> None:
    channel.set_variable(name, "1")
    assert channel.variables == {"A": "1"}
    assert channel.inherited_variables() == handed_on


def test_a_variable_that_is_set_again_without_underscores_is_inherited_no_longer(channel: Channel) -> None:
    channel.set_variable("__A", "1")
    channel.set_variable("A", "2")
    assert channel.inherited_variables() == {}


def test_observers_hear_of_everything_until_they_stop_or_the_channel_ends(channel: Channel) -> None:
    heard: list[object] = []
    also: list[object] = []
    channel.observe(lambda told, notice: heard.append(notice))
    stop = channel.observe(lambda told, notice: also.append(notice))

    async def scenario() -> None:
        channel.set_variable("_A", "1")
        stop()
        channel.start_application("Echo", "")
        channel.answer()
        channel.post(DtmfEnd("1"))
        channel.hangup()
        channel.tell("too late")

    run(scenario())
    assert also == [VariableSet("A", "1")]
    rest = [ApplicationStarted(), StateChanged(), DtmfEnd("1"), HangupRequested(16), Ended()]
    assert heard == [VariableSet("A", "1"), *rest]
    assert channel.application == "Echo"


def test_who_reads_may_wait_for_something_else_too(channel: Channel) -> None:
    async def scenario() -> None:
        done = asyncio.get_running_loop().create_future()
        reading = asyncio.ensure_future(channel.read_unless(done))
        await asyncio.sleep(0)
        channel.post(DtmfEnd("1"))
        assert await reading == DtmfEnd("1")
        reading = asyncio.ensure_future(channel.read_unless(done))
        await asyncio.sleep(0)
        done.set_result(None)
        assert await reading is None
        channel.post(DtmfEnd("2"))
        assert await channel.read_unless(done) is None
        assert await channel.read() == DtmfEnd("2")

    run(scenario())
