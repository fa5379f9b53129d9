"""Keyword arguments of recipes as options of a command."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

from sorcery import ConfigurationError, Secret
from sorcery.pjsip import Endpoint
from sorcery.recipes import RECIPES, Bundle
from sorcery_cli.recipes.command import command_of
from sorcery_cli.recipes.parameters import Parameter, parameters


def door(
    id: str,
    *,
    code: Annotated[Secret, "What opens it."],
    loud: Annotated[bool, "Whether it rings."] = False,
    side: Literal["left", "right"] = "left",
    bells: Annotated[tuple[str, ...], "Who it rings at."] = ("100", "101"),
    seconds: int = 5,
    context: str = "doors",
) -> Bundle:
    """A door with a microphone."""
    return Bundle((Endpoint(id, context=context, set_var={side: "+".join(bells)}),))


def test_each_argument_has_a_type_a_default_and_what_it_is() -> None:
    found = parameters(door)
    assert list(found) == ["code", "loud", "side", "bells", "seconds", "context"]
    assert found["code"] == Parameter("code", Secret, found["code"].default, "What opens it.")
    assert found["code"].is_required
    assert found["bells"].default == ("100", "101")
    assert not found["bells"].is_required


def test_of_a_secret_the_option_tells_only_where_it_lies() -> None:
    found = parameters(door)
    assert found["code"].option == "--code-from"
    assert found["seconds"].option == "--seconds"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("seconds", "7", 7),
        ("bells", "1, 2,,3", ("1", "2", "3")),
        ("loud", "Yes", True),
        ("loud", "no", False),
        ("side", "right", "right"),
        ("code", "x", Secret("x")),
        ("context", "a,b", "a,b"),
    ],
)
def test_a_text_is_read_as_its_type_wants_it(name: str, text: str, value: object) -> None:
    assert parameters(door)[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [("seconds", "-1", "whole number"), ("loud", "true", "yes or no"), ("side", "up", "left, right")],
)
def test_a_text_that_means_nothing_is_refused_with_what_would(name: str, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        parameters(door)[name].read(text)


def test_an_argument_that_no_option_can_be_is_told() -> None:
    def odd(id: str, *, when: complex = 0j) -> Bundle:
        return Bundle(())

    with pytest.raises(ConfigurationError, match="no option can be made of parameter 'when'"):
        parameters(odd)

    def open_to_all(id: str, **options: str) -> Bundle:
        return Bundle(())

    with pytest.raises(ConfigurationError, match="no option can be made of parameter 'options'"):
        parameters(open_to_all)


def test_an_annotation_that_names_nothing_is_told() -> None:
    def odd(id: str, *, when: Nowhere = 0) -> Bundle:  # type: ignore[name-defined]  # noqa: F821
        return Bundle(())

    with pytest.raises(ConfigurationError, match=r"odd: name 'Nowhere' is not defined"):
        parameters(odd)


def test_an_argument_called_like_an_option_of_all_is_told() -> None:
    def odd(id: str, *, dry_run: bool = False) -> Bundle:
        return Bundle(())

    with pytest.raises(ConfigurationError, match="--dry-run is an option of all recipes"):
        command_of("odd", odd)


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_argument_of_ours_says_what_it_is(name: str) -> None:
    found = parameters(RECIPES[name])
    assert [each.name for each in found.values() if not each.doc.endswith(".")] == []


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install three recipes: one cannot be imported, and no command can be made of another."""
    folder = tmp_path / "doors-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: doors\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(
        "[sorcery.recipes]\nbroken = no_such_module:door\ndoor = doors:door\nodd = doors:odd\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module = types.ModuleType("doors")
    module.door = door  # type: ignore[attr-defined]
    module.odd = lambda id, **options: Bundle(())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "doors", module)


@pytest.mark.usefixtures("installed")
def test_a_recipe_of_somebody_else_is_a_command(run: Any, url: str) -> None:
    words = ("new", "door", "front", "--code-from", "generate", "--side", "right", "--bells", "7")
    result = run("--db", url, *words)
    assert (result.code, result.err) == (0, "")
    assert "context: doors" in result.out
    assert "set_var: right=7" in result.out


@pytest.mark.usefixtures("installed")
def test_one_that_can_be_no_command_hides_no_other(run: Any) -> None:
    listed = {each["recipe"]: each["summary"] for each in run("new", "--json").json}
    assert listed["door"] == "A door with a microphone."
    assert "cannot be loaded" in listed["broken"]
    assert "no option can be made of parameter 'options'" in listed["odd"]
    assert "door" in run("new", "--help").out
    used = run("new", "broken", "x")
    assert (used.code, "no_such_module" in used.err) == (1, True)
