"""`Sorcery`: opening, mapping, asking, reloading."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any, ClassVar

import pytest

import sorcery_migrations
from sorcery import (
    AlreadyExists,
    ConfigurationError,
    Conflict,
    Finding,
    InvalidObject,
    Mapping,
    NotFound,
    NotWritable,
    Object,
    Registry,
    Sorcery,
    Unavailable,
    UnknownType,
    UnknownWizard,
    object_type,
)
from sorcery.environment import Environment
from sorcery.loading import compare_moved
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery.query import Ordered, Query
from sorcery.snapshot import Difference
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.wizard import Change, LoadedStore, Prepared, Reader, Store
from sorcery_memory import MemorySpace, MemoryWizard
from sorcery_memory.space import MemoryStore
from sorcery_memory_cache.store import CacheStore

MAPPED = "[testing]\ntesting_group=memory\n"
WIDGETS = "[one]\ntype=testing_widget\nsize=1\ngroup=g\n[two]\ntype=testing_widget\n"


def write(folder: Path, **files: str) -> Path:
    """Write `.conf` files, each with a time of its own: a change within the clock's tick would go unseen."""
    for name, text in files.items():
        path = folder / f"{name}.conf"
        later = path.stat().st_mtime_ns + 1_000_000 if path.exists() else None
        path.write_text(text)
        if later:
            os.utime(path, ns=(later, later))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path, sorcery=MAPPED, testing=WIDGETS, pjsip="")


@pytest.fixture
def sorcery(folder: Path) -> Iterator[Sorcery]:
    with Sorcery.open(folder, types=TYPES) as sorcery:
        yield sorcery


@pytest.fixture
def memory() -> Iterator[Sorcery]:
    with Sorcery.open("memory:", types=TYPES) as sorcery:
        yield sorcery


# Opening


def test_nothing_on_disk_is_needed(memory: Sorcery) -> None:
    assert {mapping.wizard for name in memory.types for mapping in memory.mappings(name)} == {"memory"}
    assert memory.report.findings == ()


def test_a_directory_maps_as_its_sorcery_conf_says_and_else_by_default(sorcery: Sorcery) -> None:
    assert sorcery.mappings("testing_group") == (Mapping("testing_group", "memory"),)
    assert sorcery.mappings(Widget) == (
        Mapping("testing_widget", "config", "testing.conf,criteria=type=testing_widget"),
    )
    assert sorcery.mappings("contact") == (Mapping("contact", "astdb", "registrar"),)


def test_a_directory_is_loaded_when_it_is_opened(sorcery: Sorcery) -> None:
    assert sorcery.report.created == {"testing_widget": ("one", "two")}
    assert sorcery.retrieve_by_id(Widget, "one") == Widget(id="one", size=1, group="g")


def test_a_database_holds_every_type_that_has_a_table(tmp_path: Path) -> None:
    @object_type("loose")
    class Loose(Object):
        """A type without a table."""

    with Sorcery.open(f"sqlite:///{tmp_path}/pbx.db", types=[Loose]) as sorcery:
        assert sorcery.mappings(Aor) == (Mapping("aor", "realtime", "ps_aors"),)
        assert sorcery.mappings(Loose) == (Mapping("loose", "memory"),)


def test_a_directory_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such directory"):
        Sorcery.open(tmp_path / "none")
    with pytest.raises(ConfigurationError, match="no target is named"):
        Sorcery.open("")


def test_a_mapping_that_cannot_be_opened_is_refused_at_its_line(folder: Path) -> None:
    write(folder, sorcery="[testing]\ntesting_group=nonsense,x\n")
    with pytest.raises(UnknownWizard, match=r"sorcery\.conf:2: unknown wizard 'nonsense'"):
        Sorcery.open(folder, types=TYPES)


def test_the_notes_of_a_refusal_tell_what_was_passed_over(folder: Path) -> None:
    write(folder, sorcery="[testing]\ntesting_group=realtime,groups\n", extconfig="[settings]\ngroups => odbc\n")
    with pytest.raises(ConfigurationError) as caught:
        Sorcery.open(folder, types=TYPES)
    assert [note.split("] ")[0] for note in caught.value.__notes__] == [
        f"{folder}/extconfig.conf:2: warning [broken-family"
    ]


