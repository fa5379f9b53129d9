from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sorcery_sip.pbx.dialplan.times import BadTimes, Times, parse_times, split_include


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "moment", "expected"),
    [
        ("9:00-17:00,mon-fri,*,*", "2023-11-14 09:00", True),
        ("9:00-17:00,mon-fri,*,*", "2023-11-14 17:00:59", True),
        ("9:00-17:00,mon-fri,*,*", "2023-11-14 17:01", False),
        ("9:00-17:00|mon-fri|*|*", "2023-11-18 10:00", False),
        ("22:00-06:00", "2023-11-14 23:00", True),
        ("22:00-06:00", "2023-11-14 05:59", True),
        ("22:00-06:00", "2023-11-14 12:00", False),
        ("*,sat-mon", "2023-11-19 12:00", True),
        ("*,sat-mon", "2023-11-14 12:00", False),
        ("*,tue&thu", "2023-11-16 12:00", True),
        ("*,*,14", "2023-11-14 12:00", True),
        ("*,*,1-13&15-31", "2023-11-14 12:00", False),
        ("*,*,*,nov-jan", "2023-12-14 12:00", True),
        ("*,*,*,nov-jan", "2023-02-14 12:00", False),
        ("", "2023-11-14 12:00", True),
        ("7:00-7:59,*,*,*,America/New_York", "2023-11-14 12:30", True),
        ("7:00-7:59,*,*,*,America/New_York", "2023-11-14 07:30", False),
    ],
)
def test_a_moment_is_within_or_not(times: str, moment: str, expected: bool) -> None:
    assert parse_times(times).holds(at(moment)) is expected


def test_nothing_is_always() -> None:
    assert parse_times("*,*,*,*") == Times()


@pytest.mark.parametrize("text", ["25:00-17:00", "9-17", "*,foo", "*,*,32", "*,*,*,month", "*,*,*,*,No/Where", "9:60"])
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(BadTimes, match=r"cannot be read|no time zone"):
        parse_times(text)


def test_an_include_is_a_context_and_its_times() -> None:
    assert split_include("day,9:00-17:00,mon-fri") == ("day", "9:00-17:00,mon-fri")
    assert split_include("day|9:00-17:00") == ("day", "9:00-17:00")
    assert split_include("day") == ("day", "")
