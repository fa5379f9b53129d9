from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dial_terms import Dialed, DialStatus, Outcome, Terms
from sorcery_sip.pbx.dialing import Dialing
from sorcery_sip.pbx.events import (
    Answered,
    Busy,
    Congestion,
    ConnectedLine,
    DtmfEnd,
    HangupRequested,
    Proceeding,
    Progress,
    RedirectingChanged,
    RedirectRequested,
)
from sorcery_sip.pbx.party import Party, Redirecting
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.fakes import FakeDriver, answers, heard, incoming, media, run, technology, until


class Board:
    """One caller, and phones to call."""

    def __init__(self) -> None:
        self.channels = Channels()
        self.driver = FakeDriver(self.channels)
        self.caller = incoming(self.channels)
        self.notices: list[tuple[str, str]] = []
        self.channels.observe(self._hear)

    def _hear(self, channel: Channel, notice: object) -> None:
        if isinstance(notice, Dialed):
            self.notices.append((notice.dial_string, notice.status))

    async def dial(self, *targets: str, **terms: Any) -> Outcome:
        return await Dialing(self.caller, {"Fake": self.driver}, Terms(**terms)).run(targets)

    def causes(self) -> list[list[int]]:
        return [technology(channel).causes for channel in self.driver.made]

    def heard(self) -> list[Any]:
        return heard(self.caller)


@pytest.fixture
def board() -> Board:
    return Board()


def does(*events: Any) -> Callable[[Channel], None]:
    def behaviour(channel: Channel) -> None:
        for event in events:
            channel.post(event)

    return behaviour


def test_who_answers_first_wins_and_the_others_end_as_answered_elsewhere(board: Board) -> None:
    outcome = run(board.dial("Fake/carol", "Fake/bob"))
    bob = board.driver.made[1]
    assert outcome == Outcome(DialStatus.ANSWER, 16, bob, "bob")
    assert board.causes() == [[Cause.ANSWERED_ELSEWHERE], []]
    assert len(board.channels) == 2


def test_the_caller_of_one_is_told_whom_it_calls(board: Board) -> None:
    run(board.dial("Fake/bob"))
    assert technology(board.caller).log == [(Indication.CONNECTED_LINE, Party("100"))]


@pytest.mark.parametrize(
    ("targets", "terms"), [(("Fake/bob", "Fake/carol"), {}), (("Fake/bob",), {"pass_identity": False})]
)
def test_the_caller_of_several_or_of_none_that_it_may_know_is_not(
    board: Board, targets: tuple[str, ...], terms: dict[str, Any]
) -> None:
    run(board.dial(*targets, **terms))
    assert technology(board.caller).log == []


def test_the_technology_is_named_in_any_case(board: Board) -> None:
    assert run(board.dial("FAKE/bob")).status is DialStatus.ANSWER


def answers_late(channel: Channel) -> None:
    asyncio.get_running_loop().call_soon(answers, channel)


@pytest.mark.parametrize(
    ("targets", "status", "cause"),
    [
        (["Fake/gone"], DialStatus.CHANUNAVAIL, 3),
        (["Fake/nobody"], DialStatus.CHANUNAVAIL, 20),
        (["SIP/bob"], DialStatus.CHANUNAVAIL, 66),
        (["bob"], DialStatus.CHANUNAVAIL, 3),
        (["Fake/busy"], DialStatus.BUSY, 17),
        (["Fake/full"], DialStatus.CONGESTION, 34),
        (["Fake/says-busy"], DialStatus.BUSY, 17),
        (["Fake/says-full"], DialStatus.CONGESTION, 34),
        (["Fake/rejects"], DialStatus.CHANUNAVAIL, 21),
        (["Fake/shy"], DialStatus.NOANSWER, 19),
        (["Fake/gone", "Fake/busy"], DialStatus.BUSY, 17),
        (["Fake/gone", "Fake/full"], DialStatus.CONGESTION, 34),
        (["Fake/busy", "Fake/full"], DialStatus.BUSY, 34),
        (["Fake/busy", "Fake/shy"], DialStatus.NOANSWER, 19),
    ],
)
def test_the_status_when_nobody_is_left(board: Board, targets: list[str], status: DialStatus, cause: int) -> None:
    board.driver.phones |= {
        "busy": does(HangupRequested(Cause.USER_BUSY)),
        "full": does(HangupRequested(Cause.NORMAL_CIRCUIT_CONGESTION)),
        "says-busy": does(Busy()),
        "says-full": does(Congestion()),
        "rejects": does(HangupRequested(Cause.CALL_REJECTED)),
        "shy": does(HangupRequested(Cause.NO_ANSWER)),
    }
    assert run(board.dial(*targets)) == Outcome(status, cause)
    assert len(board.channels) == 1


