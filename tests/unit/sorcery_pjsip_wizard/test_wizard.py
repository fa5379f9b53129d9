from __future__ import annotations

import queue
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from sorcery import source
from sorcery.conf import Outline, read_outline
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.pjsip import Aor, Endpoint, Transport
from sorcery.wizard import Immediate, Loader, Locating, Notice, Noticing, Writer
from sorcery_pjsip_wizard import PjsipWizard

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.sorcery_pjsip_wizard.conftest import Folder

GOOD = "[a]\ntype = wizard\naccepts_registrations = yes\n"


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the files that are read, one by one."""
    parsed: list[object] = []

    def counted(path: Path | str, **options: Any) -> Outline:
        parsed.append(path)
        return read_outline(path, **options)

    monkeypatch.setattr(source, "read_outline", counted)
    return parsed


def test_it_loads_and_does_not_write(folder: Folder) -> None:
    assert isinstance(folder.wizard, Loader)
    assert not isinstance(folder.wizard, Writer)
    folder.open(Aor)
    assert isinstance(folder.stores["aor"], Locating)
    assert isinstance(folder.stores["aor"], Immediate)


def test_a_type_that_no_section_stands_for_is_refused(folder: Folder) -> None:
    with pytest.raises(ConfigurationError, match="stands for a transport") as caught:
        folder.open(Transport)
    assert caught.value.remedy.startswith("map one of auth, aor, endpoint")


def test_the_file_may_have_another_name(folder: Folder) -> None:
    (folder.path / "other.conf").write_text(GOOD)
    wizard = PjsipWizard()
    store = wizard.open(Aor.__sorcery__, "other.conf", Environment(directory=folder.path))
    assert store.label == "pjsip_wizard other.conf aor"
    wizard.load([store]).commit()
    assert store.retrieve("a") is not None


def test_a_file_is_parsed_once_for_all_types_and_only_when_it_changed(folder: Folder, readings: list[object]) -> None:
    folder.load(GOOD)
    assert len(readings) == 1
    loaded = folder.load()
    assert len(readings) == 1
    assert loaded.stores == {}
    folder.load(GOOD + "\n")
    assert len(readings) == 2


def test_nothing_is_visible_before_the_commit(folder: Folder) -> None:
    folder.load(GOOD)
    folder.write("[b]\ntype = wizard\naccepts_registrations = yes\n")
    loaded = folder.wizard.load(list(folder.stores.values()))
    assert folder.ids == {"aor": ["a"], "endpoint": ["a"]}
    loaded.commit()
    assert folder.ids == {"aor": ["b"], "endpoint": ["b"]}


def test_before_the_first_load_nothing_can_be_said(folder: Folder) -> None:
    folder.open(Aor)
    with pytest.raises(Unavailable, match="it was not loaded yet"):
        folder.stores["aor"].retrieve("a")


def test_a_missing_file_is_as_an_empty_one(folder: Folder) -> None:
    folder.load()
    assert (folder.told(), folder.ids) == ([], {})
    folder.load(GOOD)
    assert folder.ids == {"aor": ["a"], "endpoint": ["a"]}
    kept = (folder.path / "pjsip_wizard.conf").rename(folder.path / "aside")
    loaded = folder.load()
    assert (folder.told(), folder.ids) == ([], {})
    assert [obj.id for obj in loaded.stores[folder.stores["aor"]].difference.deleted] == ["a"]
    kept.rename(folder.path / "pjsip_wizard.conf")
    folder.load()
    assert folder.ids == {"aor": ["a"], "endpoint": ["a"]}


def test_a_file_that_is_refused_leaves_everything_and_is_told_until_it_is_mended(folder: Folder) -> None:
    folder.load(GOOD)
    for _ in range(2):
        loaded = folder.load("[a\n")
        assert [(severity, line) for severity, _, line in folder.told()] == [("error", 1)]
        assert "what was loaded before stays in force" in folder.findings[0].message
        assert loaded.stores == {}
        assert folder.ids == {"aor": ["a"], "endpoint": ["a"]}
    folder.load(GOOD)
    assert folder.told() == []


def test_a_file_that_cannot_be_read_is_not_a_missing_one(folder: Folder) -> None:
    folder.load(GOOD)
    path = folder.path / "pjsip_wizard.conf"
    path.unlink()
    path.symlink_to(folder.path / "nowhere")
    folder.load()
    assert [severity for severity, _, _ in folder.told()] == ["error"]
    assert folder.ids == {"aor": ["a"], "endpoint": ["a"]}


def test_of_a_file_that_was_never_good_nothing_can_be_said(folder: Folder) -> None:
    folder.load("[a\n")
    with pytest.raises(Unavailable, match=r"pjsip_wizard\.conf:1"):
        folder.stores["endpoint"].retrieve("a")


def test_a_store_opened_later_is_filled_from_an_unchanged_file(folder: Folder) -> None:
    folder.open(Endpoint)
    folder.load(GOOD + "nonsense = 1\n")
    before = folder.stores["endpoint"].snapshot
    folder.open(Aor)
    loaded = folder.load()
    assert loaded.stores.keys() == {folder.stores["aor"]}
    assert folder.stores["endpoint"].snapshot is before
    for _ in range(2):
        assert folder.told() == [("warning", "unknown-option", 4)]
        folder.load()
    folder.load(GOOD + "aor/max_contacts = 2\n")
    assert folder.settings("aor", "a") == {"max_contacts": "2"}


def test_a_file_that_changes_while_a_new_store_is_filled_is_loaded_for_all(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.open(Endpoint)
    folder.load(GOOD)
    folder.open(Aor)
    monkeypatch.setattr(source.Source, "unchanged", lambda self: self.reading is not None)
    folder.load(GOOD.replace("[a]", "[b]"))
    assert folder.ids == {"aor": ["b"], "endpoint": ["b"]}


def test_a_changed_file_is_told_to_who_watches(folder: Folder) -> None:
    assert isinstance(folder.wizard, Noticing)
    folder.load(GOOD)
    told: queue.Queue[Sequence[Notice]] = queue.Queue()
    watch = folder.wizard.watch(told.put)
    try:
        folder.write(GOOD + "aor/max_contacts = 2\n")
        assert {notice.store for notice in told.get(timeout=60)} == set(folder.stores.values())
    finally:
        watch.close()


def test_a_released_store_lets_go_of_its_objects_and_leaves_the_others(folder: Folder) -> None:
    folder.load(GOOD)
    aor = folder.stores.pop("aor")
    folder.wizard.release(aor)
    with pytest.raises(Unavailable):
        aor.retrieve("a")
    assert folder.ids == {"endpoint": ["a"]}
    folder.wizard.close()
    with pytest.raises(Unavailable):
        folder.stores["endpoint"].retrieve("a")
