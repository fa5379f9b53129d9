from __future__ import annotations

import pytest

from sorcery_sip.pbx.dialplan.patterns import (
    END,
    ONE_OR_MORE,
    ZERO_OR_MORE,
    BadPattern,
    Position,
    fits,
    parse_pattern,
    undashed,
)


@pytest.mark.parametrize(
    ("pattern", "number", "expected"),
    [
        ("_X", "0", True),
        ("_Z", "0", False),
        ("_Z", "1", True),
        ("_N", "1", False),
        ("_n", "2", True),
        ("_x", "9", True),
        ("_X", "a", False),
        ("_1X", "1", False),
        ("_1X", "123", False),
        ("_1-X", "12", True),
        ("_1X", "1-2", True),
        ("_1.", "1", False),
        ("_1.", "12", True),
        ("_1!", "1", True),
        ("_1!5", "123", True),
        ("_[1-35-7]", "4", False),
        ("_[1-35-7]", "6", True),
        ("_[0-]", "0", True),
        ("_[0-]", "5", False),
        ("_[^2]", "^", True),
        ("_[5-3]", "4", False),
        ("_1[]X", "15", True),
        ("_", "", True),
        ("_[X]", "5", False),
        ("_Abc", "abc", False),
        ("1-2", "12", True),
        ("12", "1-2", True),
        ("abc", "ABC", False),
    ],
)
def test_a_number_fits_or_not(pattern: str, number: str, expected: bool) -> None:
    assert fits(pattern, number) is expected


def test_the_end_of_a_pattern_comes_last() -> None:
    assert sorted([END, ZERO_OR_MORE, ONE_OR_MORE, Position(10, "0123456789"), Position(1, "9")]) == [
        Position(1, "9"),
        Position(10, "0123456789"),
        ONE_OR_MORE,
        ZERO_OR_MORE,
        END,
    ]


def test_a_set_of_one_is_a_character() -> None:
    assert parse_pattern("[5]") == parse_pattern("5")


def test_a_set_that_does_not_end_is_no_pattern() -> None:
    with pytest.raises(BadPattern, match="']'"):
        parse_pattern("[12")


def test_hyphens_mean_nothing() -> None:
    assert undashed("1-800-5") == "18005"