def test_the_time_is_up(board: Board) -> None:
    assert run(board.dial("Fake/carol", timeout=0.1)) == Outcome(DialStatus.NOANSWER, Cause.NO_ANSWER)
    assert board.causes() == [[Cause.NORMAL_CLEARING]]
    assert board.notices == [("Fake/carol", ""), ("Fake/carol", "RINGING"), ("Fake/carol", "NOANSWER")]


def test_a_caller_who_hangs_up_cancels(board: Board) -> None:
    async def scenario() -> Outcome:
        dialing = asyncio.ensure_future(board.dial("Fake/carol"))
        await until(lambda: board.heard() == [Indication.RINGING])
        board.caller.post(HangupRequested())
        return await dialing

    assert run(scenario()).status is DialStatus.CANCEL
    assert board.causes() == [[Cause.NORMAL_CLEARING]]
    assert board.notices[-1] == ("Fake/carol", "CANCEL")


def test_nobody_is_called_for_a_caller_who_hung_up_while_they_were_looked_up(board: Board) -> None:
    board.caller.post(HangupRequested())
    assert run(board.dial("Fake/carol", "Fake/bob")).status is DialStatus.CANCEL
    assert [technology(channel).log for channel in board.driver.made] == [[], []]
    assert board.causes() == [[Cause.NORMAL_CLEARING]] * 2


def test_a_dial_that_is_broken_off_leaves_no_channel(board: Board) -> None:
    async def scenario() -> None:
        dialing = asyncio.ensure_future(board.dial("Fake/carol", "Fake/carol"))
        await until(lambda: len(board.channels) == 3)
        dialing.cancel()
        await asyncio.gather(dialing, return_exceptions=True)

    run(scenario())
    assert len(board.channels) == 1


def test_a_channel_that_its_subroutine_hangs_up_is_not_called(board: Board) -> None:
    async def prepare(channel: Channel) -> None:
        channel.request_hangup(Cause.CALL_REJECTED)

    async def scenario() -> Outcome:
        return await Dialing(board.caller, {"Fake": board.driver}, Terms(), prepare).run(["Fake/bob"])

    assert run(scenario()) == Outcome(DialStatus.CHANUNAVAIL, Cause.CALL_REJECTED)
    (called,) = board.driver.made
    assert technology(called).log == []


def test_a_cancelled_leg_may_be_told_that_it_was_answered_elsewhere(board: Board) -> None:
    run(board.dial("Fake/carol", timeout=0.1, cause_for_cancelled=Cause.ANSWERED_ELSEWHERE))
    assert board.causes() == [[26]]


def test_a_digit_of_the_caller_may_end_it(board: Board) -> None:
    board.caller.post(DtmfEnd("5"))
    board.caller.post(DtmfEnd("1"))
    seen: list[str] = []

    def ends(digit: str) -> bool:
        seen.append(digit)
        return digit == "1"

    assert run(board.dial("Fake/carol", ends_on_digit=ends)).status is DialStatus.CANCEL
    assert seen == ["5", "1"]


def test_the_caller_hears_of_ringing_once(board: Board) -> None:
    run(board.dial("Fake/carol", "Fake/carol", timeout=0.1))
    assert board.heard() == [Indication.RINGING]


def test_ringing_may_be_told_at_once(board: Board) -> None:
    board.driver.phones["slow"] = does()
    run(board.dial("Fake/slow", timeout=0.1, ringing_at_once=True))
    assert board.heard() == [Indication.RINGING]


def test_nothing_rings_where_nobody_can_be_called(board: Board) -> None:
    run(board.dial("Fake/gone", ringing_at_once=True))
    assert board.heard() == []


def test_early_media_of_one_target_is_heard(board: Board) -> None:
    board.driver.phones["early"] = does(Proceeding(), Progress())

    async def scenario() -> None:
        dialing = asyncio.ensure_future(board.dial("Fake/early"))
        await until(lambda: media(board.caller).partner is not None)
        board.driver.made[0].post(Answered())
        await dialing

    run(scenario())
    assert board.heard() == [Indication.PROCEEDING, Indication.PROGRESS]


