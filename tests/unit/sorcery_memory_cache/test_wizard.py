"""The wizard, and caches as they stand in a system: reloads, events, outages, threads."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sorcery import ConfigurationError, Object, Sorcery, Unavailable
from sorcery.environment import Environment, Setting
from sorcery.pjsip import Contact, Endpoint
from sorcery.query import ALL, Ordered, Query
from sorcery.registry import Registry
from sorcery.snapshot import Difference
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Change, LoadedStore, Op
from sorcery_memory import MemoryWizard
from sorcery_memory.wizard import MemoryPrepared
from sorcery_memory_cache import MemoryCacheWizard
from sorcery_memory_cache.full import FullCacheStore
from sorcery_memory_cache.store import CacheStore
from sorcery_migrations import upgrade

CACHES = ("", "full_backend_cache=yes")
A, A2, B, C, D = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="b"), Widget(id="c"), Widget(id="d")


# Opening and letting go


@pytest.fixture
def wizard() -> Iterator[MemoryCacheWizard]:
    wizard = MemoryCacheWizard()
    yield wizard
    wizard.close()


def opened(wizard: MemoryCacheWizard, arguments: str = "", type: type[Object] = Widget) -> Any:
    return wizard.open(type.__sorcery__, arguments, Environment())


def test_a_cache_is_named_after_its_type_unless_it_has_a_name(wizard: MemoryCacheWizard) -> None:
    first, second = opened(wizard), opened(wizard, "name=groups", Group)
    assert wizard.caches == {"res_pjsip/testing_widget": first, "groups": second}
    assert first.label == "memory_cache res_pjsip/testing_widget"


def test_one_option_makes_it_a_cache_of_everything(wizard: MemoryCacheWizard) -> None:
    assert type(opened(wizard)) is CacheStore
    assert type(opened(wizard, "full_backend_cache=yes")) is FullCacheStore


def test_a_cache_that_is_opened_anew_takes_the_name_and_gives_it_back(wizard: MemoryCacheWizard) -> None:
    old, new = opened(wizard, "name=front"), opened(wizard, "name=front,maximum_objects=5")
    assert wizard.caches == {"front": new}
    wizard.release(new)
    assert wizard.caches == {"front": old}
    wizard.release(old)
    assert wizard.caches == {}
    opened(wizard, "name=front", Group)


def test_a_released_cache_is_refreshed_no_more(wizard: MemoryCacheWizard) -> None:
    cache, tasks = opened(wizard, "object_lifetime_stale=1"), list[Callable[[], None]]()
    cache._submit, cache._clock = tasks.append, lambda: 0.0
    cache.put(Widget(id="a"))
    cache._clock = lambda: 2.0
    assert cache.retrieve("a") == Widget(id="a")
    wizard.release(cache)
    (task,) = tasks
    task()  # there is no store behind that it could ask
    assert cache.retrieve("a") == Widget(id="a")
    assert cache.figures()["refreshes"] == 0


def test_a_cache_takes_over_what_its_predecessor_held_once_it_is_in_force(wizard: MemoryCacheWizard) -> None:
    old = opened(wizard, "name=front")
    backend = MemoryWizard().open(Widget.__sorcery__, "", Environment())
    old.bind(backend)
    for obj in (A, B, C):
        old.put(obj)
    new = opened(wizard, "name=front,maximum_objects=2,object_lifetime_maximum=60")
    assert len(new) == 0
    old.drop("c")
    old.put(D)
    assert old.retrieve("d") is D
    old.doubt("b")
    new.bind(backend)
    assert [(entry.id, entry.stale_in) for entry in new.entries()] == [("b", 0.0), ("d", None)]
    assert new.retrieve("d") is D
    assert new.figures()["hits"] == 2
    assert 0 < new.entries()[0].expires_in <= 60


def test_what_a_predecessor_still_reads_is_neither_kept_nor_told(wizard: MemoryCacheWizard) -> None:
    backend = MemoryWizard().open(Widget.__sorcery__, "", Environment())
    for arguments in CACHES:
        old, tasks = opened(wizard, f"name=front,object_lifetime_stale=1,{arguments}"), list[Callable[[], None]]()
        old._submit = tasks.append
        old.bind(backend)
        told: list[Difference] = []
        old.report_to(Ear(told))
        old.retrieve_many(["a"])
        old.put(A)
        old.stale("a", reload=True)
        new = opened(wizard, f"name=front,{arguments}")
        new.bind(backend)
        for task in tasks:
            task()
        assert [entry.id for entry in new.entries()] == ["a"]
        assert not any(told)
        wizard.release(new)
        wizard.release(old)


class Ear:
    """Keeps what a cache tells."""

    def __init__(self, told: list[Difference]) -> None:
        self.told = told

    def publish(self, ids: object, settle: Callable[[], LoadedStore]) -> None:
        self.told.append(settle().difference)

    def deliver(self) -> None: ...


def test_a_doubt_is_taken_over_too(wizard: MemoryCacheWizard) -> None:
    fragile = Fragile()
    backend = fragile.open(Widget.__sorcery__, "", Environment())
    old = opened(wizard, "name=front,full_backend_cache=yes")
    fragile.swap(b=B)
    old.bind(backend)
    old.populate()
    old.doubt("a")
    new = opened(wizard, "name=front,full_backend_cache=yes,object_lifetime_stale=60")
    new.bind(backend)
    assert [(entry.id, entry.stale_in) for entry in new.entries()] == [("b", 0.0)]
    fragile.is_down = True
    with pytest.raises(Unavailable):
        new.retrieve("a")
    assert new.retrieve("b") is B
    assert new.retrieve("c") is None


def test_what_another_type_or_another_sort_of_cache_held_is_not_taken_over(wizard: MemoryCacheWizard) -> None:
    old = opened(wizard, "name=front")
    backend = MemoryWizard().open(Widget.__sorcery__, "", Environment())
    old.bind(backend)
    old.put(A)
    for arguments, type in (("name=front,full_backend_cache=yes", Widget), ("name=front", Group)):
        new = opened(wizard, arguments, type)
        new.bind(backend)
        assert len(new) == 0
        wizard.release(new)


def test_a_line_is_a_cache_s_own_by_its_name_and_everybodys_by_a_star(wizard: MemoryCacheWizard) -> None:
    lines = {"*": "negative_lifetime=1,serve_unavailable=10", "res_pjsip/testing_widget": "negative_lifetime=2"}
    environment = Environment(sections={"memory_cache": tuple(Setting(*line) for line in lines.items())})
    first = wizard.open(Widget.__sorcery__, "", environment)
    second = wizard.open(Group.__sorcery__, "", environment)
    assert [(each.settings.negative_lifetime, each.settings.serve_unavailable) for each in (first, second)] == [
        (2, 10),
        (1, 10),
    ]


def test_a_mapping_means_something_else_when_a_line_about_its_cache_changes(wizard: MemoryCacheWizard) -> None:
    def resolve(arguments: str, **lines: str) -> object:
        settings = tuple(Setting(name, value) for name, value in lines.items())
        return wizard.resolve(arguments, Environment(sections={"memory_cache": settings}))

    front = resolve("name=front", front="negative_lifetime=1")
    assert front == resolve("name=front", front="negative_lifetime=1", back="negative_lifetime=2")
    assert front != resolve("name=front", front="negative_lifetime=2")
    assert front != resolve("name=front", front="negative_lifetime=1", **{"*": "serve_unavailable=1"})
    assert resolve("", any="negative_lifetime=1") != resolve("", any="negative_lifetime=2")


# In a system


class Fragile(MemoryWizard):
    """A memory that may be down, and slow; others write to it behind everybody's back."""

    is_down = False
    loses_commits = False
    gate: threading.Event | None = None

    def open(self, object_type: Any, arguments: str, environment: Environment) -> Any:
        store = super().open(object_type, arguments, environment)
        retrieve, search = store.retrieve, store.search

        def slow_retrieve(id: str) -> Object | None:
            self._answer()
            return retrieve(id)

        def slow_search(query: Query) -> Ordered:
            self._answer()
            return search(query)

        store.retrieve, store.search = slow_retrieve, slow_search  # type: ignore[method-assign]
        return store

    def _answer(self) -> None:
        if self.is_down:
            raise Unavailable("fragile", "down")
        if self.gate is not None:
            self.gate.wait(60)

    def prepare(self, changes: Any) -> MemoryPrepared:
        self._answer()
        prepared = super().prepare(changes)
        commit = prepared.commit

        def lose() -> None:
            commit()
            self.is_down = True
            raise Unavailable("fragile", "no answer to the commit")

        if self.loses_commits:
            prepared.commit = lose  # type: ignore[method-assign]
        return prepared

    def swap(self, **objects: Object | None) -> None:
        """Change widgets as another program would."""
        others = MemoryWizard(self._space)
        store = others.open(Widget.__sorcery__, "", Environment())
        changes = [Change(store, Op.PUT if obj else Op.DELETE, obj or Widget(id=id)) for id, obj in objects.items()]
        others.prepare(changes).commit()
        others.close()


