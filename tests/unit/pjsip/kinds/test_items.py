from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds import Refused
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
    ("value", "text"),
    [
        ({"URI": "https://x/?a=b,c"}, 'URI="https://x/?a=b,c"'),
        ({"a": "it's"}, r"a=it\\\'s"),
        ({"a=b": "c"}, r"a\\=b=c"),
        ([("a", ""), ("a", "b")], 'a="",a="b"'),
    ],
)
def test_values_are_written_so_that_they_are_read_again(value: object, text: str) -> None:
    items = KIND.convert(value)
    assert KIND.texts(items) == (text,)
    assert KIND.convert(text) == items


@given(st.lists(st.tuples(TRICKY, TRICKY), max_size=4))
def test_whatever_can_be_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    if all(part == part.rstrip() for pair in pairs for part in pair):
        assert KIND.convert(pairs).pairs == tuple(pairs)
    else:
        with pytest.raises(Refused, match="cannot be written"):
            KIND.convert(pairs)


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
