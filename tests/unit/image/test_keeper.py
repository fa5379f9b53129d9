"""Starting and going on while stores are down: the last-known-good image in use."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

import sorcery_migrations
from sorcery import ConfigurationError, Finding, InvalidObject, Object, Registry, Severity, Sorcery, Unavailable
from sorcery.binding import Generation
from sorcery.environment import Environment
from sorcery.image.file import read_image
from sorcery.image.keeper import Keeper
from sorcery.objecttype import ObjectType
from sorcery.pjsip import Aor, Endpoint
from sorcery.query import Query
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.wizard import Change, Op, Store

WIDGETS = "testing_widget = remote"
ONE, TWO, THREE = Widget(id="one", size=1), Widget(id="two", size=2), Widget(id="three", size=3)


@attrs.define(eq=False)
class Remote:
    """A server that holds objects, and may be down."""

    rows: dict[str, dict[str, Object]] = attrs.field(factory=dict)
    bad: set[str] = attrs.field(factory=set)
    is_down: bool = False
    questions: int = 0
    lists_all: bool = True
    asked: Callable[[], object] = lambda: None

    def ask(self) -> None:
        self.questions += 1
        self.asked()
        if self.is_down:
            raise Unavailable("remote", "it is down")


@attrs.define(eq=False)
class RemoteStore:
    """One type of that server."""

    remote: Remote
    object_type: ObjectType
    label: str = "remote"

    @property
    def lists_all(self) -> bool:
        return self.remote.lists_all

    @property
    def rows(self) -> dict[str, Object]:
        return self.remote.rows.setdefault(self.object_type.name, {})

    def retrieve(self, id: str) -> Object | None:
        self.remote.ask()
        if id in self.remote.bad:
            raise InvalidObject(self.object_type.name, id, "it is bad")
        return self.rows.get(id)

    def search(self, query: Query) -> list[Object]:
        self.remote.ask()
        return [obj for obj in self.rows.values() if query.predicate()(obj)]

    def faults(self) -> list[Finding]:
        self.remote.ask()
        return [Finding(severity=Severity.ERROR, rule="invalid-object", message="bad", id=id) for id in self.remote.bad]


@attrs.define(eq=False)
class RemoteWizard:
    """The driver."""

    remote: Remote

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> RemoteStore:
        return RemoteStore(self.remote, object_type)

    def prepare(self, changes: Sequence[Change]) -> RemotePrepared:
        self.remote.ask()
        return RemotePrepared(changes)

    def release(self, store: Store) -> None: ...
    def close(self) -> None: ...


@attrs.define(eq=False)
class RemotePrepared:
    """Changes to that server."""

    changes: Sequence[Change]
    missed: Sequence[Change] = ()

    def commit(self) -> None:
        for change in self.changes:
            store: Any = change.store
            if change.op is Op.DELETE:
                del store.rows[change.obj.id]
            else:
                store.rows[change.obj.id] = change.obj

    def rollback(self) -> None: ...


@pytest.fixture
def remote() -> Remote:
    return Remote({"testing_widget": {"one": ONE, "two": TWO}, "testing_group": {"g": Group("g")}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = f"[image]\nfile = last-good\n[testing]\n{WIDGETS}\ntesting_group = remote\n"
    (tmp_path / "sorcery.conf").write_text(lines, encoding="utf-8")
    (tmp_path / "pjsip.conf").write_text("", encoding="utf-8")
    return tmp_path


Open = Callable[[], Sorcery]


@pytest.fixture
def opened(folder: Path, remote: Remote) -> Iterator[Open]:
    """Open the folder as often as a test wants, and close all in the end."""
    systems: list[Sorcery] = []

    def another() -> Sorcery:
        registry = Registry()
        registry.register("remote", lambda: RemoteWizard(remote))
        systems.append(Sorcery.open(folder, types=TYPES, registry=registry))
        return systems[-1]

    yield another
    for system in systems:
        system.close()


@pytest.fixture
def image(folder: Path, opened: Open) -> Path:
    """Have an image written by a system that was closed."""
    opened().close()
    assert (folder / "last-good").exists()
    return folder / "last-good"


def told(s: Sorcery) -> list[str]:
    return [finding.message for finding in s.report.findings if finding.rule == "image"]


def edit(path: Path, old: str, new: str) -> None:
    """Change a file, with a time of its own: a change within the clock's tick would go unseen."""
    later = path.stat().st_mtime_ns + 1_000_000
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    os.utime(path, ns=(later, later))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# In use


