"""What is demanded of a run of chaos beyond the table, and how changes are read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interop.chaos.judging import Heard, Verdict, Window
from tests.interop.chaos.outcome import ASIDE, POOL, Outcome
from tests.interop.chaos.provisioner import heard

KILLED = Window("killed", 100.0, 104.0, lifting=1.0)
REFUSED, SERVED = Heard(1, 1, 101.0, 101.1, 503), Heard(2, 2, 105.0, 105.1, 200)
GOOD: dict[str, Any] = {
    "offered": 2,
    "not_offered": 0,
    "latest": 0.0,
    "rate": 200.0,
    "verdict": Verdict(),
    "windows": [KILLED],
    "heard": [REFUSED, SERVED],
    "changes": [],
    "peaks": {"killed": 12},
    "connections": 9,
    "left": 0,
    "memory": [(80.0, 90.0)],
    "allowed": POOL + ASIDE,
    "deadlocks": 0,
    "logs": [],
}


def test_a_run_in_which_all_recovered_is_good() -> None:
    assert Outcome(**GOOD).beyond() == []


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ({"heard": [REFUSED]}, "nobody registered in the 20 s after 'killed'"),
        ({"heard": [SERVED]}, "'killed' was felt by nobody: it was none"),
        ({"peaks": {"killed": POOL + ASIDE + 1}}, f"{POOL + ASIDE + 1} connections were made after 'killed'"),
        ({"left": 1}, "9 connections are open, and 1 after the end"),
        ({"memory": [(80.0, 190.0)]}, "a stack grew by 110 MB"),
    ],
)
def test_what_must_not_be_is_found(found: dict[str, Any], wrong: str) -> None:
    assert Outcome(**GOOD | found).beyond() == [wrong]


def test_a_fault_is_felt_too_where_somebody_waits_until_it_is_over() -> None:
    waited = Heard(1, 1, 101.0, 104.5, 200)
    assert Outcome(**GOOD | {"heard": [waited, SERVED]}).beyond() == []


def test_what_is_made_again_need_not_be_felt_by_anybody() -> None:
    rivals = Window("rivals", 100.0, 104.0)
    assert Outcome(**GOOD | {"heard": [SERVED], "windows": [rivals], "peaks": {"rivals": 1}}).beyond() == []


def test_who_was_answered_after_a_fault_that_began_before_it_has_waited() -> None:
    late = Heard(3, 3, 102.0, 104.5, 200)
    outcome = Outcome(**GOOD | {"heard": [REFUSED, SERVED, late, Heard(4, 4, 99.0, 104.5, 200)]})
    assert outcome.waited(KILLED) == 1


def test_a_change_that_began_and_has_no_end_is_unknown(tmp_path: Path) -> None:
    lines = [[7, 1, 10.0, 0], [7, 1, 10.5, 200], [8, 2, 11.0, 0], [8, 2, 11.5, 503], [7, 3, 12.0, 0]]
    (tmp_path / "changes").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert heard(tmp_path / "changes") == [
        Heard(7, 1, 10.0, 10.5, 200),
        Heard(8, 2, 11.0, 11.5, 503),
        Heard(7, 3, 12.0, 0.0, 0),
    ]
