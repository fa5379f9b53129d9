"""Following what others change: a wizard whose notices and answers the tests inject, alone and behind a cache."""

from __future__ import annotations

import functools
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import attrs
import pytest

from sorcery import (
    AlreadyExists,
    ConfigurationError,
    InvalidObject,
    NotFound,
    ObjectEvent,
    Registry,
    Sorcery,
    Unavailable,
)
from sorcery.environment import Environment
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.observers import telling
from sorcery.pjsip import Contact
from sorcery.query import Query
from sorcery.snapshot import Difference
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.watching.agenda import Agenda
from sorcery.watching.noticed import System
from sorcery.watching.watcher import Follower
from sorcery.wizard import Change, LoadedStore, Notice, Op, Store
from sorcery_memory import MemorySpace, MemoryWizard

OLD, NEW = Widget(id="w", size=1), Widget(id="w", size=2)


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for a condition; fails after some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.005)


@attrs.define(eq=False)
class Table:
    """What others change: rows that every store of the wizard reads, and may refuse to."""

    label: str
    rows: dict[str, Object] = attrs.field(factory=dict)
    trouble: Exception | None = None
    asked: list[str] = attrs.field(factory=list)
    on_its_way: Callable[[], object] = lambda: None
    """Called when the answer is known and not yet given."""

    def retrieve(self, id: str) -> Object | None:
        self.asked.append(id)
        if self.trouble is not None:
            raise self.trouble
        found = self.rows.get(id)
        self.on_its_way()
        return found

    def search(self, query: Query) -> Iterable[Object]:
        if self.trouble is not None:
            raise self.trouble
        return [obj for obj in self.rows.values() if query.predicate()(obj)]


@attrs.define(eq=False)
class Prepared:
    """Changes of this system, made at once."""

    changes: Sequence[Change]
    missed: Sequence[Change] = ()

    def commit(self) -> None:
        for change in self.changes:
            assert isinstance(change.store, Table)
            if change.op is Op.DELETE:
                del change.store.rows[change.obj.id]
            else:
                change.store.rows[change.obj.id] = change.obj

    def rollback(self) -> None:
        pass


class Remote:
    """A wizard whose notices the test sends."""

    def __init__(self) -> None:
        self.tables: dict[str, Table] = {}
        self.notify: Callable[[Sequence[Notice]], None] | None = None
        self.watched = 0
        self.lacks: ConfigurationError | None = None

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Store:
        return self.tables.setdefault(object_type.name, Table(f"remote {object_type.name}"))

    def release(self, store: Store) -> None:
        pass

    def close(self) -> None:
        assert self.notify is None, "the watch outlives the wizard"

    def prepare(self, changes: Sequence[Change]) -> Prepared:
        return Prepared(changes)

    def watch(self, notify: Callable[[Sequence[Notice]], None]) -> Remote.Watch:
        if self.lacks is not None:
            raise self.lacks
        self.notify, self.watched = notify, self.watched + 1
        return Remote.Watch(self)

    def changed(self, *notices: Notice) -> None:
        assert self.notify is not None, "nobody watches"
        self.notify(notices)

    @attrs.define
    class Watch:
        wizard: Remote

        def close(self) -> None:
            self.wizard.notify = None


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let silent stores be asked again soon."""
    monkeypatch.setattr("sorcery.watching.watcher.Agenda", functools.partial(Agenda, retry=0.05))


@pytest.fixture
def remote() -> Remote:
    return Remote()


@pytest.fixture
def table(remote: Remote) -> Table:
    return remote.tables.setdefault("testing_widget", Table("remote widgets"))


@pytest.fixture
def sorcery(remote: Remote) -> Iterator[Sorcery]:
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Widget, "remote")
        yield sorcery


@pytest.fixture
def cached(remote: Remote) -> Iterator[Sorcery]:
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Widget, "memory_cache", caching=True)
        sorcery.map(Widget, "remote")
        yield sorcery


def heard(sorcery: Sorcery, type: type[Object] = Widget) -> list[ObjectEvent]:
    """Return the list that fills with what observers of a type hear."""
    events: list[ObjectEvent] = []
    sorcery.observe(type, **telling(events.append))
    return events


def settled(sorcery: Sorcery) -> None:
    """Wait for the reload that a watch begins with."""
    loads: list[str] = []
    with sorcery.observe(Widget, loaded=loads.append):
        sorcery.watch()
        until(lambda: loads)


def fence(sorcery: Sorcery, remote: Remote, table: Table, events: list[ObjectEvent]) -> None:
    """Wait until all notices sent so far were acted on; the fence's own event is taken away again."""
    fence = Widget(id=f"fence {len(table.asked)}")
    table.rows[fence.id] = fence
    remote.changed(Notice(table, fence.id, Op.CREATE))
    until(lambda: any(event.obj == fence for event in events))
    events[:] = [event for event in events if event.obj != fence]


