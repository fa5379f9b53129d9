from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds import Refused
from sorcery.kinds.base import refuse_repair
from sorcery.pjsip import GeolocationLocation
from sorcery.pjsip.kinds.items import Items, NameValueList

KIND = NameValueList()
TRICKY = st.text("ab=,\\\"' ;", max_size=6)


def test_items_are_looked_up_by_name() -> None:
    items = KIND.convert('country=US,A1="New York",A1=x')
    assert items.values("A1") == ("New York", "x")
    assert items.values("a1") == ()
    assert items.names() == ("country", "A1", "A1")
    assert (list(items), len(items)) == ([("country", "US"), ("A1", "New York"), ("A1", "x")], 3)
    assert not Items()


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ({"URI": "https://x/?a=b,c"}, ['URI="https://x/?a=b,c"']),
        ({"a": "it's, b"}, ['a="it\'s, b"']),
        ({"a": 'b"=c'}, ["a='b\"=c'"]),
        ({"a": "b\\c"}, [r'a="b\\\\c"']),
        ({"a": " "}, ['a=" "']),
        ([("a", ""), ("a", "b")], ['a=""', 'a="b"']),
    ],
)
def test_values_are_written_so_that_they_are_read_again(value: object, texts: list[str]) -> None:
    items = KIND.convert(value)
    assert list(KIND.texts(items)) == texts
    again = Items()
    for text in texts:
        again = KIND.parse(text, again, refuse_repair)
    assert again == items


@given(st.lists(st.tuples(TRICKY, TRICKY), max_size=4))
def test_whatever_can_be_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    items, again = written(pairs), Items()
    for text in items.lines if items else ():
        again = KIND.parse(text, again, lambda problem, outcome: None)
    assert items is None or (again == items and items.pairs == tuple(pairs))


def written(pairs: list[tuple[str, str]]) -> Items | None:
    with contextlib.suppress(Refused):
        return KIND.convert(pairs)
    return None


@given(st.dictionaries(st.text("abc", min_size=1), st.text("ab ,=:/?&", max_size=9).map(str.strip)))
def test_a_mapping_without_quotes_can_be_written(values: dict[str, str]) -> None:
    assert KIND.convert(values).pairs == tuple(values.items())


@pytest.mark.parametrize("wrong", [5, ["x"], [("a", 1)], {"a": "b "}])
def test_what_is_no_item_is_refused(wrong: object) -> None:
    with pytest.raises(Refused):
        KIND.convert(wrong)


def test_what_a_second_equal_sign_cuts_off_is_told() -> None:
    findings: list[Finding] = []
    pairs = [("format", "URI"), ("location_info", "URI=https://x/?a=b")]
    place = GeolocationLocation.__sorcery__.build("p", pairs, findings=findings)
    assert isinstance(place, GeolocationLocation)
    assert place.location_info.values("URI") == ("https://x/?a",)
    assert [finding.option for finding in findings] == ["location_info"]
    with pytest.raises(InvalidObject, match="two equal signs"):  # nobody would read the warning
        GeolocationLocation("p", format="URI", location_info="URI=https://x/?a=b")
