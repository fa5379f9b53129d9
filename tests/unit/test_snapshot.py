"""Snapshots: what they find, and how one leads to the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from sorcery import Object, Unavailable
from sorcery.query import ALL, Criterion, Ordered, Query
from sorcery.snapshot import Difference, Snapshot, SnapshotSet, SnapshotStore
from sorcery.testing.types import WIDGETS, Widget
from sorcery.wizard import PENDING, Immediate


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
        query(prefix="\U0010ffff"),
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
        assert {obj.id for obj in found.search(asked)} == expected


def test_a_replacement_leaves_the_old_snapshot_as_it_was() -> None:
    one, two = Widget(id="one"), Widget(id="two")
    old = snapshot(one, two)
    new = old.replace({"one": None, "three": Widget(id="three")})
    assert set(old.objects) == {"one", "two"}
    assert set(new.objects) == {"two", "three"}


@pytest.mark.parametrize("asked", [ALL, query(prefix="alpha"), query(regex="a"), query(size=5)], ids=str)
def test_what_is_found_has_the_order_of_its_ids_as_bytes(asked: Query) -> None:
    ids = (
        "alpha",
        "alpha\U0001f600",
        "alpha\udc80",
        "alpha\ud7ff",
        "alphé",
        "alpha\uffee",
        "Alpha",
        "alpha;@1",
        "alpha\ud800",
    )
    found = snapshot(*(Widget(id=id) for id in ids))
    grown = found.replace({"alpha\udcff": Widget(id="alpha\udcff")})
    for held in (snapshot(*WIDGETS), found, grown, snapshot().replace(found.objects)):
        expected = sorted(filter(asked.predicate(), held.objects.values()), key=as_bytes)
        answer = held.search(asked)
        assert isinstance(answer, Ordered)
        assert answer == expected


def as_bytes(obj: Object) -> bytes:
    return obj.id.encode("utf-8", "surrogatepass" if "\ud800" in obj.id else "surrogateescape")


def test_what_is_found_is_a_list_of_the_callers_own() -> None:
    found = snapshot(*WIDGETS)
    found.search(ALL).clear()
    assert len(found.search(ALL)) == len(WIDGETS)


def test_an_index_is_made_once_and_kept_right_by_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    current = snapshot(*(Widget(id=str(number), size=number % 7, label=str(number)) for number in range(1000)))
    asked = query(label="700")
    assert [obj.id for obj in current.search(asked)] == ["700"]
    read: set[str] = set()
    text = Widget.text

    def noted(obj: Widget, name: str) -> str | None:
        read.add(obj.id)
        return text(obj, name)

    monkeypatch.setattr(Widget, "text", noted)
    current = current.replace({"700": Widget(id="700", label="x"), "new": Widget(id="new", label="700"), "3": None})
    assert [obj.id for obj in current.search(asked)] == ["new"]
    assert [obj.id for obj in current.search(query(label="x"))] == ["700"]
    assert current.search(query(label="3")) == []
    assert read == {"700", "new", "3"}


def test_a_field_that_is_asked_of_an_old_snapshot_is_indexed_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    old = snapshot(*WIDGETS).replace({"one": Widget(id="one", label="1")})
    current = old.replace({"two": Widget(id="two", label="2")})
    old.search(query(label="2"))  # by a reader that began before the change
    newest = current.replace({"three": Widget(id="three", label="3")})
    monkeypatch.setattr(Snapshot, "_index", lambda held, field: held._indexes[field])
    assert [obj.id for obj in newest.search(query(label="2"))] == ["two"]


def test_what_objects_name_is_indexed_and_the_index_is_kept_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Query(criteria=(Criterion.parse("groups names", "g", Widget.__sorcery__),))
    current = snapshot(Widget(id="one", groups=["f", "g"]), Widget(id="two", groups="h"), Widget(id="three"))
    assert [obj.id for obj in current.search(asked)] == ["one"]
    current = current.replace({"one": None, "two": Widget(id="two", groups="h,g,g"), "four": Widget(id="four")})
    monkeypatch.setattr(Snapshot, "_index", lambda held, key: held._indexes[key])
    assert [obj.id for obj in current._candidates(asked, current._ordered())] == ["two"]


def test_an_update_that_changes_no_text_puts_the_new_object_into_the_index() -> None:
    current = snapshot(Widget(id="one", label="x", size=1))
    assert len(current.search(query(label="x"))) == 1
    current = current.replace({"one": Widget(id="one", label="x", size=2)})
    assert current.search(query(label="x")) == [Widget(id="one", label="x", size=2)]


def test_a_replacement_of_nothing_is_the_same_snapshot() -> None:
    held = snapshot(*WIDGETS)
    assert held.replace({}) is held


def test_objects_that_were_never_changed_stay_in_the_dictionary_that_was_given() -> None:
    held = {widget.id: widget for widget in WIDGETS}
    found = Snapshot(held)
    for asked in (ALL, query(label="10"), query(prefix="b")):
        found.search(asked)
    assert found.objects is held


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


class Interrupted(Mapping[object, Snapshot]):
    """Changes that another thread comes between while they are swapped in."""

    def __init__(self, changes: Mapping[object, Snapshot], other: Callable[[], None]) -> None:
        self.changes, self.thread = changes, threading.Thread(target=other)

    def __getitem__(self, key: object) -> Snapshot:
        return self.changes[key]

    def __iter__(self) -> Iterator[object]:
        self.thread.start()
        self.thread.join(timeout=0.05)
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)


def test_two_threads_that_swap_at_a_time_lose_nothing() -> None:
    snapshots = SnapshotSet()
    first, second = SnapshotStore("first", snapshots), SnapshotStore("second", snapshots)
    changes = Interrupted({first: snapshot(*WIDGETS)}, lambda: snapshots.swap({second: snapshot()}))
    snapshots.swap(changes)
    changes.thread.join(timeout=60)
    assert set(snapshots.current) == {first, second}


def test_a_store_answers_at_once() -> None:
    snapshots = SnapshotSet()
    store = SnapshotStore("first", snapshots)
    assert isinstance(store, Immediate)
    for ask in (lambda: store.retrieve_now("one"), lambda: store.search_now(ALL)):
        with pytest.raises(Unavailable):
            ask()
    snapshots.swap({store: snapshot(*WIDGETS)})
    assert store.retrieve_now("b_1") is WIDGETS[4]
    assert store.retrieve_now("none") is None
    assert store.search_now(query(prefix="b_")) == [WIDGETS[4]]


def test_a_store_without_a_snapshot_does_not_say_that_it_is_empty() -> None:
    store = SnapshotStore("first", SnapshotSet())
    assert store.in_force is None
    for ask in (lambda: store.retrieve("one"), lambda: store.search(ALL), lambda: store.snapshot):
        with pytest.raises(Unavailable, match="first is unavailable: it is not in use any more"):
            ask()


def test_at_once_is_what_needs_no_order_and_no_index_first() -> None:
    many = Snapshot({id: Widget(id=id, size=number) for number in range(1001) if (id := f"w{number}")})
    by_size, by_label = (Query(criteria=(Criterion(name, "", "7"),)) for name in ("size", "label"))
    for query in (ALL, by_size, Query(regex="7"), Query(prefix="w7")):
        assert many.search_now(query) is PENDING
    many.search(by_size)
    for query in (ALL, by_size, Query(prefix="w7")):
        assert many.search_now(query) == many.search(query)
    for query in (by_label, Query(regex="7")):
        assert many.search_now(query) is PENDING
    few = Snapshot({"w": Widget(id="w", size=7)})
    assert few.search_now(by_size) == [Widget(id="w", size=7)]


@pytest.mark.parametrize("count", [3, 100])
def test_a_snapshot_that_follows_with_a_small_difference_keeps_order_and_indexes(count: int) -> None:
    before = Snapshot({f"w{number}": Widget(id=f"w{number}", size=1) for number in range(count)})
    by_size = Query(criteria=(Criterion("size", "", "1"),))
    assert len(before.search(by_size)) == count
    new, changed = Widget(id="a", size=1), Widget(id="w1", size=2)
    objects = {**{id: obj for id, obj in before.objects.items() if id != "w0"}, "w1": changed, "a": new}
    after = before.followed_by(objects, before.difference(Snapshot(objects)))
    assert after.objects is objects
    assert [obj.id for obj in after.search(ALL)] == sorted(objects)
    assert [obj.id for obj in after.search(by_size)] == sorted(objects.keys() - {"w1"})
    assert len(before.search(by_size)) == count
