"""The example of a wizard in a distribution of its own: what every wizard does, what it adds, and that it is found."""

from __future__ import annotations

import importlib.util
import json
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from sorcery import ConfigurationError, Conflict, InvalidObject, PartialWrite, Registry, Sorcery, Unavailable
from sorcery.pjsip import Aor, Endpoint
from sorcery.testing.conformance import HELD, TYPES, Outage, OutageConformance, WizardConformance
from sorcery.testing.types import Group, Widget
from sorcery.wizard import Notice, Op

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/sorcery_json"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("sorcery_json", EXAMPLE / "sorcery_json.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLE_MODULE = load()


def open_file(path: Path, *types: str) -> Sorcery:
    registry = Registry()
    registry.register("json", EXAMPLE_MODULE.JsonWizard)
    sorcery = Sorcery.open("memory:", types=TYPES, registry=registry)
    for name in types or HELD:
        sorcery.map(name, "json", str(path))
    return sorcery


class TestJson(WizardConformance, OutageConformance):
    refused_texts = frozenset()

    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        return tmp_path / "objects.json"

    @pytest.fixture
    def sorcery(self, file: Path) -> Iterator[Sorcery]:
        with open_file(file) as sorcery:
            yield sorcery

    def reopen(self, sorcery: Sorcery) -> Sorcery:
        return open_file(Path(sorcery.mappings("aor")[0].arguments))

    @pytest.fixture
    def outage(self, file: Path) -> Outage:
        @contextmanager
        def outage() -> Iterator[None]:
            good = file.read_bytes()
            file.write_bytes(b"{")
            yield
            file.write_bytes(good)

        return outage


@pytest.fixture
def phones(tmp_path: Path) -> Path:
    return tmp_path / "phones.json"


@pytest.fixture
def sorcery(phones: Path) -> Iterator[Sorcery]:
    with open_file(phones) as sorcery:
        yield sorcery


def test_a_file_can_be_read_and_written_by_people(sorcery: Sorcery, phones: Path) -> None:
    phones.write_text(
        '{"aor": {"alice": {"max_contacts": 2, "remove_existing": true, "contact": ["sip:a@h", "sip:b@h"]}}}'
    )
    alice = Aor(id="alice", max_contacts=2, remove_existing=True, contact=["sip:a@h", "sip:b@h"])
    assert sorcery.retrieve_all(Aor) == [alice]
    sorcery.create(Endpoint(id="alice", aors="alice"))
    assert json.loads(phones.read_text())["endpoint"] == {"alice": {"aors": "alice"}}
    assert sorcery.retrieve_all(Aor) == [alice]


def test_a_mapping_without_a_file_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="aor = json: no file is named; write aor = json,FILE"):
        open_file(Path(), "aor").map("aor", "json")


@pytest.mark.parametrize("text", ["[]", "1", '{"aor": 1}', '{"aor": {"alice": 1}}', "{", "\xff"])
def test_a_file_of_another_form_is_unavailable_and_says_why(sorcery: Sorcery, phones: Path, text: str) -> None:
    phones.write_text(text, encoding="latin-1")
    with pytest.raises(Unavailable, match=r"json phones\.json is unavailable: .*phones\.json"):
        sorcery.retrieve_by_id(Aor, "alice")
    with pytest.raises(Unavailable):
        sorcery.create(Aor(id="alice"))
    assert phones.read_text(encoding="latin-1") == text


def test_a_folder_that_is_not_there_is_unavailable_for_writers(tmp_path: Path) -> None:
    with open_file(tmp_path / "no/phones.json") as sorcery:
        assert sorcery.retrieve_all(Aor) == []
        with pytest.raises(Unavailable, match="No such file or directory"):
            sorcery.create(Aor(id="alice"))


def test_a_bad_row_is_an_error_of_that_object_alone(sorcery: Sorcery, phones: Path) -> None:
    phones.write_text('{"aor": {"alice": {"max_contacts": "many"}, "bob": {}}}')
    for _ in range(2):
        with pytest.raises(InvalidObject, match=r"phones\.json: aor 'alice', option max_contacts='many'"):
            sorcery.retrieve_by_id(Aor, "alice")
    assert sorcery.retrieve_all(Aor) == [Aor(id="bob")]
    assert [fault.id for fault in sorcery.faults([Aor])] == ["alice"]
    with pytest.raises(Conflict):
        sorcery.update(Aor(id="alice"), expected=Aor(id="alice"))
    sorcery.update(Aor(id="alice"))
    assert sorcery.retrieve_all(Aor) == [Aor(id="alice"), Aor(id="bob")]


