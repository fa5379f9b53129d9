"""One reading of everything that a store holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from sorcery import Finding, Severity, Unavailable
from sorcery.query import Query
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery.survey import side_by_side, survey
from sorcery.testing.types import Group

BAD = Finding(severity=Severity.ERROR, rule="invalid-object", message="bad", id="bad")
ODD = Finding(severity=Severity.WARNING, rule="odd", message="odd", id="odd")


class Plain:
    """A store of one object."""

    label = "plain"

    def __init__(self) -> None:
        self.readings = 0

    def retrieve(self, id: str) -> Any: ...

    def search(self, query: Query) -> list[Group]:
        self.readings += 1
        return [Group("one")]


class Audited(Plain):
    """One that tells its faults."""

    def faults(self) -> Iterable[Finding]:
        self.readings += 1
        return iter([BAD, ODD])


class Surveyed(Audited):
    """One that tells both at once."""

    def survey(self) -> tuple[list[Group], list[Finding]]:
        self.readings += 1
        return [Group("one")], [BAD, ODD]


class Unlisted(Audited):
    """One that gives no list."""

    lists_all = False


class Caching(Audited):
    """A cache."""

    def bind(self, backend: object, publisher: object = None) -> None: ...
    def put(self, obj: object) -> None: ...
    def drop(self, id: str) -> None: ...
    def doubt(self, id: str) -> None: ...
    def reconcile(self, ids: object = None) -> Any: ...


def test_a_store_in_memory_holds_its_objects() -> None:
    snapshots = SnapshotSet()
    store = SnapshotStore("here", snapshots)
    with pytest.raises(Unavailable):
        survey(store)
    snapshots.swap({store: Snapshot({"one": Group("one")})})
    assert survey(store).objects == {"one": Group("one")}


@pytest.mark.parametrize(("store", "readings"), [(Plain(), 1), (Audited(), 2), (Surveyed(), 1)])
def test_a_store_is_read_as_seldom_as_can_be(store: Plain, readings: int) -> None:
    found = survey(store)
    assert found.objects == {"one": Group("one")}
    assert found.bad == ({"bad"} if isinstance(store, Audited) else set())
    assert store.readings == readings


def test_a_store_without_a_list_tells_its_faults() -> None:
    found = survey(Unlisted())
    assert found.objects is None
    assert found.faults == (BAD, ODD)


def test_what_lies_in_a_cache_is_not_looked_at() -> None:
    cache = Caching()
    assert survey(cache).faults == (BAD, ODD)
    assert cache.readings == 1


def test_what_waits_is_done_at_once_and_answers_come_in_order() -> None:
    together = threading.Barrier(8)
    tasks: list[Callable[[], int]] = [lambda n=n: (together.wait(30) and n) or n for n in range(8)]  # type: ignore[misc]
    assert side_by_side(tasks) == list(range(8))


def test_what_one_raises_is_raised() -> None:
    def fail() -> int:
        raise Unavailable("store", "down")

    with pytest.raises(Unavailable, match="store is unavailable: down"):
        side_by_side([lambda: 1, fail])
    assert side_by_side([lambda: 1]) == [1]
    assert side_by_side([]) == []
