"""Asterisk's Sorcery has 36 known weaknesses: for each that ours does not share, what it does instead.

`docs/explanation/weaknesses.md` lists them all.
"""

from __future__ import annotations

import functools
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sorcery import (
    ConfigurationError,
    Conflict,
    InvalidObject,
    NotFound,
    Object,
    Registry,
    Sorcery,
    Unavailable,
    UnknownType,
    differences,
)
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from sorcery.testing.faults import Faults, FaultyWizard
from sorcery.testing.types import TYPES, Group, Widget
from sorcery_memory import MemorySpace, MemoryWizard

PAGE = Path(__file__).parents[2] / "docs/explanation/weaknesses.md"
PATIENCE = 30


@pytest.fixture
def faults() -> Iterator[Faults]:
    faults = Faults()
    yield faults
    faults.lift()


@pytest.fixture
def faulty(faults: Faults, tmp_path: Path) -> Iterator[Callable[..., Sorcery]]:
    """Return what opens a system whose widgets lie where lines say; `faulty_…` are wizards that fail on command."""
    opened: list[Sorcery] = []

    def open_system(*lines: str) -> Sorcery:
        registry = Registry()
        for name in ("memory", "astdb"):
            registry.register(f"faulty_{name}", functools.partial(FaultyWizard, Registry().factory(name)(), faults))
        sorcery = Sorcery.open("memory:", types=TYPES, astdb=tmp_path / "astdb.sqlite3", registry=registry)
        opened.append(sorcery)
        for line in lines:
            wizard, _, arguments = line.removeprefix("/").partition(",")
            sorcery.map(Widget, wizard, arguments, caching=line.startswith("/"))
        return sorcery

    yield open_system
    faults.lift()
    for sorcery in opened:
        sorcery.close()


@pytest.fixture
def filed(tmp_path: Path) -> Iterator[Callable[..., Sorcery]]:
    """Return what writes files and opens the folder."""
    opened: list[Sorcery] = []

    def open_folder(**files: str) -> Sorcery:
        for name, text in files.items():
            (tmp_path / f"{name}.conf").write_text(text)
        opened.append(Sorcery.open(tmp_path, types=TYPES))
        return opened[-1]

    yield open_folder
    for sorcery in opened:
        sorcery.close()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[tuple[Sorcery, Callable[..., Any]]]:
    """Yield a system whose widgets are rows, and what runs a statement past it."""
    path = tmp_path / "pbx.db"

    def run(statement: str) -> list[Any]:
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(statement).fetchall()

    columns = "".join(f', "{each.name}" TEXT' for each in Widget.__sorcery__.fields())
    run(f"CREATE TABLE testing_widgets (id TEXT PRIMARY KEY{columns})")
    with Sorcery.open(f"sqlite:///{path}", types=TYPES) as sorcery:
        yield sorcery, run