def test_what_another_wrote_meanwhile_is_a_conflict(sorcery: Sorcery, phones: Path) -> None:
    first = Aor(id="alice", max_contacts=1)
    sorcery.create(first)
    with open_file(phones) as other:
        other.update(first.evolve(max_contacts=2))
    for change in (sorcery.update, sorcery.delete):
        with pytest.raises(Conflict):
            change(first, expected=first)
    sorcery.delete(first, expected=first.evolve(max_contacts=2))
    assert sorcery.retrieve_all(Aor) == []


def test_several_processes_lose_no_change(phones: Path) -> None:
    systems = [open_file(phones) for _ in range(3)]
    systems[0].create(Widget(id="counter", size=0))

    def count(system: Sorcery) -> None:
        counted = 0
        while counted < 10:
            before = system.retrieve_by_id(Widget, "counter")
            assert before is not None
            try:
                system.update(before.evolve(size=before.size + 1), expected=before)
            except Conflict:
                continue
            counted += 1

    with ThreadPoolExecutor(len(systems)) as pool:
        list(pool.map(count, systems, timeout=60))
    assert systems[0].retrieve_all(Widget) == [Widget(id="counter", size=30)]


@pytest.fixture
def two_files(tmp_path: Path) -> Iterator[Sorcery]:
    """Groups lie in one file, widgets in another."""
    with open_file(tmp_path / "a.json", "testing_group") as sorcery:
        sorcery.map(Widget, "json", str(tmp_path / "b.json"))
        yield sorcery


def create_both(sorcery: Sorcery) -> None:
    with sorcery.transaction() as transaction:
        transaction.create(Group(id="g"))
        transaction.create(Widget(id="w", group="g"))


def test_two_files_change_in_one_transaction(two_files: Sorcery, tmp_path: Path) -> None:
    create_both(two_files)
    assert json.loads((tmp_path / "a.json").read_text()) == {"testing_group": {"g": {}}}
    assert json.loads((tmp_path / "b.json").read_text()) == {"testing_widget": {"w": {"group": "g"}}}


def test_a_file_that_cannot_be_written_aside_leaves_nothing_of_the_other(two_files: Sorcery, tmp_path: Path) -> None:
    (tmp_path / ".b.json.new").mkdir()
    with pytest.raises(Unavailable):
        create_both(two_files)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.json.lock", ".b.json.lock", ".b.json.new"]


