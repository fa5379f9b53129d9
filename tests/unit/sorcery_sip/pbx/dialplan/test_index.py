from __future__ import annotations

import pytest

from tests.unit.sorcery_sip.pbx.dialplan.dialplans import dialplan_of

LINES = "[t]\n" + "\n".join(
    f"exten => {name},1,NoOp" for name in ("100", "1-05", "_1XX", "_10[0-5]", "_1.", "_2X!", "_3XX.", "_9Z")
)
INDEX = dialplan_of(LINES).contexts["t"].index


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ("100", ["100", "_10[0-5]", "_1XX", "_1."]),
        ("105", ["1-05", "_10[0-5]", "_1XX", "_1."]),
        ("1-0-9", ["_1XX", "_1."]),
        ("1", []),
        ("1000", ["_1."]),
        ("2", []),
        ("25", ["_2X!"]),
        ("2555", ["_2X!"]),
        ("333", []),
        ("3334", ["_3XX."]),
        ("90", []),
    ],
)
def test_the_preferred_extension_comes_first(number: str, names: list[str]) -> None:
    assert [each.name for each in INDEX.matching(number)] == names


@pytest.mark.parametrize(
    ("number", "could"),
    [("", True), ("1", True), ("10", True), ("3", True), ("333", True), ("9", True), ("95", False), ("4", False)],
)
def test_a_number_could_become_an_extension(number: str, could: bool) -> None:
    assert INDEX.could_match(number) is could


@pytest.mark.parametrize(
    ("number", "more"),
    [("", True), ("10", True), ("100", True), ("1000", True), ("25", False), ("2", True), ("95", None), ("4", None)],
)
def test_more_digits_are_worth_waiting_for(number: str, more: bool | None) -> None:
    assert INDEX.more(number) is more
