"""What loads and reloads come to."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Table
from typing import Any

import attrs

from sorcery import Finding, Object, Severity, Unavailable, object_type
from sorcery.binding import Binding, Bound, Generation
from sorcery.loading import Outcome, compare_moved, everything, moved, prepare, reconcile
from sorcery.mapping import Mapping
from sorcery.query import Query
from sorcery.snapshot import Difference, Snapshot
from sorcery.testing.types import Group, Widget
from sorcery.wizard import LoadedStore, Store

ONE, ONE_CHANGED, TWO = Widget(id="one", size=1), Widget(id="one", size=2), Widget(id="two")


@object_type("fixed", follows_reload=False)
class Fixed(Object):
    """A type that is loaded once."""


@attrs.define(eq=False)
class Held:
    """A store of a few objects that may be down, and may be a cache."""

    objects: Sequence[Object] = ()
    down: bool = False
    difference: Difference = attrs.field(factory=Difference)
    kept: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    label: str = "held"

    def retrieve(self, id: str) -> Object | None:
        return next((obj for obj in self.search(Query()) if obj.id == id), None)

    def search(self, query: Query) -> Sequence[Object]:
        if self.down:
            raise Unavailable("held", "down")
        return self.objects

    def bind(self, backend: object) -> None: ...
    def put(self, obj: Object) -> None: ...
    def drop(self, id: str) -> None: ...
    def doubt(self, id: str) -> None: ...
    def reconcile(self, ids: Collection[str] | None = None) -> LoadedStore:
        if self.down:
            raise Unavailable("held", "down")
        return LoadedStore(difference=self.difference, kept=self.kept, findings=self.findings)


class Loading:
    """A wizard that notes what it is told to load."""

    def __init__(self) -> None:
        self.asked: list[Sequence[Store]] = []

    def load(self, stores: Sequence[Store]) -> Any:
        self.asked.append(list(stores))
        return object()

    def open(self, *arguments: object) -> Any: ...
    def release(self, store: Store) -> None: ...
    def close(self) -> None: ...


TYPES: dict[str, type[Object]] = {cls.__sorcery__.name: cls for cls in (Widget, Group, Fixed)}


def bound(name: str, wizard: Any, store: Any, *, caching: bool = False, key: str = "") -> Bound:
    mapping = Mapping(name, "loading", key, caching)
    return Bound(mapping, wizard, store, (TYPES[name].__sorcery__, "loading", key, caching, None))


def generation(*entries: Bound) -> Generation:
    bindings = {}
    for name in dict.fromkeys(entry.mapping.type_name for entry in entries):
        own = tuple(entry for entry in entries if entry.mapping.type_name == name)
        bindings[name] = Binding(TYPES[name].__sorcery__, own, own[0].store)
    return Generation(TYPES, bindings, {})


def test_an_outcome_becomes_a_report_with_sorted_ids_and_events_in_order() -> None:
    outcome = Outcome()
    outcome.add("w", LoadedStore(difference=Difference((TWO, ONE), ((ONE_CHANGED, ONE),), (TWO,)), kept=("z", "a")))
    outcome.add("w", LoadedStore(difference=Difference((ONE,))))
    outcome.add("g", LoadedStore())
    report = outcome.report()
    assert report.created == {"w": ("one", "two")}
    assert report.updated == {"w": ("one",)}
    assert report.deleted == {"w": ("two",)}
    assert report.kept == {"w": ("a", "z")}
    assert outcome.events == [
        ("w", "created", (TWO,)),
        ("w", "created", (ONE,)),
        ("w", "updated", (ONE_CHANGED, ONE)),
        ("w", "deleted", (TWO,)),
        ("w", "created", (ONE,)),
    ]


def test_a_failure_that_belongs_to_no_object_is_an_error() -> None:
    outcome = Outcome()
    outcome.failed("rule", "it failed", "do this")
    assert outcome.report().errors == (
        Finding(severity=Severity.ERROR, rule="rule", message="it failed", remedy="do this"),
    )


def test_each_wizard_loads_all_of_its_stores_at_once() -> None:
    first, second = Loading(), Loading()
    widgets, groups, others = Held(), Held(), Held()
    loads = prepare(
        generation(
            bound("testing_widget", first, widgets),
            bound("testing_group", first, groups),
            bound("testing_group", second, others, key="2"),
            bound("fixed", object(), Held()),
        ),
        None,
    )
    assert first.asked == [[widgets, groups]]
    assert second.asked == [[others]]
    names: list[Table[object, str]] = [names for _, names in loads]
    assert names == [{widgets: "testing_widget", groups: "testing_group"}, {others: "testing_group"}]


def test_a_type_that_does_not_follow_reloads_is_read_only_from_a_new_store() -> None:
    wizard = Loading()
    fixed, widgets = Held(), Held()
    old = generation(bound("fixed", wizard, fixed), bound("testing_widget", wizard, widgets))
    prepare(old, None)
    prepare(old, old)
    elsewhere = Held()
    prepare(generation(bound("fixed", wizard, elsewhere, key="new"), bound("testing_widget", wizard, widgets)), old)
    assert wizard.asked == [[fixed, widgets], [widgets], [elsewhere, widgets]]


def test_caches_are_reconciled_and_one_that_cannot_keeps_everything() -> None:
    outcome = Outcome()
    reconcile(
        generation(
            bound("testing_widget", object(), Held(difference=Difference(deleted=(ONE,))), caching=True),
            bound("testing_group", object(), Held(down=True), caching=True),
            bound("fixed", object(), Held(down=True)),
        ),
        outcome,
    )
    report = outcome.report()
    assert report.deleted == {"testing_widget": ("one",)}
    assert [str(finding) for finding in report.findings] == [
        "error [unavailable] testing_group: held is unavailable: down; what is cached stays in force"
    ]


def test_stores_that_keep_caches_waiting_do_so_side_by_side() -> None:
    together = threading.Barrier(3)

    class Waiting(Held):
        """A cache whose store answers only while two others are asked."""

        def reconcile(self, ids: Collection[str] | None = None) -> LoadedStore:
            together.wait(timeout=30)
            return LoadedStore()

    names = ("testing_widget", "testing_group", "fixed")
    reconcile(generation(*(bound(name, object(), Waiting(), caching=True) for name in names)), Outcome())
    assert not together.broken


def test_what_a_store_told_is_not_told_again_by_its_cache_and_what_is_kept_is_reported() -> None:
    finding = Finding(severity=Severity.ERROR, rule="invalid-object", message="bad", id="bad")
    again = Difference((TWO,), ((ONE_CHANGED, ONE),), (Widget(id="three"),))
    cache = Held(difference=again, kept=("bad",), findings=(finding,))
    outcome = Outcome()
    outcome.add("testing_widget", LoadedStore(difference=Difference((TWO,), ((ONE_CHANGED, ONE),))))
    reconcile(generation(bound("testing_widget", object(), cache, caching=True)), outcome)
    assert [event for _, event, _ in outcome.events] == ["created", "updated", "deleted"]
    report = outcome.report()
    assert (report.deleted, report.kept) == ({"testing_widget": ("three",)}, {"testing_widget": ("bad",)})
    assert report.findings == (finding,)


def test_a_type_has_moved_when_its_stores_are_others() -> None:
    wizard = Loading()
    widgets, groups = bound("testing_widget", wizard, Held()), bound("testing_group", wizard, Held())
    old = generation(widgets, groups)
    elsewhere = bound("testing_widget", wizard, Held(), key="elsewhere")
    assert moved(old, generation(widgets, groups)) == []
    assert moved(old, generation(elsewhere, groups)) == ["testing_widget"]
    assert moved(old, generation(widgets, elsewhere, groups)) == ["testing_widget"]
    assert moved(old, generation(widgets, groups, bound("fixed", wizard, Held()))) == []


def test_a_type_that_comes_to_have_a_cache_has_not_moved() -> None:
    first, second = bound("fixed", None, Held(), key="1"), bound("fixed", None, Held(), key="2")
    cache = bound("fixed", None, Held(), caching=True)
    assert moved(generation(first, second), generation(cache, first, second)) == []
    assert moved(generation(cache, first), generation(first)) == ["fixed"]
    assert moved(generation(first, second), generation(second, first)) == ["fixed"]
    assert moved(generation(cache, first, second), generation(first, cache, second)) == []


def test_what_changed_for_a_moved_type_is_told_where_both_stores_answer() -> None:
    before = everything(
        generation(bound("testing_widget", None, Held([ONE])), bound("fixed", None, Held(down=True))),
        ["testing_widget", "fixed"],
    )
    assert isinstance(before["fixed"], Unavailable)
    outcome = Outcome()
    compare_moved(before, {"testing_widget": Snapshot({"two": TWO}), "fixed": Snapshot({})}, outcome)
    compare_moved(before, {}, outcome)
    report = outcome.report()
    assert (report.created, report.deleted) == ({"testing_widget": ("two",)}, {"testing_widget": ("one",)})
    assert not report.findings


def test_a_type_that_moved_to_a_store_that_does_not_answer_is_an_error() -> None:
    outcome = Outcome()
    compare_moved({"fixed": Snapshot({})}, {"fixed": Unavailable("held", "down")}, outcome)
    assert [str(finding) for finding in outcome.findings] == [
        "error [unavailable] fixed: held is unavailable: down; the type is mapped there now, and cannot be read"
    ]