def test_a_file_that_is_lost_after_another_changed_is_told(
    two_files: Sorcery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_place = EXAMPLE_MODULE.JsonFile.put_in_place

    def lose(file: object, *contents: object) -> None:
        if file.label == "json b.json":  # type: ignore[attr-defined]
            raise Unavailable("json b.json", "the disk is gone")
        put_in_place(file, *contents)

    monkeypatch.setattr(EXAMPLE_MODULE.JsonFile, "put_in_place", lose)
    with pytest.raises(PartialWrite) as raised:
        create_both(two_files)
    assert raised.value.outcomes["json a.json"] == "stored"
    assert raised.value.outcomes["json b.json"] == "the disk is gone"
    assert two_files.retrieve_all(Group) == [Group(id="g")]
    assert two_files.retrieve_all(Widget) == []
    assert not list(tmp_path.glob(".*.new"))


def test_a_new_file_is_private_and_an_old_one_keeps_its_mode(sorcery: Sorcery, phones: Path) -> None:
    sorcery.create(Aor(id="alice"))
    assert phones.stat().st_mode & 0o777 == 0o600
    phones.chmod(0o644)
    sorcery.create(Aor(id="bob"))
    assert phones.stat().st_mode & 0o777 == 0o644


def test_a_refused_change_leaves_the_file_and_nothing_beside_it(sorcery: Sorcery, phones: Path) -> None:
    sorcery.create(Aor(id="alice"))
    before = phones.stat()
    with pytest.raises(LookupError):
        sorcery.delete(Aor(id="bob"))
    assert phones.stat() == before
    assert sorted(path.name for path in phones.parent.iterdir()) == [".phones.json.lock", "phones.json"]


def test_changes_of_others_are_noticed_and_own_ones_are_not(phones: Path) -> None:
    wizard = EXAMPLE_MODULE.JsonWizard()
    registry = Registry()
    registry.register("json", lambda: wizard)
    heard: list[tuple[str, str, Op | None]] = []
    told = threading.Event()

    def hear(notices: Sequence[Notice]) -> None:
        heard.extend((notice.store.label, notice.id, notice.op) for notice in notices)
        told.set()

    with Sorcery.open("memory:", registry=registry) as sorcery, open_file(phones) as other:
        for name in ("aor", "endpoint"):
            sorcery.map(name, "json", str(phones))
        watch = EXAMPLE_MODULE.JsonWatch(lambda: wizard._stores, hear, every=0.001)
        for number in range(20):
            sorcery.create(Aor(id=f"own-{number}"))
        assert heard == []
        other.create(Aor(id="alice"))
        assert told.wait(30)
        watch.close()
        assert heard == [("json phones.json aor", "alice", Op.CREATE)]
        assert sorcery.retrieve_by_id(Aor, "alice") is not None


def test_word_of_another_is_not_lost_by_a_change_of_ones_own(phones: Path) -> None:
    file = EXAMPLE_MODULE.JsonFile(phones)
    known = file.news()[1]
    with open_file(phones) as other:
        other.create(Aor(id="alice"))
    mine: dict[str, dict[str, dict[str, str]]] = {"aor": {"alice": {}, "bob": {}}}
    with file.held():
        file.write_aside(mine)
        file.put_in_place(mine)
    assert file.news() == (known, mine)
    assert file.news() == (mine, mine)


def test_observers_hear_of_what_others_wrote(phones: Path) -> None:
    heard: queue.Queue[tuple[str, str]] = queue.Queue()
    registry = Registry()
    registry.register("json", EXAMPLE_MODULE.JsonWizard)
    with Sorcery.open("memory:", registry=registry) as sorcery, open_file(phones) as other:
        sorcery.map(Aor, "json", str(phones))
        sorcery.observe(
            Aor,
            created=lambda new: heard.put(("created", new.id)),
            updated=lambda new, old: heard.put(("updated", new.id)),
            deleted=lambda old: heard.put(("deleted", old.id)),
        )
        with sorcery.watch():
            for change in (other.create, other.update, other.delete):
                change(Aor(id="alice", max_contacts=3 if change == other.update else 1))
                assert heard.get(timeout=30) == (f"{change.__name__}d", "alice")


def test_a_watch_may_be_closed_from_within_a_call(phones: Path) -> None:
    closed = threading.Event()
    wizard = EXAMPLE_MODULE.JsonWizard()
    registry = Registry()
    registry.register("json", lambda: wizard)
    with Sorcery.open("memory:", registry=registry) as sorcery:
        sorcery.map(Aor, "json", str(phones))

        def close(_: object) -> None:
            watch.close()
            closed.set()

        watch = EXAMPLE_MODULE.JsonWatch(lambda: wizard._stores, close, every=0.001)
        phones.write_text("{}")
        assert closed.wait(30)


PROGRAM = """
import sys
from sorcery import Sorcery
from sorcery.pjsip import Endpoint
with Sorcery.open(sys.argv[1]) as s:
    s.create(Endpoint(id="alice", context="sales"))
    print(s.mappings("endpoint")[0], s.retrieve_all("endpoint")[0].context)
"""


def test_installed_it_is_found_by_its_entry_point(tmp_path: Path, installed: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\nendpoint = json,phones.json\n")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout == "endpoint = json,phones.json sales\n", run.stderr
    assert json.loads((tmp_path / "phones.json").read_text()) == {"endpoint": {"alice": {"context": "sales"}}}


def test_installed_it_passes_the_test_that_it_brings(installed: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "test_sorcery_json.py")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 0, run.stdout
    assert "skipped" not in run.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the distribution was installed into."""
    target = tmp_path_factory.mktemp("site")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(EXAMPLE)]
    subprocess.run(command, check=True, timeout=100)
    return target


def test_the_page_shows_the_example_as_it_is() -> None:
    page = (ROOT / "docs/howto/wizard.md").read_text("utf-8")
    source = "".join(path.read_text("utf-8") for path in EXAMPLE.glob("*.py"))
    shown = re.findall(r"^```py\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(shown) >= 5
    for excerpt in shown:
        assert excerpt in source, excerpt
