"""Bindings: what mappings open, what they keep, and what is let go."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pytest

from sorcery import ConfigurationError, Object, Registry, UnknownWizard
from sorcery.binding import Generation, Opener
from sorcery.chain import Chain
from sorcery.environment import Environment
from sorcery.mapping import Mapping
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.query import Query
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Cache, CacheEntry, LoadedStore, Publisher, Reader, Store
from sorcery_memory import MemoryWizard
from sorcery_memory.space import MemoryStore

TYPES: dict[str, type[Object]] = {"group": Group, "widget": Widget}


class Noting(MemoryWizard):
    """A memory that notes what is opened and released, and means what the environment's AstDB path says."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.released: list[Store] = []
        self.is_closed = False

    def resolve(self, arguments: str, environment: Environment) -> Path | None:
        return environment.astdb

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> MemoryStore:
        if arguments == "bug":
            raise ZeroDivisionError
        if arguments == "broken":
            raise ConfigurationError("it is broken", remedy="mend it")
        self.opened.append(arguments)
        return super().open(object_type, arguments, environment)

    def release(self, store: Store) -> None:
        self.released.append(store)
        super().release(store)

    def close(self) -> None:
        self.is_closed = True


class ReadOnly:
    """A wizard whose stores cannot be written to; its stores are caches."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Front:
        return Front()

    def release(self, store: Store) -> None:
        pass

    def close(self) -> None:
        pass


class Front:
    """A cache that holds nothing."""

    label = "front"
    backend: Reader

    def bind(self, backend: Reader) -> None:
        self.backend = backend

    def retrieve(self, id: str) -> Object | None:
        return self.backend.retrieve(id)

    def search(self, query: Query) -> list[Object]:
        return list(self.backend.search(query))

    def put(self, obj: Object) -> None: ...

    def drop(self, id: str) -> None: ...

    def doubt(self, id: str) -> None: ...

    def reconcile(self) -> LoadedStore:
        return LoadedStore()


class Named(Front):
    """A cache with a name, which tells what it finds."""

    options: ClassVar[dict[str, str | int | bool]] = {}

    def __init__(self, name: str) -> None:
        self.name = name

    def report_to(self, publisher: Publisher) -> None:
        self.publisher = publisher

    def entries(self) -> list[CacheEntry]:
        return []

    def expire(self, id: str | None = None) -> int:
        return 0

    def stale(self, id: str | None = None, *, reload: bool = False) -> int:
        return 0

    def populate(self) -> int:
        return 0

    def figures(self) -> dict[str, int]:
        return {}


class Naming(ReadOnly):
    """A wizard of caches that are named by their arguments."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Front:
        return Named(arguments)


class Bench:
    """An opener with its wizards at hand."""

    def __init__(self) -> None:
        self.noting = Noting()
        registry = Registry()
        registry.register("noting", lambda: self.noting)
        registry.register("front", ReadOnly)
        registry.register("named", Naming)
        self.opener = Opener(registry)
        self.environment = Environment()

    def generation(self, *mappings: Mapping, previous: Generation | None = None) -> Generation:
        types = {mapping.type_name: TYPES[mapping.type_name] for mapping in mappings}
        table = {name: tuple(m for m in mappings if m.type_name == name) for name in types}
        return self.opener.generation(types, table, self.environment, previous)


@pytest.fixture
def bench() -> Bench:
    return Bench()


ONE, TWO = Mapping("widget", "noting", "one"), Mapping("widget", "noting", "two")
CACHE = Mapping("widget", "front", caching=True)


def test_a_type_is_bound_to_its_mappings_in_order(bench: Bench) -> None:
    binding = bench.generation(ONE, TWO).bindings["widget"]
    assert binding.mappings == (ONE, TWO)
    assert binding.object_type is Widget.__sorcery__
    assert bench.noting.opened == ["one", "two"]


def test_one_store_is_asked_itself_and_several_as_a_chain(bench: Bench) -> None:
    single = bench.generation(ONE).bindings["widget"]
    assert single.reader is single.bound[0].store
    double = bench.generation(ONE, TWO).bindings["widget"]
    assert isinstance(double.reader, Chain)
    assert double.reader.readers == tuple(bound.store for bound in double.bound)


