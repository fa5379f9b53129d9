"""Wizards by name."""

from __future__ import annotations

from importlib import metadata
from typing import Any

import pytest

from sorcery import ConfigurationError, Registry, UnknownWizard
from sorcery_memory import MemoryWizard


def points(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, str]) -> None:
    """Make these the installed entry points."""
    found = metadata.EntryPoints(metadata.EntryPoint(name, value, "sorcery.wizards") for name, value in named)

    def entry_points(**selection: Any) -> metadata.EntryPoints:
        return found.select(**selection)

    monkeypatch.setattr(metadata, "entry_points", entry_points)


def test_an_installed_wizard_is_found_by_name() -> None:
    assert Registry().factory("memory") is MemoryWizard


def test_a_registered_wizard_comes_before_an_installed_one() -> None:
    class Mine(MemoryWizard):
        """Another memory."""

    registry = Registry()
    registry.register("memory", Mine)
    assert registry.factory("memory") is Mine


def test_a_name_is_registered_once() -> None:
    registry = Registry()
    registry.register("mine", MemoryWizard)
    with pytest.raises(ConfigurationError, match="'mine' is registered already"):
        registry.register("mine", MemoryWizard)


def test_an_unknown_wizard_is_refused_with_the_known_names(monkeypatch: pytest.MonkeyPatch) -> None:
    points(monkeypatch, ("other", "sorcery_memory:MemoryWizard"))
    registry = Registry()
    registry.register("mine", MemoryWizard)
    with pytest.raises(UnknownWizard, match="unknown wizard 'config'; use one of: mine, other"):
        registry.factory("config")


def test_a_name_that_two_distributions_claim_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    points(monkeypatch, ("mine", "sorcery_memory:MemoryWizard"), ("mine", "sorcery_astdb:AstdbWizard"))
    with pytest.raises(ConfigurationError, match="claimed by sorcery_memory:MemoryWizard and sorcery_astdb"):
        Registry().factory("mine")


def test_a_name_that_is_listed_twice_alike_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    points(monkeypatch, *[("mine", "sorcery_memory:MemoryWizard")] * 2)
    assert Registry().factory("mine") is MemoryWizard


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("realtime", r"install pysorcery\[realtime\]"), ("mine", "mend the distribution of no_such_module:Wizard")],
)
def test_a_wizard_that_cannot_be_imported_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, name: str, remedy: str
) -> None:
    points(monkeypatch, (name, "no_such_module:Wizard"), ("good", "sorcery_memory:MemoryWizard"))
    registry = Registry()
    with pytest.raises(ConfigurationError, match=f"'{name}' cannot be loaded: .*{remedy}"):
        registry.factory(name)
    assert registry.factory("good") is MemoryWizard


def test_nothing_is_imported_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(point: metadata.EntryPoint) -> type[MemoryWizard]:
        loaded.append(point.name)
        return MemoryWizard

    points(monkeypatch, ("one", "a:B"), ("two", "c:D"))
    monkeypatch.setattr(metadata.EntryPoint, "load", load)
    registry = Registry()
    assert loaded == []
    for _ in range(2):
        registry.factory("two")
    assert loaded == ["two"]


def test_a_wizard_can_be_taken_off_once() -> None:
    registry = Registry()
    registry.register("mine", MemoryWizard)
    registry.unregister("mine")
    for unregister_or_use in (registry.unregister, registry.factory):
        with pytest.raises(UnknownWizard, match="unknown wizard 'mine'"):
            unregister_or_use("mine")
    registry.register("mine", MemoryWizard)
    assert registry.factory("mine") is MemoryWizard


def test_an_installed_wizard_cannot_be_taken_off() -> None:
    registry = Registry()
    assert registry.factory("memory") is MemoryWizard
    with pytest.raises(UnknownWizard):
        registry.unregister("memory")
