"""Snapshots: what they find, and how one leads to the next."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery import Unavailable
from sorcery.query import ALL, Criterion, Query
from sorcery.snapshot import Difference, Snapshot, SnapshotSet, SnapshotStore
from sorcery.testing.types import WIDGETS, Widget


def snapshot(*widgets: Widget) -> Snapshot:
    return Snapshot({widget.id: widget for widget in widgets})


def query(prefix: str = "", regex: str = "", **fields: Any) -> Query:
    criteria = tuple(Criterion.parse(name, value, Widget.__sorcery__) for name, value in fields.items())
    return Query(prefix=prefix, regex=regex, criteria=criteria)


@pytest.mark.parametrize(
    "asked",
    [
        ALL,
        query(prefix="alpha"),
        query(prefix="b_"),
        query(prefix="zz"),
        query(regex="^b.1$"),
        query(label="10"),
        query(size=9),
        query(size="5", label="10.0"),
        query(lines="x"),
        query(prefix="alpha", size=100),
        Query(criteria=(Criterion("size", ">", "9"),)),
    ],
    ids=str,
)
def test_a_search_finds_what_the_query_says_of_each_object(asked: Query) -> None:
    found = snapshot(*WIDGETS)
    matches = asked.predicate()
    expected = {widget.id for widget in WIDGETS if matches(widget)}
    for _ in range(2):
        assert sorted(obj.id for obj in found.search(asked)) == sorted(expected)


def test_a_replacement_leaves_the_old_snapshot_as_it_was() -> None:
    one, two = Widget(id="one"), Widget(id="two")
    old = snapshot(one, two)
    new = old.replace({"one": None, "three": Widget(id="three")})
    assert set(old.objects) == {"one", "two"}
    assert set(new.objects) == {"two", "three"}


@pytest.mark.parametrize("is_sorted", [False, True])
def test_prefixes_find_what_replacements_made(is_sorted: bool) -> None:
    current = snapshot(Widget(id="a1"), Widget(id="b1"))
    if is_sorted:
        current.search(Query(prefix="a"))
    current = current.replace({"a0": Widget(id="a0"), "a1": Widget(id="a1", size=7), "b1": None, "none": None})
    assert [(obj.id, getattr(obj, "size", 0)) for obj in current.search(Query(prefix="a"))] == [("a0", 5), ("a1", 7)]
    assert current.search(Query(prefix="b")) == []
    current = current.replace({"a0": None, "b2": Widget(id="b2")})
    assert [obj.id for obj in current.search(Query(prefix="a"))] == ["a1"]
    assert [obj.id for obj in current.search(Query(prefix="b"))] == ["b2"]


def test_the_difference_names_created_updated_and_deleted() -> None:
    same, old, gone = Widget(id="same"), Widget(id="changed", size=1), Widget(id="gone")
    new, created = Widget(id="changed", size=2), Widget(id="created")
    found = snapshot(same, old, gone).difference(snapshot(Widget(id="same"), new, created))
    assert found == Difference((created,), ((new, old),), (gone,))
    assert found


def test_equal_snapshots_have_no_difference() -> None:
    assert not snapshot(*WIDGETS).difference(snapshot(*WIDGETS))


def test_the_snapshots_of_a_set_change_together() -> None:
    snapshots = SnapshotSet()
    first, second = SnapshotStore("first", snapshots), SnapshotStore("second", snapshots)
    before = snapshots.current
    snapshots.swap({first: snapshot(Widget(id="one")), second: snapshot(Widget(id="two"))})
    assert before == {}
    assert first.retrieve("one") == Widget(id="one")
    assert second.retrieve("one") is None
    assert second.search(ALL) == [Widget(id="two")]
    snapshots.swap({first: None})
    assert second.retrieve("two") == Widget(id="two")


def test_a_store_without_a_snapshot_does_not_say_that_it_is_empty() -> None:
    store = SnapshotStore("first", SnapshotSet())
    assert store.in_force is None
    for ask in (lambda: store.retrieve("one"), lambda: store.search(ALL), lambda: store.snapshot):
        with pytest.raises(Unavailable, match="first is unavailable: it is not in use any more"):
            ask()
