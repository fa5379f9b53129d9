"""Criteria and queries."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.query import ALL, Criterion, Ordered, Query, sorts_by_byte
from sorcery.testing.types import Widget

WIDGET = Widget.__sorcery__


def matches(obj: Widget, name: str, value: Any) -> bool:
    return Query(criteria=(Criterion.parse(name, value, WIDGET),)).predicate()(obj)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("size", 10, True),
        ("size", "10", True),
        ("size", "10.0", False),
        ("size =", "10.0", True),
        ("size !=", "10.0", False),
        ("size =", "1_0", False),
        ("size =", "\u0661\u0660", False),
        ("size !=", "11", True),
        ("size <", "9", False),
        ("size <", "10.5", True),
        ("size >", "9", True),
        ("size <=", "10", True),
        ("size >=", "10", True),
        ("size >=", "11", False),
        ("SIZE", "10", True),
        ("label", "Äpfel 100%", True),
        ("label", "äpfel 100%", False),
        ("label", "/^Ä.*%$/", True),
        ("label", "/^x/", False),
        ("label =", "/^Ä.*%$/", False),
        ("label >", "Z", True),
        ("label <", "Z", False),
        ("label LIKE", "Ä%", True),
        ("label like", "%100%", True),
        ("label LIKE", "Äpfel", False),
        ("label LIKE", "Äpfel 100_", False),
        ("label LIKE", "Äpfel.100%", False),
        ("label regex", "l 1", True),
        ("label regex", "^pfel", False),
        ("remark", "", True),
        ("remark =", "0", True),
        ("remark LIKE", "%", True),
        ("active", False, True),
        ("active", "no", True),
        ("active", "false", True),
        ("active !=", "no", False),
        ("active", "nonsense", False),
        ("tags", "x,y", True),
        ("tags", ["x", "y"], True),
        ("lines", "first", True),
        ("lines", "second", False),
        ("id", "one", True),
        ("id LIKE", "o%", True),
        ("@note", "n", True),
        ("@other", "n", False),
        ("@other !=", "n", False),
    ],
)
def test_a_criterion_compares_as_its_operator_says(name: str, value: Any, expected: bool) -> None:
    widget = Widget(
        id="one",
        size=10,
        label="Äpfel 100%",
        active=False,
        tags=["x", "y"],
        lines=["first", "second"],
        extended={"@note": "n"},
    )
    assert matches(widget, name, value) is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("group names", "g1", True),
        ("groups names", "g2", True),
        ("groups NAMES", "g3", True),
        ("groups names", "g2,g3", False),
        ("groups names", "g", False),
        ("groups", "g2", False),
    ],
)
def test_a_reference_names_each_of_its_ids(name: str, value: str, expected: bool) -> None:
    assert matches(Widget(id="w", group="g1", groups=["g2", "g3"]), name, value) is expected
    assert not matches(Widget(id="w"), name, value)


def test_only_what_refers_to_objects_names_some() -> None:
    for field in ("label", "id", "@note"):
        with pytest.raises(ValueError, match=f"testing_widget has no field '{field}' that refers to objects"):
            Criterion.parse(f"{field} names", "x", WIDGET)


def test_a_field_without_a_text_matches_nothing() -> None:
    widget = Widget(id="one")
    for name in ("lines", "lines !=", "lines LIKE", "lines regex"):
        assert not matches(widget, name, "%" if name.endswith("LIKE") else "")


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="testing_widget has no field 'shape'"):
        Criterion.parse("shape", "round", WIDGET)
    with pytest.raises(ValueError, match=r"unknown operator '~'; use one of = != < <= > >= LIKE regex"):
        Criterion.parse("size ~", "1", WIDGET)
    for name, value in (("label", "/(/"), ("label regex", "(")):
        with pytest.raises(ValueError, match="no regular expression"):
            Criterion.parse(name, value, WIDGET)


def test_only_a_plain_text_without_operator_is_an_equality() -> None:
    assert Criterion.parse("label", "x", WIDGET).is_equality
    assert Criterion.parse("label", "/", WIDGET).is_equality
    assert not Criterion.parse("label", "/x/", WIDGET).is_equality
    assert Criterion.parse("label =", "x", WIDGET).is_equality
    assert Criterion.parse("label =", "/x/", WIDGET).is_equality
    assert not Criterion.parse("label =", "10", WIDGET).is_equality
    assert not Criterion.parse("label =", "", WIDGET).is_equality


def test_all_parts_of_a_query_must_match() -> None:
    query = Query(
        criteria=(Criterion.parse("size >", 3, WIDGET), Criterion.parse("label", "x", WIDGET)), regex="e$", prefix="on"
    )
    good = Widget(id="one", size=4, label="x")
    found = query.predicate()
    assert found(good)
    for bad in (good.evolve(size=3), good.evolve(label="y"), good.evolve(id="ones"), good.evolve(id="eone")):
        assert not found(bad)


def test_the_query_for_all_is_the_one_without_parts() -> None:
    assert ALL.is_all
    assert ALL.predicate()(Widget(id="one"))
    for query in (Query(prefix="a"), Query(regex="a"), Query(criteria=(Criterion("label", "", "x"),))):
        assert not query.is_all


def test_objects_that_are_in_order_are_not_sorted_again() -> None:
    found = Ordered([Widget(id="b"), Widget(id="a")])
    assert Ordered.of(found) is found
    assert [obj.id for obj in Ordered.of(list(found))] == ["a", "b"]


def test_the_order_is_that_of_bytes_where_they_are_no_text_too() -> None:
    ids = ["\U0001f600", "\uffee", "\ud800", "\ud7ff", "é", "\udcff", "\udc80", "z", "Z"]
    ordered = ["Z", "z", "\udc80", "é", "\ud7ff", "\ud800", "\uffee", "\U0001f600", "\udcff"]
    assert [obj.id for obj in Ordered.of(Widget(id=id) for id in ids)] == ordered


def test_only_surrogates_sort_otherwise_than_their_bytes() -> None:
    assert sorts_by_byte(["Z", "z", "é", "\ud7ff", "\uffee", "\U0001f600"])
    assert not sorts_by_byte(["a", "\udc80"])
