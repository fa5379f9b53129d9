"""A cache on the bench: a test changes, spoils and takes down the store behind it; time and refreshes stand still."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pytest

from sorcery import InvalidObject, Object, Unavailable
from sorcery.query import Query
from sorcery.testing.types import Widget
from sorcery.wizard import LoadedStore
from sorcery_memory_cache.full import FullCacheStore
from sorcery_memory_cache.settings import parse_settings
from sorcery_memory_cache.store import CacheStore

T = TypeVar("T")


class Behind:
    """A store of objects by id; `asked` notes the questions, `during` is called in the middle of the next one."""

    label = "behind"

    def __init__(self, *objects: Object) -> None:
        self.objects = {obj.id: obj for obj in objects}
        self.bad: set[str] = set()
        self.is_down = False
        self.asked: list[object] = []
        self.during: Callable[[], object] | None = None

    def retrieve(self, id: str) -> Object | None:
        self._ask(id)
        if id in self.bad:
            raise InvalidObject("testing_widget", id, "it is spoiled")
        return self._after(self.objects.get(id))

    def search(self, query: Query) -> Iterable[Object]:
        self._ask("everything" if query.is_all else query)
        matches = query.predicate()
        return self._after([obj for id, obj in self.objects.items() if id not in self.bad and matches(obj)])

    def _ask(self, what: object) -> None:
        self.asked.append(what)
        if self.is_down:
            raise Unavailable("behind", "it is down")

    def _after(self, answer: T) -> T:
        during, self.during = self.during, None
        if during is not None:
            during()
        return answer

    def hold(self, *objects: Object) -> None:
        self.objects.update((obj.id, obj) for obj in objects)


class Batch(Behind):
    """A store that takes many ids at once, and leaves out what is bad."""

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        self._ask(list(ids))
        return self._after({id: self.objects[id] for id in ids if id in self.objects and id not in self.bad})


class Audience:
    """Whom a cache tells what it finds by itself; `before` is called before a finding becomes visible."""

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.delivered = 0
        self.before: Callable[[], object] | None = None

    def publish(self, ids: Collection[str], settle: Callable[[], LoadedStore]) -> None:
        before, self.before = self.before, None
        if before is not None:
            before()
        difference = settle().difference
        changed = {
            obj.id for obj in (*difference.created, *difference.deleted, *(new for new, _ in difference.updated))
        }
        assert changed <= set(ids)
        self.heard += [("created", obj) for obj in difference.created]
        self.heard += [("updated", *pair) for pair in difference.updated]
        self.heard += [("deleted", obj) for obj in difference.deleted]

    def deliver(self) -> None:
        self.delivered += 1


class Bench:
    """A cache in front of such a store. Its clock shows `now`; `run` does the refreshes that were handed out."""

    def __init__(self, arguments: str, behind: Behind) -> None:
        settings = parse_settings(arguments)
        kind = FullCacheStore if settings.full_backend_cache else CacheStore
        self.now = 1000.0
        self.tasks: list[Callable[[], None]] = []
        self.behind = behind
        self.cache = kind(Widget.__sorcery__, "bench", settings, self.tasks.append, lambda: self.now)
        self.cache.bind(behind)
        self.audience = Audience()
        self.cache.report_to(self.audience)

    def run(self) -> int:
        """Do the refreshes that are waiting; return how many there were."""
        tasks, self.tasks[:] = list(self.tasks), []
        for task in tasks:
            task()
        return len(tasks)

    def counted(self, *names: str) -> tuple[int, ...]:
        """Return some figures."""
        figures = self.cache.figures()
        return tuple(figures[name] for name in names)

    def asked(self) -> list[object]:
        """Return the questions that the store behind was asked since the last time."""
        asked, self.behind.asked = self.behind.asked, []
        return asked


@pytest.fixture
def bench() -> Callable[..., Any]:
    """Return what puts a cache with some options, in front of some objects, on the bench."""

    def set_up(arguments: str = "", *objects: Object, batched: bool = True) -> Bench:
        return Bench(arguments, (Batch if batched else Behind)(*objects))

    return set_up


@pytest.fixture
def behind() -> Callable[..., Any]:
    """Return what makes another store."""
    return Batch
