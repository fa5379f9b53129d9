from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sorcery_sip.pbx.dialplan.dialplan import Dialplan
from sorcery_sip.pbx.dialplan.model import Match
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import dialplan_of

DIALPLAN = dialplan_of(
    """
[t]
exten => 10,1,NoOp(ten)
exten => 10,2(two),NoOp
exten => _1X,1,NoOp(pattern)
exten => _1X,3(three),NoOp
exten => 20/5,1,NoOp(for five)
exten => 20/,1,NoOp(for nobody)
exten => 20,1,NoOp(for all)
exten => 90,2,NoOp
include => u
include => day,9:00-17:00,mon-fri,*,*
[u]
exten => 10,4,NoOp
exten => _3X.,1,NoOp
include => t
include => v
[v]
exten => 40,1,NoOp
exten => _1X,1,NoOp(too late)
[day]
exten => 50,1,NoOp
"""
)


def tuesday(hour: int = 12) -> datetime:
    return datetime(2023, 11, 14, hour, tzinfo=UTC)


def argument(exten: str, caller: str = "", priority: int = 1) -> str | None:
    step = DIALPLAN.candidates("t", exten, caller, tuesday).step(priority)
    return None if step is None else step.arguments.text


def test_a_priority_is_that_of_the_first_extension_which_has_it() -> None:
    found = DIALPLAN.candidates("t", "10", "", tuesday)
    assert [found.step(number) is not None for number in range(1, 6)] == [True, True, True, True, False]
    assert argument("10") == "ten"


def test_labels_are_found_in_the_same_order() -> None:
    found = DIALPLAN.candidates("t", "10", "", tuesday)
    assert (found.label("two"), found.label("three"), found.label("four")) == (2, 3, None)


@pytest.mark.parametrize(("caller", "expected"), [("5", "for five"), ("", "for nobody"), ("6", "for all")])
def test_an_extension_for_one_caller_is_preferred(caller: str, expected: str) -> None:
    assert argument("20", caller) == expected


def test_includes_come_after_a_contexts_own_and_may_go_in_a_circle() -> None:
    assert argument("15") == "pattern"
    assert argument("40") == ""


def test_an_include_holds_at_its_times() -> None:
    assert DIALPLAN.match("t", "50", "", lambda: tuesday(12)) is Match.EXISTS
    assert DIALPLAN.match("t", "50", "", lambda: tuesday(18)) is Match.NO
    assert not DIALPLAN.candidates("t", "50", "", tuesday).are_lasting
    assert DIALPLAN.candidates("v", "50", "", tuesday).are_lasting


@pytest.mark.parametrize(
    ("exten", "expected"),
    [
        ("10", Match.EXISTS),
        ("1", Match.COULD),
        ("", Match.COULD),
        ("30", Match.COULD),
        ("301", Match.EXISTS),
        ("4", Match.COULD),
        ("90", Match.NO),
        ("77", Match.NO),
    ],
)
def test_what_there_is_for_a_number(exten: str, expected: Match) -> None:
    assert DIALPLAN.match("t", exten, "", tuesday) is expected


def test_more_digits_are_waited_for_where_they_could_mean_something() -> None:
    assert DIALPLAN.could_be_longer("t", "3", tuesday)
    assert not DIALPLAN.could_be_longer("t", "10", tuesday)


def test_an_empty_dialplan_has_nothing() -> None:
    assert Dialplan().match("t", "10", "", tuesday) is Match.NO
    assert Dialplan().candidates("t", "10", "", tuesday).step(1) is None
