"""One change and the stores: policies, outcomes, repairs, what lies in read-only stores, and what caches are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs
import pytest

from sorcery import (
    AlreadyExists,
    Conflict,
    Effect,
    InvalidObject,
    NotFound,
    NotWritable,
    Object,
    Registry,
    Sorcery,
    Transaction,
    Unavailable,
    Written,
)
from sorcery.environment import Environment
from sorcery.objecttype import ObjectType
from sorcery.policy import parse_policy
from sorcery.query import ALL, Query
from sorcery.testing.systems import reconfigure
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Change, LoadedStore, Op, Prepared, Reader, Store
from sorcery.writing.writes import RESTARTS
from sorcery_memory import MemoryWizard
from sorcery_memory.space import MemoryStore

ONE, TWO = Widget(id="one", size=1), Widget(id="one", size=2)

CREATED, UPDATED, DELETED, REPAIRED, MISSED, SKIPPED, _ = Effect


class Writable(MemoryWizard):
    """A memory by another name, which somebody else may write to just before it prepares changes."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: list[Callable[[], object]] = []
        self.prepared: list[list[Op]] = []

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> MemoryStore:
        self.store = super().open(object_type, arguments, environment)
        return self.store

    def prepare(self, changes: Sequence[Change]) -> Prepared:  # type: ignore[override]
        if self.meanwhile:
            self.meanwhile.pop(0)()
        self.prepared.append([change.op for change in changes])
        return super().prepare(changes)

    def others(self, op: Op, obj: Object) -> None:
        """Change an object as another process would."""
        super().prepare([Change(self.store, op, obj)]).commit()

    @property
    def held(self) -> list[Object]:
        return list(self.store.search(ALL))


class Fixed:
    """A wizard that cannot be written to, and its one store."""

    label = "fixed"

    def __init__(self, *objects: Object, bad: str = "") -> None:
        self.objects, self.bad = {obj.id: obj for obj in objects}, bad
        self.asked: list[str] = []
        self.is_down = False

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Fixed:
        return self

    def retrieve(self, id: str) -> Object | None:
        self.asked.append(id)
        if self.is_down:
            raise Unavailable(self.label, "it is down")
        if id == self.bad:
            raise InvalidObject("testing_widget", id, "it is bad")
        return self.objects.get(id)

    def search(self, query: Query) -> list[Object]:
        return list(filter(query.predicate(), self.objects.values()))

    def release(self, store: Store) -> None: ...

    def close(self) -> None: ...


class Told:
    """A cache that holds nothing, and notes what it is told."""

    label = "told"

    def __init__(self) -> None:
        self.heard: list[tuple[str, object]] = []

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Told:
        return self

    def bind(self, backend: Reader) -> None:
        self.backend = backend

    def retrieve(self, id: str) -> Object | None:
        return self.backend.retrieve(id)

    def search(self, query: Query) -> list[Object]:
        return list(self.backend.search(query))

    def put(self, obj: Object) -> None:
        self.heard.append(("put", obj))

    def drop(self, id: str) -> None:
        self.heard.append(("drop", id))

    def doubt(self, id: str) -> None:
        self.heard.append(("doubt", id))

    def reconcile(self, ids: object = None) -> LoadedStore:
        return LoadedStore()

    def release(self, store: Store) -> None: ...

    def close(self) -> None: ...


@attrs.define
class Bench:
    """Widgets in two writable stores, with others between them where a test wants it."""

    sorcery: Sorcery
    first: Writable
    second: Writable
    fixed: Fixed
    cache: Told

    def policy(self, text: str, *, creates: bool = False) -> None:
        policies = {"testing_widget": parse_policy("testing_widget", text)}
        reconfigure(self.sorcery, policies=policies, create_on_update_miss=creates)

    @property
    def held(self) -> tuple[list[Object], list[Object]]:
        return self.first.held, self.second.held


Build = Callable[..., Bench]