def test_the_astdb_file_may_be_named(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.sqlite3"
    with Sorcery.open(folder, astdb=path) as sorcery:
        sorcery.create(Contact(id="a;@1", uri="sip:a@192.0.2.1"))
        assert path.exists()
        write(folder, sorcery="")
        sorcery.reload()
        assert sorcery.retrieve_by_id(Contact, "a;@1") is not None


def test_mappings_without_effect_are_told_of(folder: Path) -> None:
    write(folder, sorcery="[testing]\nnonsense=memory\n[res_pjsip]\ntesting_group=memory\n[other]\nx=memory\n")
    with Sorcery.open(folder, types=TYPES) as sorcery:
        found = {finding.rule: str(finding).replace(str(folder), "…") for finding in sorcery.report.findings}
    assert "…/sorcery.conf:2" in found["unknown-type"]
    assert "use one of: acl, aor," in found["unknown-type"]
    assert "move the line to section [testing]" in found["wrong-section"]


# Types and mappings


def test_a_type_is_named_by_class_or_name(memory: Sorcery) -> None:
    memory.create(Widget(id="one"))
    assert memory.retrieve_by_id("testing_widget", "one") is memory.retrieve_by_id(Widget, "one")
    assert memory.retrieve_all("testing_widget") == memory.retrieve_all(Widget)


def test_an_unknown_type_is_refused_by_name(memory: Sorcery) -> None:
    calls: list[Any] = [memory.retrieve_all, memory.mappings, memory.observe]
    for call in calls:
        with pytest.raises(UnknownType, match=r"unknown object type \"<class 'int'>\"; use one of: .*testing_widget"):
            call(int)
        with pytest.raises(UnknownType, match=r"unknown object type 'nonsense'; use one of: .*testing_widget"):
            call("nonsense")
    with pytest.raises(UnknownType):
        memory.retrieve_by_id("nonsense", "one")


def test_a_class_that_is_mapped_becomes_a_type() -> None:
    with Sorcery.open("memory:") as sorcery:
        with pytest.raises(UnknownType):
            sorcery.create(Widget(id="one"))
        sorcery.map(Widget, "memory")
        sorcery.create(Widget(id="one"))
        assert sorcery.retrieve_by_id("testing_widget", "one") == Widget(id="one")


def test_the_first_mapping_replaces_the_default_and_the_next_stand_behind_it(memory: Sorcery) -> None:
    memory.create(Widget(id="one"))
    memory.map(Widget, "memory", "a")
    assert memory.retrieve_all(Widget) == []
    memory.map(Widget, "memory", "b")
    assert [mapping.arguments for mapping in memory.mappings(Widget)] == ["a", "b"]
    memory.unmap(Widget, "memory", "b")
    memory.unmap(Widget, "memory")
    assert [mapping.arguments for mapping in memory.mappings(Widget)] == [""]
    with pytest.raises(ConfigurationError, match="no mapping to memory"):
        memory.unmap(Widget, "memory")


def test_a_mapping_behind_those_of_the_file_is_added(sorcery: Sorcery) -> None:
    sorcery.map(Group, "memory", "more")
    assert [mapping.arguments for mapping in sorcery.mappings(Group)] == ["", "more"]


def test_a_mapping_that_is_refused_changes_nothing(memory: Sorcery) -> None:
    memory.create(Widget(id="one"))
    with pytest.raises(UnknownWizard):
        memory.map(Widget, "nonsense")
    with pytest.raises(ConfigurationError, match="astdb needs a prefix"):
        memory.map(Widget, "astdb")
    assert memory.retrieve_all(Widget) == [Widget(id="one")]
    assert memory.mappings(Widget) == (Mapping("testing_widget", "memory"),)


def test_a_mapping_keeps_what_other_types_hold(memory: Sorcery) -> None:
    memory.create(Group(id="g"))
    memory.map(Widget, "memory", "x")
    assert memory.retrieve_all(Group) == [Group(id="g")]


def test_a_registered_wizard_is_used() -> None:
    class Mine(MemoryWizard):
        """Another memory."""

    registry = Registry()
    registry.register("mine", Mine)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as sorcery:
        sorcery.map(Widget, "mine", "args")
        sorcery.create(Widget(id="one"))
        assert sorcery.mappings(Widget) == (Mapping("testing_widget", "mine", "args"),)
        assert sorcery.retrieve_all(Widget) == [Widget(id="one")]


# Asking and changing


def test_a_file_cannot_be_changed(sorcery: Sorcery) -> None:
    with pytest.raises(NotWritable, match=r"testing_widget = config,testing\.conf"):
        sorcery.update(Widget(id="one"))


def test_lists_are_sorted_by_the_bytes_of_the_id(memory: Sorcery) -> None:
    for id in ("b", "é", "B", "a;@", "a"):
        memory.create(Widget(id=id))
    assert [obj.id for obj in memory.retrieve_all(Widget)] == ["B", "a", "a;@", "b", "é"]


def test_what_a_store_gives_in_order_is_not_sorted_again(memory: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    memory.create(Widget(id="b"))
    memory.create(Widget(id="a"))
    monkeypatch.setattr("sorcery.query._by_byte", None)  # nobody can sort now
    assert [obj.id for obj in memory.retrieve_all(Widget)] == ["a", "b"]


def test_an_update_creates_where_sorcery_conf_says_so(folder: Path) -> None:
    write(folder, sorcery="[general]\nupdate_or_create_on_update_miss=yes\n" + MAPPED)
    with Sorcery.open(folder, types=TYPES) as sorcery:
        heard: list[Object] = []
        sorcery.observe(Group, created=heard.append)
        sorcery.update(Group(id="g"))
        with sorcery.transaction() as transaction:
            transaction.update(Group(id="h"))
        assert heard == sorcery.retrieve_all(Group) == [Group(id="g"), Group(id="h")]
        with pytest.raises(NotFound):
            sorcery.delete(Group(id="i"))


def test_an_empty_transaction_does_nothing(memory: Sorcery) -> None:
    with memory.transaction():
        pass
    assert memory.retrieve_all(Widget) == []


def test_an_observer_may_change_objects_itself(memory: Sorcery) -> None:
    heard: list[str] = []
    memory.observe(Widget, created=lambda new: memory.create(Group(id=new.id)))
    memory.observe(Group, created=lambda new: heard.append(new.id))
    memory.create(Widget(id="one"))
    assert heard == ["one"]
    assert memory.retrieve_all(Group) == [Group(id="one")]


def test_a_plan_covers_the_types_that_both_know(memory: Sorcery) -> None:
    with Sorcery.open("memory:", types=[Widget]) as other:
        other.create(Widget(id="one", group="g"))
        memory.create(Group(id="kept"))
        memory.create(Widget(id="gone"))
        assert str(memory.plan(other)) == "+ testing_widget one\n    group: g\n- testing_widget gone"
        assert not memory.plan(other, ["testing_group"])


def test_a_plan_is_in_an_order_that_leaves_no_reference_without_its_object(memory: Sorcery) -> None:
    with Sorcery.open("memory:", types=TYPES) as other:
        other.create(Widget(id="new", group="g"))
        other.create(Group(id="g"))
        memory.create(Widget(id="old", group="h"))
        memory.create(Group(id="h"))
        order = [(change.op.value, change.obj.id) for change in memory.plan(other).changes]
    assert order == [("create", "g"), ("create", "new"), ("delete", "old"), ("delete", "h")]


# Reload


def test_a_reload_tells_what_changed_in_the_report_and_to_observers(sorcery: Sorcery, folder: Path) -> None:
    heard: list[tuple[str, Any]] = []
    sorcery.observe(
        Widget,
        created=lambda new: heard.append(("created", new.id)),
        updated=lambda new, old: heard.append(("updated", (new.size, old.size))),
        deleted=lambda old: heard.append(("deleted", old.id)),
        loaded=lambda name: heard.append(("loaded", name)),
    )
    write(folder, testing="[one]\ntype=testing_widget\nsize=3\n[three]\ntype=testing_widget\n")
    report = sorcery.reload()
    assert (report.created, report.updated, report.deleted) == (
        {"testing_widget": ("three",)},
        {"testing_widget": ("one",)},
        {"testing_widget": ("two",)},
    )
    assert heard == [
        ("created", "three"),
        ("updated", (3, 1)),
        ("deleted", "two"),
        ("loaded", "testing_widget"),
    ]
    assert sorcery.report is report
    assert not sorcery.reload()


def test_a_bad_object_keeps_its_last_good_version_until_it_is_mended(sorcery: Sorcery, folder: Path) -> None:
    write(folder, testing="[one]\ntype=testing_widget\nsize=many\n[two]\ntype=testing_widget\nsize=2\n")
    first = sorcery.reload()
    assert first.kept == {"testing_widget": ("one",)}
    for report in (first, sorcery.reload()):
        assert [(finding.place.line, finding.option) for finding in report.errors if finding.place] == [(3, "size")]
    assert [obj.size for obj in sorcery.retrieve_all(Widget)] == [1, 2]
    write(folder, testing="[one]\ntype=testing_widget\nsize=3\n")
    assert sorcery.reload().errors == ()
    assert [obj.size for obj in sorcery.retrieve_all(Widget)] == [3]


def test_a_changed_mapping_is_followed(sorcery: Sorcery, folder: Path) -> None:
    heard: list[Object] = []
    sorcery.observe(Widget, deleted=heard.append)
    write(folder, sorcery=MAPPED + "testing_widget=memory\n")
    report = sorcery.reload()
    assert report.deleted == {"testing_widget": ("one", "two")}
    assert [obj.id for obj in heard] == ["one", "two"]
    sorcery.create(Widget(id="new"))
    write(folder, sorcery=MAPPED)
    report = sorcery.reload()
    assert (report.created, report.deleted) == ({"testing_widget": ("one", "two")}, {"testing_widget": ("new",)})


def test_mappings_of_the_caller_survive_a_reload(sorcery: Sorcery, folder: Path) -> None:
    sorcery.map(Widget, "memory", "mine")
    sorcery.create(Widget(id="kept"))
    write(folder, sorcery=MAPPED + "\n")
    sorcery.reload()
    assert sorcery.retrieve_all(Widget) == [Widget(id="kept")]


@pytest.mark.parametrize("broken", ["[testing\n", "[testing]\ntesting_group=nonsense\n"])
def test_a_broken_sorcery_conf_changes_nothing_and_is_told_of_until_mended(
    sorcery: Sorcery, folder: Path, broken: str
) -> None:
    sorcery.create(Group(id="g"))
    write(folder, sorcery=broken, testing="")
    for _ in range(2):
        report = sorcery.reload()
        assert [finding.rule for finding in report.errors] == ["configuration"]
        assert "as it was" in report.errors[0].message
        assert report.errors[0].place is not None
    assert sorcery.retrieve_all(Widget) == []
    assert sorcery.retrieve_all(Group) == [Group(id="g")]
    write(folder, sorcery=MAPPED)
    assert sorcery.reload().errors == ()


@pytest.mark.parametrize("name", ["sorcery", "asterisk"])
def test_a_configuration_file_that_is_gone_moves_no_type(folder: Path, name: str) -> None:
    write(folder, asterisk=f"[directories]\nastdbdir={folder}\n", sorcery=f"{MAPPED}contact=memory\n")
    with Sorcery.open(folder, types=TYPES) as s:
        environment = s.environment
        s.create(Group(id="g"))
        (folder / f"{name}.conf").unlink()
        for _ in range(2):
            (error,) = s.reload().errors
            assert "the file is gone; the configuration stays as it was; put it back, or make an empty one" in str(
                error
            )
            assert error.place is not None
            assert error.place.source == str(folder / f"{name}.conf")
        assert s.environment is environment
        assert s.retrieve_all(Group) == [Group(id="g")]
        write(folder, **{name: ""})
        assert not any("gone" in str(error) for error in s.reload().errors)
        assert s.environment is not environment


def test_a_reload_that_refuses_mappings_tells_what_it_passed_over(sorcery: Sorcery, folder: Path) -> None:
    write(folder, sorcery="[testing]\ntesting_group=realtime,groups\n", extconfig="[settings]\ngroups => odbc\n")
    assert [finding.rule for finding in sorcery.reload().findings][:2] == ["configuration", "broken-family"]


def test_a_reload_that_moves_a_type_to_a_silent_store_says_so(sorcery: Sorcery, folder: Path) -> None:
    write(
        folder,
        sorcery="[testing]\ntesting_group=memory\ntesting_widget=realtime,widgets\n",
        extconfig="[settings]\nwidgets => odbc,pbx\n",
        databases="[pbx]\nurl=sqlite:///none.db\n",
    )
    (error,) = sorcery.reload().errors
    assert (error.rule, "none.db: there is no such file" in error.message) == ("unavailable", True)


def test_dangling_references_are_told_of_until_they_are_mended(sorcery: Sorcery) -> None:
    (finding,) = (found for found in sorcery.report.findings if found.rule == "dangling-reference")
    assert (finding.type_name, finding.id, finding.option, finding.value) == ("testing_widget", "one", "group", "g")
    assert finding.place is not None
    assert finding.place.line == 4
    assert sorcery.dangling() == [finding]
    sorcery.create(Group(id="g"))
    assert sorcery.dangling() == []
    assert "dangling-reference" not in {found.rule for found in sorcery.reload().findings}


def test_references_of_what_is_not_held_in_memory_are_looked_at_when_asked(tmp_path: Path) -> None:
    with Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3") as sorcery:
        sorcery.map(Widget, "astdb", "x")
        sorcery.create(Widget(id="one", group="g"))
        assert sorcery.dangling() == []
        assert [finding.value for finding in sorcery.dangling(deep=True)] == ["g"]


def test_readers_see_no_half_of_a_reload(sorcery: Sorcery, folder: Path) -> None:
    stop = threading.Event()
    torn: list[set[int]] = []

    def read() -> None:
        while not stop.is_set():
            sizes = {obj.size for obj in sorcery.retrieve_all(Widget)}
            if len(sizes) > 1:
                torn.append(sizes)

    write(folder, testing=_widgets(0))
    sorcery.reload()
    reader = threading.Thread(target=read)
    reader.start()
    try:
        for size in range(1, 8):
            write(folder, testing=_widgets(size))
            assert len(sorcery.reload().updated["testing_widget"]) == 50
    finally:
        stop.set()
        reader.join(timeout=60)
    assert torn == []


def _widgets(size: int) -> str:
    return "".join(f"[{number}]\ntype=testing_widget\nsize={size}\n" for number in range(50))


def test_pjsip_objects_of_a_directory_are_there(folder: Path) -> None:
    write(folder, pjsip="[alice]\ntype=endpoint\naors=alice\ncontext=in\n[alice]\ntype=aor\nmax_contacts=1\n")
    with Sorcery.open(folder) as sorcery:
        alice = sorcery.retrieve_by_id(Endpoint, "alice")
        assert alice is not None
        assert (alice.context, alice.text("aors")) == ("in", "alice")
        assert sorcery.retrieve_by_fields(Aor, max_contacts=1)[0].id == "alice"
        with pytest.raises(NotWritable):
            sorcery.create(alice)


def test_references_are_looked_at_again_only_after_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    with Sorcery.open("memory:") as s:
        s.create(Endpoint(id="alice", aors=["alice"]))
        assert [finding.value for finding in s.dangling()] == ["alice"]
        looked: list[object] = []

        def look(bindings: object) -> list[Finding]:
            looked.append(bindings)
            return []

        monkeypatch.setattr("sorcery.standing.dangling_references", look)
        s.reload()
        s.reload()
        assert looked == []
        s.create(Aor(id="alice"))
        assert s.reload().findings == ()
        assert len(looked) == 1


def test_a_mapping_that_a_type_has_already_is_refused() -> None:
    with Sorcery.open("memory:") as s:
        s.map(Aor, "memory", "one")
        s.create(Aor(id="alice"))
        with pytest.raises(ConfigurationError, match="aor is mapped to memory,one already"):
            s.map("aor", "memory", "one")
        assert [str(mapping) for mapping in s.mappings(Aor)] == ["aor = memory,one"]
        assert s.retrieve_by_id(Aor, "alice") == Aor(id="alice")


def test_a_name_stands_for_one_class() -> None:
    @object_type("aor")
    class Other(Object):
        """Not ours."""

    with Sorcery.open("memory:") as s:
        with pytest.raises(ConfigurationError, match=r"aor is the name of another class; rename .*Other's type"):
            s.map(Other, "memory")
        assert isinstance(Aor(id="a"), s.types["aor"])
    with pytest.raises(ConfigurationError, match=r"aor is the name of another class; rename .*Other's type"):
        Sorcery.open("memory:", types=[Other])
    with Sorcery.open("memory:", types=[Aor]) as s:
        assert s.types["aor"] is Aor


@pytest.mark.parametrize("target", ["memory:", "sqlite:///pbx.db", "postgresql://u@127.0.0.1:1/none"])
def test_contacts_can_be_mapped_to_astdb_whatever_was_opened(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    contact = Contact(id="alice;@1", uri="sip:alice@192.0.2.1", expiration_time=9)
    with Sorcery.open(target) as s:
        s.map("contact", "astdb", "registrar")
        assert s.retrieve_by_prefix("contact", "alice;@") == []
        assert list(tmp_path.iterdir()) == []  # nothing is made before there is something to keep
        s.create(contact)
        assert s.retrieve_by_prefix("contact", "alice;@") == [contact]
    assert [path.name for path in tmp_path.iterdir()] == ["astdb.sqlite3"]


# Threads


class Loading(MemoryWizard):
    """A memory during whose loads something happens; when it is told to, it has a bug."""

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.meanwhile = meanwhile
        self.stores: Table[Store, LoadedStore] = {}
        self.findings: Sequence[Finding] = ()
        self.is_closed = False
        self.released: list[Store] = []

    def release(self, store: Store) -> None:
        self.released.append(store)
        super().release(store)

    def load(self, stores: Sequence[Store]) -> Loading:
        self.meanwhile()
        return self

    def commit(self) -> None: ...

    def close(self) -> None:
        self.is_closed = True


class Front:
    """A cache that holds nothing, and finds what it is told to when it is reconciled."""

    label = "front"

    def __init__(self) -> None:
        self.difference = Difference()
        self.meanwhile: Callable[[], object] = lambda: None

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
        self.meanwhile()
        return LoadedStore(difference=self.difference)


class Fronts:
    """The wizard of such caches."""

    def __init__(self) -> None:
        self.opened: dict[str, Front] = {}

    def open(self, object_type: object, arguments: str, environment: Environment) -> Front:
        return self.opened.setdefault(arguments, Front())

    def release(self, store: Store) -> None: ...
    def close(self) -> None: ...


def loading(wizard: Loading) -> Registry:
    registry = Registry()
    registry.register("loading", lambda: wizard)
    return registry


def test_a_type_that_is_still_loading_is_unknown_to_others() -> None:
    with Sorcery.open("memory:", registry=loading(wizard := Loading())) as s:

        def ask() -> None:
            with pytest.raises(UnknownType, match="testing_widget"):
                s.retrieve_all(Widget)

        wizard.meanwhile = ask
        s.map(Widget, "loading")
        assert s.retrieve_all(Widget) == []


def test_a_load_that_breaks_off_changes_nothing(folder: Path) -> None:
    with Sorcery.open(folder, types=TYPES, registry=loading(wizard := Loading())) as s:
        wizard.meanwhile = lambda: 1 / 0
        with pytest.raises(ZeroDivisionError):
            s.map(Widget, "loading")
        write(folder, sorcery="[testing]\ntesting_group=loading\n")
        with pytest.raises(ZeroDivisionError):
            s.reload()
        assert s.mappings(Group) == (Mapping("testing_group", "memory"),)
        assert s.retrieve_by_id(Widget, "two") is not None
        assert len(wizard.released) == 2
        wizard.meanwhile = lambda: None
        s.reload()
        assert s.mappings(Group) == (Mapping("testing_group", "loading"),)
        assert [mapping.wizard for mapping in s.mappings(Widget)] == ["config"]


def test_wizards_are_closed_also_where_one_of_them_does_not_let_go_of_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: MemoryWizard, store: Store) -> None:
        raise ZeroDivisionError

    closed: list[MemoryWizard] = []
    monkeypatch.setattr(MemoryWizard, "release", broken)
    monkeypatch.setattr(MemoryWizard, "close", lambda self: closed.append(self))
    sorcery = Sorcery.open("memory:", types=TYPES)
    with pytest.raises(ZeroDivisionError):
        sorcery.close()
    assert closed


def test_what_a_load_put_in_force_is_told_also_where_it_breaks_off_later(
    sorcery: Sorcery, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: CacheStore, ids: object = None) -> LoadedStore:
        raise ZeroDivisionError

    sorcery.map(Group, "memory_cache", caching=True, position=0)
    heard: list[object] = []
    sorcery.observe(Widget, deleted=heard.append)
    monkeypatch.setattr(CacheStore, "reconcile", broken)
    write(folder, testing="[one]\ntype=testing_widget\nsize=1\ngroup=g\n")
    with pytest.raises(ZeroDivisionError):
        sorcery.reload()
    assert sorcery.retrieve_by_id(Widget, "two") is None
    assert heard == [Widget(id="two")]


def test_what_cannot_be_loaded_at_the_start_is_closed_again(folder: Path) -> None:
    write(folder, sorcery="[testing]\ntesting_group=loading\n")
    wizard = Loading(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Sorcery.open(folder, types=TYPES, registry=loading(wizard))
    assert wizard.is_closed


def test_observers_of_a_reload_are_called_outside_any_lock(sorcery: Sorcery) -> None:
    finished: list[bool] = []

    def reload_elsewhere(name: str) -> None:
        subscription.close()
        other = threading.Thread(target=sorcery.reload, daemon=True)
        other.start()
        other.join(timeout=60)
        finished.append(not other.is_alive())

    subscription = sorcery.observe(Widget, loaded=reload_elsewhere)
    sorcery.reload()
    assert finished == [True]


def test_a_change_during_a_reload_is_the_last_that_observers_hear_of() -> None:
    registry, fronts = Registry(), Fronts()
    registry.register("front", lambda: fronts)
    old, found, newest = (Group(id="one", note=note) for note in ("old", "found", "newest"))
    with Sorcery.open("memory:", types=TYPES, registry=registry) as s:
        for cls in (Group, Widget):
            s.map(cls, "front", cls.__sorcery__.name, caching=True)
            s.map(cls, "memory")
        s.create(old)
        heard: list[Object] = []
        s.observe(Group, updated=lambda new, _: heard.append(new))
        fronts.opened["testing_group"].difference = Difference(updated=((found, old),))
        fronts.opened["testing_widget"].meanwhile = lambda: s.update(newest)  # groups have been compared by then
        assert s.reload().updated == {"testing_group": ("one",)}
        assert heard == [newest]


def test_what_is_created_while_its_type_moves_away_is_told_as_deleted(folder: Path) -> None:
    wizard = Loading()
    with Sorcery.open(folder, types=TYPES, registry=loading(wizard)) as s:
        heard: list[tuple[str, str]] = []
        s.observe(
            Group,
            created=lambda new: heard.append(("created", new.id)),
            deleted=lambda old: heard.append(("deleted", old.id)),
        )
        wizard.meanwhile = lambda: s.create(Group(id="late"))
        write(folder, sorcery="[testing]\ntesting_group=loading\n")
        s.reload()
        assert heard == [("created", "late"), ("deleted", "late")]
        assert s.retrieve_all(Group) == []


def test_references_are_looked_at_again_after_a_change_that_was_stored_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    class Losing(MemoryWizard):
        """A memory that commits and then is lost."""

        def prepare(self, changes: Sequence[Change]) -> Prepared:  # type: ignore[override]
            prepared = super().prepare(changes)
            commit = prepared.commit

            def lost() -> None:
                commit()
                raise Unavailable("losing", "lost")

            monkeypatch.setattr(prepared, "commit", lost)
            return prepared

    registry = Registry()
    registry.register("losing", Losing)
    with Sorcery.open("memory:", types=TYPES, registry=registry) as s:
        s.map(Group, "losing")
        s.create(Widget(id="one", group="g"))
        assert [finding.value for finding in s.dangling()] == ["g"]
        with pytest.raises(Unavailable):
            s.create(Group(id="g"))
        assert s.dangling() == []


def test_what_was_closed_answers_that_it_is_unavailable(folder: Path) -> None:
    s = Sorcery.open(folder, types=TYPES)
    s.close()
    s.close()
    one = Group(id="one")
    calls: list[Callable[[], object]] = [
        *(lambda: s.retrieve_by_id(Widget, "one"), lambda: s.retrieve_all(Widget), lambda: s.create(one)),
        *(s.reload, s.dangling, s.faults, s.transaction, lambda: s.map(Widget, "memory"), lambda: s.plan(s)),
    ]
    for call in calls:
        with pytest.raises(Unavailable, match="it was closed"):
            call()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("create x", ["x: old -> again", "there: None -> new", "both: old -> new"]),
        ("update both", ["both: old -> again", "there: None -> new", "x: old -> None"]),
        ("delete both", ["both: old -> None", "there: None -> new", "x: old -> None"]),
        ("update there", ["there: None -> again", "both: old -> new", "x: old -> None"]),
        ("observe both", ["both: new -> again", "there: None -> new", "x: old -> None"]),
    ],
)
def test_a_change_just_after_a_type_has_moved_goes_on_from_what_observers_knew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, told: list[str]
) -> None:
    space, registry, heard = MemorySpace(), Registry(), list[str]()
    registry.register("shared", lambda: MemoryWizard(space))

    def opened(label: str, *ids: str) -> Sorcery:
        write(tmp_path, sorcery=f"[testing]\ntesting_group=shared,{label}\n", pjsip="")
        sorcery = Sorcery.open(tmp_path, types=TYPES, registry=registry)
        for id in ids:
            sorcery.create(Group(id=id, note=label))
        return sorcery

    def hear(new: Group | None, old: Group | None) -> None:
        heard.append(f"{(new or old).id}: {old and old.note} -> {new and new.note}")  # type: ignore[union-attr]

    def observe() -> None:
        s.observe(Group, created=lambda new: hear(new, None), updated=hear, deleted=lambda old: hear(None, old))

    def compare(*about: Any) -> None:
        compare_moved(*about)
        what, id = change.split()
        if what == "observe":
            observe()
        {"create": s.create, "delete": s.delete}.get(what, s.update)(Group(id=id, note="again"))

    with opened("new", "both", "there"), opened("old", "both", "x") as s:
        if "observe" not in change:
            observe()
        monkeypatch.setattr("sorcery.loading.compare_moved", compare)
        write(tmp_path, sorcery="[testing]\ntesting_group=shared,new\n")
        s.reload()
    assert heard == told


