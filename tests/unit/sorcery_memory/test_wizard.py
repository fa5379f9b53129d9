"""The wizard `memory`: the reference of what every other one does."""

from __future__ import annotations

import threading

import pytest

from sorcery import AlreadyExists, Sorcery, Unavailable
from sorcery.environment import Environment
from sorcery.query import ALL
from sorcery.snapshot import SnapshotStore
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Change, Op, Store, Writer
from sorcery_memory import MemoryWizard

ONE, ONE_CHANGED, TWO = Widget(id="one", size=1), Widget(id="one", size=2), Widget(id="two")


@pytest.fixture
def wizard() -> MemoryWizard:
    return MemoryWizard()


@pytest.fixture
def store(wizard: MemoryWizard) -> SnapshotStore:
    return wizard.open(Widget.__sorcery__, "", Environment())


def put(wizard: MemoryWizard, store: Store, *objects: Widget) -> None:
    wizard.prepare([Change(store, Op.PUT, obj) for obj in objects]).commit()


def test_it_can_be_written_to(wizard: MemoryWizard) -> None:
    assert isinstance(wizard, Writer)


def test_the_very_object_that_was_stored_is_returned(wizard: MemoryWizard, store: SnapshotStore) -> None:
    put(wizard, store, ONE)
    assert store.retrieve("one") is ONE


def test_nobody_sees_changes_before_the_commit(wizard: MemoryWizard, store: SnapshotStore) -> None:
    prepared = wizard.prepare([Change(store, Op.CREATE, ONE)])
    assert store.retrieve("one") is None
    prepared.commit()
    assert store.retrieve("one") is ONE


def test_a_rollback_forgets_and_lets_others_write(wizard: MemoryWizard, store: SnapshotStore) -> None:
    wizard.prepare([Change(store, Op.CREATE, ONE)]).rollback()
    assert store.search(ALL) == []
    put(wizard, store, TWO)
    assert store.search(ALL) == [TWO]


def test_changes_see_those_before_them(wizard: MemoryWizard, store: SnapshotStore) -> None:
    steps = [(Op.CREATE, ONE), (Op.UPDATE, ONE_CHANGED), (Op.DELETE, ONE), (Op.CREATE, ONE), (Op.PUT, ONE_CHANGED)]
    prepared = wizard.prepare([Change(store, op, obj) for op, obj in steps])
    assert prepared.missed == []
    prepared.commit()
    assert store.search(ALL) == [ONE_CHANGED]


def test_updates_and_deletes_of_what_is_absent_are_missed(wizard: MemoryWizard, store: SnapshotStore) -> None:
    put(wizard, store, ONE)
    changes = [Change(store, Op.DELETE, ONE), Change(store, Op.DELETE, ONE), Change(store, Op.UPDATE, TWO)]
    prepared = wizard.prepare(changes)
    assert prepared.missed == changes[1:]
    prepared.commit()
    assert store.search(ALL) == []


def test_a_refused_create_lets_others_write(wizard: MemoryWizard, store: SnapshotStore) -> None:
    put(wizard, store, ONE)
    with pytest.raises(AlreadyExists, match="memory testing_widget"):
        wizard.prepare([Change(store, Op.CREATE, TWO), Change(store, Op.CREATE, ONE)])
    assert store.search(ALL) == [ONE]
    put(wizard, store, TWO)


def test_a_second_writer_waits_for_the_first(wizard: MemoryWizard, store: SnapshotStore) -> None:
    first = wizard.prepare([Change(store, Op.CREATE, ONE)])
    done = threading.Event()

    def write() -> None:
        put(wizard, store, TWO)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not done.wait(timeout=0.05)
    first.commit()
    assert done.wait(timeout=10)
    thread.join()
    assert {obj.id for obj in store.search(ALL)} == {"one", "two"}


def test_stores_change_together_and_go_alone(wizard: MemoryWizard, store: SnapshotStore) -> None:
    groups = wizard.open(Group.__sorcery__, "", Environment())
    wizard.prepare([Change(store, Op.CREATE, ONE), Change(groups, Op.CREATE, Group(id="g"))]).commit()
    wizard.release(store)
    assert groups.search(ALL) == [Group(id="g")]
    with pytest.raises(Unavailable, match="not in use any more"):  # who still holds it must not take it for empty
        store.search(ALL)
    wizard.close()
    with pytest.raises(Unavailable, match="not in use any more"):
        groups.retrieve("g")


def test_two_mappings_of_a_type_hold_their_own_objects() -> None:
    with Sorcery.open("memory:", types=[Group, Widget]) as sorcery:
        sorcery.map(Widget, "memory", "first")
        sorcery.map(Widget, "memory", "second")
        sorcery.create(ONE)
        sorcery.unmap(Widget, "memory", "first")
        assert sorcery.retrieve_all(Widget) == [ONE]