class System:
    """Widgets in a fragile store behind a cache."""

    def __init__(self, arguments: str) -> None:
        self.fragile = Fragile()
        registry = Registry()
        registry.register("fragile", lambda: self.fragile)
        self.sorcery = Sorcery.open("memory:", types=[Group, Widget], registry=registry)
        self.sorcery.map(Widget, "memory_cache", arguments, caching=True)
        self.sorcery.map(Widget, "fragile")
        self.events: list[tuple[Any, ...]] = []
        self.sorcery.observe(
            Widget,
            created=lambda new: self.events.append(("created", new)),
            updated=lambda new, old: self.events.append(("updated", new, old)),
            deleted=lambda old: self.events.append(("deleted", old)),
        )

    @property
    def cache(self) -> Any:
        return self.sorcery._binding(Widget).bound[0].store

    def others(self, **objects: Object | None) -> None:
        self.fragile.swap(**objects)


@pytest.fixture
def system() -> Iterator[Callable[[str], System]]:
    systems: list[System] = []

    def open_(arguments: str) -> System:
        systems.append(System(arguments))
        return systems[-1]

    yield open_
    for each in systems:
        each.sorcery.close()


@pytest.mark.parametrize("arguments", CACHES)
def test_a_reload_tells_what_vanished_and_what_changed_and_nothing_of_the_rest(
    arguments: str, system: Callable[[str], System]
) -> None:
    s = system(arguments)
    for obj in (A, B, C):
        s.sorcery.create(obj)
        s.sorcery.retrieve_by_id(Widget, obj.id)
    s.others(a=A2, b=None)
    s.events.clear()
    report = s.sorcery.reload()
    assert (report.updated, report.deleted) == ({"testing_widget": ("a",)}, {"testing_widget": ("b",)})
    assert report.created == {}
    assert s.events == [("updated", A2, A), ("deleted", B)]
    assert s.sorcery.retrieve_by_id(Widget, "a") == A2
    assert s.sorcery.retrieve_by_id(Widget, "b") is None
    assert not s.sorcery.reload()
    assert len(s.events) == 2