@pytest.mark.parametrize("options", ["negative_lifetime=600", "full_backend_cache=yes"])
def test_whoever_is_refused_because_a_cache_is_behind_the_times_soon_reads_what_is_true(options: str) -> None:
    space, registry = MemorySpace(), Registry()
    registry.register("memory", lambda: MemoryWizard(space))

    def opened() -> Sorcery:
        return Sorcery.open("memory:", types=TYPES, registry=registry)

    def until_it_reads(expected: Group | None) -> None:
        deadline = time.monotonic() + 60
        while s.retrieve_by_id(Group, "g") != expected:
            assert time.monotonic() < deadline, "the cache stays behind"
            time.sleep(0.005)

    with opened() as s, opened() as other:
        s.map(Group, "memory_cache", options, caching=True)
        s.map(Group, "memory")
        s.create(Group(id="g"))

        other.update(Group(id="g", note="other"))
        mine = s.retrieve_by_id(Group, "g")
        with pytest.raises(Conflict):
            s.update(Group(id="g", note="mine"), expected=mine)
        until_it_reads(Group(id="g", note="other"))

        other.delete(Group(id="g"))
        assert s.retrieve_by_id(Group, "g") is not None
        with pytest.raises(NotFound):
            s.update(Group(id="g", note="mine"))
        until_it_reads(None)

        other.create(Group(id="g", note="again"))
        assert s.retrieve_by_id(Group, "g") is None
        with pytest.raises(AlreadyExists):
            s.create(Group(id="g"))
        until_it_reads(Group(id="g", note="again"))


