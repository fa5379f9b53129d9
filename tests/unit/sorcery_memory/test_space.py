"""Wizards that share a space: the same objects, and word of each other's changes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence

import pytest

from sorcery import ConfigurationError, Object, Sorcery, Unavailable, object_type
from sorcery.environment import Environment
from sorcery.query import ALL
from sorcery.registry import Registry
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Change, Notice, Noticing, Op, Store
from sorcery_memory import MemorySpace, MemoryWizard

ONE, ONE_CHANGED, TWO = Widget(id="one", size=1), Widget(id="one", size=2), Widget(id="two")
GROUP = Group(id="group")


@pytest.fixture
def space() -> MemorySpace:
    return MemorySpace()


@pytest.fixture
def mine(space: MemorySpace) -> Iterator[MemoryWizard]:
    wizard = MemoryWizard(space)
    yield wizard
    wizard.close()


@pytest.fixture
def theirs(space: MemorySpace) -> MemoryWizard:
    return MemoryWizard(space)


def widgets(wizard: MemoryWizard, label: str = "") -> Store:
    return wizard.open(Widget.__sorcery__, label, Environment())


def groups(wizard: MemoryWizard) -> Store:
    return wizard.open(Group.__sorcery__, "", Environment())


def do(wizard: MemoryWizard, *changes: tuple[Store, Op, Object]) -> None:
    wizard.prepare([Change(store, op, obj) for store, op, obj in changes]).commit()


class Heard:
    """Takes notices, and gives them to the test one call at a time."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Sequence[Notice]] = queue.SimpleQueue()
        self.thread: threading.Thread | None = None

    def __call__(self, notices: Sequence[Notice]) -> None:
        self.thread = threading.current_thread()
        self.calls.put(notices)

    def next(self) -> list[Notice]:
        return list(self.calls.get(timeout=30))


