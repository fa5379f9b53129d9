"""Whatever is done in whatever order, every wizard holds what a dict would."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from sorcery import AlreadyExists, NotFound, Sorcery
from sorcery.testing.types import TYPES, Widget
from sorcery.wizard import Op

Opener = Callable[[Path], Sorcery]
Model = dict[str, Widget]

STEPS = settings(max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
IDS = ("a", "A", "a_", "ab", "a;@1", "a;@2", "a%", "é/b")
TEXTS = st.text("ab;^3B%_'\\ü", max_size=6)
CHANGES = st.builds(
    Widget,
    id=st.sampled_from(IDS),
    label=TEXTS,
    size=st.integers(0, 12),
    weight=st.integers(0, 400).map(lambda quarters: quarters / 4),
    active=st.booleans(),
    tags=st.lists(st.sampled_from(["x", "y", "z"]), max_size=3),
    password=TEXTS,
    extended=st.dictionaries(st.just("@note"), TEXTS.filter(bool), max_size=1),
)
STEPS_OF_ONE = st.lists(
    st.tuples(st.sampled_from([Op.CREATE, Op.UPDATE, Op.DELETE]), CHANGES),
    min_size=1,
    max_size=5,
    unique_by=lambda step: step[1].id,
)


def in_memory(_: Path) -> Sorcery:
    return Sorcery.open("memory:", types=TYPES)


def in_astdb(folder: Path) -> Sorcery:
    sorcery = Sorcery.open("memory:", types=TYPES, astdb=folder / "astdb.sqlite3")
    sorcery.map(Widget, "astdb", "property")
    return sorcery


def behind_a_cache(folder: Path) -> Sorcery:
    sorcery = Sorcery.open("memory:", types=TYPES, astdb=folder / "astdb.sqlite3")
    sorcery.map(Widget, "memory_cache", "maximum_objects=3", caching=True)
    sorcery.map(Widget, "astdb", "property")
    return sorcery


def behind_a_full_cache(folder: Path) -> Sorcery:
    sorcery = Sorcery.open("memory:", types=TYPES, astdb=folder / "astdb.sqlite3")
    sorcery.map(Widget, "memory_cache", "full_backend_cache=yes", caching=True)
    sorcery.map(Widget, "astdb", "property")
    return sorcery


def in_two_stores(folder: Path) -> Sorcery:
    sorcery = Sorcery.open("memory:", types=TYPES, astdb=folder / "astdb.sqlite3")
    sorcery.map(Widget, "astdb", "one")
    sorcery.map(Widget, "astdb", "two")
    return sorcery


def in_sqlite(folder: Path) -> Sorcery:
    path = folder / "pbx.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = "".join(f', "{option.name}" TEXT' for option in Widget.__sorcery__.fields())
        connection.execute(f'CREATE TABLE IF NOT EXISTS testing_widgets (id TEXT PRIMARY KEY{columns}, "@note" TEXT)')
    return Sorcery.open(f"sqlite:///{path}", types=TYPES)


class Crud(RuleBasedStateMachine):
    """A system beside a dict, and beside another dict that observers keep."""

    def __init__(self, opener: Opener, *, survives: bool) -> None:
        super().__init__()
        self.opener, self.survives = opener, survives
        self.folder = tempfile.TemporaryDirectory(prefix="sorcery-")
        self.model: Model = {}
        self.heard: Model = {}
        self.held: list[tuple[Widget, Widget]] = []
        self.open()

    def open(self) -> None:
        self.sorcery = self.opener(Path(self.folder.name))
        self.sorcery.observe(Widget, created=self.hear_created, updated=self.hear_updated, deleted=self.hear_deleted)

    def hear_created(self, new: Widget) -> None:
        assert new.id not in self.heard
        self.heard[new.id] = new

    def hear_updated(self, new: Widget, old: Widget) -> None:
        assert self.heard[new.id] == old
        self.heard[new.id] = new

    def hear_deleted(self, old: Widget) -> None:
        assert self.heard.pop(old.id) == old

    def teardown(self) -> None:
        self.sorcery.close()
        self.folder.cleanup()

    @rule(widget=CHANGES)
    def create(self, widget: Widget) -> None:
        if widget.id in self.model:
            with pytest.raises(AlreadyExists):
                self.sorcery.create(widget)
        else:
            self.sorcery.create(widget)
            self.model[widget.id] = widget

    @rule(widget=CHANGES)
    def update(self, widget: Widget) -> None:
        if widget.id in self.model:
            self.sorcery.update(widget)
            self.model[widget.id] = widget
        else:
            with pytest.raises(NotFound):
                self.sorcery.update(widget)

    @rule(widget=CHANGES)
    def delete(self, widget: Widget) -> None:
        if widget.id in self.model:
            self.sorcery.delete(widget)
            del self.model[widget.id]
        else:
            with pytest.raises(NotFound):
                self.sorcery.delete(widget)

    @rule(steps=STEPS_OF_ONE)
    def transact(self, steps: list[tuple[Op, Widget]]) -> None:
        if all((op is Op.CREATE) == (widget.id not in self.model) for op, widget in steps):
            self.change_together(steps)
            for op, widget in steps:
                self.model.pop(widget.id, None)
                if op is not Op.DELETE:
                    self.model[widget.id] = widget
        else:
            with pytest.raises((AlreadyExists, NotFound)):
                self.change_together(steps)

    def change_together(self, steps: list[tuple[Op, Widget]]) -> None:
        with self.sorcery.transaction() as transaction:
            for op, widget in steps:
                {Op.CREATE: transaction.create, Op.UPDATE: transaction.update, Op.DELETE: transaction.delete}[op](
                    widget
                )

    @rule()
    def reload(self) -> None:
        assert not self.sorcery.reload()

    @precondition(lambda self: self.survives)
    @rule()
    def reopen(self) -> None:
        self.sorcery.close()
        self.open()

    @rule(wanted=st.lists(CHANGES, max_size=4, unique_by=lambda widget: widget.id))
    def become_like_another(self, wanted: list[Widget]) -> None:
        with Sorcery.open("memory:", types=TYPES) as other:
            for widget in wanted:
                other.create(widget)
            self.sorcery.plan(other, [Widget]).apply()
        self.model = {widget.id: widget for widget in wanted}

    @rule(id=st.sampled_from(IDS))
    def hold(self, id: str) -> None:
        found = self.sorcery.retrieve_by_id(Widget, id)
        assert found == self.model.get(id)
        if found is not None:
            self.held.append((found, self.model[id]))

    @rule(size=st.integers(0, 12))
    def find_by_size(self, size: int) -> None:
        assert self.sorcery.retrieve_by_fields(Widget, size=size) == self.sorted(lambda obj: obj.size == size)
        assert self.sorcery.retrieve_by_fields(Widget, **{"size >": size}) == self.sorted(lambda obj: obj.size > size)

    @rule(text=TEXTS)
    def find_by_label(self, text: str) -> None:
        assert self.sorcery.retrieve_by_fields(Widget, label=text) == self.sorted(lambda obj: obj.label == text)

    @rule(id=st.sampled_from(IDS), length=st.integers(0, 4))
    def find_by_prefix(self, id: str, length: int) -> None:
        prefix = id[:length]
        assert self.sorcery.retrieve_by_prefix(Widget, prefix) == self.sorted(lambda obj: obj.id.startswith(prefix))

    @invariant()
    def holds_what_the_dict_holds(self) -> None:
        assert self.sorcery.retrieve_all(Widget) == self.sorted(lambda _: True)

    @invariant()
    def observers_heard_all_of_it(self) -> None:
        assert self.heard == self.model

    @invariant()
    def held_objects_stay(self) -> None:
        assert all(held == was for held, was in self.held)

    def sorted(self, matches: Callable[[Widget], bool]) -> list[Widget]:
        return sorted(filter(matches, self.model.values()), key=lambda obj: obj.id.encode())


@pytest.mark.parametrize(
    ("opener", "survives"),
    [
        (in_memory, False),
        (in_astdb, True),
        (behind_a_cache, True),
        (behind_a_full_cache, True),
        (in_two_stores, True),
        (in_sqlite, True),
    ],
)
def test_a_wizard_holds_what_a_dict_would(opener: Opener, survives: bool) -> None:
    machine = cast(type[RuleBasedStateMachine], lambda: Crud(opener, survives=survives))
    run_state_machine_as_test(machine, settings=STEPS)


class Files(RuleBasedStateMachine):
    """A file that a person edits, and reloads when it suits."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="sorcery-")
        self.file = Path(self.folder.name, "testing.conf")
        self.file.touch()
        self.saved_at = self.file.stat().st_mtime_ns
        self.written: Model = {}
        self.loaded: Model = {}
        self.sorcery = Sorcery.open(self.folder.name, types=TYPES)

    def teardown(self) -> None:
        self.sorcery.close()
        self.folder.cleanup()

    @rule(widget=CHANGES)
    def write(self, widget: Widget) -> None:
        self.written[widget.id] = widget
        self.save()

    @rule(id=st.sampled_from(IDS))
    def remove(self, id: str) -> None:
        self.written.pop(id, None)
        self.save()

    def save(self) -> None:
        lines: list[str] = []
        for widget in self.written.values():
            lines += (f"[{widget.id}]", "type = testing_widget")
            lines += (f"{name} = {text}" for name, text in widget.settings())
        self.file.write_text("\n".join(lines).replace(";", "\\;") + "\n", encoding="utf-8")
        self.saved_at += 1_000_000  # a change within the clock's tick would go unseen
        os.utime(self.file, ns=(self.saved_at, self.saved_at))

    @rule()
    def reload(self) -> None:
        report = self.sorcery.reload()
        assert report.errors == ()
        old, new = self.loaded, self.written
        assert set(report.created.get("testing_widget", ())) == new.keys() - old.keys()
        assert set(report.deleted.get("testing_widget", ())) == old.keys() - new.keys()
        changed = {id for id in new.keys() & old.keys() if new[id] != old[id]}
        assert set(report.updated.get("testing_widget", ())) == changed
        self.loaded = dict(new)

    @invariant()
    def holds_what_was_loaded(self) -> None:
        found = {obj.id: obj for obj in self.sorcery.retrieve_all(Widget)}
        assert found == self.loaded


def test_a_file_is_in_force_as_it_was_at_the_last_reload() -> None:
    run_state_machine_as_test(Files, settings=STEPS)