@pytest.mark.parametrize("arguments", CACHES)
def test_a_reload_while_the_store_is_down_keeps_everything_and_says_so(
    arguments: str, system: Callable[[str], System]
) -> None:
    s = system(arguments)
    s.sorcery.create(A)
    s.sorcery.retrieve_by_id(Widget, "a")
    s.others(a=A2)
    s.events.clear()
    s.fragile.is_down = True
    report = s.sorcery.reload()
    assert [str(error) for error in report.errors] == [
        "error [unavailable] testing_widget: fragile is unavailable: down; what is cached stays in force"
    ]
    assert not report
    assert s.events == []
    assert s.sorcery.retrieve_by_id(Widget, "a") == A
    with pytest.raises(Unavailable):
        s.sorcery.update(A2)
    assert s.sorcery.retrieve_by_id(Widget, "a") == A
    s.fragile.is_down = False
    assert s.sorcery.reload().updated == {"testing_widget": ("a",)}
    assert s.events == [("updated", A2, A)]


@pytest.mark.parametrize("arguments", CACHES)
def test_an_object_whose_commit_was_not_answered_is_read_anew_as_soon_as_its_store_answers(
    arguments: str, system: Callable[[str], System]
) -> None:
    s = system(arguments)
    s.sorcery.create(A)
    assert s.sorcery.retrieve_by_id(Widget, "a") is A
    tasks: list[Callable[[], None]] = []
    s.cache._submit = tasks.append
    s.fragile.loses_commits = True
    with pytest.raises(Unavailable, match="no answer to the commit"):
        s.sorcery.update(A2)
    assert s.sorcery.retrieve_by_id(Widget, "a") is A
    tasks.pop()()
    assert s.sorcery.retrieve_by_id(Widget, "a") is A
    s.fragile.is_down = False
    s.cache._clock = lambda: time.monotonic() + 2
    assert s.sorcery.retrieve_by_id(Widget, "a") is A
    tasks.pop()()
    assert s.sorcery.retrieve_by_id(Widget, "a") is A2
    assert tasks == []


def test_a_full_cache_tells_what_is_new_but_not_what_it_never_read(system: Callable[[str], System]) -> None:
    s = system("full_backend_cache=yes")
    s.sorcery.create(A)
    s.events.clear()
    assert not s.sorcery.reload()
    assert s.sorcery.retrieve_all(Widget) == [A]
    s.others(b=B)
    assert s.sorcery.reload().created == {"testing_widget": ("b",)}
    assert s.events == [("created", B)]


@pytest.mark.parametrize("arguments", CACHES)
def test_observers_hear_what_a_refresh_finds_and_a_reload_does_not_repeat_it(
    arguments: str, system: Callable[[str], System]
) -> None:
    s = system(f"object_lifetime_stale=1,{arguments}")
    for obj in (A, B):
        s.sorcery.create(obj)
        s.sorcery.retrieve_by_id(Widget, obj.id)
    s.others(a=A2, b=None)
    s.events.clear()
    s.cache._clock = lambda: time.monotonic() + 2
    for id in "ab":
        s.sorcery.retrieve_by_id(Widget, id)
    until = time.monotonic() + 60
    while len(s.events) < 2 and time.monotonic() < until:
        time.sleep(0.001)
    assert sorted(s.events, key=str) == [("deleted", B), ("updated", A2, A)]
    assert not s.sorcery.reload()
    assert len(s.events) == 2