def test_observers_can_keep_a_mirror_of_a_type_that_moves_while_it_is_written(memory: Sorcery) -> None:
    mirror: dict[str, Object] = {}
    wrong: list[str] = []

    def created(new: Object) -> None:
        if new.id in mirror:
            wrong.append(f"{new.id} was created twice")
        mirror[new.id] = new

    def updated(new: Object, old: Object) -> None:
        if mirror.get(new.id) != old:
            wrong.append(f"{new.id} was not what was replaced")
        mirror[new.id] = new

    def deleted(old: Object) -> None:
        if mirror.pop(old.id, None) is None:
            wrong.append(f"{old.id} was deleted without having been there")

    def write(id: str) -> None:
        while not stop.is_set():
            memory.create(Group(id=id))
            memory.update(Group(id=id, note="new"))
            memory.delete(Group(id=id))

    memory.map(Group, "memory", "always")
    stop = threading.Event()
    with memory.observe(Group, created=created, updated=updated, deleted=deleted):
        writers = [threading.Thread(target=write, args=(id,), daemon=True) for id in ("a", "b")]
        for writer in writers:
            writer.start()
        for _ in range(50):
            memory.map(Group, "memory", "sometimes")
            memory.unmap(Group, "memory", "sometimes")
        stop.set()
        for writer in writers:
            writer.join(timeout=60)
    assert wrong == []
    assert list(mirror.values()) == memory.retrieve_all(Group) == []


