"""Where in a line the offending text stands."""

from pathlib import Path

import pytest

from sorcery import Finding, Place, Severity
from sorcery.checks.sourcelines import SourceLines, span


def finding(option: str = "", value: str = "", place: Place | None = None) -> Finding:
    return Finding(severity=Severity.ERROR, rule="r", message="m", option=option, value=value, place=place)


@pytest.mark.parametrize(
    ("line", "option", "value", "marked"),
    [
        ("max_contacts=many", "max_contacts", "many", "many"),
        ("aors = a,nobody,b ; x", "aors", "nobody", "nobody"),
        ("  Max_Contacts = 1", "max_contacts", "", "Max_Contacts"),
        ("aors=aors", "aors", "aors", "aors"),
        ("  [alice](phone) ; her", "", "", "[alice](phone)"),
        ("\tx=a\\;b", "y", "a;b", "x=a\\"),
        ("password=x", "password", "", "password"),
    ],
)
def test_the_offending_text_is_marked(line: str, option: str, value: str, marked: str) -> None:
    start, end = span(line, finding(option, value))
    assert line[start:end] == marked


def test_the_value_is_sought_behind_the_equals_sign() -> None:
    assert span("a=a", finding("a", "a")) == (2, 3)


def test_a_value_is_sought_behind_the_column_that_a_finding_has() -> None:
    place = Place("a.conf", 1, column=5)
    assert span("[a] ; sorcery: ignore a, b", finding(value="b", place=place)) == (25, 26)
    assert span("[a] ; sorcery: ignore x", finding(value="b", place=place)) == (0, 3)


def test_columns_count_from_one_and_a_finding_that_has_one_keeps_it(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"\xef\xbb\xbf[a]\r\n x=1\r\n")
    lines = SourceLines()
    located = lines.located(finding("x", place=Place(str(path), 2)))
    assert located.place == Place(str(path), 2, column=2)
    assert lines.line(located) == " x=1"
    there = finding("x", place=Place(str(path), 2, column=9))
    assert lines.located(there) == there


@pytest.mark.parametrize(
    "place", [None, Place("ps_aors", row="a"), Place("/nowhere.conf", 1), Place("/nowhere.conf", 0)]
)
def test_what_stands_in_no_line_has_no_column(place: Place | None) -> None:
    assert SourceLines().located(finding(place=place)).place == place
