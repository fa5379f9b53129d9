"""The faulty wizard is the wizard inside, until it is told to fail."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sorcery import InvalidObject, NotFound, Registry, Sorcery, Unavailable
from sorcery import wizard as contract
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError
from sorcery.query import ALL
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery.testing.faults import Faults, FaultyWizard
from sorcery.testing.faults import wizard as wizard_module
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.wizard import PENDING, Change, Notice, Op, Store
from sorcery.writing.transaction import Transaction

WIZARDS = ("memory", "config", "astdb", "realtime", "memory_cache")
ABILITIES = [
    value
    for value in map(vars(contract).__getitem__, contract.__all__)
    if getattr(value, "_is_runtime_protocol", False)
]
ENVIRONMENT = Environment(astdb=Path("astdb.sqlite3"))


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    faults.lift()


@pytest.fixture
def sorcery(faults: Faults) -> Iterator[Sorcery]:
    registry = Registry()
    registry.register("faulty", lambda: FaultyWizard(Registry().factory("memory")(), faults))
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        for cls in TYPES:
            sorcery.map(cls, "faulty")
        yield sorcery


def abilities(of: object) -> set[str]:
    return {ability.__name__ for ability in ABILITIES if isinstance(of, ability)}


def test_every_ability_that_there_is_can_be_passed_on() -> None:
    known = {*wizard_module._STORE_ABILITIES, *wizard_module._WIZARD_ABILITIES}
    assert {ability.__name__ for ability in ABILITIES} == {ability.__name__ for ability in known}


def test_a_commit_is_not_certain_while_a_fault_may_strike_it(faults: Faults) -> None:
    class Certain(Announcing):
        commits_surely = True

    wizard: Any = FaultyWizard(Certain(), faults)
    assert wizard.commits_surely
    with faults.fail("commit"):
        assert not wizard.commits_surely
    with faults.fail("search"):
        assert wizard.commits_surely


@pytest.mark.parametrize("name", WIZARDS)
def test_it_has_the_abilities_of_the_wizard_inside_and_no_others(name: str, faults: Faults) -> None:
    inner = Registry().factory(name)()
    assert abilities(FaultyWizard(inner, faults)) == abilities(inner)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("memory", ""), ("astdb", "x"), ("memory_cache", ""), ("memory_cache", "full_backend_cache=yes")],
)
def test_its_stores_have_the_abilities_of_those_inside(name: str, arguments: str, faults: Faults) -> None:
    wizard = FaultyWizard(Registry().factory(name)(), faults)
    store = wizard.open(Widget.__sorcery__, arguments, ENVIRONMENT)
    assert abilities(store) == abilities(store.inner)
    assert store.label == store.inner.label
    wizard.close()


def test_a_read_fails_hangs_or_is_late_and_then_is_right_again(sorcery: Sorcery, faults: Faults) -> None:
    sorcery.create(Widget(id="one"))
    with faults.fail("retrieve", "search"):
        with pytest.raises(Unavailable):
            sorcery.retrieve_by_id(Widget, "one")
        with pytest.raises(Unavailable):
            sorcery.retrieve_all(Widget)
    late = faults.hang("retrieve", after=True)
    answers: list[object] = []
    reader = threading.Thread(target=lambda: answers.append(sorcery.retrieve_by_id(Widget, "one")))
    reader.start()
    late.wait()
    sorcery.update(Widget(id="one", size=9))
    late.lift()
    reader.join(30)
    assert answers == [Widget(id="one")]
    assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one", size=9)


@pytest.mark.parametrize("operation", ["prepare", "commit"])
@pytest.mark.parametrize("error", [Unavailable("x", "y"), OSError("broken")], ids=["unavailable", "broken"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_change_that_fails_leaves_nothing_locked(
    sorcery: Sorcery, faults: Faults, operation: str, error: Exception, after: bool
) -> None:
    faults.fail(operation, error=error, times=1, after=after)
    with pytest.raises(type(error)):
        sorcery.create(Widget(id="one"))
    stored = operation == "commit" and after
    assert sorcery.retrieve_all(Widget) == ([Widget(id="one")] if stored else [])
    sorcery.create(Widget(id="two"))


def test_a_rollback_that_fails_still_rolls_back(sorcery: Sorcery, faults: Faults) -> None:
    faults.fail("rollback", times=1)
    with pytest.raises(NotFound):
        sorcery.update(Widget(id="absent"))
    sorcery.create(Widget(id="one"))
    assert sorcery.retrieve_all(Widget) == [Widget(id="one")]


def change_both(transaction: Transaction) -> None:
    transaction.update(Group(id="g", note="new"))
    transaction.delete(Widget(id="absent"))


def test_what_is_missed_inside_is_missed(sorcery: Sorcery) -> None:
    sorcery.create(Group(id="g"))
    with pytest.raises(NotFound), sorcery.transaction() as transaction:
        change_both(transaction)
    assert sorcery.retrieve_all(Group) == [Group(id="g")]


def test_a_store_that_fails_to_open_is_released(faults: Faults) -> None:
    for after in (False, True):
        wizard = FaultyWizard(Registry().factory("memory")(), faults)
        with faults.fail("open", error=ConfigurationError("no"), after=after), pytest.raises(ConfigurationError):
            wizard.open(Widget.__sorcery__, "", ENVIRONMENT)
        assert not wizard.stores


def test_a_load_that_fails_is_a_finding_and_changes_nothing(tmp_path: Path, faults: Faults) -> None:
    registry = Registry()
    registry.register("faulty", lambda: FaultyWizard(Registry().factory("config")(), faults))
    (tmp_path / "sorcery.conf").write_text("[testing]\ntesting_widget = faulty,testing.conf\n")
    file = tmp_path / "testing.conf"
    file.write_text("[one]\n")
    with Sorcery.open(tmp_path, types=TYPES, registry=registry) as sorcery:
        file.write_text("[one]\n[two]\n")
        with faults.fail("load"):
            report = sorcery.reload()
        assert [finding.message for finding in report.errors if "injected" in finding.message]
        assert [obj.id for obj in sorcery.retrieve_all(Widget)] == ["one"]
        assert sorcery.reload().created == {"testing_widget": ("two",)}


class Announcing:
    """A wizard that answers at once and tells of changes."""

    def __init__(self) -> None:
        self.snapshots = SnapshotSet()

    def open(self, *_: object) -> InstantStore:
        self.store = InstantStore("instant", self.snapshots)
        self.snapshots.swap({self.store: Snapshot({"one": Widget(id="one")})})
        return self.store

    def release(self, store: Store) -> None:
        self.snapshots.swap({store: None})

    def close(self) -> None: ...

    def watch(self, notify: Any) -> Any:
        self.notify = notify
        return self


class InstantStore(SnapshotStore):
    retrieve_now = SnapshotStore.retrieve
    search_now = SnapshotStore.search


def test_an_answer_is_not_immediate_while_a_fault_threatens(faults: Faults) -> None:
    store: Any = FaultyWizard(Announcing(), faults).open(Widget.__sorcery__, "", ENVIRONMENT)
    assert store.retrieve_now("one") == Widget(id="one")
    assert store.search_now(ALL) == [Widget(id="one")]
    with faults.fail("retrieve", "search", times=1):
        assert store.retrieve_now("one") is PENDING
        assert store.search_now(ALL) is PENDING
        with pytest.raises(Unavailable):
            store.retrieve("one")
    assert store.retrieve_now("absent") is None


def test_notices_are_of_the_outer_stores_and_can_be_lost(faults: Faults) -> None:
    inner = Announcing()
    wizard: Any = FaultyWizard(inner, faults)
    store = wizard.open(Widget.__sorcery__, "", ENVIRONMENT)
    heard: list[Notice] = []
    wizard.watch(heard.extend)
    with faults.fail("notify"):
        inner.notify([Notice(inner.store, "lost")])
    inner.notify([Notice(inner.store, "one", Op.UPDATE)])
    wizard.release(store)
    inner.notify([Notice(inner.store, "late")])
    assert heard == [Notice(store, "one", Op.UPDATE)]


def test_many_are_asked_for_as_one_retrieval(faults: Faults) -> None:
    class Batch(InstantStore):
        def retrieve_many(self, ids: Sequence[str]) -> dict[str, Any]:
            return {id: self.snapshot.objects[id] for id in ids}

        def held(self, ids: Sequence[str]) -> set[str]:
            return {id for id in ids if id in self.snapshot.objects}

        def faults(self) -> list[Any]:
            raise InvalidObject("testing_widget", "one", "bad")

        def survey(self) -> tuple[Any, Any]:
            return self.snapshot.objects.values(), ()

        @property
        def lists_all(self) -> bool:
            return False

    class Batching(Announcing):
        def open(self, *_: object) -> InstantStore:
            self.store = Batch("instant", self.snapshots)
            self.snapshots.swap({self.store: Snapshot({"one": Widget(id="one")})})
            return self.store

    store: Any = FaultyWizard(Batching(), faults).open(Widget.__sorcery__, "", ENVIRONMENT)
    assert store.retrieve_many(["one"]) == {"one": Widget(id="one")}
    assert store.held(["one", "two"]) == {"one"}
    assert store.survey() == ([Widget(id="one")], [])
    assert store.lists_all is False
    with pytest.raises(InvalidObject):
        store.faults()
    with faults.fail("retrieve", "search") as fault:
        with pytest.raises(Unavailable):
            store.retrieve_many(["one", "two"])
        with pytest.raises(Unavailable):
            store.held(["one"])
        with pytest.raises(Unavailable):
            store.survey()
        with pytest.raises(Unavailable):
            store.faults()
    assert fault.calls[0].ids == ("one", "two")


def test_a_change_keeps_what_it_expects(faults: Faults) -> None:
    seen: list[Change] = []

    class Spying(Announcing):
        def prepare(self, changes: Sequence[Change]) -> Any:
            seen.extend(changes)
            raise Unavailable("x", "y")

    wizard: Any = FaultyWizard(Spying(), faults)
    store = wizard.open(Widget.__sorcery__, "", ENVIRONMENT)
    with pytest.raises(Unavailable):
        wizard.prepare([Change(store, Op.UPDATE, Widget(id="one"), Widget(id="one", size=1))])
    assert seen == [Change(store.inner, Op.UPDATE, Widget(id="one"), Widget(id="one", size=1))]