def test_a_cache_asks_the_stores_that_follow_it(bench: Bench) -> None:
    generation = bench.generation(ONE, CACHE, TWO)
    generation.activate()
    binding = generation.bindings["widget"]
    first, cache, second = (bound.store for bound in binding.bound)
    assert isinstance(cache, Front)
    assert cache.backend is second
    assert isinstance(binding.reader, Chain)
    assert binding.reader.readers == (first, cache)


def test_a_cache_asks_the_old_stores_until_the_new_ones_are_in_force(bench: Bench) -> None:
    old = bench.generation(CACHE, ONE)
    old.activate()
    new = bench.generation(CACHE, TWO, previous=old)
    cache, behind = (bound.store for bound in new.bindings["widget"].bound)
    assert isinstance(cache, Front)
    assert cache.backend is old.bindings["widget"].bound[1].store
    new.activate()
    assert cache.backend is behind


def test_a_cache_is_told_whom_to_report_to_with_the_caches_in_front_of_it(bench: Bench) -> None:
    one, two = Mapping("widget", "named", "one", caching=True), Mapping("widget", "named", "two", caching=True)
    generation = bench.generation(one, two, ONE)
    asked: list[tuple[str, list[object]]] = []

    def news(type_name: str, fronts: Sequence[Cache]) -> Any:
        asked.append((type_name, list(fronts)))
        return len(asked)

    generation.activate(news)
    outer, inner = (bound.store for bound in generation.bindings["widget"].bound[:2])
    assert isinstance(outer, Named)
    assert isinstance(inner, Named)
    assert asked == [("widget", [outer]), ("widget", [])]
    publishers: list[object] = [inner.publisher, outer.publisher]
    assert publishers == [1, 2]


def test_two_caches_of_one_name_are_refused_and_nothing_is_left_open(bench: Bench) -> None:
    place = Place("sorcery.conf", 4)
    first = Mapping("widget", "named", "front", caching=True)
    second = Mapping("group", "named", "front", caching=True, place=place)
    with pytest.raises(ConfigurationError, match="the cache of widget is named 'front' already; give each") as caught:
        bench.generation(first, ONE, second)
    assert caught.value.place == place
    assert len(bench.noting.released) == 1
    moved = attrs.evolve(first, type_name="group")
    bench.generation(moved, previous=bench.generation(first, ONE))


def test_a_cache_is_told_and_not_written_to(bench: Bench) -> None:
    binding = bench.generation(CACHE, ONE).bindings["widget"]
    assert [bound.mapping for bound in binding.writable] == [ONE]
    assert [id(cache) for cache in binding.caches] == [id(binding.bound[0].store)]


def test_a_cache_is_told_only_where_a_store_behind_it_is_written_to(bench: Bench) -> None:
    assert len(bench.generation(CACHE, ONE).bindings["widget"].informed) == 1
    assert len(bench.generation(ONE, CACHE, TWO).bindings["widget"].informed) == 1
    assert bench.generation(ONE, CACHE).bindings["widget"].informed == ()


def test_an_object_is_reached_by_class_and_by_name(bench: Bench) -> None:
    generation = bench.generation(ONE)
    assert generation.retrieve[Widget] == generation.retrieve["widget"] == generation.bindings["widget"].reader.retrieve


def test_a_mapping_that_means_the_same_keeps_its_store(bench: Bench) -> None:
    old = bench.generation(ONE)
    new = bench.generation(ONE, TWO, previous=old)
    assert new.bindings["widget"].bound[0].store is old.bindings["widget"].bound[0].store
    assert bench.noting.opened == ["one", "two"]
    bench.opener.release(old, new)
    assert bench.noting.released == []


def test_a_mapping_that_keeps_its_store_is_told_of_where_it_stands_now(bench: Bench) -> None:
    old = bench.generation(attrs.evolve(ONE, place=Place("sorcery.conf", 2)))
    new = bench.generation(attrs.evolve(ONE, place=Place("sorcery.conf", 5)), previous=old)
    assert [mapping.place for mapping in new.bindings["widget"].mappings] == [Place("sorcery.conf", 5)]