@pytest.fixture
def bench() -> Iterator[Build]:
    opened: list[Sorcery] = []

    def build(*wizards: str, policy: str = "all", fixed: Fixed | None = None, creates: bool = False) -> Bench:
        made = (Writable(), Writable(), fixed or Fixed(), Told())
        registry = Registry()
        for name, wizard in zip(("first", "second", "fixed", "cache"), made, strict=True):
            registry.register(name, lambda wizard=wizard: wizard)  # type: ignore[misc]
        sorcery = Sorcery.open("memory:", types=[Group, Widget], registry=registry)
        opened.append(sorcery)
        for name in wizards or ("first", "second"):
            sorcery.map(Widget, name, caching=name == "cache")
        found = Bench(sorcery, *made)
        found.policy(policy, creates=creates)
        return found

    yield build
    for sorcery in opened:
        sorcery.close()


def effects(written: Written) -> list[Effect]:
    return [effect for _, effect in written.stores]


def test_every_store_is_told_of_in_the_order_of_the_mappings(bench: Build) -> None:
    built = bench("fixed", "first", "cache", "second")
    assert built.sorcery.create(ONE) == Written(
        Op.CREATE,
        "testing_widget",
        "one",
        (("fixed", SKIPPED), ("memory testing_widget", CREATED), ("memory testing_widget", CREATED)),
    )
    assert str(built.sorcery.delete(ONE)) == (
        "testing_widget one: skipped in fixed, deleted in memory testing_widget, deleted in memory testing_widget"
    )


def test_all_is_every_writable_store_and_one_that_lacks_an_object_is_passed_over(bench: Build) -> None:
    built = bench()
    assert effects(built.sorcery.create(ONE)) == [CREATED, CREATED]
    built.first.others(Op.DELETE, ONE)
    assert effects(built.sorcery.update(TWO)) == [MISSED, UPDATED]
    assert built.held == ([], [TWO])
    assert effects(built.sorcery.delete(ONE)) == [MISSED, DELETED]
    for change in (built.sorcery.update, built.sorcery.delete):
        with pytest.raises(NotFound):
            change(ONE)


def test_first_creates_in_one_store_and_changes_where_the_object_lies(bench: Build) -> None:
    built = bench(policy="first")
    assert effects(built.sorcery.create(ONE)) == [CREATED, SKIPPED]
    assert effects(built.sorcery.update(TWO)) == [UPDATED, SKIPPED]
    assert built.held == ([TWO], [])
    assert effects(built.sorcery.delete(ONE)) == [DELETED, SKIPPED]
    built.second.others(Op.CREATE, ONE)
    assert effects(built.sorcery.update(TWO)) == [MISSED, UPDATED]
    assert built.held == ([], [TWO])
    assert effects(built.sorcery.delete(ONE)) == [MISSED, DELETED]
    for change in (built.sorcery.update, built.sorcery.delete):
        with pytest.raises(NotFound):
            change(ONE)


def test_first_creates_nothing_whose_id_a_later_store_holds(bench: Build) -> None:
    built = bench(policy="first")
    built.second.others(Op.CREATE, ONE)
    with pytest.raises(AlreadyExists, match="testing_widget 'one'"):
        built.sorcery.create(TWO)
    assert built.held == ([], [ONE])


def test_of_an_object_in_several_stores_first_changes_the_one_that_is_read(bench: Build) -> None:
    built = bench()
    built.sorcery.create(ONE)
    built.policy("first")
    assert effects(built.sorcery.update(TWO)) == [UPDATED, SKIPPED]
    assert built.held == ([TWO], [ONE])
    assert built.sorcery.retrieve_by_id(Widget, "one") == TWO