def test_wizards_of_one_space_show_the_same_objects(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    do(theirs, (second, Op.CREATE, ONE))
    assert first.retrieve("one") is second.retrieve("one") is ONE
    do(mine, (first, Op.DELETE, ONE))
    assert second.search(ALL) == []


def test_what_is_opened_later_shows_what_is_there(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    do(mine, (widgets(mine), Op.CREATE, ONE))
    assert widgets(theirs).retrieve("one") is ONE


def test_labels_and_types_keep_objects_apart(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    do(mine, (widgets(mine, "first"), Op.CREATE, ONE))
    assert widgets(theirs, "second").retrieve("one") is None
    assert groups(theirs).retrieve("one") is None


def test_wizards_without_a_space_share_nothing() -> None:
    first, second = MemoryWizard(), MemoryWizard()
    do(first, (widgets(first), Op.CREATE, ONE))
    assert widgets(second).retrieve("one") is None


def test_closing_one_wizard_takes_nothing_from_the_other(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    do(theirs, (second, Op.CREATE, ONE))
    theirs.close()
    assert first.retrieve("one") is ONE
    with pytest.raises(Unavailable, match="memory testing_widget is unavailable: it is not in use any more"):
        second.retrieve("one")
    with pytest.raises(Unavailable):
        theirs.prepare([Change(second, Op.CREATE, TWO)])
    do(mine, (first, Op.CREATE, TWO))


def test_the_last_who_lets_go_takes_the_objects_along(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    do(mine, (first, Op.CREATE, ONE))
    mine.release(first)
    assert second.retrieve("one") is ONE
    theirs.release(second)
    assert widgets(mine).search(ALL) == []


def test_a_store_that_is_let_go_of_before_the_commit_stays_closed(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    prepared = mine.prepare([Change(first, Op.CREATE, ONE)])
    mine.release(first)
    prepared.commit()
    assert second.retrieve("one") is ONE
    with pytest.raises(Unavailable):
        first.retrieve("one")


def test_two_classes_of_one_name_are_refused(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    @object_type("testing_widget")
    class Other(Object):
        """Not the widget."""

    store = widgets(mine)
    with pytest.raises(ConfigurationError, match="testing_widget is the name of another class in this memory; declare"):
        theirs.open(Other.__sorcery__, "elsewhere", Environment())
    mine.release(store)
    theirs.open(Other.__sorcery__, "elsewhere", Environment())


def test_a_second_wizard_waits_for_the_first_to_end_its_change(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    prepared = mine.prepare([Change(first, Op.CREATE, ONE)])
    thread = threading.Thread(target=do, args=(theirs, (second, Op.UPDATE, ONE_CHANGED)))
    thread.start()
    thread.join(timeout=0.05)
    assert thread.is_alive()
    prepared.commit()
    thread.join(timeout=30)
    assert first.retrieve("one") is ONE_CHANGED


def test_each_is_told_of_what_the_other_does(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    heard = Heard()
    watch = mine.watch(heard)
    do(theirs, (second, Op.CREATE, ONE))
    assert heard.next() == [Notice(first, "one", Op.CREATE)]
    do(mine, (first, Op.CREATE, TWO))  # its own change is no news
    do(theirs, (second, Op.PUT, ONE_CHANGED))
    assert heard.next() == [Notice(first, "one", Op.UPDATE)]
    do(theirs, (second, Op.DELETE, ONE), (second, Op.DELETE, ONE))
    assert heard.next() == [Notice(first, "one", Op.DELETE)]
    assert heard.thread not in (None, threading.current_thread())
    watch.close()
    assert heard.calls.empty()


def test_a_transaction_is_one_call_that_tells_what_came_of_each_object(
    mine: MemoryWizard, theirs: MemoryWizard
) -> None:
    first, first_groups, second, second_groups = widgets(mine), groups(mine), widgets(theirs), groups(theirs)
    do(mine, (first, Op.CREATE, TWO))
    heard = Heard()
    mine.watch(heard)
    steps = [(second, Op.CREATE, ONE), (second_groups, Op.PUT, GROUP), (second, Op.DELETE, TWO)]
    again = [(second, Op.PUT, TWO), (second, Op.CREATE, Widget(id="x")), (second, Op.DELETE, Widget(id="x"))]
    do(theirs, *steps, *again)
    assert heard.next() == [
        Notice(first, "one", Op.CREATE),
        Notice(first, "two", Op.UPDATE),
        Notice(first_groups, "group", Op.CREATE),
    ]


def test_notices_come_in_the_order_of_the_changes_when_the_objects_are_there(
    mine: MemoryWizard, theirs: MemoryWizard
) -> None:
    first, second = widgets(mine), widgets(theirs)
    heard = Heard()
    mine.watch(heard)
    for number in range(100):
        do(theirs, (second, Op.CREATE, Widget(id=str(number))))
    for number in range(100):
        (notice,) = heard.next()
        assert notice.id == str(number)
        assert first.retrieve(notice.id) is not None


def test_a_type_that_only_the_other_has_open_is_not_told_of(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second, second_groups = widgets(mine), widgets(theirs), groups(theirs)
    heard = Heard()
    mine.watch(heard)
    do(theirs, (second_groups, Op.CREATE, GROUP))
    do(theirs, (second, Op.CREATE, ONE))
    assert heard.next() == [Notice(first, "one", Op.CREATE)]


def test_nothing_is_told_of_a_change_that_is_taken_back(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    first, second = widgets(mine), widgets(theirs)
    heard = Heard()
    mine.watch(heard)
    theirs.prepare([Change(second, Op.CREATE, ONE)]).rollback()
    do(theirs, (second, Op.CREATE, TWO))
    assert heard.next() == [Notice(first, "two", Op.CREATE)]


def test_a_closed_watch_has_heard_its_last_and_left_no_thread(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    widgets(mine)
    second = widgets(theirs)
    calls: list[Sequence[Notice]] = []
    is_called, may_go_on = threading.Event(), threading.Event()

    def notify(notices: Sequence[Notice]) -> None:
        is_called.set()
        may_go_on.wait(timeout=30)
        calls.append(notices)

    watch = mine.watch(notify)
    do(theirs, (second, Op.CREATE, ONE))
    do(theirs, (second, Op.CREATE, TWO))
    assert is_called.wait(timeout=30)
    threading.Timer(0.05, may_go_on.set).start()
    watch.close()
    assert len(calls) == 1  # the one that was under way
    assert not [thread for thread in threading.enumerate() if thread.name == "sorcery-memory-watch"]
    watch.close()


def test_a_watch_may_be_closed_from_within_its_call(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    widgets(mine)
    second = widgets(theirs)
    heard = Heard()

    def notify(notices: Sequence[Notice]) -> None:
        watch.close()
        heard(notices)

    watch = mine.watch(notify)
    do(theirs, (second, Op.CREATE, ONE))
    do(theirs, (second, Op.CREATE, TWO))
    assert [notice.id for notice in heard.next()] == ["one"]
    assert heard.thread is not None
    heard.thread.join(timeout=30)
    assert not heard.thread.is_alive()
    assert heard.calls.empty()


def test_a_closed_wizard_hears_nothing_more(mine: MemoryWizard, theirs: MemoryWizard) -> None:
    widgets(mine)
    second = widgets(theirs)
    heard = Heard()
    mine.watch(heard)
    mine.close()
    do(theirs, (second, Op.CREATE, ONE))
    assert heard.calls.empty()
    assert not [thread for thread in threading.enumerate() if thread.name == "sorcery-memory-watch"]


def test_it_is_known_to_tell_of_changes(mine: MemoryWizard) -> None:
    assert isinstance(mine, Noticing)


def test_two_systems_on_one_space_hold_the_same_objects(space: MemorySpace) -> None:
    registry = Registry()
    registry.register("memory", lambda: MemoryWizard(space))
    with Sorcery.open("memory:", types=[Widget], registry=registry) as first:
        with Sorcery.open("memory:", types=[Widget], registry=registry) as second:
            first.create(ONE)
            second.update(ONE_CHANGED)
            assert first.retrieve_by_id(Widget, "one") is ONE_CHANGED
        assert first.retrieve_all(Widget) == [ONE_CHANGED]
