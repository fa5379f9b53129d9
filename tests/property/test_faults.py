"""Stores fail at any step, others edit behind caches: every answer is one that may be true, and is told."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sorcery import AlreadyExists, NotFound, Registry, Sorcery, Unavailable
from sorcery.testing.faults import Faults, FaultyWizard
from sorcery.testing.types import TYPES, Widget

STEPS = settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = ("a", "b", "c")
OPS = st.sampled_from(["create", "update", "delete"])
IN_A_WRITE = st.sampled_from(["prepare", "commit"])
IN_A_READ = st.sampled_from(["retrieve", "search", "reconcile", "load"])

Event = tuple[str, Widget | None, Widget | None]
"""What was told, the new object and the old one."""


class Lost(Unavailable):
    """The store took the change, and was lost before it could say so."""


class Stack(RuleBasedStateMachine):
    """A stack over an AstDB file that fails on command, beside a dict of what the file holds."""

    def __init__(self, caches: Sequence[str]) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="sorcery-")
        self.faults = Faults()
        file, registry = Path(self.folder.name, "astdb.sqlite3"), Registry()
        registry.register("faulty", lambda: FaultyWizard(Registry().factory("astdb")(), self.faults))
        self.sorcery = Sorcery.open("memory:", types=TYPES, astdb=file, registry=registry)
        for cache in caches:
            self.sorcery.map(Widget, "memory_cache", cache, caching=True)
        self.sorcery.map(Widget, "faulty", "property")
        self.beside = Sorcery.open("memory:", types=TYPES, astdb=file)
        self.beside.map(Widget, "astdb", "property")
        self.holds_all = any("full" in cache for cache in caches)
        self.versions = itertools.count(1)
        self.stored: dict[str, Widget] = {}
        self.maybe: dict[str, set[Widget | None]] = {id: {None} for id in IDS}
        """What may be answered; more than one where others edited, or a commit was lost, since the last reload."""
        self.events: list[Event] = []
        self.told: dict[str, Widget] = {}
        self.sorcery.retrieve_all(Widget)
        self.sorcery.observe(
            Widget,
            created=lambda new: self.hear("create", new, None),
            updated=lambda new, old: self.hear("update", new, old),
            deleted=lambda old: self.hear("delete", None, old),
        )

    def hear(self, what: str, new: Widget | None, old: Widget | None) -> None:
        self.events.append((what, new, old))
        if new is not None:
            self.told[new.id] = new
        elif old is not None:
            self.told.pop(old.id, None)

    def teardown(self) -> None:
        self.faults.lift()
        self.sorcery.close()
        self.beside.close()
        self.folder.cleanup()

    # Changes

    @rule(op=OPS, id=st.sampled_from(IDS))
    def change(self, op: str, id: str) -> None:
        """Nothing fails: the change comes true if it can, and is told."""
        self.changed_together(op, [id], self.sorcery)

    @rule(op=OPS, ids=st.sets(st.sampled_from(IDS), min_size=2))
    def change_several(self, op: str, ids: set[str]) -> None:
        self.changed_together(op, sorted(ids), self.sorcery)

    @rule(op=OPS, id=st.sampled_from(IDS))
    def edit_behind(self, op: str, id: str) -> None:
        before = self.maybe[id]
        self.changed_together(op, [id], self.beside)
        if not self.sees_at_once:
            self.maybe[id] |= before

    @rule(op=OPS, ids=st.sets(st.sampled_from(IDS), min_size=1), where=IN_A_WRITE)
    def change_while_the_store_fails(self, op: str, ids: set[str], where: str) -> None:
        """It fails before anything is stored, and nothing of the change is ever seen or told."""
        objects, told = self.versions_of(sorted(ids)), len(self.events)
        with self.faults.fail(where), pytest.raises((Unavailable, AlreadyExists, NotFound)):
            change_together(self.sorcery, op, objects)
        self.untold(objects, told)

    @rule(op=OPS, ids=st.sets(st.sampled_from(IDS), min_size=1))
    def change_while_the_store_is_lost(self, op: str, ids: set[str]) -> None:
        """It is stored, and whoever asked is told that nobody knows: either answer may come until the next reload."""
        objects, told = self.versions_of(sorted(ids)), len(self.events)
        lost = self.faults.fail("commit", after=True, error=Lost("astdb", "lost"))
        with lost, pytest.raises((Lost, AlreadyExists, NotFound)):
            change_together(self.sorcery, op, objects)
        self.untold(objects, told)
        if not lost.calls:
            return
        for obj in objects:
            before = self.maybe[obj.id]
            self.store(op, obj)
            if not self.sees_at_once:
                self.maybe[obj.id] |= before

    def changed_together(self, op: str, ids: Sequence[str], sorcery: Sorcery) -> None:
        objects, told = self.versions_of(ids), len(self.events)
        before = {id: set(self.maybe[id]) for id in ids}
        if any((op == "create") == (id in self.stored) for id in ids):
            with pytest.raises(AlreadyExists if op == "create" else NotFound):
                change_together(sorcery, op, objects)
            self.untold(objects, told)
            return
        change_together(sorcery, op, objects)
        for obj in objects:
            self.store(op, obj)
        if sorcery is self.sorcery:
            for obj in objects:
                self.was_told(op, obj, before[obj.id], self.events[told:])

    def store(self, op: str, obj: Widget) -> None:
        if op == "delete":
            del self.stored[obj.id]
        else:
            self.stored[obj.id] = obj
        self.maybe[obj.id] = {self.stored.get(obj.id)}

    def was_told(self, op: str, obj: Widget, before: set[Widget | None], events: Sequence[Event]) -> None:
        """Exactly one event tells of it, with an old object that readers might have seen."""
        own = [event for event in events if obj.id in {half.id for half in event[1:] if half is not None}]
        own = [event for event in own if event[0] == op and event[1] in (obj, None)]
        assert len(own) == 1, events
        old = own[0][2]
        assert op == "create" or old in before or (None in before and old == obj)

    def untold(self, objects: Sequence[Widget], told: int) -> None:
        """Word may come of what others did, and a refresh found; none of what was refused."""
        sure = {obj.id for obj in objects if len(self.maybe[obj.id]) == 1}
        for _, new, old in self.events[told:]:
            assert new not in objects
            assert not sure & {half.id for half in (new, old) if half is not None}

    @property
    def sees_at_once(self) -> bool:
        return len(self.sorcery.mappings(Widget)) == 1

    def versions_of(self, ids: Sequence[str]) -> list[Widget]:
        return [Widget(id=id, size=next(self.versions)) for id in ids]

    # Reads and reloads

    @rule(id=st.sampled_from(IDS))
    def read(self, id: str) -> None:
        assert self.sorcery.retrieve_by_id(Widget, id) in self.maybe[id]

    @rule(id=st.sampled_from(IDS), where=IN_A_READ)
    def read_while_the_store_fails(self, id: str, where: str) -> None:
        with self.faults.fail(where), may_be_unavailable():
            assert self.sorcery.retrieve_by_id(Widget, id) in self.maybe[id]
        with self.faults.fail(where), may_be_unavailable():
            self.lists_what_may_be()

    @rule()
    def reload(self) -> None:
        """Afterwards there is one truth again; what others did not touch costs no event."""
        touched = {id for id, maybe in self.maybe.items() if len(maybe) > 1}
        report = self.sorcery.reload()
        assert not report.errors
        for changed in (report.created, report.updated, report.deleted):
            assert set(changed.get("testing_widget", ())) <= touched
        self.maybe = {id: {self.stored.get(id)} for id in IDS}

    @rule(where=IN_A_READ)
    def reload_while_the_store_fails(self, where: str) -> None:
        """What is held stays."""
        with self.faults.fail(where):
            self.sorcery.reload()

    @invariant()
    def lists_what_may_be(self) -> None:
        found = {obj.id: obj for obj in self.sorcery.retrieve_all(Widget)}
        assert all(found.get(id) in self.maybe[id] for id in IDS)

    @invariant()
    def observers_know_what_is_sure(self) -> None:
        if self.holds_all:
            sure = [id for id, maybe in self.maybe.items() if len(maybe) == 1]
            assert {id: self.told.get(id) for id in sure} == {id: self.stored.get(id) for id in sure}


@contextmanager
def may_be_unavailable() -> Iterator[None]:
    try:
        yield
    except Unavailable as error:
        assert "injected" in str(error)  # noqa: PT017 - there may be none


def change_together(sorcery: Sorcery, op: str, objects: Sequence[Widget]) -> None:
    if len(objects) == 1:
        getattr(sorcery, op)(objects[0])
        return
    with sorcery.transaction() as transaction:
        for obj in objects:
            getattr(transaction, op)(obj)


@pytest.mark.parametrize(
    "caches",
    [
        (),
        ("",),
        ("maximum_objects=1",),
        ("full_backend_cache=yes",),
        ("object_lifetime_maximum=1,object_lifetime_stale=1",),
        ("negative_lifetime=60,serve_unavailable=60",),
        ("name=front,maximum_objects=1", "name=back,full_backend_cache=yes"),
        ("name=front,full_backend_cache=yes", "name=back,negative_lifetime=60"),
    ],
    ids=" before ".join,
)
def test_every_answer_may_be_true_whatever_fails(caches: Sequence[str]) -> None:
    machine: Callable[[], RuleBasedStateMachine] = lambda: Stack(caches)  # noqa: E731 - what hypothesis calls
    run_state_machine_as_test(cast(type[RuleBasedStateMachine], machine), settings=STEPS)
