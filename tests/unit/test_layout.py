"""Which mappings each type has."""

from __future__ import annotations

import attrs
import pytest

from sorcery import ConfigurationError, Mapping, Place
from sorcery.environment import Environment
from sorcery.layout import Layout
from sorcery.testing.types import Widget

W = "testing_widget"
DEFAULT = Mapping(W, "default")


def mapping(arguments: str) -> Mapping:
    return Mapping(W, "memory", arguments, place=Place("sorcery.conf", 7))


def layout(*configured: str) -> Layout:
    section = (*map(mapping, configured), Mapping("other", "memory"))
    environment = Environment(mappings={"testing": section})
    return Layout(types={W: Widget}, environment=environment, fallback=lambda _: DEFAULT)


def order(layout: Layout) -> list[str]:
    return [mapping.arguments for mapping in layout.mappings()[W]]


def test_a_type_that_nobody_maps_has_the_default() -> None:
    assert layout().mappings() == {W: (DEFAULT,)}
    assert layout().with_mapping(mapping("mine")).mappings() == {W: (mapping("mine"),)}


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        (None, ["a", "b", "mine"]),
        (2, ["a", "b", "mine"]),
        (1, ["a", "mine", "b"]),
        (0, ["mine", "a", "b"]),
    ],
)
def test_a_mapping_goes_in_at_its_position(position: int | None, expected: list[str]) -> None:
    assert order(layout("a", "b").with_mapping(mapping("mine"), position)) == expected


def test_one_mapping_may_stand_behind_all_others() -> None:
    def behind(*configured: str) -> Layout:
        built = layout(*configured)
        return attrs.evolve(built, environment=attrs.evolve(built.environment, last={W: mapping("last")}))

    assert behind().mappings() == {W: (DEFAULT, mapping("last"))}
    assert order(behind("a").with_mapping(mapping("mine"))) == ["a", "mine", "last"]
    assert order(behind("last", "a")) == ["last", "a"]
    with pytest.raises(ConfigurationError, match="no position 2"):
        behind("a").with_mapping(mapping("mine"), 2)


def test_positions_count_all_mappings_whoever_made_them() -> None:
    built = layout("a")
    for arguments, position in (("x", 0), ("y", 0), ("z", 2), ("last", None), ("before last", 4)):
        built = built.with_mapping(mapping(arguments), position)
    assert order(built) == ["y", "x", "z", "a", "before last", "last"]


def test_a_removed_mapping_shifts_the_rest() -> None:
    built = layout("a").with_mapping(mapping("x"), 0).with_mapping(mapping("y"), 1)
    assert order(built) == ["x", "y", "a"]
    assert order(built.without_mapping(W, "memory")) == ["y", "a"]
    assert order(built.without_mapping(W, "memory", "y")) == ["x", "a"]


def test_the_callers_mappings_keep_their_place_among_those_of_a_file_that_changes() -> None:
    built = layout("a", "b").with_mapping(mapping("x"), 1).with_mapping(mapping("y"))
    for configured, expected in (
        (["a", "new", "b"], ["a", "x", "new", "b", "y"]),
        (["a"], ["a", "x", "y"]),
        ([], ["x", "y"]),
        (["y", "x"], ["y", "x"]),
    ):
        now = attrs.evolve(built, environment=layout(*configured).environment)
        assert order(now) == expected


@pytest.mark.parametrize("position", [-1, 2])
def test_a_position_that_is_not_there_is_refused(position: int) -> None:
    expected = (
        f"testing_widget has no position {position}: 1 mapping is chosen for it; pass 0 to 1, or None for the last"
    )
    with pytest.raises(ConfigurationError, match=f"^{expected}$"):
        layout("a").with_mapping(mapping("mine"), position)
    with pytest.raises(ConfigurationError, match="0 mappings are chosen for it"):
        layout().with_mapping(mapping("mine"), 1)


def test_a_mapping_that_is_there_is_refused_and_one_with_other_arguments_is_not() -> None:
    with pytest.raises(ConfigurationError, match="testing_widget is mapped to memory,a already"):
        layout("a").with_mapping(mapping("a"), 0)
    assert order(layout("a").with_mapping(mapping("b"), 0)) == ["b", "a"]


def test_a_mapping_of_the_file_is_removed_in_the_file() -> None:
    with pytest.raises(ConfigurationError) as raised:
        layout("a").without_mapping(W, "memory", "a")
    assert str(raised.value) == (
        "testing_widget has no mapping to memory,a that was made by map(); remove the line sorcery.conf:7 and reload"
    )
    with pytest.raises(ConfigurationError) as raised:
        layout("a").without_mapping(W, "memory", "b")
    assert str(raised.value) == "testing_widget has no mapping to memory,b that was made by map()"