# Mappings on a live system


def order(s: Sorcery, cls: type[Object]) -> list[str]:
    return [f"{mapping.wizard},{mapping.arguments}" for mapping in s.mappings(cls)]


def heard_of(s: Sorcery, cls: type[Object]) -> list[tuple[str, str]]:
    """Return a list that fills with what observers of a type hear."""
    heard: list[tuple[str, str]] = []
    s.observe(
        cls,
        created=lambda new: heard.append(("created", new.id)),
        updated=lambda new, old: heard.append(("updated", new.id)),
        deleted=lambda old: heard.append(("deleted", old.id)),
    )
    return heard


def test_who_is_still_asking_a_store_that_is_let_go_gets_the_answer_of_those_in_its_place(memory: Sorcery) -> None:
    one = Group(id="one")
    memory.map(Group, "memory", "new")
    memory.create(one)
    asks: list[Callable[[], object]] = [
        lambda: memory.retrieve_by_id(Group, "one") == one,
        lambda: memory.retrieve_by_id("testing_group", "one") == one,
        lambda: memory.retrieve_by_prefix(Group, "o") == [one],
    ]
    for ask in asks:
        memory.map(Group, "memory", "old", position=0)
        old = memory._binding(Group).bound[0].store
        old.__class__ = Leaving

        def leave(old: Store = old) -> None:
            old.__class__ = MemoryStore
            memory.unmap(Group, "memory", "old")

        Leaving.leave = leave
        assert ask()
        assert len(memory.mappings(Group)) == 1