def test_a_process_starts_while_its_database_is_down(opened: Open, remote: Remote, image: Path) -> None:
    remote.is_down = True
    s = opened()
    assert s.retrieve_by_id(Widget, "one") == ONE
    assert s.retrieve_by_id(Widget, "absent") is None
    assert s.retrieve_all(Widget) == [ONE, TWO]
    assert s.retrieve_by_fields(Widget, size=2) == [TWO]
    assert s.retrieve_by_prefix(Widget, "t") == [TWO]
    assert s.retrieve_by_regex(Widget, "^o") == [ONE]
    assert (s.image_uses["testing_widget"], s.image_uses["testing_group"]) == (6, 0)


def test_the_image_is_out_as_soon_as_the_database_answers(opened: Open, remote: Remote, image: Path) -> None:
    remote.is_down = True
    s = opened()
    assert s.retrieve_by_id(Widget, "one") == ONE
    remote.is_down = False
    del remote.rows["testing_widget"]["one"]
    assert s.retrieve_by_id(Widget, "one") is None
    assert s.retrieve_all(Widget) == [TWO]
    assert s.image_uses["testing_widget"] == 1


def test_the_image_is_not_asked_while_the_database_answers(opened: Open, remote: Remote, image: Path) -> None:
    remote.rows["testing_widget"] = {"three": THREE}
    s = opened()
    assert s.retrieve_all(Widget) == [THREE]
    assert s.retrieve_by_id(Widget, "one") is None
    assert not any(s.image_uses.values())


def test_the_report_says_what_is_answered_from_the_image(opened: Open, remote: Remote, image: Path) -> None:
    written = read_image(image)
    assert written is not None
    remote.is_down = True
    s = opened()
    assert told(s) == []
    s.retrieve_all(Widget)
    s.reload()
    (used,) = (each for each in s.report.warnings if "is answered" in each.message)
    assert used.message.startswith("testing_widget is answered from the image of 20")
    assert used.message.endswith(", 1 times so far: remote is unavailable: it is down")
    assert used.place is not None
    assert used.place.source == str(image)
    remote.is_down = False
    s.retrieve_all(Widget)
    s.reload()
    assert not any("is answered" in message for message in told(s))


