"""The difference of two texts: as difflib has it, and for long texts too."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sorcery_cli.difference import unified

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "", "x y"]), max_size=12)


def applied(before: Sequence[str], difference: Sequence[str]) -> list[str]:
    """Return what a difference with all lines around its changes makes of a text."""
    if not difference:
        return list(before)
    return [line[1:] for line in difference[2:] if line[0] in " +"]


@given(LINES, LINES, st.integers(0, 2))
def test_a_difference_leads_from_one_text_to_the_other(before: list[str], after: list[str], context: int) -> None:
    assert applied(before, list(unified(before, after, "f", context=100))) == after
    lines = list(unified(before, after, "f", context=context))
    assert (lines == []) is (before == after)
    gone = [line[1:] for line in lines[2:] if line[0] == "-"]
    assert len(gone) <= len(before)


def test_it_is_written_as_difflib_writes_it() -> None:
    before, after = ["[a]", "x=1", "", "[b]", "y=2"], ["[a]", "x = 1", "[b]", "y=2", "z"]
    expected = list(difflib.unified_diff(before, after, "f", "f", lineterm="", n=1))
    assert list(unified(before, after, "f", context=1)) == expected


def test_an_insertion_and_a_removal_are_counted_as_diff_counts_them() -> None:
    for before, after in (([], ["a"]), (["a"], []), (["a", "b"], ["b"]), (["a"], ["a", "b", "c"])):
        expected = list(difflib.unified_diff(before, after, "f", "f", lineterm="", n=0))
        assert list(unified(before, after, "f", context=0)) == expected


def test_a_long_text_is_compared_between_lines_that_stand_in_it_once() -> None:
    before = [line for number in range(20_000) for line in (f"[{number}]", "k=1", "same", "")]
    after = ["k = 1" if line == "k=1" else line for line in before]
    lines = list(unified(before, after, "f", context=0))
    assert lines.count("-k=1") == lines.count("+k = 1") == 20_000
    assert len(lines) == 2 + 3 * 20_000


def test_what_has_no_such_lines_and_is_long_is_replaced_as_a_whole() -> None:
    before, after = ["a", "b"] * 5_000, ["b", "a"] * 5_000
    lines = list(unified(before, after, "f", context=0))
    assert len(lines) == 2 + 1 + 20_000
