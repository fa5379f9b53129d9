"""What observers were told of last, and how the next event continues it."""

from __future__ import annotations

import pytest

from sorcery.testing.types import Widget
from sorcery.told import Event, Moving, Told
from sorcery.wizard import PENDING

ONE, TWO, THREE = (Widget(id="w", size=size) for size in (1, 2, 3))


def event(what: str, *objects: Widget) -> Event:
    return "t", what, objects


@pytest.mark.parametrize(
    "first",
    [event("created", ONE), event("updated", TWO, ONE), event("deleted", ONE), ("t", "loaded", ("t",))],
)
def test_the_first_event_of_an_object_is_told_as_it_is(first: Event) -> None:
    assert list(Told().follow(first)) == [first]


@pytest.mark.parametrize(
    ("before", "event", "told"),
    [
        (ONE, event("created", TWO), [event("updated", TWO, ONE)]),
        (ONE, event("updated", THREE, TWO), [event("updated", THREE, ONE)]),
        (ONE, event("deleted", TWO), [event("deleted", ONE)]),
        (None, event("created", ONE), [event("created", ONE)]),
        (None, event("updated", TWO, ONE), [event("created", TWO)]),
        (None, event("deleted", ONE), [event("created", ONE), event("deleted", ONE)]),
        # what they know already
        (ONE, event("created", ONE), []),
        (TWO, event("updated", TWO, ONE), []),
        (ONE, event("updated", ONE, ONE), [event("updated", ONE, ONE)]),  # written again
    ],
)
def test_the_next_one_begins_where_the_last_one_ended(before: Widget | None, event: Event, told: list[Event]) -> None:
    memory = Told()
    memory.put("t", "w", before)
    assert list(memory.follow(event)) == told
    assert memory.get("t", "w") == (None if event[1] == "deleted" else event[2][0])


def test_objects_of_other_types_are_others() -> None:
    told = Told()
    told.put("t", "w", ONE)
    assert told.get("other", "w") is PENDING
    assert list(told.follow(("other", "created", (ONE,)))) == [("other", "created", (ONE,))]


def test_whoever_begins_to_observe_a_type_was_told_nothing() -> None:
    told = Told()
    told.put("t", "w", ONE)
    told.put("other", "w", ONE)
    told.forget("t")
    assert told.get("t", "w") is PENDING
    assert told.get("other", "w") == ONE


def test_what_was_told_longest_ago_is_forgotten_first() -> None:
    told = Told(limit=2)
    for id in ("a", "b", "a", "c"):
        told.put("t", id, Widget(id=id))
    assert told.get("t", "b") is PENDING
    assert told.get("t", "a") == Widget(id="a")
    assert told.get("t", "c") == Widget(id="c")


def test_an_event_of_a_type_that_is_moving_begins_with_what_its_old_stores_held() -> None:
    moving, absent = Moving({"t": {"w": ONE}}), Widget("absent")
    assert list(moving.follow(event("created", TWO))) == [event("updated", TWO, ONE)]
    assert list(moving.follow(event("created", TWO))) == []
    assert list(moving.follow(event("updated", absent, absent))) == [event("created", absent)]


def test_an_event_of_another_type_or_of_one_whose_observers_know_nothing_stays_as_it_is() -> None:
    moving = Moving({"other": {"w": ONE}, "t": {}})
    assert list(moving.follow(event("updated", TWO, ONE))) == [event("created", TWO)]
    moving.forget("t")
    for _ in range(2):
        assert list(moving.follow(event("created", TWO))) == [event("created", TWO)]
