"""The wizard `memory`: the reference of what every other one does."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest

from sorcery import AlreadyExists, Conflict, Sorcery, Unavailable
from sorcery.environment import Environment
from sorcery.query import ALL
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery.testing.types import Group, Widget
from sorcery.wizard import CertainWriter, Change, Op, Store, Writer
from sorcery_memory import MemoryWizard

ONE, ONE_CHANGED, TWO = Widget(id="one", size=1), Widget(id="one", size=2), Widget(id="two")
GROUP = Group(id="group")


@pytest.fixture
def wizard() -> MemoryWizard:
    return MemoryWizard()


@pytest.fixture
def store(wizard: MemoryWizard) -> SnapshotStore:
    return wizard.open(Widget.__sorcery__, "", Environment())


def put(wizard: MemoryWizard, store: Store, *objects: Widget) -> None:
    wizard.prepare([Change(store, Op.PUT, obj) for obj in objects]).commit()


def test_it_can_be_written_to_and_commits_surely(wizard: MemoryWizard) -> None:
    assert isinstance(wizard, Writer)
    assert isinstance(wizard, CertainWriter)
    assert wizard.commits_surely


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
    assert done.wait(timeout=60)
    thread.join()
    assert {obj.id for obj in store.search(ALL)} == {"one", "two"}


def test_a_writer_of_another_type_does_not_wait(wizard: MemoryWizard, store: SnapshotStore) -> None:
    groups = wizard.open(Group.__sorcery__, "", Environment())
    first = wizard.prepare([Change(store, Op.CREATE, ONE)])
    wizard.prepare([Change(groups, Op.CREATE, GROUP)]).commit()
    assert groups.retrieve("group") is GROUP
    assert store.retrieve("one") is None
    first.commit()
    assert (store.retrieve("one"), groups.retrieve("group")) == (ONE, GROUP)


def test_locks_are_taken_in_one_order_so_that_nobody_waits_in_a_circle(
    wizard: MemoryWizard, store: SnapshotStore
) -> None:
    groups = wizard.open(Group.__sorcery__, "", Environment())
    changes = [Change(store, Op.PUT, ONE), Change(groups, Op.PUT, GROUP)]
    for both in (changes, changes[::-1]):
        first = wizard.prepare(changes[1:])
        waiting = threading.Thread(target=lambda both=both: wizard.prepare(both).commit(), daemon=True)
        waiting.start()
        waiting.join(timeout=0.05)
        assert waiting.is_alive()
        free = threading.Thread(
            target=put, args=(wizard, store, TWO), daemon=True
        )  # who waits for groups holds nothing
        free.start()
        free.join(timeout=60)
        assert not free.is_alive()
        first.commit()
        waiting.join(timeout=60)
        assert not waiting.is_alive()


def test_types_that_change_together_are_swapped_together(
    wizard: MemoryWizard, store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = wizard.open(Group.__sorcery__, "", Environment())
    prepared = wizard.prepare([Change(store, Op.CREATE, ONE), Change(groups, Op.CREATE, GROUP)])
    swaps: list[set[object]] = []
    swap = SnapshotSet.swap

    def noted(snapshots: SnapshotSet, changes: Mapping[object, Snapshot | None]) -> None:
        swaps.append(set(changes))
        swap(snapshots, changes)

    monkeypatch.setattr(SnapshotSet, "swap", noted)
    prepared.commit()
    assert swaps == [{store, groups}]


def test_an_object_that_is_not_as_it_was_expected_is_a_conflict(wizard: MemoryWizard, store: SnapshotStore) -> None:
    put(wizard, store, ONE_CHANGED)
    for op in (Op.UPDATE, Op.DELETE):
        with pytest.raises(Conflict, match="testing_widget 'one' was changed since it was read") as info:
            wizard.prepare([Change(store, Op.CREATE, TWO), Change(store, op, ONE, expected=ONE)])
        assert (info.value.store, info.value.current) == ("memory testing_widget", ONE_CHANGED)
    assert store.search(ALL) == [ONE_CHANGED]
    put(wizard, store, TWO)  # nobody holds the lock


def test_what_is_expected_may_be_equal_and_another_object(wizard: MemoryWizard, store: SnapshotStore) -> None:
    put(wizard, store, ONE)
    wizard.prepare([Change(store, Op.UPDATE, ONE_CHANGED, expected=Widget(id="one", size=1))]).commit()
    wizard.prepare([Change(store, Op.DELETE, ONE, expected=ONE_CHANGED)]).commit()
    assert store.search(ALL) == []


def test_what_is_expected_is_compared_to_the_changes_before(wizard: MemoryWizard, store: SnapshotStore) -> None:
    put(wizard, store, ONE)
    update = Change(store, Op.UPDATE, ONE_CHANGED)
    with pytest.raises(Conflict):
        wizard.prepare([update, Change(store, Op.DELETE, ONE, expected=ONE)])
    wizard.prepare([update, Change(store, Op.DELETE, ONE, expected=ONE_CHANGED)]).commit()
    assert store.search(ALL) == []


def test_one_that_is_absent_is_missed_whatever_is_expected(wizard: MemoryWizard, store: SnapshotStore) -> None:
    changes = [Change(store, op, ONE, expected=ONE) for op in (Op.UPDATE, Op.DELETE)]
    prepared = wizard.prepare(changes)
    assert prepared.missed == changes
    prepared.rollback()


def test_a_label_is_told_in_messages(wizard: MemoryWizard, store: SnapshotStore) -> None:
    assert store.label == "memory testing_widget"
    assert wizard.open(Widget.__sorcery__, "spare", Environment()).label == "memory testing_widget spare"


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