def ids(found: list[Any]) -> list[str]:
    return [obj.id for obj in found]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_the_page_lists_every_weakness_and_the_tests_that_there_are() -> None:
    rows = re.findall(r"^\| W(\d+) \|.*\| (.*?) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 37))
    named = {match for _, cell in rows for match in re.findall(r"`(test_w\d\d_\w+)`", cell)}
    assert named == {name for name in globals() if name.startswith("test_w")}
    for number, cell in rows:
        assert cell.startswith((f"`test_w{int(number):02}_", "stays: ")), number


def test_w01_a_write_is_in_all_stores_or_none_and_says_what_each_made_of_it(
    faulty: Callable[..., Sorcery], faults: Faults
) -> None:
    s = faulty("memory", "faulty_astdb,x")
    assert [str(effect) for _, effect in s.create(Widget(id="a")).stores] == ["created", "created"]
    with faults.fail("commit"), pytest.raises(Unavailable):
        s.create(Widget(id="b"))
    assert ids(s.retrieve_all(Widget)) == ["a"]


def test_w02_several_objects_change_together_or_not_at_all(faulty: Callable[..., Sorcery]) -> None:
    s = faulty("memory")
    with pytest.raises(NotFound):
        create_and_update(s, Group(id="g"), Widget(id="absent"))
    assert s.retrieve_all(Group) == []


def create_and_update(s: Sorcery, new: Object, changed: Object) -> None:
    with s.transaction() as transaction:
        transaction.create(new)
        transaction.update(changed)


def test_w03_an_update_of_what_somebody_else_changed_is_a_conflict(faulty: Callable[..., Sorcery]) -> None:
    s = faulty("memory")
    s.create(read := Widget(id="a"))
    s.update(read.evolve(size=1))
    with pytest.raises(Conflict):
        s.update(read.evolve(size=2), expected=read)
    assert s.retrieve_by_id(Widget, "a") == read.evolve(size=1)


def test_w04_nobody_waits_for_a_store_that_hangs_but_who_asked_it(
    faulty: Callable[..., Sorcery], faults: Faults
) -> None:
    s = faulty("faulty_memory")
    s.create(Widget(id="a"))
    hanging = faults.hang("retrieve", when=lambda call: "slow" in call.ids)
    asker = threading.Thread(target=lambda: s.retrieve_by_id(Widget, "slow"))
    asker.start()
    hanging.wait()
    s.create(Widget(id="b"))
    s.map(Widget, "memory", "another")
    assert s.retrieve_by_id(Widget, "a") == Widget(id="a")
    assert asker.is_alive()
    hanging.lift()
    asker.join(PATIENCE)


def test_w05_reading_and_copying_do_nothing_but_that(table: tuple[Sorcery, Callable[..., Any]]) -> None:
    s, run = table
    heard: list[object] = []
    s.observe(Widget, created=heard.append, updated=lambda new, old: heard.append(new), deleted=heard.append)
    run("INSERT INTO testing_widgets (id) VALUES ('a')")
    for _ in range(2):
        widget = s.retrieve_by_id(Widget, "a")
        assert widget is not None
        widget.evolve(size=3)
    assert heard == []


def test_w06_a_full_cache_answers_searches_without_its_store(faulty: Callable[..., Sorcery], faults: Faults) -> None:
    s = faulty("/memory_cache,full_backend_cache=yes", "faulty_astdb,x")
    s.create(Widget(id="a", label="x"))
    s.retrieve_all(Widget)
    with faults.fail():
        assert ids(s.retrieve_by_fields(Widget, label="x")) == ["a"]
        assert s.retrieve_by_fields(Widget, label="y") == []
        assert ids(s.retrieve_by_prefix(Widget, "a")) == ["a"]


def test_w07_an_absent_id_is_remembered_for_a_while(faulty: Callable[..., Sorcery], faults: Faults) -> None:
    s = faulty("/memory_cache,negative_lifetime=3600", "faulty_astdb,x")
    asked = faults.hang("retrieve", seconds=0)
    for _ in range(5):
        assert s.retrieve_by_id(Widget, "nobody") is None
    assert len(asked.calls) == 1
    s.create(Widget(id="nobody"))
    assert s.retrieve_by_id(Widget, "nobody") is not None


def test_w08_an_aor_prints_what_is_stored_and_no_registered_contact() -> None:
    with Sorcery.open("memory:") as s:
        s.create(aor := Aor(id="alice", contact="sip:alice@192.0.2.1"))
        s.create(Contact(id="alice;@1", uri="sip:alice@192.0.2.2"))
        assert [text for name, text in aor.objectset() if name == "contact"] == ["sip:alice@192.0.2.1"]
        s.update(aor.evolve(max_contacts=2))
        assert s.retrieve_by_id(Aor, "alice").contact == aor.contact  # type: ignore[union-attr]


def test_w09_characters_of_an_id_are_no_wildcards_in_a_table(table: tuple[Sorcery, Callable[..., Any]]) -> None:
    s, _ = table
    for id in ("user_1;@x", "userA1;@x", "USER_1;@x"):
        s.create(Widget(id=id))
    assert ids(s.retrieve_by_prefix(Widget, "user_1;@")) == ["user_1;@x"]
    assert ids(s.retrieve_by_regex(Widget, "^user[A-Z]1;@x$")) == ["userA1;@x"]


def test_w10_families_of_the_astdb_are_told_apart_by_case_and_have_no_wildcards(
    faulty: Callable[..., Sorcery],
) -> None:
    for number, family in enumerate(("fam_", "famX", "FAM_")):
        faulty(f"astdb,{family}").create(Widget(id=f"w{number}"))
    assert ids(faulty("astdb,fam_").retrieve_all(Widget)) == ["w0"]


def test_w11_the_astdb_keeps_every_line_and_a_bad_row_hides_no_other(
    faulty: Callable[..., Sorcery], tmp_path: Path
) -> None:
    s = faulty("astdb,x")
    s.create(Widget(id="a", lines=["1", "2"]))
    s.create(Widget(id="b"))
    with closing(sqlite3.connect(tmp_path / "astdb.sqlite3")) as connection, connection:
        connection.execute("INSERT INTO astdb VALUES ('/x/testing_widget/aa', 'no json')")
    assert s.retrieve_all(Widget) == [Widget(id="a", lines=["1", "2"]), Widget(id="b")]
    with pytest.raises(InvalidObject):
        s.retrieve_by_id(Widget, "aa")


def test_w12_a_difference_sees_what_was_removed_and_repeated_lines() -> None:
    full, empty = Widget(id="a", label="x", lines=["1", "2"]), Widget(id="a", label="x")
    assert differences(full, empty) == [("lines", "1, 2", None)]
    assert differences(full, full.evolve()) == []
    assert differences(full.evolve(lines=["1", "1"]), full.evolve(lines=["1"])) == [("lines", "1, 1", "1")]


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_w13_a_single_object_is_one(filed: Callable[..., Sorcery], count: int) -> None:
    sections = "".join(f"[g{number}]\ntype=global\n" for number in range(count))
    report = filed(pjsip=sections).report
    assert [finding for finding in report.errors if "global" in str(finding)]


def test_w14_a_broken_file_is_told_until_it_is_mended(filed: Callable[..., Sorcery], tmp_path: Path) -> None:
    s = filed(testing="[a]\ntype=testing_widget\n")
    (tmp_path / "testing.conf").write_text("[a\n")
    for _ in range(3):
        assert [finding for finding in s.reload().errors if "testing.conf" in str(finding)]
        assert ids(s.retrieve_all(Widget)) == ["a"]
    (tmp_path / "testing.conf").write_text("[b]\ntype=testing_widget\n")
    assert not s.reload().errors
    assert ids(s.retrieve_all(Widget)) == ["b"]


def test_w15_a_change_of_any_file_of_a_pattern_is_seen(filed: Callable[..., Sorcery], tmp_path: Path) -> None:
    s = filed(sorcery="[testing]\ntesting_widget = config,part*.conf\n", part1="[a]\n", part2="[b]\n")
    (tmp_path / "part2.conf").write_text("[b2]\n")
    s.reload()
    assert ids(s.retrieve_all(Widget)) == ["a", "b2"]
    (tmp_path / "part3.conf").write_text("[c]\n")
    s.reload()
    assert ids(s.retrieve_all(Widget)) == ["a", "b2", "c"]


def test_w16_all_types_of_a_file_change_together(filed: Callable[..., Sorcery], tmp_path: Path) -> None:
    s = filed(testing="[old]\ntype=testing_group\n[w]\ntype=testing_widget\ngroup=old\n")
    seen: list[tuple[list[str], list[str]]] = []

    def look(_: object, __: object = None) -> None:
        seen.append((ids(s.retrieve_all(Group)), [widget.group for widget in s.retrieve_all(Widget)]))

    for cls in TYPES:
        s.observe(cls, created=look, updated=look, deleted=look)
    (tmp_path / "testing.conf").write_text("[new]\ntype=testing_group\n[w]\ntype=testing_widget\ngroup=new\n")
    s.reload()
    assert seen == [(["new"], ["new"])] * 3


def test_w17_a_reload_of_a_file_tells_what_changed_and_nothing_else(
    filed: Callable[..., Sorcery], tmp_path: Path
) -> None:
    text = "[same]\ntype=testing_widget\n[other]\ntype=testing_widget\nsize={}\n[{}]\ntype=testing_widget\n"
    s = filed(testing=text.format(1, "gone"))
    heard: list[tuple[str, str]] = []
    s.observe(
        Widget,
        created=lambda new: heard.append(("created", new.id)),
        updated=lambda new, old: heard.append(("updated", new.id)),
        deleted=lambda old: heard.append(("deleted", old.id)),
    )
    (tmp_path / "testing.conf").write_text(text.format(2, "new"))
    s.reload()
    assert sorted(heard) == [("created", "new"), ("deleted", "gone"), ("updated", "other")]


def test_w18_a_store_tells_of_what_others_change() -> None:
    space, heard, told = MemorySpace(), [], threading.Event()
    registry = Registry()
    registry.register("shared", lambda: MemoryWizard(space))

    def hear(new: Widget) -> None:
        heard.append(new)
        told.set()

    with (
        Sorcery.open("memory:", types=TYPES, registry=registry) as mine,
        Sorcery.open("memory:", types=TYPES, registry=registry) as other,
    ):
        for system in (mine, other):
            system.map(Widget, "shared")
        mine.observe(Widget, created=hear)
        with mine.watch():
            other.create(Widget(id="a"))
            assert told.wait(PATIENCE)
    assert heard == [Widget(id="a")]


def test_w19_a_cache_is_compared_after_its_stores_have_loaded(filed: Callable[..., Sorcery], tmp_path: Path) -> None:
    lines = (
        "testing_widget/cache = memory_cache,full_backend_cache=yes,expire_on_reload=yes",
        "testing_widget = config,testing.conf",
    )
    s = filed(sorcery="[testing]\n{}\n{}\n".format(*lines), testing="[a]\nsize=1\n")
    seen = [widget.size for widget in s.retrieve_all(Widget)]
    s.observe(Widget, updated=lambda new, old: seen.extend(widget.size for widget in s.retrieve_all(Widget)))
    (tmp_path / "testing.conf").write_text("[a]\nsize=22\n")
    s.reload()
    assert seen == [1, 22]


def test_w20_an_outage_empties_no_cache(faulty: Callable[..., Sorcery], faults: Faults) -> None:
    for options in ("", ",full_backend_cache=yes"):
        s = faulty(f"/memory_cache,object_lifetime_stale=3600{options}", "faulty_astdb,x")
        if not s.retrieve_all(Widget):
            s.create(Widget(id="a"))
        s.retrieve_by_id(Widget, "a")
        (cache,) = s.caches.values()
        with faults.fail() as fault:
            assert cache.stale(reload=True) == 1
            fault.wait()
            assert not s.reload()
            assert s.retrieve_by_id(Widget, "a") == Widget(id="a")
        assert [entry.id for entry in cache.entries()] == ["a"]


def test_w21_the_next_database_answers_when_one_is_down_and_not_when_it_lacks_a_row(tmp_path: Path) -> None:
    for name in ("first", "second"):
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as connection, connection:
            connection.execute("CREATE TABLE ps_aors (id TEXT PRIMARY KEY)")
            connection.execute(f"INSERT INTO ps_aors VALUES ('{name}')")
    urls = "".join(f"[{name}]\nurl = sqlite:///{tmp_path}/{name}.db\n" for name in ("first", "second"))
    (tmp_path / "databases.conf").write_text(urls)
    (tmp_path / "extconfig.conf").write_text(
        "[settings]\nps_aors => odbc,first,ps_aors,1\nps_aors => odbc,second,ps_aors,2\n"
    )
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor = realtime,ps_aors\n")
    with Sorcery.open(tmp_path) as s:
        assert s.retrieve_by_id(Aor, "second") is None
        (tmp_path / "first.db").write_bytes(b"no database any more" * 1000)
        assert ids(s.retrieve_all(Aor)) == ["second"]


def test_w22_a_write_into_an_empty_cache_does_not_make_it_look_full(
    faulty: Callable[..., Sorcery], tmp_path: Path
) -> None:
    faulty("astdb,x").create(Widget(id="before"))
    s = faulty("/memory_cache,full_backend_cache=yes", "astdb,x")
    s.create(Widget(id="new"))
    assert ids(s.retrieve_by_fields(Widget, size=5)) == ["before", "new"]


def test_w23_marking_an_entry_stale_does_not_shorten_its_life(faulty: Callable[..., Sorcery]) -> None:
    s = faulty("/memory_cache,object_lifetime_stale=600,object_lifetime_maximum=1000", "memory")
    s.create(Widget(id="a"))
    (cache,) = s.caches.values()
    cache.stale("a")
    (entry,) = cache.entries()
    assert entry.stale_in == 0
    assert (entry.expires_in or 0) > 900


def test_w24_of_many_who_miss_the_same_object_one_asks_the_store(
    faulty: Callable[..., Sorcery], faults: Faults
) -> None:
    s = faulty("/memory_cache", "faulty_astdb,x")
    faulty("astdb,x").create(Widget(id="a"))
    (cache,) = s.caches.values()
    hanging, found = faults.hang("retrieve"), []
    askers = [threading.Thread(target=lambda: found.append(s.retrieve_by_id(Widget, "a"))) for _ in range(8)]
    for asker in askers:
        asker.start()
    wait_until(lambda: cache.figures()["misses"] == len(askers))
    hanging.wait()
    hanging.lift()
    for asker in askers:
        asker.join(PATIENCE)
    assert found == [Widget(id="a")] * 8
    assert len(hanging.calls) == 1


def test_w25_what_a_mapping_lacks_is_told_and_crashes_nothing(faulty: Callable[..., Sorcery]) -> None:
    s = faulty("/memory_cache", "memory")
    for arguments in ("testing.conf,criteria", "testing.conf,criteria=type", ""):
        with pytest.raises(ConfigurationError, match="testing_group = config"):
            s.map(Group, "config", arguments)


def test_w26_an_observer_that_takes_its_time_holds_up_no_other_change(faulty: Callable[..., Sorcery]) -> None:
    s, busy, done = faulty("memory"), threading.Event(), threading.Event()
    heard: list[str] = []

    def hear(new: Widget) -> None:
        heard.append(new.id)
        busy.set()
        done.wait(PATIENCE)

    s.observe(Widget, created=hear)
    first = threading.Thread(target=lambda: s.create(Widget(id="first")))
    first.start()
    assert busy.wait(PATIENCE)
    s.create(Widget(id="second"))
    assert ids(s.retrieve_all(Widget)) == ["first", "second"]
    assert heard == ["first"]
    done.set()
    first.join(PATIENCE)
    assert heard == ["first", "second"]


def test_w27_a_contact_that_was_just_renewed_is_not_deleted_as_expired() -> None:
    with Sorcery.open("memory:") as s:
        s.create(expired := Contact(id="alice;@1", uri="sip:alice@192.0.2.1", expiration_time=1))
        s.update(renewed := expired.evolve(expiration_time=2_000_000_000))
        with pytest.raises(Conflict):
            s.delete(expired, expected=expired)
        assert s.retrieve_all(Contact) == [renewed]


def test_w28_listing_contacts_changes_none() -> None:
    with Sorcery.open("memory:") as s:
        s.create(expired := Contact(id="alice;@1", uri="sip:alice@192.0.2.1", expiration_time=1))
        heard: list[object] = []
        s.observe(Contact, deleted=heard.append)
        for _ in range(2):
            assert s.retrieve_by_prefix(Contact, "alice;@") == [expired]
        assert heard == []


def test_w29_an_update_that_changes_nothing_is_no_miss(table: tuple[Sorcery, Callable[..., Any]]) -> None:
    s, _ = table
    s.create(widget := Widget(id="a", size=1))
    s.update(widget)
    with pytest.raises(NotFound):
        s.update(Widget(id="b"))


def test_w30_a_delete_takes_the_row_of_its_id_and_no_other(table: tuple[Sorcery, Callable[..., Any]]) -> None:
    s, run = table
    for id in "abc":
        s.create(Widget(id=id))
    s.delete(Widget(id="b"))
    assert run("SELECT id FROM testing_widgets ORDER BY id") == [("a",), ("c",)]


def test_w31_mappings_change_on_a_reload_and_none_is_lost(filed: Callable[..., Sorcery], tmp_path: Path) -> None:
    s = filed(sorcery="[testing]\ntesting_widget = config,one.conf\n", one="[a]\n", two="[b]\n")
    (tmp_path / "sorcery.conf").write_text(
        "[testing]\ntesting_widget = config,one.conf\ntesting_widget = config,two.conf\n"
    )
    report = s.reload()
    assert report.created == {"testing_widget": ("b",)}
    assert ids(s.retrieve_all(Widget)) == ["a", "b"]


def test_w32_a_change_made_past_a_system_reaches_its_caches_and_observers() -> None:
    space, told = MemorySpace(), threading.Event()
    registry = Registry()
    registry.register("shared", lambda: MemoryWizard(space))
    with (
        Sorcery.open("memory:", types=TYPES, registry=registry) as mine,
        Sorcery.open("memory:", types=TYPES, registry=registry) as other,
    ):
        mine.map(Widget, "memory_cache", caching=True)
        for system in (mine, other):
            system.map(Widget, "shared")
        other.create(old := Widget(id="a"))
        assert mine.retrieve_by_id(Widget, "a") == old
        mine.observe(Widget, updated=lambda new, old: told.set())
        with mine.watch():
            other.update(new := old.evolve(size=9))
            assert told.wait(PATIENCE)
        assert mine.retrieve_by_id(Widget, "a") == new


def test_w33_secrets_are_masked_and_what_is_set_replaces_what_was() -> None:
    auth = Auth(id="a", auth_type="userpass", username="alice", password="s3cret")
    assert "s3cret" not in f"{auth!r} {auth.password} {differences(auth, auth.evolve(password='other'))}"
    endpoint = Endpoint(id="a", auth=["one"])
    assert endpoint.evolve(auth=["two"]).auth == ("two",)


def test_w34_what_was_written_to_the_astdb_is_in_the_file(faulty: Callable[..., Sorcery], tmp_path: Path) -> None:
    faulty("astdb,x").create(Widget(id="a"))
    with closing(sqlite3.connect(f"file:{tmp_path}/astdb.sqlite3?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT key FROM astdb").fetchall() == [("/x/testing_widget/a",)]


def test_w35_a_row_deleted_by_others_is_told_at_the_next_reload(
    table: tuple[Sorcery, Callable[..., Any]], tmp_path: Path
) -> None:
    _, run = table
    with Sorcery.open(f"sqlite:///{tmp_path}/pbx.db", types=TYPES) as s:
        s.map(Widget, "memory_cache", "full_backend_cache=yes", caching=True)
        s.map(Widget, "realtime", "testing_widgets")
        for id in "ab":
            s.create(Widget(id=id))
        s.retrieve_all(Widget)
        heard: list[Widget] = []
        s.observe(Widget, deleted=heard.append)
        run("DELETE FROM testing_widgets WHERE id = 'a'")
        assert s.reload().deleted == {"testing_widget": ("a",)}
        assert heard == [Widget(id="a")]
        assert ids(s.retrieve_all(Widget)) == ["b"]


def test_w36_a_search_by_id_goes_on_to_the_next_store_and_an_unknown_type_is_told(
    faulty: Callable[..., Sorcery],
) -> None:
    faulty("astdb,second").create(Widget(id="a"))
    s = faulty("astdb,first", "astdb,second")
    assert s.retrieve_by_id(Widget, "a") == Widget(id="a")
    with pytest.raises(UnknownType):
        s.retrieve_by_id("nonsense", "a")