def test_a_finding_of_a_refresh_comes_before_or_after_a_change_and_never_between_its_halves(
    system: Callable[[str], System],
) -> None:
    s = system("object_lifetime_stale=1")
    s.sorcery.create(A)
    s.sorcery.retrieve_by_id(Widget, "a")
    s.others(a=A2)
    s.events.clear()
    held = s.sorcery._stripes.hold([("testing_widget", "a")])
    with held:
        s.cache._clock = lambda: time.monotonic() + 2
        assert s.sorcery.retrieve_by_id(Widget, "a") is A
        until = time.monotonic() + 0.1
        while time.monotonic() < until:
            assert s.sorcery.retrieve_by_id(Widget, "a") is A
        assert s.events == []
    until = time.monotonic() + 60
    while not s.events and time.monotonic() < until:
        time.sleep(0.001)
    assert s.events == [("updated", A2, A)]


def test_a_cache_in_front_hears_what_the_one_behind_it_found(tmp_path: Path) -> None:
    registry, fragile = Registry(), Fragile()
    registry.register("fragile", lambda: fragile)
    with Sorcery.open("memory:", types=[Group, Widget], registry=registry) as sorcery:
        sorcery.map(Widget, "memory_cache", "name=outer", caching=True)
        sorcery.map(Widget, "memory_cache", "name=inner,object_lifetime_stale=1", caching=True)
        sorcery.map(Widget, "fragile")
        sorcery.create(A)
        assert sorcery.retrieve_by_id(Widget, "a") is A
        fragile.swap(a=A2)
        events: list[tuple[Object, Object]] = []
        sorcery.observe(Widget, updated=lambda new, old: events.append((new, old)))
        sorcery.caches["inner"].stale("a", reload=True)
        until = time.monotonic() + 60
        while not events and time.monotonic() < until:
            time.sleep(0.001)
        assert events == [(A2, A)]
        assert sorcery.retrieve_by_id(Widget, "a") is A2
        assert not sorcery.reload()


def test_an_observer_may_close_everything_when_it_hears_of_a_refresh(system: Callable[[str], System]) -> None:
    s = system("")
    s.sorcery.create(A)
    s.others(a=A2)
    closed = threading.Event()

    def close(new: Object, old: Object) -> None:
        s.sorcery.close()
        closed.set()

    s.sorcery.observe(Widget, updated=close)
    s.sorcery.caches["res_pjsip/testing_widget"].stale(reload=True)
    assert closed.wait(60)


@pytest.mark.parametrize("arguments", CACHES)
def test_an_object_of_a_store_before_the_cache_is_not_pruned_from_it(arguments: str, tmp_path: Path) -> None:
    (tmp_path / "widgets.conf").write_text("[b]\nsize = 1\n")
    with Sorcery.open(tmp_path, types=[Group, Widget]) as sorcery:
        sorcery.map(Widget, "memory")
        sorcery.map(Widget, "memory_cache", arguments, caching=True)
        sorcery.map(Widget, "config", "widgets.conf")
        assert sorcery.retrieve_by_id(Widget, "a") is None
        events: list[Object] = []
        sorcery.observe(Widget, deleted=events.append)
        sorcery.create(A)
        assert not sorcery.reload()
        assert events == []
        assert sorcery.retrieve_by_id(Widget, "a") == A
        sorcery.delete(A)
        assert [widget.id for widget in sorcery.retrieve_all(Widget)] == ["b"]
        assert sorcery.retrieve_by_id(Widget, "b") is not None


@pytest.mark.parametrize("arguments", CACHES)
def test_a_cache_may_stand_behind_another_store(arguments: str, tmp_path: Path) -> None:
    with Sorcery.open("memory:", types=[Group, Widget], astdb=tmp_path / "astdb") as sorcery:
        sorcery.map(Widget, "memory")
        sorcery.map(Widget, "memory_cache", arguments, caching=True)
        sorcery.map(Widget, "astdb", "front")
        sorcery.create(A)
        sorcery.update(A2)
        assert sorcery.retrieve_by_id(Widget, "a") == A2
        assert sorcery.retrieve_all(Widget) == [A2]
        sorcery.delete(A2)
        assert sorcery.retrieve_by_id(Widget, "a") is None
        assert sorcery.retrieve_all(Widget) == []


