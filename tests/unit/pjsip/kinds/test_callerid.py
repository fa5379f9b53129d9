from __future__ import annotations

import pytest

from sorcery.kinds import Refused
from sorcery.pjsip import Endpoint
from sorcery.pjsip.kinds.callerid import CallerId, CallerIdText


@pytest.mark.parametrize(
    ("text", "name", "number"),
    [
        ("Bob <100>", "Bob", "100"),
        ('"Bob \\"X\\"" <1>', 'Bob "X"', "1"),
        ("(555) 123-4567", "", "5551234567"),
        ('"100"', "100", ""),
        ("Bob <100", "Bob", "100"),
        ("<unknown>", "", "unknown"),
        ("", "", ""),
        ("x" * 100 + " <" + "1" * 100 + ">", "x" * 79, "1" * 79),
        ("é" * 79, "é" * 39, ""),
    ],
)
def test_a_caller_id_is_split(text: str, name: str, number: str) -> None:
    endpoint = Endpoint.from_objectset("e", [("callerid", text)])
    assert endpoint.callerid == CallerId(name, number)
    assert Endpoint.from_objectset("e", endpoint.settings()) == endpoint


def test_the_written_form_is_not_ambiguous_where_the_printed_one_is() -> None:
    endpoint = Endpoint("e", callerid=CallerId(name="100"))
    assert ("callerid", "100") in endpoint.objectset()
    assert endpoint.settings() == [("callerid", '"100" <>')]


@pytest.mark.parametrize(
    "value", [CallerId(number="55 5"), CallerId(name="n" * 80), CallerId(number="a<b"), ("Bob", "1")]
)
def test_parts_that_no_text_can_express_are_refused(value: object) -> None:
    with pytest.raises(Refused):
        CallerIdText().convert(value)


def test_an_odd_presentation_is_kept_and_prints_unknown() -> None:
    endpoint = Endpoint("e", callerid_privacy="99 bottles")
    assert ("callerid_privacy", "unknown") in endpoint.objectset()
    assert endpoint.settings() == [("callerid_privacy", "99")]
    assert Endpoint("e", callerid_privacy="66").callerid_privacy == "unavailable"
