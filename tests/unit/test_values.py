from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sorcery.values import Prototype, Values, places, reader

POSITIONS = {"a": 0, "b": 1, "c": 2}
SHARED = Prototype(("one", "two", "three"))


class Thing(Values):
    __slots__ = ()

    a, b, c = (reader(name, position, f"The {name}.") for name, position in POSITIONS.items())

    def __init__(self, changes: Mapping[str, Any], prototype: Prototype = SHARED) -> None:
        self._fill(prototype, POSITIONS, changes)

    def kept(self) -> list[tuple[str, Any]]:
        return list(self._changes())

    def is_alike(self, other: Thing) -> bool:
        return self._has_values_of(other, POSITIONS)


def test_a_value_is_the_objects_own_or_the_one_in_common() -> None:
    thing = Thing({"b": "2"})
    assert (thing.a, thing.b, thing.c) == ("one", "2", "three")


def test_a_value_that_is_the_one_in_common_is_not_kept_again() -> None:
    assert Thing({"a": SHARED.values[0], "c": "3"}).kept() == [("c", "3")]


def test_an_equal_value_that_is_another_object_is_kept_for_it_may_print_otherwise() -> None:
    zero = Prototype((0.0, "two", "three"))
    assert str(Thing({"a": -0.0}, zero).a) == "-0.0"


def test_objects_that_differ_in_the_same_attributes_share_their_places() -> None:
    assert places(("b", "c")) is places(("b", "c"))
    assert places(("b", "c")) == {"b": 0, "c": 1}


def test_values_are_compared_whatever_is_shared() -> None:
    theirs = Prototype(("one", "2", "three"))
    assert Thing({"b": "2"}).is_alike(Thing({"b": "2"}))
    assert Thing({"b": "2", "c": "3"}).is_alike(Thing({"c": "3", "b": "2"}))
    assert Thing({"b": "2"}).is_alike(Thing({}, theirs))
    assert Thing({"b": "x"}).is_alike(Thing({"b": "x"}, theirs))
    assert Thing({"c": "3"}).is_alike(Thing({"c": "3"}, Prototype(("one", "two", "3"))))
    assert not Thing({"b": "2"}).is_alike(Thing({"b": "3"}))
    assert not Thing({"b": "2"}).is_alike(Thing({"c": "2"}))
    assert not Thing({"c": "3"}).is_alike(Thing({"c": "3"}, theirs))
    assert not Thing({}).is_alike(Thing({}, theirs))


def test_a_property_tells_what_its_attribute_is_for() -> None:
    assert Thing.b.__doc__ == "The b."
