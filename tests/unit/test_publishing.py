"""What a cache finds by itself, told to the observers in the order of all changes."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable
from typing import Any

from sorcery import Unavailable
from sorcery.observers import Notifier, Observer
from sorcery.publishing import CacheNews
from sorcery.snapshot import Difference
from sorcery.testing.types import Widget
from sorcery.wizard import LoadedStore, Op, Publisher
from sorcery.writing.transaction import Step
from sorcery.writing.writes import Stripes

A, A2, B, C = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="b"), Widget(id="c")
FOUND = LoadedStore(difference=Difference(created=(C,), updated=((A2, A),), deleted=(B,)))


class Front:
    """A cache that notes what it is told, and may have nobody to ask."""

    def __init__(self, log: list[Any], name: str, *, is_silent: bool = False) -> None:
        self.log, self.name, self.is_silent = log, name, is_silent

    def reconcile(self, ids: Collection[str] | None = None) -> LoadedStore:
        self.log.append((self.name, "reconcile", sorted(ids or ())))
        if self.is_silent:
            raise Unavailable("behind", "down")
        return LoadedStore()

    def doubt(self, id: str) -> None:
        self.log.append((self.name, "doubt", id))


class Stage:
    """Everything that news passes through, with one log of it all."""

    def __init__(self, *fronts: Any) -> None:
        self.log: list[Any] = []
        for front in fronts:
            front.log = self.log
        self.stripes, self.notifier = Stripes(), Notifier()
        self.news = CacheNews("testing_widget", fronts, self.stripes, self.notifier, self.note, self.untold)
        self.notifier.add(
            "testing_widget",
            Observer(
                created=lambda new: self.log.append(("created", new)),
                updated=lambda new, old: self.log.append(("updated", new, old)),
                deleted=lambda old: self.log.append(("deleted", old)),
            ),
        )

    def note(self, steps: Iterable[Step]) -> None:
        self.log += [("noted", step.op, step.obj) for step in steps]

    def untold(self, type_name: str, difference: Difference) -> Difference:
        return difference

    def settle(self, found: LoadedStore = FOUND) -> LoadedStore:
        self.log.append("settled")
        return found


def test_a_finding_is_made_visible_noted_queued_and_then_told() -> None:
    stage = Stage()
    publisher: Publisher = stage.news
    publisher.publish(["a", "b", "c"], stage.settle)
    assert stage.log == ["settled", ("noted", Op.PUT, C), ("noted", Op.PUT, A2), ("noted", Op.DELETE, B)]
    stage.log.clear()
    publisher.deliver()
    assert stage.log == [("created", C), ("updated", A2, A), ("deleted", B)]


def test_a_finding_without_a_difference_is_no_news() -> None:
    stage = Stage(Front([], "outer"))
    stage.news.publish(["a"], lambda: stage.settle(LoadedStore()))
    stage.news.deliver()
    assert stage.log == ["settled"]


def test_the_caches_in_front_look_anew_the_nearest_first_and_doubt_what_they_cannot_see() -> None:
    stage = Stage(Front([], "outer", is_silent=True), Front([], "inner"))
    stage.news.publish(["a"], lambda: stage.settle(LoadedStore(difference=Difference(updated=((A2, A),)))))
    assert stage.log == [
        "settled",
        ("noted", Op.PUT, A2),
        ("inner", "reconcile", ["a"]),
        ("outer", "reconcile", ["a"]),
        ("outer", "doubt", "a"),
    ]


def test_nothing_becomes_visible_while_somebody_changes_the_object() -> None:
    stage, settled = Stage(), threading.Event()

    def settle() -> LoadedStore:
        settled.set()
        return FOUND

    with stage.stripes.hold([("testing_widget", "a")]):
        thread = threading.Thread(target=stage.news.publish, args=(["a"], settle))
        thread.start()
        assert not settled.wait(0.05)
    thread.join(60)
    assert settled.is_set()
