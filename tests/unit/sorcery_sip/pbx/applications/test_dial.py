from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sorcery_sip.pbx.applications import Services, applications
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import Answered, ConnectedLine, DtmfEnd, HangupRequested, Progress, Ringing
from sorcery_sip.pbx.party import Party
from sorcery_sip.pbx.stasis import StasisApplications
from sorcery_sip.pbx.technology import Indication
from tests.unit.sorcery_sip.pbx.fakes import (
    FakeCall,
    FakeDriver,
    FakeSounds,
    FakeSubroutines,
    heard,
    incoming,
    media,
    run,
    settle,
    technology,
    until,
)


class Board:
    """Alice calls, and phones answer, ring or do not."""

    def __init__(self) -> None:
        self.channels = Channels()
        self.driver = FakeDriver(self.channels)
        self.caller = incoming(self.channels, context="inside")
        self.call = FakeCall(self.caller, ("inside", "5"), ("exits", "6"))
        self.subroutines = FakeSubroutines()
        self.services = Services(FakeSounds("hello"), {"Fake": self.driver}, StasisApplications(), self.subroutines)

    async def dial(self, arguments: str, *steps: Callable[[], object]) -> None:
        """Dial, and let steps happen one after the other meanwhile."""
        running = asyncio.ensure_future(applications(self.services)["Dial"](self.call, arguments))
        for step in steps:
            await settle()
            step()
        await running

    @property
    def leg(self) -> Channel:
        return self.driver.made[-1]

    def leg_hangs_up(self) -> None:
        self.leg.post(HangupRequested(Cause.NORMAL_CLEARING))

    def variable(self, name: str) -> str:
        return self.caller.variables[name]


@pytest.fixture
def board() -> Board:
    return Board()


def test_the_caller_speaks_with_who_answers(board: Board) -> None:
    def look() -> None:
        assert media(board.caller).partner is media(board.leg)
        assert technology(board.caller).peers == [board.leg]
        assert board.caller.is_up
        assert board.variable("DIALSTATUS") == "ANSWER"
        assert board.variable("BRIDGEPEER") == board.leg.name
        assert board.leg.variables["BRIDGEPEER"] == board.caller.name

    run(board.dial("Fake/bob,20", look, board.leg_hangs_up))
    assert board.variable("DIALEDPEERNAME") == board.leg.name
    assert board.variable("DIALEDPEERNUMBER") == "bob"
    assert board.variable("BRIDGEPEER") == ""
    assert board.variable("ANSWEREDTIME") == board.variable("DIALEDTIME") == "0"
    assert 5 <= int(board.variable("ANSWEREDTIME_MS")) <= int(board.variable("DIALEDTIME_MS"))


def test_each_is_told_of_the_other(board: Board) -> None:
    bob = Party("6002", "Bob")

    def answer(channel: Channel) -> None:
        channel.post(ConnectedLine(bob))
        channel.post(Answered())

    board.driver.phones["bob"] = answer
    run(board.dial("Fake/bob", board.leg_hangs_up))
    assert technology(board.caller).log == [(Indication.CONNECTED_LINE, bob), "answer"]
    assert board.leg.connected == Party("6001", "Alice")


def test_when_the_called_party_leaves_the_caller_is_hung_up_with_its_cause(board: Board) -> None:
    run(board.dial("Fake/bob", lambda: board.leg.post(HangupRequested(Cause.NORMAL_UNSPECIFIED))))
    assert board.caller.is_hung_up
    assert board.caller.hangup_cause == Cause.NORMAL_UNSPECIFIED
    assert len(board.channels) == 1


def test_when_the_caller_leaves_the_called_party_is_hung_up_with_its_cause(board: Board) -> None:
    run(board.dial("Fake/bob", lambda: board.caller.post(HangupRequested(Cause.NORMAL_UNSPECIFIED))))
    assert technology(board.leg).causes == [Cause.NORMAL_UNSPECIFIED]


def test_the_caller_may_go_on_after_the_call(board: Board) -> None:
    run(board.dial("Fake/bob,,g", board.leg_hangs_up))
    assert not board.caller.is_hung_up
    assert board.caller.hangup_cause == Cause.NORMAL_CLEARING


@pytest.mark.parametrize(
    ("arguments", "status", "cause"),
    [
        ("Fake/carol,0.02", "NOANSWER", 19),
        ("Fake/gone,20", "CHANUNAVAIL", 3),
        ("Fake/busy&Fake/gone", "BUSY", 17),
    ],
)
def test_the_dialplan_goes_on_where_nobody_answers(board: Board, arguments: str, status: str, cause: int) -> None:
    board.driver.phones["busy"] = lambda channel: channel.post(HangupRequested(Cause.USER_BUSY))
    run(board.dial(arguments))
    assert board.variable("DIALSTATUS") == status
    assert board.caller.hangup_cause == cause
    assert not board.caller.is_hung_up
    assert heard(board.caller) in ([], [Indication.RINGING])
    assert (board.variable("ANSWEREDTIME"), board.variable("DIALEDPEERNAME")) == ("", "")