class Leaving(MemoryStore):
    """A store that is let go as soon as it is asked."""

    leave: ClassVar[Callable[[], None]]

    def retrieve(self, id: str) -> Object | None:
        Leaving.leave()
        return MemoryStore.retrieve(self, id)

    def search(self, query: Query) -> Ordered:
        Leaving.leave()
        return MemoryStore.search(self, query)


def test_a_mapping_goes_in_front_while_others_keep_what_they_hold(memory: Sorcery) -> None:
    memory.map(Group, "memory", "a")
    memory.create(Group("one"))
    first = memory._in_force.bindings["testing_group"].bound[0].store
    heard = heard_of(memory, Group)
    memory.map(Group, "memory", "b", position=0)
    assert order(memory, Group) == ["memory,b", "memory,a"]
    assert memory._in_force.bindings["testing_group"].bound[1].store is first
    assert memory.retrieve_all(Group) == [Group("one")]
    assert heard == []
    memory.unmap(Group, "memory", "b")
    assert memory._in_force.bindings["testing_group"].bound[0].store is first
    with pytest.raises(ConfigurationError, match="testing_group has no position 2"):
        memory.map(Group, "memory", "c", position=2)
    assert order(memory, Group) == ["memory,a"]


def test_observers_hear_what_a_mapping_in_front_hides_and_what_its_removal_shows(
    memory: Sorcery, tmp_path: Path
) -> None:
    write(tmp_path, groups="[one]\nnote=file\n[two]\n")
    memory.map(Group, "memory", "a")
    memory.create(Group("one"))
    heard = heard_of(memory, Group)
    memory.map(Group, "config", f"{tmp_path}/groups.conf", position=0)
    assert heard == [("created", "two"), ("updated", "one")]
    assert memory.retrieve_by_id(Group, "one") == Group("one", note="file")
    memory.unmap(Group, "config")
    assert heard[2:] == [("updated", "one"), ("deleted", "two")]
    assert memory.retrieve_all(Group) == [Group("one")]


def test_a_position_counts_the_mappings_of_the_file_and_holds_across_reloads(sorcery: Sorcery, folder: Path) -> None:
    sorcery.map(Group, "memory", "mine", position=0)
    sorcery.create(Group("one"))
    write(folder, sorcery=f"{MAPPED}testing_group=memory,second\n")
    sorcery.reload()
    assert order(sorcery, Group) == ["memory,mine", "memory,", "memory,second"]
    assert sorcery.retrieve_all(Group) == [Group("one")]