# What observers hear


def test_a_change_of_others_is_told_with_what_the_notice_says_of_it(
    sorcery: Sorcery, remote: Remote, table: Table
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    table.rows["w"] = OLD
    remote.changed(Notice(table, "w", Op.CREATE))
    until(lambda: len(events) == 1)
    table.rows["w"] = NEW
    remote.changed(Notice(table, "w", Op.UPDATE))
    until(lambda: len(events) == 2)
    del table.rows["w"]
    remote.changed(Notice(table, "w", Op.DELETE))
    until(lambda: len(events) == 3)
    assert events == [
        ObjectEvent("created", OLD),
        ObjectEvent("updated", NEW, OLD),
        ObjectEvent("deleted", NEW),
    ]


@pytest.mark.parametrize(
    ("op", "now", "expected"),
    [
        (Op.CREATE, NEW, ObjectEvent("created", NEW)),
        (Op.PUT, NEW, ObjectEvent("created", NEW)),
        (None, NEW, ObjectEvent("created", NEW)),
        (Op.UPDATE, NEW, ObjectEvent("updated", NEW, NEW)),
        (Op.DELETE, NEW, ObjectEvent("updated", NEW, NEW)),  # deleted, and there again
        (Op.CREATE, None, None),  # gone again before anybody saw it
        (Op.UPDATE, None, ObjectEvent("deleted", Widget(id="w"))),
        (Op.DELETE, None, ObjectEvent("deleted", Widget(id="w"))),
        (None, None, ObjectEvent("deleted", Widget(id="w"))),
    ],
)
def test_where_nothing_was_known_the_notice_and_what_is_found_decide(
    sorcery: Sorcery, remote: Remote, table: Table, op: Op | None, now: Widget | None, expected: ObjectEvent | None
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    if now is not None:
        table.rows["w"] = now
    remote.changed(Notice(table, "w", op))
    fence(sorcery, remote, table, events)
    assert events == ([] if expected is None else [expected])


def test_a_deleted_object_that_was_never_seen_is_told_by_its_id_also_where_its_type_demands_options(
    remote: Remote,
) -> None:
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", registry=registry) as sorcery:
        sorcery.map(Contact, "remote")
        events = heard(sorcery, Contact)
        sorcery.watch()
        remote.changed(Notice(remote.tables["contact"], "alice;@1", Op.DELETE))
        until(lambda: events)
    assert [(event.change, event.obj.id, event.obj.text("uri")) for event in events] == [("deleted", "alice;@1", "")]
    assert "alice;@1" in repr(events[0].obj)


def test_several_notices_of_one_object_are_one_event(sorcery: Sorcery, remote: Remote, table: Table) -> None:
    events = heard(sorcery)
    settled(sorcery)
    table.rows["w"] = NEW
    remote.changed(Notice(table, "w", Op.CREATE), Notice(table, "w", Op.UPDATE), Notice(table, "w", Op.UPDATE))
    fence(sorcery, remote, table, events)
    assert events == [ObjectEvent("created", NEW)]


def test_an_object_that_came_and_went_between_two_looks_is_no_news_when_its_end_is_noticed(
    sorcery: Sorcery, remote: Remote, table: Table
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    remote.changed(Notice(table, "w", Op.CREATE))
    fence(sorcery, remote, table, events)
    remote.changed(Notice(table, "w", Op.DELETE))
    fence(sorcery, remote, table, events)
    assert events == []


def test_what_this_system_changed_meanwhile_is_not_told_twice(sorcery: Sorcery, remote: Remote, table: Table) -> None:
    events = heard(sorcery)
    settled(sorcery)
    table.rows["w"] = OLD  # by others; before their notice comes, this system writes over it
    sorcery.update(NEW)
    remote.changed(Notice(table, "w", Op.CREATE))
    fence(sorcery, remote, table, events)
    assert events == [ObjectEvent("updated", NEW, OLD)]
    sorcery.delete(NEW)
    remote.changed(Notice(table, "w", Op.UPDATE))
    fence(sorcery, remote, table, events)
    assert events[1:] == [ObjectEvent("deleted", NEW)]


def test_a_change_of_this_system_waits_for_the_look_at_its_object(
    sorcery: Sorcery, remote: Remote, table: Table
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    looking, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        looking.set()
        assert go_on.wait(60)

    table.rows["w"], table.on_its_way = OLD, pause
    remote.changed(Notice(table, "w", Op.CREATE))
    assert looking.wait(60)
    table.on_its_way = lambda: None
    updating = threading.Thread(target=sorcery.update, args=(NEW,))
    updating.start()
    updating.join(0.1)
    assert updating.is_alive()
    go_on.set()
    updating.join(60)
    until(lambda: len(events) == 2)
    assert events == [ObjectEvent("created", OLD), ObjectEvent("updated", NEW, OLD)]


def test_a_row_that_became_bad_is_logged_and_is_no_event(
    sorcery: Sorcery, remote: Remote, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    table.trouble = InvalidObject("testing_widget", "w", "is bad\nnews", option="size")
    remote.changed(Notice(table, "w", Op.UPDATE))
    until(lambda: "makes no valid object, and what caches hold of it stays: " in caplog.text)
    table.trouble = None
    fence(sorcery, remote, table, events)
    assert events == []
    assert all("\n" not in record.message for record in caplog.records)


def test_a_store_in_front_that_holds_the_object_hides_the_change(remote: Remote, table: Table) -> None:
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Widget, "memory")
        sorcery.create(OLD)
        sorcery.map(Widget, "remote")
        events = heard(sorcery)
        settled(sorcery)
        table.rows["w"] = NEW
        remote.changed(Notice(table, "w", Op.CREATE))
        fence(sorcery, remote, table, events)
        assert events == []


# Caches


def test_a_cache_is_kept_true_and_its_object_is_the_old_one(cached: Sorcery, remote: Remote, table: Table) -> None:
    table.rows["w"] = OLD
    assert cached.retrieve_by_id(Widget, "w") == OLD
    events = heard(cached)
    settled(cached)
    table.rows["w"] = NEW
    remote.changed(Notice(table, "w", Op.UPDATE))
    until(lambda: events)
    assert events == [ObjectEvent("updated", NEW, OLD)]
    table.trouble = Unavailable("remote", "it is down")
    assert cached.retrieve_by_id(Widget, "w") == NEW


def test_a_deleted_object_that_a_cache_held_is_told_as_it_was(cached: Sorcery, remote: Remote, table: Table) -> None:
    table.rows["w"] = OLD
    cached.retrieve_by_id(Widget, "w")
    events = heard(cached)
    settled(cached)
    del table.rows["w"]
    remote.changed(Notice(table, "w", Op.DELETE))
    until(lambda: events)
    assert events == [ObjectEvent("deleted", OLD)]
    assert cached.retrieve_by_id(Widget, "w") is None


def test_caches_follow_also_where_nobody_observes(cached: Sorcery, remote: Remote, table: Table) -> None:
    table.rows["w"] = OLD
    cached.retrieve_by_id(Widget, "w")
    settled(cached)
    table.rows["w"] = NEW
    remote.changed(Notice(table, "w", Op.UPDATE))
    until(lambda: cached.retrieve_by_id(Widget, "w") == NEW)


def test_an_object_that_nobody_asked_for_does_not_enter_the_cache(
    cached: Sorcery, remote: Remote, table: Table
) -> None:
    events = heard(cached)
    settled(cached)
    table.rows["w"] = OLD
    remote.changed(Notice(table, "w", Op.CREATE))
    until(lambda: events)
    table.rows["w"] = NEW
    assert cached.retrieve_by_id(Widget, "w") == NEW


def test_what_changed_before_the_watch_began_is_found(cached: Sorcery, table: Table) -> None:
    table.rows["w"] = OLD
    cached.retrieve_by_id(Widget, "w")
    events = heard(cached)
    table.rows["w"] = NEW
    cached.watch()
    until(lambda: events)
    assert events == [ObjectEvent("updated", NEW, OLD)]


def test_a_notice_without_an_id_lets_the_caches_look_at_everything(
    cached: Sorcery, remote: Remote, table: Table
) -> None:
    table.rows.update(w=OLD, v=Widget(id="v"))
    for id in table.rows:
        cached.retrieve_by_id(Widget, id)
    events = heard(cached)
    settled(cached)
    table.rows["w"] = NEW
    del table.rows["v"]
    remote.changed(Notice(table))
    until(lambda: len(events) == 2)
    assert set(events) == {ObjectEvent("updated", NEW, OLD), ObjectEvent("deleted", Widget(id="v"))}


# A store that does not answer


def test_the_event_comes_when_the_store_answers_again(
    cached: Sorcery, remote: Remote, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    table.rows["w"] = OLD
    cached.retrieve_by_id(Widget, "w")
    events = heard(cached)
    settled(cached)
    table.rows["w"], table.trouble = NEW, Unavailable("remote", "it is down")
    remote.changed(Notice(table, "w", Op.UPDATE))
    asked = len(table.asked)
    until(lambda: len(table.asked) > asked + 1)  # it is asked again
    assert events == []
    assert cached.retrieve_by_id(Widget, "w") == OLD
    table.trouble = None
    until(lambda: events)
    assert events == [ObjectEvent("updated", NEW, OLD)]
    assert [r.message for r in caplog.records if "yet" in r.message] == [
        "changes cannot be looked at yet: remote is unavailable: it is down"
    ]


def test_a_store_that_is_silent_is_asked_for_one_object_and_when_it_answers_for_all(
    sorcery: Sorcery, remote: Remote, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    ids = [f"w{number}" for number in range(100)]
    table.trouble = Unavailable("remote", "it is down")
    remote.changed(*(Notice(table, id, Op.CREATE) for id in ids))
    until(lambda: "cannot be looked at yet" in caplog.text)
    until(lambda: len(table.asked) >= 3)
    assert len(table.asked) < 10
    table.rows, table.trouble = {id: Widget(id=id) for id in ids}, None
    until(lambda: len(events) == 100)
    assert caplog.text.count("cannot be looked at yet") == 1


def test_what_an_object_was_before_an_outage_counts_also_when_it_changed_again_meanwhile(
    sorcery: Sorcery, remote: Remote, table: Table
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    table.rows["w"], table.trouble = OLD, Unavailable("remote", "it is down")
    remote.changed(Notice(table, "w", Op.CREATE))
    until(lambda: "w" in table.asked)
    table.rows["w"], table.trouble = NEW, None
    remote.changed(Notice(table, "w", Op.UPDATE))
    until(lambda: events)
    assert events == [ObjectEvent("created", NEW)]


def test_a_reload_for_a_silent_database_is_made_again_until_it_answers(
    cached: Sorcery, remote: Remote, table: Table
) -> None:
    table.rows["w"] = OLD
    cached.retrieve_by_id(Widget, "w")
    events = heard(cached)
    settled(cached)
    table.rows["w"], table.trouble = NEW, Unavailable("remote", "it is down")
    remote.changed(Notice(table))
    until(lambda: [finding.rule for finding in cached.report.findings] == ["unavailable"])
    assert events == []
    table.trouble = None
    until(lambda: events)
    assert events == [ObjectEvent("updated", NEW, OLD)]


def test_what_was_never_looked_at_is_logged_at_the_end(
    sorcery: Sorcery, remote: Remote, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    heard(sorcery)
    settled(sorcery)
    table.trouble = Unavailable("remote", "it is down")
    remote.changed(Notice(table, "w", Op.UPDATE), Notice(table, "v", Op.UPDATE))
    until(lambda: "cannot be looked at yet" in caplog.text)
    sorcery.close()
    assert "the watch ended before 2 changes could be looked at" in caplog.text


def test_a_defect_of_a_store_is_logged_and_the_next_notice_is_acted_on(
    sorcery: Sorcery, remote: Remote, table: Table, caplog: pytest.LogCaptureFixture
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    table.trouble = ZeroDivisionError("oops")
    remote.changed(Notice(table, "w", Op.UPDATE))
    until(lambda: "a change could not be looked at: remote testing_widget 'w'" in caplog.text)
    table.trouble = None
    fence(sorcery, remote, table, events)


# Stores that load


class Files:
    """A wizard whose store holds what it read when it was told to load."""

    def __init__(self) -> None:
        self.loads = 0
        self.notify: Callable[[Sequence[Notice]], None] | None = None
        self.text: dict[str, Object] = {}
        self.store = Table("files")

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Store:
        return self.store

    def release(self, store: Store) -> None:
        pass

    def close(self) -> None:
        pass

    def load(self, stores: Sequence[Store]) -> Files.Loaded:
        self.loads += 1
        return Files.Loaded(self)

    def watch(self, notify: Callable[[Sequence[Notice]], None]) -> Files.Watch:
        self.notify = notify
        return Files.Watch()

    class Watch:
        def close(self) -> None:
            pass

    class Loaded:
        findings = ()

        def __init__(self, files: Files) -> None:
            created = tuple(obj for id, obj in files.text.items() if id not in files.store.rows)
            self.stores: dict[Store, LoadedStore] = {files.store: LoadedStore(difference=Difference(created=created))}
            self.files = files

        def commit(self) -> None:
            self.files.store.rows = dict(self.files.text)


def test_notices_of_files_are_one_reload_whose_difference_observers_hear() -> None:
    files, registry = Files(), Registry()
    registry.register("files", lambda: files)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Widget, "files")
        events = heard(sorcery)
        settled(sorcery)
        loads = files.loads
        files.text["w"] = NEW
        assert files.notify is not None
        for _ in range(5):
            files.notify([Notice(files.store), Notice(files.store, "w", Op.UPDATE)])
        until(lambda: events)
        until(lambda: sorcery.report.created)
        time.sleep(0.2)  # another one would come now
        assert files.loads == loads + 1
        assert events == [ObjectEvent("created", NEW)]


# Beginning and ending


def test_wizards_that_are_mapped_later_are_watched_too(remote: Remote, table: Table) -> None:
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        watching = sorcery.watch()
        assert remote.watched == 0
        sorcery.map(Widget, "remote")
        assert remote.watched == 1
        assert "testing_widget" in watching.types
        events = heard(sorcery)
        fence(sorcery, remote, table, events)


def test_a_wizard_that_cannot_watch_refuses_the_watch_and_is_logged_when_it_comes_later(
    remote: Remote, caplog: pytest.LogCaptureFixture
) -> None:
    remote.lacks = ConfigurationError("watching needs something", remedy="install it")
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.watch()
        sorcery.map(Widget, "remote")
        assert "changes of others go unnoticed: watching needs something; install it" in caplog.text
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Widget, "remote")
        before = set(threading.enumerate())
        with pytest.raises(ConfigurationError, match="watching needs something"):
            sorcery.watch()
        assert set(threading.enumerate()) <= before
        remote.lacks = None
        sorcery.watch()
        assert remote.watched == 1


def test_an_observer_may_ask_for_a_watch_while_another_one_is_being_refused(remote: Remote) -> None:
    asking, refused = threading.Event(), ConfigurationError("watching needs something")

    class Refusing(Remote):
        def watch(self, notify: Callable[[Sequence[Notice]], None]) -> Remote.Watch:
            assert asking.wait(60), "the first watch causes no reload"
            raise refused

    registry = Registry()
    registry.register("remote", lambda: remote)
    registry.register("refusing", Refusing)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Group, "remote")
        sorcery.map(Widget, "refusing")
        failures: list[ConfigurationError] = []

        def ask() -> None:
            asking.set()
            with pytest.raises(ConfigurationError):
                sorcery.watch()

        def watch() -> None:
            try:
                sorcery.watch()
            except ConfigurationError as error:
                failures.append(error)

        sorcery.observe_system(loading=ask)
        watching = threading.Thread(target=watch, daemon=True)
        watching.start()
        watching.join(60)
        assert failures == [refused]


def test_a_wizard_that_is_mapped_while_a_watch_begins_is_watched(
    remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = Registry()
    registry.register("remote", lambda: remote)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        begin = Follower.__init__

        def begin_late(self: Follower, system: System, wants_files: Callable[[], bool]) -> None:
            sorcery.map(Widget, "remote")
            begin(self, system, wants_files)

        monkeypatch.setattr(Follower, "__init__", begin_late)
        sorcery.watch()
        assert remote.watched == 1


def test_a_watch_that_is_asked_for_while_the_system_is_closed_is_refused(
    sorcery: Sorcery, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    refused: list[Unavailable] = []

    def watch(*_: object) -> None:
        try:
            sorcery.watch()
        except Unavailable as error:
            refused.append(error)

    monkeypatch.setattr(sorcery._keeper, "close", watch)
    sorcery.close()
    assert len(refused) == 1
    assert remote.notify is None
    assert set(threading.enumerate()) <= before


def test_two_watches_are_one_and_the_last_to_close_ends_it(sorcery: Sorcery, remote: Remote, table: Table) -> None:
    events = heard(sorcery)
    before = set(threading.enumerate())
    settled(sorcery)
    with sorcery.watch() as second:
        assert remote.watched == 1
        fence(sorcery, remote, table, events)
    second.close()
    assert remote.notify is not None  # the one of `settled` is still there
    sorcery.close()
    assert remote.notify is None
    assert set(threading.enumerate()) <= before


def test_after_its_end_a_watch_can_begin_anew(sorcery: Sorcery, remote: Remote, table: Table) -> None:
    events = heard(sorcery)
    with sorcery.watch():
        pass
    assert remote.notify is None
    with sorcery.watch():
        fence(sorcery, remote, table, events)


def test_an_observer_may_end_the_watch_that_calls_it(sorcery: Sorcery, remote: Remote, table: Table) -> None:
    ended = threading.Event()
    watching = sorcery.watch()

    def end(new: Widget) -> None:
        watching.close()
        ended.set()

    sorcery.observe(Widget, created=end)
    table.rows["w"] = NEW
    remote.changed(Notice(table, "w", Op.CREATE))
    assert ended.wait(60)
    assert remote.notify is None


def test_a_closed_system_is_not_watched(sorcery: Sorcery) -> None:
    watching = sorcery.watch()
    sorcery.close()
    watching.close()
    with pytest.raises(Unavailable):
        sorcery.watch()
    with pytest.raises(Unavailable):
        _ = watching.types


def test_notices_of_stores_that_are_not_in_use_any_more_tell_nothing(
    sorcery: Sorcery, remote: Remote, table: Table
) -> None:
    events = heard(sorcery)
    settled(sorcery)
    stranger = Table("remote stranger", rows={"w": NEW})
    remote.changed(Notice(stranger, "w", Op.CREATE))
    fence(sorcery, remote, table, events)
    assert events == []
    assert stranger.asked == []


def test_changes_of_both_sides_leave_observers_with_the_last_state_of_each_object(
    cached: Sorcery, remote: Remote, table: Table
) -> None:
    """Each event of an object begins where the one before it ended, and leads somewhere else."""
    seen: dict[str, int] = {}
    faults: list[object] = []

    def updated(new: Widget, old: Widget) -> None:
        before = seen.get(new.id, 0)
        if old.size != before or new.size == before:
            faults.append((new.id, before, old.size, new.size))
        seen[new.id] = new.size

    ids = ["a", "b", "c"]
    table.rows.update({id: Widget(id=id, size=0) for id in ids})
    for id in ids:
        cached.retrieve_by_id(Widget, id)
    cached.observe(Widget, updated=updated)
    settled(cached)

    def others(first: int) -> None:
        for number in range(first, first + 200):
            id = ids[number % 3]
            table.rows[id] = Widget(id=id, size=number)
            remote.changed(Notice(table, id, Op.UPDATE))

    def ours(first: int) -> None:
        for number in range(first, first + 200):
            id = ids[number % 3]
            cached.update(Widget(id=id, size=number))

    work = enumerate((others, ours, others, ours), 1)
    threads = [threading.Thread(target=each, args=(number * 1000,)) for number, each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: all(seen.get(id) == table.rows[id].size for id in ids))  # type: ignore[attr-defined]
    assert faults == []


# Real wizards


def test_two_systems_on_one_memory_hear_of_each_other(remote: Remote) -> None:
    space, registry = MemorySpace(), Registry()
    registry.register("memory", lambda: MemoryWizard(space))
    with (
        Sorcery.open("memory:", types=TYPES, registry=registry) as ours,
        Sorcery.open("memory:", types=TYPES, registry=registry) as theirs,
    ):
        events = heard(ours)
        settled(ours)
        theirs.create(OLD)
        until(lambda: len(events) == 1)
        theirs.update(NEW)
        until(lambda: len(events) == 2)
        ours.update(OLD)
        theirs.delete(OLD)
        until(lambda: len(events) == 4)
    assert events == [
        ObjectEvent("created", OLD),
        ObjectEvent("updated", NEW, OLD),
        ObjectEvent("updated", OLD, NEW),
        ObjectEvent("deleted", OLD),
    ]


def test_two_systems_that_change_the_same_objects_both_hear_one_unbroken_story_of_each() -> None:
    """Behind caches, with reloads: each event begins where the one before ended, and the last one tells what is."""
    space, registry = MemorySpace(), Registry()
    registry.register("memory", lambda: MemoryWizard(space))
    with Sorcery.open("memory:", types=TYPES, registry=registry) as truth, ExitStack() as opened:
        truth.map(Widget, "memory")
        tellers = []
        for number in range(2):
            sorcery = opened.enter_context(Sorcery.open("memory:", types=TYPES, registry=registry))
            sorcery.map(Widget, "memory_cache", caching=True)
            sorcery.map(Widget, "memory")
            tellers.append(Story(sorcery, number))
        for id in "abcd":
            truth.create(Widget(id=id))
        for teller in tellers:
            until(lambda teller=teller: len(teller.heard) == 4)  # type: ignore[misc]
        threads = [threading.Thread(target=teller.act) for teller in tellers for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for teller in tellers:
            until(lambda teller=teller: teller.ends_with(truth.retrieve_all(Widget)))  # type: ignore[misc]
            assert teller.breaks == []


class Story:
    """One of the systems: what it does to a few objects, and what its observers make of what they hear."""

    def __init__(self, sorcery: Sorcery, seed: int) -> None:
        self.sorcery, self.random = sorcery, random.Random(seed)
        self.heard: dict[str, Object] = {}
        self.breaks: list[tuple[Object | None, ObjectEvent]] = []
        sorcery.observe(Widget, **telling(self.hear))
        settled(sorcery)

    def hear(self, event: ObjectEvent) -> None:
        before = self.heard.pop(event.obj.id, None)
        starts = {"created": None, "updated": event.old, "deleted": event.obj}[event.change]
        if starts != before or event.obj == event.old:
            self.breaks.append((before, event))
        if event.change != "deleted":
            self.heard[event.obj.id] = event.obj

    def act(self) -> None:
        for _ in range(1000):
            widget = Widget(id=self.random.choice("abcd"), size=self.random.randrange(10**9))
            change = self.random.choice([self.sorcery.create, self.sorcery.update, self.sorcery.delete, self.look])
            with suppress(AlreadyExists, NotFound):
                change(widget)

    def look(self, widget: Widget) -> None:
        self.sorcery.retrieve_by_id(Widget, widget.id)
        if self.random.random() < 0.02:
            self.sorcery.reload()

    def ends_with(self, truth: list[Widget]) -> bool:
        """Tell whether observers and the cache know what is true."""
        expected = {widget.id: widget for widget in truth}
        cached = {id: self.sorcery.retrieve_by_id(Widget, id) for id in "abcd"}
        return self.heard == expected and cached == {id: expected.get(id) for id in "abcd"}


def test_an_edited_file_is_heard_of_and_its_faults_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = "[a]\ntype=testing_widget\nsize={}\n[b]\ntype=testing_widget\n"
    file = tmp_path / "testing.conf"

    def save(content: str) -> None:
        (tmp_path / "new").write_text(content)
        (tmp_path / "new").replace(file)  # as editors do: nobody reads one half

    save(text.format(1))
    with Sorcery.open(tmp_path, types=TYPES) as sorcery:
        events = heard(sorcery)
        with sorcery.watch() as watching:
            assert "testing_widget" in watching.types
            save(text.format(2))
            until(lambda: events)
            save(text.format("many"))
            until(lambda: sorcery.report.errors)
            save("[c]\ntype=testing_widget\n")
            until(lambda: len(events) == 4)
    assert events[0] == ObjectEvent("updated", Widget(id="a", size=2), Widget(id="a", size=1))
    assert {(event.change, event.obj.id) for event in events[1:]} == {
        ("created", "c"),
        ("deleted", "a"),
        ("deleted", "b"),
    }
    assert any("many" in record.message and record.name == "sorcery.watching" for record in caplog.records)