@pytest.mark.parametrize("policy", ["all,repair", "first,repair"])
def test_repair_creates_an_updated_object_in_the_stores_before_that_lack_it(bench: Build, policy: str) -> None:
    built = bench(policy=policy)
    built.second.others(Op.CREATE, ONE)
    assert effects(built.sorcery.update(TWO)) == [REPAIRED, UPDATED]
    assert built.held == ([TWO], [TWO])
    with pytest.raises(NotFound):
        built.sorcery.update(Widget(id="nowhere"))
    assert built.held == ([TWO], [TWO])


def test_repair_reaches_the_stores_behind_too_where_all_are_written(bench: Build) -> None:
    for policy, expected in (("all,repair", [UPDATED, REPAIRED]), ("first,repair", [UPDATED, SKIPPED])):
        built = bench(policy=policy)
        built.first.others(Op.CREATE, ONE)
        assert effects(built.sorcery.update(TWO)) == expected


def test_a_deletion_repairs_nothing(bench: Build) -> None:
    built = bench(policy="all,repair")
    built.second.others(Op.CREATE, ONE)
    assert effects(built.sorcery.delete(ONE)) == [MISSED, DELETED]
    assert built.held == ([], [])


def test_an_object_that_vanishes_before_it_is_repaired_does_not_come_back(bench: Build) -> None:
    built = bench(policy="all,repair")
    built.second.others(Op.CREATE, ONE)
    built.second.meanwhile = [lambda: None, lambda: built.second.others(Op.DELETE, ONE)]
    with pytest.raises(NotFound):
        built.sorcery.update(TWO)
    assert built.held == ([], [])


def test_an_object_that_comes_before_it_is_repaired_is_compared_as_every_other(bench: Build) -> None:
    built = bench(policy="all,repair")
    built.second.others(Op.CREATE, ONE)
    built.first.meanwhile = [lambda: None, lambda: built.first.others(Op.CREATE, TWO)]
    with pytest.raises(Conflict) as raised:
        built.sorcery.update(Widget(id="one", size=3), expected=ONE)
    assert raised.value.current == TWO
    assert built.held == ([TWO], [ONE])