def test_those_who_observe_the_system_hear_of_reloads_and_mappings(sorcery: Sorcery, folder: Path) -> None:
    heard: list[object] = []
    subscription = sorcery.observe_system(
        loading=lambda: heard.append("loading"),
        loaded=heard.append,
        mapped=lambda mapping: heard.append(f"+ {mapping}"),
        unmapped=lambda mapping: heard.append(f"- {mapping}"),
    )
    sorcery.map(Group, "memory", "x")
    sorcery.unmap(Group, "memory", "x")
    assert heard == ["+ testing_group = memory,x", "- testing_group = memory,x"]
    heard.clear()
    assert [sorcery.reload()] == heard[1:]
    assert heard == ["loading", sorcery.report]
    heard.clear()
    write(folder, sorcery="[testing]\ntesting_group=memory,y\n")
    report = sorcery.reload()
    assert heard == ["loading", "- testing_group = memory", "+ testing_group = memory,y", report]
    subscription.close()
    sorcery.reload()
    assert len(heard) == 4


def test_those_who_observe_the_system_may_reload_it(sorcery: Sorcery) -> None:
    reports: list[object] = []

    def reload_once_more(report: object) -> None:
        reports.append(report)
        if len(reports) == 1:
            sorcery.reload()

    sorcery.observe_system(loaded=reload_once_more)
    sorcery.reload()
    assert len(reports) == 2


# sorcery.conf read again


def test_a_second_mapping_of_a_wizard_counts(tmp_path: Path) -> None:
    write(tmp_path, sorcery="[testing]\ntesting_group=config,a.conf\ntesting_group=config,b.conf\n", pjsip="")
    write(tmp_path, a="[one]\nnote=a\n", b="[one]\nnote=b\n[two]\nnote=b\n")
    with Sorcery.open(tmp_path, types=TYPES) as s:
        assert s.retrieve_all(Group) == [Group("one", note="a"), Group("two", note="b")]
        assert [finding.rule for finding in s.report.findings if finding.rule == "second-mapping"]
    with Sorcery.open(tmp_path, types=TYPES, compat=True) as s:
        assert s.retrieve_all(Group) == [Group("one", note="a")]


def test_mappings_that_change_places_are_not_opened_anew(sorcery: Sorcery, folder: Path) -> None:
    write(folder, sorcery="[testing]\ntesting_group=memory\ntesting_group=memory,b\n")
    sorcery.reload()
    sorcery.create(Group("one"))
    stores = [bound.store for bound in sorcery._in_force.bindings["testing_group"].bound]
    heard = heard_of(sorcery, Group)
    write(folder, sorcery="; a line more\n\n[testing]\ntesting_group=memory,b\ntesting_group=memory\n")
    report = sorcery.reload()
    assert [bound.store for bound in sorcery._in_force.bindings["testing_group"].bound] == stores[::-1]
    assert [str(mapping.place) for mapping in sorcery.mappings(Group)] == [
        f"{folder}/sorcery.conf:4",
        f"{folder}/sorcery.conf:5",
    ]
    assert sorcery.retrieve_all(Group) == [Group("one")]
    assert (heard, bool(report)) == ([], False)


def test_a_removed_mapping_takes_only_its_own_objects_along(sorcery: Sorcery, folder: Path) -> None:
    write(folder, sorcery=f"{MAPPED}testing_group=config,groups.conf\n", groups="[file]\n")
    sorcery.reload()
    sorcery.create(Group("mine"))
    heard = heard_of(sorcery, Group)
    write(folder, sorcery=MAPPED)
    assert sorcery.reload().deleted == {"testing_group": ("file",)}
    assert heard == [("deleted", "file")]
    assert sorcery.retrieve_all(Group) == [Group("mine")]
    write(folder, sorcery=f"{MAPPED}testing_group=config,groups.conf\n")
    assert sorcery.reload().created == {"testing_group": ("file",)}


def test_a_cache_that_stays_keeps_what_it_holds(tmp_path: Path) -> None:
    cached = "[testing]\ntesting_group/cache=memory_cache\ntesting_group=memory\n"
    write(tmp_path, sorcery=cached, pjsip="", testing="")
    with Sorcery.open(tmp_path, types=TYPES) as s:
        s.create(Group("one"))
        (cache,) = s._in_force.bindings["testing_group"].caches
        write(tmp_path, sorcery=f"{cached}testing_group=memory,behind\ntesting_widget=memory\n")
        s.reload()
        assert s._in_force.bindings["testing_group"].caches == (cache,)
        assert [entry.id for entry in s.caches["res_pjsip/testing_group"].entries()] == ["one"]


def test_a_type_moves_from_its_file_to_a_database(folder: Path) -> None:
    write(folder, sorcery="[res_pjsip]\n", pjsip="[alice]\ntype=aor\n[bob]\ntype=aor\nmax_contacts=1\n")
    database = f"sqlite:///{folder}/pbx.db"
    sorcery_migrations.upgrade(database)
    with Sorcery.open(database) as other:
        other.create(Aor(id="alice"))
        other.create(Aor(id="bob", max_contacts=2))
        other.create(Aor(id="carol"))
    with Sorcery.open(folder) as s:
        heard = heard_of(s, Aor)
        write(folder, sorcery="[res_pjsip]\naor=realtime,ps_aors\n", databases=f"[pbx]\nurl={database}\n")
        report = s.reload()
        assert "no database holds the family ps_aors" in report.errors[0].message
        assert (s.retrieve_by_id(Aor, "carol"), heard) == (None, [])
        write(folder, extconfig="[settings]\nps_aors => odbc,pbx\n")
        report = s.reload()
        assert (report.created, report.updated, report.deleted) == ({"aor": ("carol",)}, {"aor": ("bob",)}, {})
        assert sorted(heard) == [("created", "carol"), ("updated", "bob")]
        assert s.retrieve_by_id(Aor, "alice") == Aor(id="alice")
        s.create(Aor(id="dave"))


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ({"sorcery": "[testing\n"}, "sorcery.conf"),
        ({"extconfig": "[settings\n"}, "extconfig.conf"),
        ({"databases": "[pbx\n"}, "databases.conf"),
        ({"sorcery": "[testing]\ntesting_group=nonsense\n"}, "unknown wizard 'nonsense'"),
        ({"sorcery": f"{MAPPED}[writes]\naor=last\n"}, "'last' is no policy"),
        ({"sorcery": f"{MAPPED}[image]\nfile=x\nage=1\n"}, "there is no such option"),
        ({"sorcery": "[testing]\ntesting_group=realtime,groups\n"}, "no database holds the family groups"),
    ],
)
def test_a_broken_edit_changes_nothing_and_is_told_at_each_reload_until_mended(
    sorcery: Sorcery, folder: Path, broken: dict[str, str], rule: str
) -> None:
    sorcery.create(Group("one"))
    heard = heard_of(sorcery, Group)
    write(folder, **broken)
    for _ in range(2):
        report = sorcery.reload()
        assert [finding for finding in report.errors if rule in str(finding)]
        assert sorcery.retrieve_all(Group) == [Group("one")]
    write(folder, **{name: MAPPED if name == "sorcery" else "" for name in broken})
    assert not sorcery.reload().errors
    assert sorcery.retrieve_all(Group) == [Group("one")]
    assert heard == []