@pytest.mark.parametrize(
    ("event", "targets", "terms", "heard"),
    [
        (Progress(has_media=False), 1, {}, [Indication.PROGRESS]),
        (Progress(), 2, {}, []),
        (Progress(), 1, {"early_media": False}, []),
    ],
)
def test_early_media_that_is_not_heard(
    board: Board, event: Progress, targets: int, terms: dict[str, Any], heard: list[Indication]
) -> None:
    board.driver.phones["early"] = does(event)
    run(board.dial(*["Fake/early"] * targets, timeout=0.1, **terms))
    assert media(board.caller).partner is None
    assert board.heard() == heard


def test_a_changed_party_is_told_for_one_target_only(board: Board) -> None:
    bob, passed_on = Party("6002"), Redirecting(count=1)
    board.driver.phones["b"] = does(ConnectedLine(bob), RedirectingChanged(passed_on))
    run(board.dial("Fake/b", "Fake/b", timeout=0.1))
    run(board.dial("Fake/b", timeout=0.1, pass_identity=False))
    assert board.heard() == []
    run(board.dial("Fake/b", timeout=0.1))
    assert board.heard() == [(Indication.CONNECTED_LINE, bob), (Indication.REDIRECTING, passed_on)]


def test_what_a_called_channel_gets_from_its_caller(board: Board) -> None:
    board.caller.set_variable("__DEEP", "1")
    board.caller.set_variable("_ONCE", "2")
    board.caller.set_variable("OWN", "3")
    board.caller.formats = ("alaw",)
    board.caller.redirecting = Redirecting(reason="user-busy", count=1)
    run(board.dial("Fake/bob"))
    (leg,) = board.driver.made
    assert leg.variables == {"DEEP": "1", "ONCE": "2"}
    assert leg.inherited_variables() == {"__DEEP": "1"}
    assert leg.formats == ("alaw",)
    assert leg.connected == Party("6001", "Alice")
    assert leg.caller == Party("100")
    assert leg.redirecting == Redirecting(reason="user-busy", count=1)


def test_another_caller_may_be_shown(board: Board) -> None:
    run(board.dial("Fake/bob", shown=Party("900")))
    assert board.driver.made[0].connected == Party("900")


def test_a_call_is_passed_on_where_the_called_party_says(board: Board) -> None:
    passed_on = Redirecting(from_=Party("6002"), reason="unconditional", count=1)
    board.driver.phones["away"] = does(RedirectRequested("Fake/bob", passed_on))
    outcome = run(board.dial("Fake/away"))
    away, bob = board.driver.made
    assert outcome.winner is bob
    assert board.causes() == [[Cause.REDIRECTED_TO_NEW_DESTINATION], []]
    assert bob.redirecting == passed_on
    assert bob.variables == {"FORWARDERNAME": away.name}
    assert board.heard() == [(Indication.REDIRECTING, passed_on)]


def test_an_extension_is_looked_for_in_the_context_of_who_passes_the_call_on(board: Board) -> None:
    asked: list[str] = []
    board.driver.phones["away"] = does(RedirectRequested("200"))

    class Local(FakeDriver):
        async def request(self, resource: str, **_: Any) -> Channel:
            asked.append(resource)
            return await board.driver.request("bob", caller=board.caller, formats=(), variables={})

    drivers = {"Fake": board.driver, "Local": Local(board.channels)}

    async def scenario() -> None:
        await Dialing(board.caller, drivers, Terms()).run(["Fake/away"])
        board.caller.set_variable("FORWARD_CONTEXT", "elsewhere")
        await Dialing(board.caller, drivers, Terms()).run(["Fake/away"])

    run(scenario())
    assert asked == ["200@phones", "200@elsewhere"]


def test_passing_on_may_be_refused(board: Board) -> None:
    board.driver.phones["away"] = does(RedirectRequested("Fake/bob"))
    assert run(board.dial("Fake/away", follow_forwards=False)).status is DialStatus.BUSY


def test_phones_that_pass_a_call_to_one_another_end_it_at_last(board: Board) -> None:
    board.driver.phones |= {
        "one": does(RedirectRequested("Fake/other")),
        "other": does(RedirectRequested("Fake/one")),
    }
    assert run(board.dial("Fake/one")) == Outcome(DialStatus.BUSY, Cause.USER_BUSY)
    assert len(board.driver.made) == 19
    assert len(board.channels) == 1


def test_others_go_on_ringing_while_one_is_passed_on(board: Board) -> None:
    board.driver.phones["away"] = does(RedirectRequested("Fake/gone"))
    board.driver.phones["late"] = answers_late
    assert run(board.dial("Fake/away", "Fake/late")).status is DialStatus.ANSWER
