from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import globs
from sorcery.conf.globs import TooManyMatches, expand, is_pattern

NAMES = ["10", "9", "B", "_", "a", "b", "é", ".hid", "a*b", "[x", "ab"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "f.inc").touch()
    return tmp_path


def found(pattern: str, folder: Path) -> list[str]:
    return [path.removeprefix(f"{folder}/") for path in expand(pattern, f"{folder}/")]


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", ["10", "9", "B", "[x", "_", "a", "a*b", "ab", "b", "sub", "é"]),
        ("?", ["9", "B", "_", "a", "b", "é"]),
        ("[ab]", ["a", "b"]),
        ("[!ab]", ["9", "B", "_", "é"]),
        ("[^ab]", ["9", "B", "_", "é"]),
        ("[[:digit:]]*", ["10", "9"]),
        ("a*", ["a", "a*b", "ab"]),
        ("a*b", ["a*b", "ab"]),
        (r"a\*b", ["a*b"]),
        (r"a\**", ["a*b"]),
        ("[x", ["[x"]),
        ("[x*", ["[x"]),
        (r"[\[]x", ["[x"]),
        (".h*", [".hid"]),
        ("[.]hid", []),
        ("*/f.*", ["sub/f.inc"]),
        ("s?b/../a", ["sub/../a"]),
        ("{b,none,a}", ["b", "none", "a"]),
        ("{b,[0-9]*,a}", ["b", "10", "9", "a"]),
        ("{a,{b,c}}{x,}", ["ax", "a", "bx", "b", "cx", "c"]),
        ("{a", ["{a"]),
        (r"\{a,b\}", ["{a,b}"]),
        ("none", ["none"]),
        ("a\\", ["a\\"]),
        ("?\\", []),
        ("none*", []),
        ("", [""]),
    ],
)
def test_what_a_pattern_stands_for(pattern: str, names: list[str], folder: Path) -> None:
    assert found(pattern, folder) == names


def test_a_star_takes_what_the_rest_of_the_pattern_leaves(folder: Path) -> None:
    (folder / "xaxbxaxb").touch()
    assert found("x*a*b", folder) == ["xaxbxaxb"]
    assert found("x*b*a", folder) == []


def test_the_root_is_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "a[b]*"
    folder.mkdir()
    (folder / "f").touch()
    assert found("*", folder) == ["f"]


def test_names_that_are_not_utf_8_are_found(tmp_path: Path) -> None:
    Path(f"{tmp_path}/\udce9").touch()
    assert found("?", tmp_path) == ["\udce9"]


@pytest.mark.parametrize(("path", "truth"), [("a/b", False), (r"a\*", False), ("a?", True), ("{a", True)])
def test_which_paths_are_patterns(path: str, truth: bool) -> None:
    assert is_pattern(path) is truth


def test_braces_that_multiply_without_bound_are_refused() -> None:
    with pytest.raises(TooManyMatches):
        expand("{a,b}" * 40, "/")


def test_braces_may_follow_each_other_by_the_thousand() -> None:
    assert expand("{a}" * 2000, "/") == ["/" + "a" * 2000]


def test_too_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globs, "MAX_MATCHES", 3)
    with pytest.raises(TooManyMatches):
        found("*", folder)
