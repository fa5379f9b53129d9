from __future__ import annotations

from typing import Any

import pytest

from sorcery.kinds import Flags, Kind, Names, References, Refused, split_names


def parse(kind: Kind[Any], text: str, before: Any = ()) -> Any:
    def refuse(problem: str, outcome: str) -> None:
        raise AssertionError(problem)

    return kind.parse(text, before, refuse)


def test_names_are_trimmed_empty_ones_dropped_order_and_repeats_kept() -> None:
    assert split_names(" b ,,a,b ") == ("b", "a", "b")


def test_a_later_list_replaces_or_adds() -> None:
    assert parse(Names(), "b", ("a",)) == ("b",)
    assert parse(Names(adds=True), "b", ("a",)) == ("a", "b")


@pytest.mark.parametrize("names", [["a,b"], [" a"], [""], [5], 5])
def test_what_could_not_be_read_back_is_no_name(names: object) -> None:
    with pytest.raises(Refused):
        Names().convert(names)


def test_names_print_with_their_separator() -> None:
    assert Names(separator=", ").printed(("a", "b")) == "a, b"


def test_references_name_their_objects() -> None:
    assert References().names(("a", "b")) == ("a", "b")
    assert Names().names(("a", "b")) == ()


def test_flags_are_some_of_a_few_words_once_each() -> None:
    kind = Flags("ip", "username")
    assert parse(kind, "USERNAME, ip,,username") == ("username", "ip")
    assert parse(kind, "") == ()
    with pytest.raises(Refused):
        parse(kind, "anonymous")
    assert kind.convert(["ip", "ip"]) == ("ip",)
    for bad in (["ip", "x"], [["ip"]], [5], 5):
        with pytest.raises(Refused):
            kind.convert(bad)


def test_flags_may_refuse_an_empty_item() -> None:
    with pytest.raises(Refused):
        parse(Flags("message", skip_empty=False), "message,")