def test_a_store_that_misses_an_object_and_says_that_it_exists_is_not_asked_for_ever(
    bench: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = bench(policy="all,repair")
    built.second.others(Op.CREATE, ONE)
    prepare = built.first.prepare

    def stubborn(changes: Sequence[Change]) -> Prepared:
        if any(change.op is Op.CREATE for change in changes):
            raise AlreadyExists("testing_widget", "one")
        return prepare(changes)

    monkeypatch.setattr(built.first, "prepare", stubborn)
    with pytest.raises(AlreadyExists):
        built.sorcery.update(TWO)
    assert len(built.first.prepared) == 1 + RESTARTS


def test_observers_are_told_what_was_expected_as_the_old_object_without_reading_it(
    bench: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = bench("cache", "first")
    heard: list[object] = []
    built.sorcery.observe(Widget, updated=lambda new, old: heard.append((new, old)), deleted=heard.append)
    built.sorcery.create(ONE)
    monkeypatch.setattr(built.cache, "retrieve", None)
    built.sorcery.update(TWO, expected=ONE)
    built.sorcery.delete(ONE, expected=TWO)
    assert heard == [(TWO, ONE), TWO]


def test_a_creation_beside_a_repair_is_refused_for_an_id_that_is_taken(bench: Build) -> None:
    built = bench(policy="all,repair")
    built.second.others(Op.CREATE, ONE)
    built.second.others(Op.CREATE, Widget(id="taken"))
    with pytest.raises(AlreadyExists, match="'taken'"), built.sorcery.transaction() as transaction:
        update_and_create(transaction, TWO, Widget(id="taken"))
    assert built.held == ([], [ONE, Widget(id="taken")])


def update_and_create(transaction: Transaction, updated: Object, created: Object) -> None:
    transaction.update(updated)
    transaction.create(created)


@pytest.mark.parametrize(
    ("policy", "absent", "half"),
    [
        ("all", [CREATED, CREATED], [REPAIRED, UPDATED]),
        ("first", [CREATED, MISSED], [MISSED, UPDATED]),
        ("first,repair", [CREATED, MISSED], [REPAIRED, UPDATED]),
    ],
)
def test_an_update_may_create_what_no_store_holds(
    bench: Build, policy: str, absent: list[Effect], half: list[Effect]
) -> None:
    built = bench(policy=policy, creates=True)
    heard: list[str] = []
    built.sorcery.observe(Widget, created=lambda _: heard.append("created"), updated=lambda *_: heard.append("updated"))
    written = built.sorcery.update(ONE)
    assert (written.op, effects(written)) == (Op.CREATE, absent)
    assert built.sorcery.update(TWO).op is Op.UPDATE
    built.sorcery.delete(ONE)
    built.second.others(Op.CREATE, ONE)
    assert effects(built.sorcery.update(TWO)) == half
    assert heard == ["created", "updated", "updated"]


def test_what_is_expected_is_expected_of_each_store_that_holds_the_object(bench: Build) -> None:
    built = bench()
    built.second.others(Op.CREATE, ONE)
    assert effects(built.sorcery.update(TWO, expected=ONE)) == [MISSED, UPDATED]
    built.first.others(Op.CREATE, ONE)
    with pytest.raises(Conflict) as raised:
        built.sorcery.update(Widget(id="one", size=3), expected=ONE)
    assert raised.value.current == TWO
    assert built.held == ([ONE], [TWO])


def test_an_expectation_is_no_reason_to_leave_a_repair(bench: Build) -> None:
    for policy, creates in (("all,repair", False), ("all", True)):
        built = bench(policy=policy, creates=creates)
        built.second.others(Op.CREATE, ONE)
        assert effects(built.sorcery.update(TWO, expected=ONE)) == [REPAIRED, UPDATED]


def test_several_changes_are_repaired_together(bench: Build) -> None:
    built = bench(policy="all,repair")
    for id in ("a", "b"):
        built.second.others(Op.CREATE, Widget(id=id))
    with built.sorcery.transaction() as transaction:
        for id in ("a", "b"):
            transaction.update(Widget(id=id, size=2))
        transaction.create(Widget(id="c"))
    assert [effects(each) for each in transaction.written] == [[REPAIRED, UPDATED], [REPAIRED, UPDATED], [CREATED] * 2]
    assert built.first.prepared == [
        [Op.UPDATE, Op.UPDATE, Op.CREATE],
        [Op.CREATE, Op.CREATE, Op.CREATE],
    ]


# What lies in a store that cannot be written to


@pytest.mark.parametrize("wizards", [("fixed", "first"), ("first", "fixed")], ids=["in front", "behind"])
def test_an_id_that_a_read_only_store_holds_is_taken(bench: Build, wizards: Sequence[str]) -> None:
    for fixed in (Fixed(ONE), Fixed(bad="one")):
        with pytest.raises(AlreadyExists, match="fixed"):
            bench(*wizards, fixed=fixed).sorcery.create(TWO)


@pytest.mark.parametrize("wizards", [("fixed", "first"), ("first", "fixed")], ids=["in front", "behind"])
def test_an_object_that_lies_in_a_read_only_store_alone_cannot_be_changed(bench: Build, wizards: Sequence[str]) -> None:
    built = bench(*wizards, fixed=Fixed(ONE))
    for change in (built.sorcery.update, built.sorcery.delete):
        with pytest.raises(NotWritable, match=r"'one' cannot be written: it lies in fixed.*change it there"):
            change(TWO)


def test_an_object_behind_a_read_only_store_that_hides_it_is_not_changed_unseen(bench: Build) -> None:
    for fixed in (Fixed(ONE), Fixed(bad="one")):
        built = bench("fixed", "first", fixed=fixed)
        built.first.others(Op.CREATE, ONE)
        for change in (built.sorcery.update, built.sorcery.delete):
            with pytest.raises(NotWritable, match="it lies in fixed"):
                change(TWO)
        assert built.first.held == [ONE]


def test_an_object_in_front_of_a_read_only_store_is_changed(bench: Build) -> None:
    built = bench("first", "fixed", "second", fixed=Fixed(ONE))
    built.first.others(Op.CREATE, ONE)
    assert effects(built.sorcery.update(TWO)) == [UPDATED, SKIPPED, MISSED]
    assert effects(built.sorcery.delete(TWO)) == [DELETED, SKIPPED, MISSED]
    assert built.sorcery.retrieve_by_id(Widget, "one") == ONE  # the read-only one is no longer hidden


def test_a_read_only_store_is_asked_only_where_it_may_stand_in_the_way(bench: Build) -> None:
    for wizards, asked in ((("fixed", "first"), ["one"] * 3), (("first", "fixed"), ["one"])):
        built = bench(*wizards)
        built.sorcery.create(ONE)
        built.sorcery.update(TWO)
        built.sorcery.delete(TWO)
        assert built.fixed.asked == asked


# Caches


def test_a_cache_is_given_what_the_stores_behind_it_answer(bench: Build) -> None:
    built = bench("cache", "first", "second")
    built.sorcery.create(ONE)
    built.sorcery.update(TWO)
    built.sorcery.delete(TWO)
    assert built.cache.heard == [("put", ONE), ("put", TWO), ("drop", "one")]


def test_a_cache_is_not_given_what_only_a_store_in_front_of_it_took(bench: Build) -> None:
    built = bench("first", "cache", "second")
    built.first.others(Op.CREATE, ONE)
    assert effects(built.sorcery.update(TWO)) == [UPDATED, MISSED]
    assert built.cache.heard == [("drop", "one")]


def test_a_cache_is_given_what_a_store_behind_it_holds_that_was_passed_over(bench: Build) -> None:
    built = bench("cache", "first", "second", policy="first")
    built.sorcery.create(ONE)
    built.second.others(Op.CREATE, TWO)
    built.sorcery.delete(ONE)
    assert built.cache.heard == [("put", ONE), ("put", TWO)]
    built = bench("first", "cache", "second", policy="first")
    built.sorcery.create(ONE)
    assert built.cache.heard == [("drop", "one")]  # an id that is new is new in every store
    built.sorcery.update(TWO)
    assert built.cache.heard[1:] == [("drop", "one")]


def test_a_cache_is_given_what_a_deletion_bares_in_a_read_only_store(bench: Build) -> None:
    built = bench("cache", "first", "fixed", fixed=Fixed(ONE))
    built.first.others(Op.CREATE, ONE)
    built.sorcery.update(TWO)
    built.sorcery.delete(TWO)
    assert built.cache.heard == [("put", TWO), ("put", ONE)]


@pytest.mark.parametrize("fixed", [Fixed(), Fixed(bad="one")])
def test_a_cache_forgets_at_once_what_was_deleted_where_a_read_only_store_has_nothing_good(
    bench: Build, fixed: Fixed
) -> None:
    built = bench("cache", "first", "fixed", fixed=fixed)
    built.first.others(Op.CREATE, ONE)
    built.sorcery.delete(ONE)
    assert built.cache.heard == [("drop", "one")]


def test_a_cache_looks_for_itself_where_a_store_behind_it_does_not_say_what_a_deletion_bares(bench: Build) -> None:
    fixed = Fixed()
    built = bench("cache", "first", "fixed", fixed=fixed)
    built.first.others(Op.CREATE, ONE)
    fixed.is_down = True
    built.sorcery.delete(ONE)
    assert built.cache.heard == [("doubt", "one")]


def test_a_cache_is_given_what_a_store_behind_a_read_only_one_took_if_that_does_not_hold_it(bench: Build) -> None:
    built = bench("cache", "fixed", "first")
    built.sorcery.create(ONE)
    built.sorcery.update(TWO)
    assert built.cache.heard == [("put", ONE), ("put", TWO)]
