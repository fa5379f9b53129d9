"""The judge of chaos finds what it is there for."""

from __future__ import annotations

import pytest

from tests.interop.chaos.judging import EXPIRES, Heard, Row, Snapshot, Window, judge, recovery

KILLED = Window("killed", 100.0, 103.0)
READ_ONLY = Window("read-only", 100.0, 103.0)
FULL = Window("disk full", 100.0, 103.0)


def heard(number: int, started: float, outcome: int = 200, phone: int = 1) -> Heard:
    return Heard(phone, number, started, started + 0.1, outcome)


def held(number: int, started: float, asked: float = 200.0) -> Snapshot:
    return Snapshot(asked, {1: Row(number, int(started) + EXPIRES)})


def wrong(told: list[Heard], snapshot: Snapshot, *windows: Window) -> list[str]:
    return judge(told, [snapshot], windows).wrong


def test_a_row_of_the_last_confirmed_registration_is_right() -> None:
    assert wrong([heard(1, 50.0), heard(2, 60.0)], held(2, 60.0)) == []


def test_a_confirmed_registration_without_its_row_is_found() -> None:
    assert wrong([heard(1, 50.0)], Snapshot(200.0, {})) == ["phone1 heard 200 to 1, and has no row"]
    assert wrong([heard(1, 50.0), heard(2, 60.0)], held(1, 50.0)) == [
        "phone1 heard 200 to 2, and its row is of 1",
    ]
    assert wrong([heard(1, 50.0)], held(1, 10.0)) == ["phone1 heard 200 to 1, and its row ends 3560 s later"]


def test_one_that_was_confirmed_after_the_look_at_the_table_may_lack_in_it() -> None:
    assert wrong([heard(1, 50.0), heard(2, 60.0)], held(1, 50.0, asked=60.05)) == []


def test_a_row_that_was_refused_is_found_unless_the_connection_was_cut() -> None:
    told = [heard(1, 101.0, 503)]
    assert wrong(told, held(1, 101.0)) == ["phone1 heard 503 to 1, and it has a row"]
    assert wrong(told, held(1, 101.0), FULL) == ["phone1 heard 503 to 1, and it has a row"]
    assert wrong([heard(1, 102.0, 503)], held(1, 102.0), READ_ONLY) == ["phone1 heard 503 to 1, and it has a row"]
    assert judge(told, [held(1, 101.0)], [KILLED]).unknown == 1
    assert wrong(told, held(1, 101.0), KILLED) == []
    assert wrong([heard(1, 99.95, 503)], held(1, 99.95), READ_ONLY) == []
    slowly = Window("read-only", 100.0, 105.0, setting=1.5, lifting=1.0)
    assert wrong([heard(1, 102.0, 503)], held(1, 102.0), slowly) == []
    assert wrong([heard(1, 102.7, 503)], held(1, 102.7), slowly) == ["phone1 heard 503 to 1, and it has a row"]


def test_what_was_not_answered_is_unknown() -> None:
    verdict = judge([heard(1, 50.0, 0)], [held(1, 50.0)], [])
    assert (verdict.wrong, verdict.unknown) == ([], 1)


def test_what_was_not_answered_may_be_carried_out_after_the_next_one_and_what_was_answered_may_not() -> None:
    assert wrong([heard(1, 50.0, 0), heard(2, 61.0)], held(1, 50.0)) == []
    for outcome in (200, 503):
        told = [heard(1, 50.0, outcome), heard(2, 61.0)]
        assert "phone1 heard 200 to 2, and its row is of 1" in wrong(told, held(1, 50.0))


@pytest.mark.parametrize("outcome", [401, 403, 404, 500])
def test_a_phone_that_exists_and_is_told_otherwise_is_found(outcome: int) -> None:
    assert wrong([heard(1, 50.0, outcome)], Snapshot(200.0, {})) == [f"phone1 heard {outcome} to registration 1"]


def test_a_row_that_nobody_wrote_is_found() -> None:
    assert wrong([heard(1, 50.0)], held(7, 50.0)) == ["the row of phone1 comes from registration 7, which nobody made"]


def test_recovery_is_from_the_end_of_the_fault_to_the_first_success_and_the_last_failure() -> None:
    told = [heard(1, 103.5, 503), heard(2, 104.0), heard(3, 104.5, 503), heard(4, 105.0), heard(5, 109.95, 503)]
    first, last = recovery(told, 103.0, 110.0)
    assert (round(first, 3), last) == (1.1, 1.5)
    assert recovery([], 103.0, 110.0) == (float("inf"), 0.0)