def test_without_a_section_nothing_stands_between(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", "file = last-good", "")
    s = opened()
    binding = s._in_force.bindings["testing_widget"]
    assert binding.front is binding.reader
    assert s.image_uses == {}
    with pytest.raises(ConfigurationError, match="there is to be no image"):
        s.write_image()
    s.close()
    assert not (folder / "last-good").exists()


def test_neither_files_nor_memory_nor_other_types_have_a_front(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", "file = last-good", "file = last-good\ntypes = testing_widget, aor")
    assert opened().image_uses.keys() == {"testing_widget"}


def test_a_caller_may_name_the_image_or_forbid_it(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/pbx.db"
    sorcery_migrations.upgrade(database)
    with Sorcery.open(database, image=tmp_path / "mine") as s:
        s.create(Endpoint(id="alice"))
        s.write_image()
    (tmp_path / "pbx.db").rename(tmp_path / "gone")
    with Sorcery.open(database, image=tmp_path / "mine") as s:
        assert s.retrieve_by_id("endpoint", "alice") == Endpoint(id="alice")
        assert s.retrieve_all(Aor) == []
    with Sorcery.open(database, image=False) as s, pytest.raises(Unavailable):
        s.retrieve_by_id("endpoint", "alice")


def test_of_a_bad_row_the_image_says_nothing(opened: Open, remote: Remote) -> None:
    remote.bad = {"bad"}
    opened().close()
    remote.is_down = True
    s = opened()
    with pytest.raises(Unavailable, match="it is down"):
        s.retrieve_by_id(Widget, "bad")
    assert s.retrieve_all(Widget) == [ONE, TWO]


def test_a_bad_row_of_a_store_that_answers_stays_an_error(opened: Open, remote: Remote, image: Path) -> None:
    remote.is_down = True
    s = opened()
    s.retrieve_all(Widget)
    remote.is_down, remote.bad = False, {"one"}
    with pytest.raises(InvalidObject):
        s.retrieve_by_id(Widget, "one")


def test_other_stores_of_the_type_go_on_answering(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", WIDGETS, f"testing_widget = config,widgets.conf\n{WIDGETS}")
    (folder / "widgets.conf").write_text("[file]\nsize=1\n[mine]\nsize=1\n", encoding="utf-8")
    opened().close()
    edit(folder / "widgets.conf", "[mine]", "[new]")
    remote.is_down = True
    assert [obj.id for obj in opened().retrieve_all(Widget)] == ["file", "new", "one", "two"]


def test_of_two_databases_the_one_that_answers_is_asked(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", WIDGETS, f"{WIDGETS}\ntesting_widget = astdb,w")
    s = opened()
    s.close()
    remote.is_down = True
    s = opened()
    assert s.retrieve_all(Widget) == [ONE, TWO]
    other = s._in_force.bindings["testing_widget"].bound[1]
    prepared = other.wizard.prepare([Change(other.store, Op.CREATE, THREE)])  # type: ignore[attr-defined]
    prepared.commit()
    assert s.retrieve_all(Widget) == [ONE, THREE, TWO]
    assert s.retrieve_by_id(Widget, "three") == THREE


def test_a_cache_is_asked_first_and_never_fed(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", WIDGETS, f"testing_widget/cache = memory_cache\n{WIDGETS}")
    opened().close()
    newer = ONE.evolve(label="newer")
    s = opened()
    remote.rows["testing_widget"]["one"] = newer
    assert s.retrieve_by_id(Widget, "one") == newer  # and is cached
    remote.is_down = True
    assert s.retrieve_by_id(Widget, "one") == newer
    assert s.retrieve_by_id(Widget, "two") == TWO
    assert s.retrieve_by_id(Widget, "absent") is None
    assert s.image_uses["testing_widget"] == 2
    (cache,) = s._in_force.bindings["testing_widget"].caches
    with pytest.raises(Unavailable):
        cache.retrieve("two")  # type: ignore[attr-defined]


def test_what_a_cache_holds_says_nothing_of_its_stores(
    folder: Path, opened: Open, remote: Remote, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("outage", "asking"):
        monkeypatch.setattr(f"sorcery_memory_cache.{module}.RETRY", 0)
    edit(folder / "sorcery.conf", WIDGETS, f"testing_widget/cache = memory_cache\n{WIDGETS}")
    s = opened()
    assert s.retrieve_by_id(Widget, "one") == ONE
    s.write_image()
    remote.is_down = True
    caplog.set_level(logging.INFO, "sorcery.image")
    for id in ("two", "one", "two"):
        assert s.retrieve_by_id(Widget, id) is not None
    (cache,) = s._in_force.bindings["testing_widget"].caches
    cache.doubt("one")
    assert s.retrieve_by_id(Widget, "one") == ONE  # held on to, since its store is silent
    said = [record.message for record in caplog.records if record.message.startswith("testing_widget")]
    assert said == ["testing_widget is answered from the image: remote is unavailable: it is down"]
    remote.is_down = False
    assert s.retrieve_by_id(Widget, "two") == TWO
    assert caplog.records[-1].message == "testing_widget: the stores answer again, the image is not used"


# Changes made since


def test_what_was_changed_since_is_told_as_it_is_now(opened: Open, remote: Remote) -> None:
    s = opened()
    s.write_image()
    s.create(THREE)
    s.update(TWO.evolve(size=3))
    s.delete(ONE)
    remote.is_down = True
    assert s.retrieve_by_id(Widget, "three") == THREE
    assert s.retrieve_by_id(Widget, "one") is None
    assert s.retrieve_all(Widget) == [THREE, TWO.evolve(size=3)]
    assert s.retrieve_by_fields(Widget, size=3) == [THREE, TWO.evolve(size=3)]
    assert s.retrieve_by_fields(Widget, size=2) == []


def test_what_was_changed_in_one_store_is_not_told_of_another(folder: Path, opened: Open, remote: Remote) -> None:
    s = opened()
    s.create(THREE)
    remote.is_down = True
    edit(folder / "sorcery.conf", WIDGETS, f"{WIDGETS},elsewhere")
    s.reload()
    with pytest.raises(Unavailable):
        s.retrieve_by_id(Widget, "three")


def test_a_change_that_failed_is_not_told(opened: Open, remote: Remote) -> None:
    s = opened()
    s.write_image()
    remote.is_down = True
    with pytest.raises(Unavailable):
        s.delete(ONE)
    assert s.retrieve_by_id(Widget, "one") == ONE


def test_a_change_while_the_stores_are_read_for_it_is_kept(opened: Open, remote: Remote) -> None:
    s = opened()
    wait_for(lambda: s._keeper._writer is None)

    def meanwhile() -> None:
        remote.asked = lambda: None
        s.create(THREE)
        del remote.rows["testing_widget"]["three"]  # as if it had been read before

    s.create(Widget("before"))
    remote.asked = meanwhile
    s.write_image()
    remote.is_down = True
    assert s.retrieve_by_id(Widget, "three") == THREE
    assert list(s._keeper.last_good.changed("testing_widget")) == ["three"]


# Images that are not used


def test_an_image_of_another_mapping_is_not_used(folder: Path, opened: Open, remote: Remote, image: Path) -> None:
    edit(folder / "sorcery.conf", WIDGETS, f"{WIDGETS},elsewhere")
    remote.is_down = True
    s = opened()
    with pytest.raises(Unavailable, match="it is down"):
        s.retrieve_by_id(Widget, "one")
    assert s.retrieve_by_id(Group, "g") == Group("g")
    (message,) = told(s)
    assert message.endswith("holds other stores than those of testing_widget")


def test_an_image_that_is_too_old_is_not_used(folder: Path, opened: Open, remote: Remote, image: Path) -> None:
    edit(folder / "sorcery.conf", "file = last-good", "file = last-good\nmaximum_age = 1")
    remote.is_down = True
    s = opened()
    s._keeper.last_good.clock = lambda: time.time() + 2
    with pytest.raises(Unavailable, match="it is down"):
        s.retrieve_by_id(Widget, "one")
    s.reload()
    assert any("older than 1 seconds" in message for message in told(s))


@pytest.mark.parametrize("harm", [lambda text: text[:-9] + b"!" + text[-8:], lambda text: text[:50], lambda _: b""])
def test_a_damaged_image_is_not_used(opened: Open, remote: Remote, image: Path, harm: Callable[[bytes], bytes]) -> None:
    image.write_bytes(harm(image.read_bytes()))
    remote.is_down = True
    s = opened()
    with pytest.raises(Unavailable, match="it is down"):
        s.retrieve_by_id(Widget, "one")
    (finding,) = (each for each in s.report.findings if each.rule == "image")
    assert finding.message.startswith("the image is not used: ")
    assert finding.severity is Severity.WARNING
    assert finding.place is not None
    assert finding.place.source == str(image)


def test_a_folder_that_is_not_there_is_told(folder: Path, opened: Open) -> None:
    edit(folder / "sorcery.conf", "file = last-good", "file = absent/last-good")
    assert told(opened())[0] == "the folder of the image is not there"


def test_a_store_that_gives_no_list_is_told_and_not_in_the_image(opened: Open, remote: Remote) -> None:
    remote.lists_all = False
    s = opened()
    s.write_image()
    assert [message for message in told(s) if "gives no list of its objects" in message]
    remote.is_down = True
    with pytest.raises(Unavailable):
        s.retrieve_by_id(Widget, "one")


# Events


def test_observers_hear_nothing_of_an_outage_nor_of_its_end(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", WIDGETS, f"{WIDGETS}\ntesting_group/cache = memory_cache")
    opened().close()
    remote.is_down = True
    s = opened()
    heard: list[Object] = []
    for cls in TYPES:
        s.observe(cls, created=heard.append, updated=lambda new, old: heard.append(new), deleted=heard.append)
    for is_down in (True, True, False, False):
        remote.is_down = is_down
        s.retrieve_all(Widget)
        s.retrieve_by_id(Group, "g")
        assert not s.reload()
    assert heard == []


def test_plans_checks_and_writes_ask_the_stores(opened: Open, remote: Remote, image: Path) -> None:
    remote.is_down = True
    s = opened()
    assert s.retrieve_by_id(Widget, "one") == ONE
    with Sorcery.open("memory:", types=TYPES) as other:
        for ask in (lambda: s.plan(other), lambda: other.plan(s), lambda: s.update(ONE), lambda: s.delete(ONE)):
            with pytest.raises(Unavailable):
                ask()
    assert {finding.rule for finding in s.faults([Widget])} == {"unavailable"}
    assert s.dangling(deep=True) == []


# Writing it


def test_an_image_is_written_after_loads_in_which_all_answered(folder: Path, opened: Open, remote: Remote) -> None:
    image = folder / "last-good"
    s = opened()
    wait_for(image.exists)
    first = image.stat().st_mtime_ns
    s.reload()
    wait_for(lambda: image.stat().st_mtime_ns > first)


def test_the_last_image_stays_while_a_store_is_silent(
    opened: Open, remote: Remote, image: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = image.read_bytes()
    remote.is_down = True
    s = opened()
    with pytest.raises(Unavailable):
        s.write_image()
    s.reload()
    assert any(message.startswith("no image could be written: remote is unavailable") for message in told(s))
    with caplog.at_level(logging.WARNING, "sorcery.image"):
        s.close()
    assert image.read_bytes() == good
    assert "the last image stays: remote is unavailable: it is down" in caplog.text


def test_a_system_that_is_closed_leaves_an_image_with_its_last_changes(opened: Open, remote: Remote) -> None:
    s = opened()
    s.create(THREE)
    s.close()
    s.close()
    remote.is_down = True
    assert opened().retrieve_by_id(Widget, "three") == THREE


def test_readers_go_on_while_an_image_is_written(opened: Open, remote: Remote, image: Path) -> None:
    reading, go_on = threading.Event(), threading.Event()
    main = threading.current_thread()

    def wait() -> None:
        if threading.current_thread() is not main:
            reading.set()
            go_on.wait(30)

    remote.asked = wait
    s = opened()
    assert reading.wait(30)
    assert s.retrieve_by_id(Widget, "one") == ONE
    s.reload()
    go_on.set()


def test_while_stores_are_silent_one_caller_at_a_time_waits_for_them(opened: Open, remote: Remote, image: Path) -> None:
    s = opened()
    wait_for(lambda: s._keeper._writer is None)  # nobody else asks
    remote.is_down = True
    assert s.retrieve_by_id(Widget, "one") == ONE
    waiting, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        waiting.set()
        go_on.wait(30)

    remote.asked = hang
    first = threading.Thread(target=s.retrieve_by_id, args=(Widget, "one"), daemon=True)
    first.start()
    assert waiting.wait(30)
    questions = remote.questions
    assert s.retrieve_by_id(Widget, "two") == TWO  # at once, though the store hangs
    assert s.retrieve_all(Widget) == [ONE, TWO]
    assert remote.questions == questions
    go_on.set()
    first.join(30)
    assert not first.is_alive()


def test_a_store_that_hangs_does_not_keep_a_system_from_closing(
    opened: Open, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery.image.keeper.PATIENCE", 0.1)
    go_on = threading.Event()
    remote.asked = lambda: go_on.wait(30) and None
    s = opened()
    s.close()
    go_on.set()
    wait_for(lambda: s._keeper._writer is None)


def test_an_image_can_be_asked_for_and_moved_on_a_live_system(folder: Path, opened: Open, remote: Remote) -> None:
    edit(folder / "sorcery.conf", "file = last-good", "")
    s = opened()
    edit(folder / "sorcery.conf", "[image]", "[image]\nfile = here")
    s.reload()
    s.create(THREE)
    s.write_image()
    edit(folder / "sorcery.conf", "file = here", "file = there")
    s.reload()
    wait_for((folder / "there").exists)
    remote.is_down = True
    assert s.retrieve_all(Widget) == [ONE, THREE, TWO]
    edit(folder / "sorcery.conf", "file = there", "")
    s.reload()
    with pytest.raises(Unavailable):
        s.retrieve_all(Widget)


def test_readers_miss_nothing_while_a_store_comes_and_goes(opened: Open, remote: Remote, image: Path) -> None:
    s = opened()
    stop = threading.Event()
    wrong: list[object] = []

    def read() -> None:
        while not stop.is_set():
            try:
                found = s.retrieve_by_id(Widget, "one"), s.retrieve_by_id(Widget, "absent"), s.retrieve_all(Widget)
            except Unavailable as error:
                wrong.append(error)
            else:
                if found != (ONE, None, [ONE, TWO]):
                    wrong.append(found)

    readers = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for reader in readers:
        reader.start()
    for is_down in [True, False] * 10:
        remote.is_down = is_down
        uses = s.image_uses["testing_widget"]
        wait_for(lambda uses=uses, is_down=is_down: not is_down or s.image_uses["testing_widget"] > uses)  # type: ignore[misc]
        s.reload()
    stop.set()
    for reader in readers:
        reader.join(30)
    assert wrong == []


def test_a_bug_while_an_image_is_written_aside_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Keeper):
        def write(self, generation: Generation) -> None:
            raise ZeroDivisionError

    with caplog.at_level(logging.ERROR, "sorcery.image"):
        Broken()._try(Generation({}, {}, {}))
    assert "ZeroDivisionError" in caplog.text
