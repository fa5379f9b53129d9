"""What every storage driver that can be written to does with changes of an object that is expected to be as it was."""

# ruff: noqa: D102 - the name of each test says what it holds

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sorcery import Conflict, Sorcery, Transaction
from sorcery.testing.systems import Recorder, Reopening, reconfigure
from sorcery.testing.types import Group, Widget

__all__ = ["ExpectingConformance"]

INCREMENTS = 8


class ExpectingConformance(Reopening):
    """What every writable wizard passes; a part of `WritingConformance`."""

    def test_an_object_that_is_as_expected_is_changed(self, sorcery: Sorcery) -> None:
        for obj in (Widget(id="one", size=1, tags=["a"], password="p"), Widget(id="ONE", size=9)):
            sorcery.create(obj)
        one = sorcery.retrieve_by_id(Widget, "one")
        assert one is not None
        sorcery.update(one.evolve(size=2), expected=one)
        assert sorcery.retrieve_by_id(Widget, "one") == one.evolve(size=2)
        sorcery.delete(one, expected=one.evolve(size=2))
        assert sorcery.retrieve_all(Widget) == [Widget(id="ONE", size=9)]

    @pytest.mark.parametrize("change", ["update", "delete"])
    def test_an_object_that_is_another_than_expected_is_a_conflict_and_stays(
        self, sorcery: Sorcery, change: str
    ) -> None:
        read, now = Widget(id="one", size=1, label="x"), Widget(id="one", size=1, label="y")
        sorcery.create(now)
        recorder = Recorder(sorcery, Widget)
        with pytest.raises(Conflict, match="testing_widget 'one' was changed since it was read") as raised:
            getattr(sorcery, change)(read.evolve(size=2), expected=read)
        assert raised.value.current == now
        assert sorcery.retrieve_by_id(Widget, "one") == now
        assert recorder.events == []
        getattr(sorcery, change)(now.evolve(size=2), expected=raised.value.current)

    @pytest.mark.parametrize("creates", [False, True])
    def test_an_expected_object_that_vanished_is_a_conflict(self, sorcery: Sorcery, creates: bool) -> None:
        reconfigure(sorcery, create_on_update_miss=creates)
        one = Widget(id="one")
        for change in (sorcery.update, sorcery.delete):
            with pytest.raises(Conflict, match="testing_widget 'one' vanished since it was read") as raised:
                change(one, expected=one)
            assert raised.value.current is None
        assert sorcery.retrieve_all(Widget) == []

    def test_a_conflict_leaves_nothing_of_its_transaction(self, sorcery: Sorcery) -> None:
        one, two = Widget(id="one", size=1), Widget(id="two", size=1)
        for obj in (one, two):
            sorcery.create(obj)
        recorder = Recorder(sorcery, Group, Widget)
        with pytest.raises(Conflict, match="'two'"), sorcery.transaction() as transaction:
            _change_both(transaction, one, two, expected=two.evolve(size=9))
        assert sorcery.retrieve_all(Widget) == [one, two]
        assert sorcery.retrieve_all(Group) == []
        assert recorder.events == []
        with sorcery.transaction() as transaction:
            _change_both(transaction, one, two, expected=two)
        assert [obj.size for obj in sorcery.retrieve_all(Widget)] == [2, 2]

    def test_writers_that_expect_what_they_read_lose_no_update_to_each_other(self, sorcery: Sorcery) -> None:
        sorcery.create(Widget(id="one", size=0))
        sharers = [sorcery, sorcery]
        if self.survives_reopening and self.follows_others:
            sharers.append(self.reopen(sorcery))  # what another process would be
        try:
            with ThreadPoolExecutor(2 * len(sharers)) as pool:
                list(pool.map(_increment, 2 * sharers, timeout=120))
        finally:
            for other in sharers[2:]:
                other.close()
        with pytest.raises(Conflict) as raised:
            sorcery.update(Widget(id="one"), expected=Widget(id="one", label="nobody"))
        assert raised.value.current == Widget(id="one", size=2 * len(sharers) * INCREMENTS)


def _change_both(transaction: Transaction, one: Widget, two: Widget, *, expected: Widget) -> None:
    transaction.create(Group(id="new"))
    transaction.update(one.evolve(size=2), expected=one)
    transaction.update(two.evolve(size=2), expected=expected)


def _increment(sorcery: Sorcery) -> None:
    """Add one to the size of a widget, again and again; whoever is too late begins with what it is by then."""
    found: Any = sorcery.retrieve_by_id(Widget, "one")
    for _ in range(INCREMENTS):
        while True:
            increased = found.evolve(size=found.size + 1)
            try:
                sorcery.update(increased, expected=found)
            except Conflict as conflict:
                found = conflict.current
            else:
                found = increased
                break