def test_a_cache_of_everything_may_stand_in_front_of_another_cache(tmp_path: Path) -> None:
    with Sorcery.open("memory:", types=[Group, Widget], astdb=tmp_path / "astdb") as sorcery:
        sorcery.map(Widget, "astdb", "front")
        sorcery.map(Widget, "memory_cache", "name=inner", caching=True, position=0)
        sorcery.map(Widget, "memory_cache", "full_backend_cache=yes", caching=True, position=0)
        sorcery.create(A)
        assert sorcery.retrieve_all(Widget) == [A]


@pytest.mark.parametrize("arguments", CACHES)
def test_a_cache_in_front_of_a_cache_is_reconciled_after_it(arguments: str, tmp_path: Path) -> None:
    def open_() -> Sorcery:
        return Sorcery.open("memory:", types=[Group, Widget], astdb=tmp_path / "astdb")

    with open_() as sorcery, open_() as other:
        other.map(Widget, "astdb", "front")
        other.create(A)
        sorcery.map(Widget, "memory_cache", "name=outer", caching=True)
        sorcery.map(Widget, "memory_cache", arguments, caching=True)
        sorcery.map(Widget, "astdb", "front")
        assert sorcery.retrieve_by_id(Widget, "a") == A
        other.update(A2)
        events: list[tuple[Object, Object]] = []
        sorcery.observe(Widget, updated=lambda new, old: events.append((new, old)))
        assert sorcery.reload().updated == {"testing_widget": ("a",)}
        assert events == [(A2, A)]
        assert sorcery.retrieve_by_id(Widget, "a") == A2


# In front of files and databases


@pytest.fixture
def pbx(tmp_path: Path) -> Path:
    """A configuration directory with a database."""
    upgrade(f"sqlite:///{tmp_path}/pbx.db")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_endpoints => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{tmp_path}/pbx.db\n")
    (tmp_path / "pjsip.conf").touch()
    return tmp_path


def sql(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "pbx.db")) as connection, connection:
        connection.execute(statement)


def watched(sorcery: Sorcery) -> list[str]:
    """Return the list to which events of endpoints are added."""
    events: list[str] = []
    sorcery.observe(
        Endpoint,
        created=lambda new: events.append(f"created {new.id}"),
        updated=lambda new, old: events.append(f"updated {new.id} {old.context}>{new.context}"),
        deleted=lambda old: events.append(f"deleted {old.id}"),
    )
    return events


