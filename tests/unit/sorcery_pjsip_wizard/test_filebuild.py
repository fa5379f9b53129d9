from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sorcery.building import Builder
from sorcery.pjsip import Endpoint, Identify

if TYPE_CHECKING:
    from sorcery.conf import Category
    from sorcery.objects import Object
    from tests.unit.sorcery_pjsip_wizard.conftest import Folder

TEMPLATE = "[t](!)\ntype = wizard\naccepts_registrations = yes\n"
REST = "[a](t)\n[b](t)\nendpoint/context = x\n"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the objects that are built, one by one."""
    made: list[str] = []
    build = Builder.build

    def counted(self: Builder, section: Category) -> Object:
        obj = build(self, section)
        made.append(f"{obj.__sorcery__.name}/{obj.id}")
        return obj

    monkeypatch.setattr(Builder, "build", counted)
    return made


def test_only_sections_that_say_something_else_are_built_again(folder: Folder, built: list[str]) -> None:
    folder.load(TEMPLATE + REST)
    assert built == ["aor/a", "endpoint/a", "aor/b", "endpoint/b"]
    built.clear()
    loaded = folder.load("\n" + TEMPLATE + REST.replace("= x", "= y") + "[c](t)\n")
    assert built == ["aor/b", "endpoint/b", "aor/c", "endpoint/c"]
    difference = loaded.stores[folder.stores["endpoint"]].difference
    assert [new.id for new, _ in difference.updated] == ["b"]
    assert [obj.id for obj in difference.created] == ["c"]
    assert folder.ids == {"aor": ["a", "b", "c"], "endpoint": ["a", "b", "c"]}


def test_a_changed_template_changes_all_that_copy_it(folder: Folder, built: list[str]) -> None:
    folder.load(TEMPLATE + REST)
    built.clear()
    folder.load(TEMPLATE + "endpoint/allow = alaw\n" + REST)
    assert len(built) == 4
    assert folder.settings("endpoint", "a")["allow"] == "alaw"


def test_a_section_with_a_fault_is_built_at_each_load(folder: Folder, built: list[str]) -> None:
    bad = "[bad](t)\naor/max_contacts = x\n"
    folder.load(TEMPLATE + REST + bad)
    for comment in (";1\n", ";2\n"):
        built.clear()
        folder.load(comment + TEMPLATE + REST + bad)
        assert built == ["endpoint/bad"]
        assert [rule for _, rule, _ in folder.told()] == ["refused-value"]


def test_stores_that_were_built_at_different_times_are_built_together_once(folder: Folder, built: list[str]) -> None:
    folder.open(Endpoint)
    folder.load(TEMPLATE + REST)
    folder.open(Identify)
    folder.load()
    built.clear()
    folder.load(";\n" + TEMPLATE + REST)
    assert built == ["endpoint/a", "endpoint/b"]
    built.clear()
    folder.load(";;\n" + TEMPLATE + REST)
    assert built == []


def test_objects_of_known_sections_vanish_with_these(folder: Folder) -> None:
    folder.load(TEMPLATE + REST)
    folder.load(TEMPLATE + "[b](t)\nendpoint/context = x\n")
    assert folder.ids == {"aor": ["b"], "endpoint": ["b"]}
