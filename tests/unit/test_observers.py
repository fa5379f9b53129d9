"""Observers: order, no locks, and one that fails."""

from __future__ import annotations

import logging
import threading

import pytest

from sorcery.observers import Notifier, ObjectEvent, Observer, telling
from sorcery.testing.types import Widget
from sorcery.told import Told

ONE, TWO = Widget(id="one"), Widget(id="two")


def test_each_event_calls_its_own_function() -> None:
    calls: list[tuple[str, object]] = []
    notifier = Notifier()
    notifier.add(
        "w",
        Observer(
            created=lambda new: calls.append(("created", new)),
            updated=lambda new, old: calls.append(("updated", (new, old))),
            deleted=lambda old: calls.append(("deleted", old)),
            loaded=lambda name: calls.append(("loaded", name)),
        ),
    )
    notifier.queue([("w", "created", (ONE,)), ("w", "updated", (TWO, ONE)), ("w", "deleted", (TWO,))])
    notifier.queue([("w", "loaded", ("w",)), ("other", "created", (ONE,))])
    assert calls == []
    notifier.deliver()
    assert calls == [("created", ONE), ("updated", (TWO, ONE)), ("deleted", TWO), ("loaded", "w")]


def test_an_observer_that_wants_less_is_not_called_for_more() -> None:
    calls: list[object] = []
    notifier = Notifier()
    notifier.add("w", Observer(deleted=calls.append))
    notifier.queue([("w", "created", (ONE,)), ("w", "deleted", (TWO,))])
    notifier.deliver()
    assert calls == [TWO]


def test_a_closed_subscription_hears_nothing() -> None:
    calls: list[object] = []
    notifier = Notifier()
    observer = Observer(created=calls.append)
    with notifier.add("w", observer):
        twin = notifier.add("w", Observer(created=calls.append))
        assert notifier.watches("w")
    notifier.queue([("w", "created", (ONE,))])
    notifier.deliver()
    assert calls == [ONE]
    twin.close()
    twin.close()
    assert not notifier.watches("w")
    assert not notifier.watches("other")


def test_events_that_nobody_watches_are_not_kept_for_later() -> None:
    calls: list[object] = []
    notifier = Notifier()
    notifier.queue([("w", "created", (ONE,))])
    notifier.add("w", Observer(created=calls.append))
    notifier.deliver()
    assert calls == []


def test_an_observer_that_raises_is_logged_and_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[object] = []
    notifier = Notifier()
    notifier.add("w", Observer(created=lambda new: 1 / 0))
    notifier.add("w", Observer(created=calls.append))
    notifier.queue([("w", "created", (ONE,)), ("w", "created", (TWO,))])
    with caplog.at_level(logging.ERROR, logger="sorcery.observers"):
        notifier.deliver()
    assert calls == [ONE, TWO]
    assert [record.message for record in caplog.records] == ["an observer of w raised in created"] * 2


def test_an_event_from_inside_a_callback_comes_after_those_before_it() -> None:
    calls: list[str] = []
    notifier = Notifier()

    def created(new: Widget) -> None:
        calls.append(f"begin {new.id}")
        if new is ONE:
            notifier.queue([("w", "created", (Widget(id="three"),))])
            notifier.deliver()
        calls.append(f"end {new.id}")

    notifier.add("w", Observer(created=created))  # type: ignore[arg-type]
    notifier.queue([("w", "created", (ONE,)), ("w", "created", (TWO,))])
    notifier.deliver()
    assert calls == ["begin one", "end one", "begin two", "end two", "begin three", "end three"]


def test_events_of_another_thread_are_delivered_by_the_one_that_is_at_it() -> None:
    callers: list[int] = []
    notifier = Notifier()
    entered, queued = threading.Event(), threading.Event()

    def created(_: object) -> None:
        callers.append(threading.get_ident())
        entered.set()
        assert queued.wait(timeout=60)

    notifier.add("w", Observer(created=created))
    notifier.queue([("w", "created", (ONE,))])
    delivering = threading.Thread(target=notifier.deliver)
    delivering.start()
    assert entered.wait(timeout=60)
    notifier.queue([("w", "created", (TWO,))])
    notifier.deliver()
    queued.set()
    delivering.join(timeout=60)
    assert callers == [delivering.ident] * 2


def test_every_event_of_a_type_can_be_taken_as_one_value_by_one_function() -> None:
    events: list[ObjectEvent] = []
    notifier = Notifier()
    notifier.add("w", Observer(**telling(events.append)))
    notifier.queue([("w", "created", (ONE,)), ("w", "updated", (TWO, ONE)), ("w", "deleted", (TWO,))])
    notifier.queue([("w", "loaded", ("w",))])
    notifier.deliver()
    assert events == [ObjectEvent("created", ONE), ObjectEvent("updated", TWO, ONE), ObjectEvent("deleted", TWO)]
    assert {event.type_name for event in events} == {"testing_widget"}


def test_events_continue_what_observers_were_told_while_that_is_kept() -> None:
    calls: list[object] = []
    notifier = Notifier()
    notifier.told = Told()
    subscription = notifier.add("w", Observer(**telling(calls.append)))
    newer = Widget(id="one", size=2)
    notifier.queue([("w", "created", (ONE,)), ("w", "created", (ONE,)), ("w", "created", (newer,))])
    notifier.queue([("other", "created", (TWO,))])
    notifier.deliver()
    assert calls == [ObjectEvent("created", ONE), ObjectEvent("updated", newer, ONE)]
    subscription.close()
    notifier.queue([("w", "deleted", (newer,))])  # nobody hears it
    notifier.add("w", Observer(**telling(calls.append)))
    notifier.queue([("w", "created", (newer,))])
    notifier.deliver()
    assert calls[2:] == [ObjectEvent("created", newer)]
