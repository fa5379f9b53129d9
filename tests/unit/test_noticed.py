"""What observers were told of last."""

from __future__ import annotations

from sorcery.noticed import Told
from sorcery.testing.types import Widget
from sorcery.wizard import PENDING

ONE, TWO = Widget(id="w", size=1), Widget(id="w", size=2)


def test_the_last_event_of_an_object_tells_its_state() -> None:
    told = Told()
    assert told.get("testing_widget", "w") is PENDING
    told.record(("testing_widget", "created", (ONE,)))
    assert told.get("testing_widget", "w") == ONE
    told.record(("testing_widget", "updated", (TWO, ONE)))
    assert told.get("testing_widget", "w") == TWO
    told.record(("testing_widget", "deleted", (TWO,)))
    assert told.get("testing_widget", "w") is None
    assert told.get("other", "w") is PENDING


def test_events_that_are_about_no_object_leave_it_as_it_is() -> None:
    told = Told()
    told.record(("testing_widget", "created", (ONE,)))
    told.record(("testing_widget", "loaded", ("testing_widget",)))
    told.record(("", "loading", ()))
    assert told.get("testing_widget", "w") == ONE


def test_what_was_told_longest_ago_is_forgotten_first() -> None:
    told = Told(limit=2)
    for id in ("a", "b", "a", "c"):
        told.put("t", id, Widget(id=id))
    assert told.get("t", "b") is PENDING
    assert told.get("t", "a") == Widget(id="a")
    assert told.get("t", "c") == Widget(id="c")
