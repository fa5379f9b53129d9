"""Recipes by name, ours and others'."""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

import pytest

from sorcery import ConfigurationError
from sorcery.recipes import RECIPES, Bundle, find, names, phone


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which a distribution names its recipes."""
    folder = tmp_path / "cookery-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: cookery\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module = types.ModuleType("cookery")
    module.door = lambda id: Bundle(())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cookery", module)
    return folder / "entry_points.txt"


def test_ours_are_found_by_name() -> None:
    assert names()[: len(RECIPES)] == tuple(RECIPES)
    assert find("phone") is phone


def test_others_are_found_by_their_entry_point(installed: Path) -> None:
    installed.write_text("[sorcery.recipes]\ndoor = cookery:door\nphone = cookery:door\n")
    assert names()[len(RECIPES) :] == ("door",)
    assert find("door")("x") == Bundle(())
    assert find("phone") is phone  # whoever types that means ours


def test_a_name_that_is_none_is_told_with_the_likely_one() -> None:
    with pytest.raises(ConfigurationError, match=r"no recipe 'fone'; did you mean phone\?"):
        find("fone")
    with pytest.raises(ConfigurationError, match="use one of: phone, softphone"):
        find("xyzzy")


def test_one_that_cannot_be_imported_says_whose_it_is(installed: Path) -> None:
    installed.write_text("[sorcery.recipes]\ndoor = cookery:window\n")
    with pytest.raises(ConfigurationError, match=r"recipe 'door' \(cookery:window\) cannot be loaded"):
        find("door")


def test_one_whose_module_fails_or_that_is_no_function_is_told(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "bakery.py").write_text("raise RuntimeError('no flour')\n")
    installed.write_text("[sorcery.recipes]\nbread = bakery:bread\nname = cookery:__name__\n")
    with pytest.raises(ConfigurationError, match=r"recipe 'bread' \(bakery:bread\) cannot be loaded: no flour"):
        find("bread")
    with pytest.raises(ConfigurationError, match=r"recipe 'name' \(cookery:__name__\) is no function"):
        find("name")


def test_a_name_that_two_claim_is_nobody_s(installed: Path, tmp_path: Path) -> None:
    installed.write_text("[sorcery.recipes]\ndoor = cookery:door\n")
    other = tmp_path / "bakery-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: bakery\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[sorcery.recipes]\ndoor = bakery:door\n")
    importlib.invalidate_caches()
    with pytest.raises(ConfigurationError, match="claimed by"):
        find("door")