@pytest.mark.parametrize("arguments", CACHES)
def test_rows_that_vanish_are_pruned_and_rows_that_change_replaced(arguments: str, pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(
        f"[res_pjsip]\nendpoint/cache = memory_cache,{arguments}\nendpoint = realtime,ps_endpoints",
    )
    with Sorcery.open(pbx) as sorcery:
        for name in ("alice", "bob", "carol"):
            sorcery.create(Endpoint(id=name, context="old"))
        assert len(sorcery.retrieve_all(Endpoint)) == 3
        events = watched(sorcery)
        sql(pbx, "DELETE FROM ps_endpoints WHERE id = 'alice'")
        sql(pbx, "UPDATE ps_endpoints SET context = 'new' WHERE id = 'bob'")
        report = sorcery.reload()
        assert not report.errors
        assert events == ["updated bob old>new", "deleted alice"]
        assert sorcery.retrieve_by_id(Endpoint, "alice") is None


@pytest.mark.parametrize("arguments", CACHES)
def test_a_row_that_turns_bad_keeps_its_last_good_version_and_is_reported(arguments: str, pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(
        f"[res_pjsip]\nendpoint/cache = memory_cache,{arguments}\nendpoint = realtime,ps_endpoints",
    )
    with Sorcery.open(pbx) as sorcery:
        for name in ("alice", "bob"):
            sorcery.create(Endpoint(id=name, context="old"))
        sorcery.retrieve_all(Endpoint)
        events = watched(sorcery)
        sql(pbx, "UPDATE ps_endpoints SET dtmf_mode = 'whistle', context = 'new' WHERE id = 'alice'")
        sql(pbx, "UPDATE ps_endpoints SET context = 'new' WHERE id = 'bob'")
        for _ in range(2):
            report = sorcery.reload()
            assert report.kept == {"endpoint": ("alice",)}
            assert [(error.rule, error.id, error.option, error.value) for error in report.errors] == [
                ("invalid-object", "alice", "dtmf_mode", "whistle")
            ]
            assert str(report.errors[0].place) == "ps_endpoints row alice"
        assert events == ["updated bob old>new"]
        assert sorcery.retrieve_by_id(Endpoint, "alice").context == "old"  # type: ignore[union-attr]


@pytest.mark.parametrize("arguments", CACHES)
@pytest.mark.parametrize("loss", ["table", "file"])
def test_a_database_that_is_lost_prunes_nothing(arguments: str, loss: str, pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(
        f"[res_pjsip]\nendpoint/cache = memory_cache,{arguments}\nendpoint = realtime,ps_endpoints",
    )
    with Sorcery.open(pbx) as sorcery:
        sorcery.create(Endpoint(id="alice"))
        assert len(sorcery.retrieve_all(Endpoint)) == 1
        events = watched(sorcery)
        if loss == "table":
            sql(pbx, "ALTER TABLE ps_endpoints RENAME TO elsewhere")
        else:
            (pbx / "pbx.db").write_bytes(b"no database any more" * 1000)
        report = sorcery.reload()
        assert [error.rule for error in report.errors] == ["unavailable"]
        assert (report.deleted, events) == ({}, [])
        assert sorcery.retrieve_by_id(Endpoint, "alice") is not None


@pytest.mark.parametrize("arguments", CACHES)
def test_what_a_file_behind_tells_is_told_once(arguments: str, pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(
        f"[res_pjsip]\nendpoint/cache = memory_cache,{arguments}\nendpoint = realtime,ps_endpoints\n"
        "endpoint = config,pjsip.conf,criteria=type=endpoint\n",
    )
    (pbx / "pjsip.conf").write_text("[alice]\ntype = endpoint\ncontext = old\n[bob]\ntype = endpoint\n")
    with Sorcery.open(pbx) as sorcery:
        sorcery.create(Endpoint(id="carol", context="old"))
        for name in ("alice", "bob", "carol"):
            assert sorcery.retrieve_by_id(Endpoint, name) is not None
        events = watched(sorcery)
        (pbx / "pjsip.conf").write_text("[alice]\ntype = endpoint\ncontext = new\n[dora]\ntype = endpoint\n")
        sql(pbx, "DELETE FROM ps_endpoints")
        report = sorcery.reload()
        assert report.deleted == {"endpoint": ("bob", "carol")}
        assert sorted(events) == ["created dora", "deleted bob", "deleted carol", "updated alice old>new"]
        found = [sorcery.retrieve_by_id(Endpoint, name) for name in ("alice", "bob", "carol", "dora")]
        assert [endpoint and endpoint.context for endpoint in found] == ["new", None, None, "default"]


@pytest.mark.parametrize("arguments", CACHES)
def test_a_cache_that_is_kept_while_its_stores_change_tells_each_change_once(arguments: str, pbx: Path) -> None:
    mapping = f"[res_pjsip]\nendpoint/cache = memory_cache,{arguments}\nendpoint = "
    (pbx / "sorcery.conf").write_text(f"{mapping}realtime,ps_endpoints\n")
    (pbx / "pjsip.conf").write_text("[alice]\ntype = endpoint\ncontext = new\n[dora]\ntype = endpoint\n")
    with Sorcery.open(pbx) as sorcery:
        for name in ("alice", "bob"):
            sorcery.create(Endpoint(id=name, context="old"))
            assert sorcery.retrieve_by_id(Endpoint, name) is not None
        events = watched(sorcery)
        (pbx / "sorcery.conf").write_text(f"{mapping}config,pjsip.conf,criteria=type=endpoint\n")
        report = sorcery.reload()
        assert not report.errors
        assert sorted(events) == ["created dora", "deleted bob", "updated alice old>new"]
        found = [sorcery.retrieve_by_id(Endpoint, name) for name in ("alice", "bob", "dora")]
        assert [endpoint and endpoint.context for endpoint in found] == ["new", None, "default"]


def test_a_reload_that_refuses_the_mappings_leaves_the_cache_in_force(pbx: Path) -> None:
    mapping = "[res_pjsip]\nendpoint/cache = memory_cache,maximum_objects={}\nendpoint = {}\n"
    (pbx / "sorcery.conf").write_text(mapping.format(5, "realtime,ps_endpoints"))
    with Sorcery.open(pbx) as sorcery:
        sorcery.create(Endpoint(id="alice"))
        (pbx / "sorcery.conf").write_text(mapping.format(70, "realtime,nowhere"))
        assert [error.rule for error in sorcery.reload().errors] == ["configuration"]
        (pbx / "pbx.db").unlink()
        assert sorcery.retrieve_by_id(Endpoint, "alice") is not None


# The section [memory_cache]


LINE = "[res_pjsip]\nendpoint/cache = memory_cache,{}\nendpoint = realtime,ps_endpoints\n[memory_cache]\n{}\n"


@pytest.mark.parametrize("arguments", CACHES)
def test_a_line_for_a_cache_takes_effect_on_reload_and_the_cache_keeps_what_it_held(arguments: str, pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(LINE.format(arguments, "* = serve_unavailable=60"))
    with Sorcery.open(pbx) as sorcery:
        sorcery.create(Endpoint(id="alice"))
        alice = sorcery.retrieve_by_id(Endpoint, "alice")
        cache = sorcery.caches["res_pjsip/endpoint"]
        assert cache.options["serve_unavailable"] == 60
        assert not sorcery.reload().findings
        assert sorcery.caches["res_pjsip/endpoint"] is cache
        events = watched(sorcery)
        (pbx / "sorcery.conf").write_text(LINE.format(arguments, "res_pjsip/endpoint = maximum_objects=7"))
        assert not sorcery.reload().findings
        (changed,) = sorcery.caches.values()
        assert (changed.options["serve_unavailable"], changed.options["maximum_objects"]) == (0, 7)
        (pbx / "pbx.db").write_bytes(b"no database any more" * 1000)
        assert sorcery.retrieve_by_id(Endpoint, "alice") == alice
        assert events == []


def test_a_bad_line_is_refused_with_its_place_and_leaves_all_as_it_was(pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(LINE.format("", ""))
    with Sorcery.open(pbx) as sorcery:
        cache = sorcery.caches["res_pjsip/endpoint"]
        (pbx / "sorcery.conf").write_text(LINE.format("", "res_pjsip/endpoint = negative_lifetime=often"))
        (error,) = sorcery.reload().errors
        assert str(error.place) == f"{pbx}/sorcery.conf:5"
        assert "negative_lifetime='often' is no number" in error.message
        assert sorcery.caches["res_pjsip/endpoint"] is cache


def test_a_line_for_a_cache_that_does_not_exist_is_reported(pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(LINE.format("", "res_pjsip/endpoints = negative_lifetime=5"))
    with Sorcery.open(pbx) as sorcery:
        (finding,) = sorcery.report.findings
        assert (finding.rule, str(finding.place)) == ("unknown-cache", f"{pbx}/sorcery.conf:5")
        assert finding.remedy == "did you mean res_pjsip/endpoint?"


def test_the_name_of_a_cache_moves_to_another_type_in_one_reload(pbx: Path) -> None:
    mappings = "[res_pjsip]\nendpoint/cache = memory_cache,{}\nendpoint = realtime,ps_endpoints\n"
    mappings += "contact/cache = memory_cache,{}\ncontact = astdb,registrar\n"
    (pbx / "sorcery.conf").write_text(mappings.format("name=one", "name=two"))
    with Sorcery.open(pbx) as sorcery:
        sorcery.create(Endpoint(id="alice"))
        (pbx / "sorcery.conf").write_text(mappings.format("name=two", "name=one"))
        assert not sorcery.reload().findings
        assert [entry.id for entry in sorcery.caches["one"].entries()] == []
        assert sorcery.retrieve_by_id(Endpoint, "alice") is not None
        assert [entry.id for entry in sorcery.caches["two"].entries()] == ["alice"]


def test_two_caches_of_one_name_are_refused_with_the_place_of_the_second(pbx: Path) -> None:
    (pbx / "sorcery.conf").write_text(
        "[res_pjsip]\nendpoint/cache = memory_cache,name=one\nendpoint = realtime,ps_endpoints\n"
        "contact/cache = memory_cache,name=one\ncontact = astdb,registrar\n"
    )
    with pytest.raises(ConfigurationError, match="is named 'one' already; give each cache its own name") as caught:
        Sorcery.open(pbx)
    # the types are opened in the order of the core, so either may be the second
    assert str(caught.value.place) in {f"{pbx}/sorcery.conf:2", f"{pbx}/sorcery.conf:4"}


def test_a_cache_of_everything_over_a_table_that_is_not_listed_is_told_and_takes_nothing_for_absent(
    pbx: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (pbx / "sorcery.conf").write_text(
        "[res_pjsip]\nendpoint/cache = memory_cache,full_backend_cache=yes\n"
        "endpoint = realtime,ps_endpoints,allow_unqualified_fetch=no\n"
    )
    with Sorcery.open(pbx) as sorcery:
        assert caplog.text.count("cannot hold everything") == 1
        sorcery.create(Endpoint(id="alice"))
        assert sorcery.retrieve_by_id(Endpoint, "alice") is not None
        assert [finding.rule for finding in sorcery.reload().findings] == ["unlisted-cache"]
        assert "unlisted-cache" in {finding.rule for finding in sorcery.faults([Endpoint])}
        assert caplog.text.count("cannot hold everything") == 1


def test_contacts_may_be_cached(tmp_path: Path) -> None:
    with Sorcery.open("memory:", astdb=tmp_path / "astdb") as sorcery:
        sorcery.map(Contact, "memory_cache", "full_backend_cache=yes", caching=True)
        sorcery.map(Contact, "astdb", "registrar")
        contacts = [Contact(id=f"alice;@{n}", uri=f"sip:alice@192.0.2.{n}") for n in range(3)]
        for contact in contacts:
            sorcery.create(contact)
        assert sorcery.retrieve_by_prefix(Contact, "alice;@") == contacts
        sorcery.delete(contacts[1])
        assert sorcery.retrieve_by_prefix(Contact, "alice;@") == [contacts[0], contacts[2]]


# Threads


def test_closing_with_a_refresh_under_way_leaves_no_thread_and_no_warning(
    system: Callable[[str], System], caplog: pytest.LogCaptureFixture
) -> None:
    s = system("object_lifetime_stale=1")
    s.sorcery.create(A)
    s.cache._clock = lambda: time.monotonic() + 2
    s.fragile.gate = threading.Event()
    assert s.sorcery.retrieve_by_id(Widget, "a") is A
    until = time.monotonic() + 60
    while not s.cache._refreshes and time.monotonic() < until:
        time.sleep(0.001)
    threading.Timer(0.1, s.fragile.gate.set).start()
    s.sorcery.close()
    assert s.fragile.gate.is_set()
    for thread in threading.enumerate():
        if thread.name.startswith("memory_cache"):
            thread.join(60)  # it ends just after the refresh that was waited for
            assert not thread.is_alive()
    assert caplog.records == []


@pytest.mark.parametrize("arguments", CACHES)
def test_readers_do_not_wait_for_a_refresh(arguments: str, system: Callable[[str], System]) -> None:
    s = system(f"object_lifetime_stale=1,{arguments}")
    s.sorcery.create(A)
    assert s.sorcery.retrieve_by_id(Widget, "a") is A
    s.others(a=A2)
    s.fragile.gate = threading.Event()
    s.cache._clock = lambda: time.monotonic() + 2
    for _ in range(100):
        assert s.sorcery.retrieve_by_id(Widget, "a") is A
    s.fragile.gate.set()
    until = time.monotonic() + 60
    while s.sorcery.retrieve_by_id(Widget, "a") is A and time.monotonic() < until:
        time.sleep(0.001)
    assert s.sorcery.retrieve_by_id(Widget, "a") is A2


THRASHED = (
    ("object_lifetime_stale=1", 10),
    ("object_lifetime_maximum=1", 10),
    ("", 10),
    ("maximum_objects=10", 100),
    ("maximum_objects=10,object_lifetime_stale=1,object_lifetime_maximum=2", 100),
    ("object_lifetime_stale=1,object_lifetime_maximum=2", 5000),
    ("", 5000),
    ("negative_lifetime=1", 10),
    ("full_backend_cache=yes", 10),
    ("full_backend_cache=yes,maximum_objects=3", 10),
    ("full_backend_cache=yes,object_lifetime_maximum=1", 10),
    ("full_backend_cache=yes,object_lifetime_stale=1", 10),
)
"""Options, and how many objects there are."""


@pytest.mark.parametrize(("arguments", "count"), THRASHED)
def test_25_readers_never_miss_what_always_exists(arguments: str, count: int, system: Callable[[str], System]) -> None:
    s = system(arguments)
    names = [f"w{n}" for n in range(count)]
    for name in names:
        s.sorcery.create(pair(name, 0))
    s.cache._clock = lambda: time.monotonic() * 20
    over = time.monotonic() + 0.5
    failures: list[object] = []

    def work(act: Callable[[random.Random], object]) -> None:
        chance = random.Random(threading.get_ident())
        while time.monotonic() < over and not failures:
            try:
                wrong = act(chance)
            except Exception as error:  # noqa: BLE001 - shown by the assertion below
                wrong = repr(error)
            if wrong is not None:
                failures.append(wrong)

    def read(chance: random.Random) -> object:
        name = chance.choice(names)
        found = s.sorcery.retrieve_by_id(Widget, name)
        return name if found is None or found.label != str(found.size) or found.id != name else None

    def read_all(chance: random.Random) -> object:
        found = s.sorcery.retrieve_all(Widget)
        return found if not set(names) <= {widget.id for widget in found} else None

    def update(chance: random.Random) -> object:
        s.sorcery.update(pair(chance.choice(names), chance.randrange(1000)))
        return None

    def come_and_go(chance: random.Random) -> object:
        obj = pair(f"guest{threading.get_ident()}", 1)
        s.sorcery.create(obj)
        s.sorcery.delete(obj)
        return f"{obj.id} came back" if s.sorcery.retrieve_by_id(Widget, obj.id) else None

    def reload(chance: random.Random) -> object:
        report = s.sorcery.reload()
        time.sleep(0.01)
        return report.errors or None

    acts = [read] * 23 + [read_all] * 2 + [update] * 3 + [come_and_go] * 2 + [reload]
    threads = [threading.Thread(target=work, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    s.sorcery.reload()
    truth = {widget.id: widget for widget in s.sorcery._binding(Widget).bound[1].store.search(ALL)}
    assert {name: s.sorcery.retrieve_by_id(Widget, name) for name in names} == truth


def pair(name: str, number: int) -> Widget:
    """Return a widget whose two options must agree."""
    return Widget(id=name, size=number, label=str(number))