def test_a_mapping_that_comes_to_mean_something_else_is_opened_anew(bench: Bench) -> None:
    old = bench.generation(ONE)
    bench.environment = attrs.evolve(bench.environment, astdb=Path("elsewhere"))
    new = bench.generation(ONE, previous=old)
    assert bench.noting.opened == ["one", "one"]
    bench.opener.release(old, new)
    assert bench.noting.released == [old.bindings["widget"].bound[0].store]


def test_what_is_no_longer_mapped_is_let_go(bench: Bench) -> None:
    old = bench.generation(ONE, TWO)
    bench.opener.release(old, bench.generation(TWO, previous=old))
    assert bench.noting.released == [old.bindings["widget"].bound[0].store]
    bench.opener.release(bench.generation(TWO))
    assert len(bench.noting.released) == 2
    bench.opener.close()
    assert bench.noting.is_closed


def test_a_wizard_that_fails_to_close_keeps_no_other_one_open(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: ReadOnly) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ReadOnly, "close", broken)
    bench.generation(CACHE, ONE)
    with pytest.raises(ZeroDivisionError):
        bench.opener.close()
    assert bench.noting.is_closed


def test_a_mapping_that_cannot_be_opened_leaves_nothing_open(bench: Bench) -> None:
    old = bench.generation(ONE)
    broken = Mapping("group", "noting", "broken", place=Place("sorcery.conf", 7))
    with pytest.raises(ConfigurationError) as raised:
        bench.generation(ONE, TWO, broken, previous=old)
    assert str(raised.value) == "sorcery.conf:7: group = noting,broken: it is broken; mend it"
    assert len(bench.noting.released) == 1
    assert old.bindings["widget"].bound[0].store not in bench.noting.released


def test_a_bug_of_a_wizard_leaves_nothing_open(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):
        bench.generation(ONE, Mapping("group", "noting", "bug"))
    assert len(bench.noting.released) == 1


def test_a_wizard_that_cannot_be_loaded_is_refused_at_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    found = metadata.EntryPoints([metadata.EntryPoint("mine", "no_such_module:Wizard", "sorcery.wizards")])
    monkeypatch.setattr(metadata, "entry_points", lambda **_: found)
    types, mapping = {"widget": Widget}, Mapping("widget", "mine", place=Place("sorcery.conf", 7))
    with pytest.raises(ConfigurationError, match=r"^sorcery.conf:7: widget = mine: wizard 'mine' cannot be loaded: "):
        Opener(Registry()).generation(types, {"widget": (mapping,)}, Environment())


def test_an_unknown_wizard_is_refused_at_its_place(bench: Bench) -> None:
    with pytest.raises(UnknownWizard, match=r"sorcery.conf:7: unknown wizard 'nonsense'; use one of: .*noting"):
        bench.generation(Mapping("widget", "nonsense", place=Place("sorcery.conf", 7)))


class Deaf:
    """A store that cannot be asked for an object."""

    label = "deaf"

    def search(self, query: Query) -> list[Object]:
        return []


def test_a_store_that_cannot_be_asked_by_id_is_refused_when_it_is_opened(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    released: list[object] = []
    monkeypatch.setattr(bench.noting, "open", lambda *words: Deaf())
    monkeypatch.setattr(bench.noting, "release", released.append)
    told = r"^sorcery.conf:7: widget = noting: noting opens a store without retrieve; mend noting$"
    with pytest.raises(ConfigurationError, match=told):
        bench.generation(Mapping("widget", "noting", place=Place("sorcery.conf", 7)))
    assert len(released) == 1


def test_a_cache_must_be_mapped_as_one_and_nothing_else_may(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="front stands in front of other stores; write widget/cache = front"):
        bench.generation(Mapping("widget", "front"))
    with pytest.raises(ConfigurationError, match="noting is no cache; write widget = noting"):
        bench.generation(Mapping("widget", "noting", caching=True))
    assert len(bench.noting.released) == 1