def test_a_caller_who_gives_up_cancels(board: Board) -> None:
    run(board.dial("Fake/carol", lambda: board.caller.post(HangupRequested())))
    assert board.variable("DIALSTATUS") == "CANCEL"
    assert technology(board.leg).causes == [Cause.NORMAL_CLEARING]


def test_a_caller_who_gives_up_may_cancel_as_answered_elsewhere(board: Board) -> None:
    run(board.dial("Fake/carol,,c", lambda: board.caller.post(HangupRequested())))
    assert technology(board.leg).causes == [Cause.ANSWERED_ELSEWHERE]


@pytest.mark.parametrize(("option", "cause"), [("", 26), ("Q(17)", 17), ("Q(CALL_REJECTED)", 21), ("Q(what)", 26)])
def test_the_others_learn_why(board: Board, option: str, cause: int) -> None:
    run(board.dial(f"Fake/carol&Fake/bob,,{option}", board.leg_hangs_up))
    assert technology(board.driver.made[0]).causes == [cause]


def test_nobody_to_call(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    run(board.dial(",20"))
    assert board.variable("DIALSTATUS") == "CHANUNAVAIL"
    assert "nobody to call" in caplog.text


def test_an_option_that_is_not_served_is_named(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    run(board.dial("Fake/gone,20,tTG(a^b^1)"))
    assert [record.getMessage() for record in caplog.records] == [
        f"Dial on {board.caller.name}: option G of 'tTG(a^b^1)' is not served"
    ]


@pytest.mark.parametrize("option", ["r", "m"])
def test_the_caller_hears_ringing_whatever_the_phone_sends(board: Board, option: str) -> None:
    board.driver.phones["early"] = lambda channel: channel.post(Progress())
    run(board.dial(f"Fake/early,0.02,{option}"))
    assert heard(board.caller) == [Indication.RINGING]
    assert media(board.caller).partner is None


def test_ringing_at_once_gives_way_to_what_the_phone_sends(board: Board) -> None:
    board.driver.phones["early"] = lambda channel: channel.post(Progress())
    run(board.dial("Fake/early,0.02,R"))
    assert heard(board.caller) == [Indication.RINGING, Indication.PROGRESS]
    assert media(board.caller).partner is media(board.leg)


def test_a_caller_who_was_answered_hears_a_tone_until_there_is_something_else(board: Board) -> None:
    media(board.caller).is_quick = False

    def answer() -> None:
        (ringing,) = media(board.caller).played
        assert getattr(ringing.source, "name", "") == "tone:ring"
        assert not ringing.done.done()
        board.leg.post(Answered())

    async def scenario() -> None:
        board.caller.answer()
        await board.dial("Fake/carol", answer, board.leg_hangs_up)

    run(scenario())
    assert media(board.caller).played[0].done.done()


@pytest.mark.parametrize(("option", "who"), [("h", "leg"), ("H", "caller")])
def test_the_star_key_may_end_the_call(board: Board, option: str, who: str) -> None:
    run(board.dial(f"Fake/bob,,{option}", lambda: getattr(board, who).post(DtmfEnd("*"))))
    assert board.caller.is_hung_up
    assert len(board.channels) == 1


def test_the_star_key_may_end_the_ringing(board: Board) -> None:
    run(board.dial("Fake/carol,,H", lambda: board.caller.post(DtmfEnd("*"))))
    assert board.variable("DIALSTATUS") == "CANCEL"
    assert not board.caller.is_hung_up


def test_a_digit_may_lead_elsewhere_while_it_rings(board: Board) -> None:
    run(board.dial("Fake/carol,,d", lambda: board.caller.post(DtmfEnd("4")), lambda: board.caller.post(DtmfEnd("5"))))
    assert board.call.went == [("inside", "5", 1)]
    board.caller.set_variable("EXITCONTEXT", "exits")
    run(board.dial("Fake/carol,,d", lambda: board.caller.post(DtmfEnd("6"))))
    assert board.call.went[1:] == [("exits", "6", 1)]


def test_digits_are_no_way_out_without_the_option(board: Board) -> None:
    run(board.dial("Fake/carol,0.03", lambda: board.caller.post(DtmfEnd("5"))))
    assert board.call.went == []


@pytest.mark.parametrize("option", ["S(0.02)", "L(20)", "L(20:10:5)S(60)"])
def test_a_call_may_have_a_limit(board: Board, option: str) -> None:
    run(board.dial(f"Fake/bob,,{option}"))
    assert board.caller.is_hung_up
    assert len(board.channels) == 1


@pytest.mark.parametrize("option", ["S(x)", "L()"])
def test_a_limit_that_is_no_number_is_none(board: Board, option: str) -> None:
    async def scenario() -> None:
        running = asyncio.ensure_future(board.dial(f"Fake/bob,,{option}"))
        await until(lambda: technology(board.caller).peers)
        await asyncio.sleep(0.02)
        assert not running.done()
        board.leg_hangs_up()
        await running

    run(scenario())


def test_who_answers_may_be_told_something_and_both_sent_digits_first(board: Board) -> None:
    async def scenario() -> None:
        running = asyncio.ensure_future(board.dial("Fake/bob,,A(hello)D(1:9)"))
        await until(lambda: heard(board.caller))
        assert technology(board.caller).peers == []
        await until(lambda: technology(board.caller).peers)
        board.leg_hangs_up()
        await running

    run(scenario())
    assert [getattr(playing.source, "name", "") for playing in media(board.leg).played] == ["hello"]
    assert technology(board.leg).log == ["call", ("dtmf", "1", 100)]
    assert heard(board.caller) == ["answer", ("dtmf", "9", 100)]


@pytest.mark.parametrize(
    ("option", "name"),
    [("hello", "hello"), ("hello:bye", "hello"), ("tone:busy", "tone:busy"), ("sound:hello:tone:busy", "hello")],
)
def test_of_two_announcements_the_first_is_for_who_answers(board: Board, option: str, name: str) -> None:
    run(board.dial(f"Fake/bob,,A({option})", board.leg_hangs_up))
    assert [getattr(playing.source, "name", "") for playing in media(board.leg).played] == [name]


def test_an_announcement_that_is_missing_does_not_keep_them_apart(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    run(board.dial("Fake/bob,,A(nothing)", board.leg_hangs_up))
    assert technology(board.caller).peers == [board.leg, None]
    assert "there is no sound 'nothing'" in caplog.text


@pytest.mark.parametrize(
    ("option", "place", "arguments"),
    [
        ("b(sub^s^1)", "sub,s,1", ()),
        ("b(sub^s^1(x^y))", "sub,s,1", ("x", "y")),
        ("U(sub)", "sub,s,1", ()),
        ("U(sub^x^y)", "sub,s,1", ("x", "y")),
    ],
)
def test_a_subroutine_runs_on_the_called_channel(
    board: Board, option: str, place: str, arguments: tuple[str, ...]
) -> None:
    run(board.dial(f"Fake/bob,,{option}", board.leg_hangs_up))
    assert board.subroutines.ran == [(board.leg.name, place, arguments)]
    assert technology(board.caller).peers == [board.leg, None]


def test_a_subroutine_may_keep_them_apart(board: Board) -> None:
    board.subroutines.result = "BUSY"
    run(board.dial("Fake/bob,,gU(sub)"))
    assert technology(board.caller).peers == []
    assert len(board.channels) == 1
    assert not board.caller.is_hung_up


def test_a_subroutine_that_is_missing_changes_nothing(board: Board, caplog: pytest.LogCaptureFixture) -> None:
    run(board.dial("Fake/bob,,U(missing)", board.leg_hangs_up))
    assert technology(board.caller).peers == [board.leg, None]
    assert "there is no missing,s,1" in caplog.text


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("", Party("6001", "Alice")),
        ("u(prohib)", Party("6001", "Alice", "prohib")),
        ("s(vip)", Party("6001", "Alice", tag="vip")),
    ],
)
def test_what_the_called_party_sees(board: Board, options: str, shown: Party) -> None:
    run(board.dial(f"Fake/bob,,{options}", board.leg_hangs_up))
    assert board.leg.connected == shown


def test_identity_may_be_kept_from_the_caller(board: Board) -> None:
    run(board.dial("Fake/bob,,I", lambda: board.leg.post(ConnectedLine(Party("1"))), board.leg_hangs_up))
    assert technology(board.caller).log == ["answer"]


def test_a_call_that_is_broken_off_leaves_nothing(board: Board) -> None:
    async def scenario() -> None:
        running = asyncio.ensure_future(board.dial("Fake/bob"))
        await until(lambda: technology(board.caller).peers)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scenario())
    assert list(board.channels) == [board.caller]


def test_the_caller_hears_that_it_rings(board: Board) -> None:
    board.driver.phones["dora"] = lambda channel: channel.post(Ringing())
    run(board.dial("Fake/dora&Fake/carol,0.02"))
    assert heard(board.caller) == [Indication.RINGING]
