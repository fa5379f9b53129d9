from __future__ import annotations

import pytest

from sorcery.kinds import Kind, Refused, Warn


class Port(Kind[int]):
    zero = 0

    def parse(self, text: str, before: int, warn: Warn) -> int:
        if not text.isdigit():
            raise Refused("is no port", "write a number")
        return int(text)


def test_a_kind_needs_no_more_than_a_way_to_read() -> None:
    kind = Port()
    assert kind.convert("5060") == 5060
    assert (kind.printed(5060), kind.texts(5060), tuple(kind.pairs("port", 5060))) == (
        "5060",
        ("5060",),
        (("port", "5060"),),
    )
    assert (kind.comparable("5060"), kind.names(5060), kind.expects()) == ("5060", (), "text")


def test_what_a_kind_was_not_taught_to_accept_it_refuses() -> None:
    with pytest.raises(Refused) as caught:
        Port().convert(5060.0)
    assert (caught.value.reason, caught.value.remedy) == ("float is not taken", "pass text")


def test_a_refusal_is_a_value_error_that_may_name_an_option() -> None:
    refusal = Refused("reason", "remedy", option="port")
    assert (str(refusal), refusal.option) == ("reason", "port")
    assert issubclass(Refused, ValueError)