def test_a_bad_address_is_refused_at_its_own_line(folder: Path) -> None:
    write(folder, sorcery="[res_pjsip]\naor=realtime,ps_aors\n", extconfig="[settings]\nps_aors => odbc,pbx\n")
    write(folder, databases="\n[pbx]\nurl = nonsense\n")
    with pytest.raises(ConfigurationError, match=rf"^{folder}/databases.conf:3: "):
        Sorcery.open(folder)


# A release of Asterisk

PHONES = """\
[old]
type=endpoint
allow=ulaw
[new]
type=endpoint
allow=ulaw
security_negotiation=mediasec
"""


def test_what_the_release_does_not_know_is_refused_as_it_would_be_there(tmp_path: Path) -> None:
    write(tmp_path, pjsip=PHONES)
    with Sorcery.open(tmp_path, target="asterisk:20") as s:
        assert [each.id for each in s.retrieve_all("endpoint")] == ["old"]
        (finding,) = s.report.findings
        assert (finding.rule, finding.place and finding.place.line) == ("unknown-to-target", 7)
        assert "Asterisk 20" in finding.message
        assert "21.0.0" in finding.message
    with Sorcery.open(tmp_path, target="asterisk:21") as s:
        assert len(s.retrieve_all("endpoint")) == 2
    with Sorcery.open(tmp_path) as s:
        assert len(s.retrieve_all("endpoint")) == 2


def test_types_that_the_release_does_not_have_are_not_loaded(tmp_path: Path) -> None:
    write(tmp_path, pjsip="", stir_shaken="[100]\ntype=tn\n")
    with Sorcery.open(tmp_path, target="asterisk:20.6") as s:
        assert s.retrieve_all("stir_shaken/tn") == []
        assert [finding.rule for finding in s.report.findings] == ["type-unknown-to-target"]
    with Sorcery.open(tmp_path, target="asterisk:20.7") as s:
        assert [each.id for each in s.retrieve_all("stir_shaken/tn")] == ["100"]


def _write_both(s: Sorcery, created: Object, updated: Object) -> None:
    with s.transaction() as t:
        t.create(created)
        t.update(updated)


@pytest.mark.parametrize("place", ["memory:", "sqlite:///{folder}/pbx.db"])
def test_nothing_is_written_that_the_release_does_not_know(tmp_path: Path, place: str) -> None:
    url = place.format(folder=tmp_path)
    if url != "memory:":
        sorcery_migrations.upgrade(url)
    new = Endpoint("e", allow="ulaw", security_negotiation="mediasec")
    with Sorcery.open(url, target="asterisk:20") as s:
        with pytest.raises(InvalidObject, match=r"security_negotiation='mediasec': Asterisk 20 does not know"):
            s.create(new)
        s.create(new.evolve(security_negotiation="no"))
        with pytest.raises(InvalidObject):
            _write_both(s, Aor("a"), new)
        assert s.retrieve_by_id(Aor, "a") is None
        s.delete(new)
        with Sorcery.open("memory:") as other:
            other.create(new)
            with pytest.raises(InvalidObject, match="security_negotiation"):
                s.plan(other).apply()


def test_a_row_is_read_without_the_columns_that_the_release_does_not_know(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    sorcery_migrations.upgrade(url)
    with Sorcery.open(url) as s:
        s.create(Endpoint("e", allow="ulaw", tenantid="acme"))
    with Sorcery.open(url, target="asterisk:20.1") as s:
        assert s.retrieve_by_id(Endpoint, "e") == Endpoint("e", allow="ulaw")
        with pytest.raises(ValueError, match="tenantid"):
            s.retrieve_by_fields(Endpoint, tenantid="acme")
        s.create(Endpoint("f", allow="ulaw"))
    with sqlite3.connect(tmp_path / "pbx.db") as database:
        assert database.execute("SELECT tenantid FROM ps_endpoints WHERE id = 'f'").fetchone() == (None,)


def test_a_directory_that_states_its_release_anew_is_read_by_it(tmp_path: Path) -> None:
    write(tmp_path, pjsip=PHONES, sorcery="[target]\nasterisk=20\n")
    with Sorcery.open(tmp_path) as s:
        kept = s._in_force.bindings["acl"].bound[0].store
        assert [each.id for each in s.retrieve_all("endpoint")] == ["old"]
        write(tmp_path, sorcery="[target]\nasterisk=22\n")
        s.reload()
        assert [each.id for each in s.retrieve_all("endpoint")] == ["new", "old"]
        assert s._in_force.bindings["acl"].bound[0].store is kept  # which is the same in both
        write(tmp_path, sorcery="[target]\nasterisk=2\n")
        assert [finding.rule for finding in s.reload().errors] == ["configuration"]
        assert [each.id for each in s.retrieve_all("endpoint")] == ["new", "old"]


def test_what_memory_holds_stays_where_another_release_is_stated(tmp_path: Path) -> None:
    old, new = "[res_pjsip]\nendpoint=memory\n[target]\nasterisk=20\n", "[res_pjsip]\nendpoint=memory\n"
    write(tmp_path, pjsip="", sorcery=old)
    with Sorcery.open(tmp_path) as s:
        s.create(Endpoint("a", allow="ulaw"))
        write(tmp_path, sorcery=new)
        assert not s.reload().errors
        s.create(Endpoint("b", allow="ulaw", security_negotiation="mediasec"))
        write(tmp_path, sorcery=old)
        assert not s.reload().errors
        assert [each.id for each in s.retrieve_all(Endpoint)] == ["a", "b"]
