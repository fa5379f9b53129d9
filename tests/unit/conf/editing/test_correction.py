"""Many options corrected at once: their lines, the copies of them, and nothing else."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest

from sorcery.conf.editing import Correction, Document, body
from sorcery.conf.editing.syntax import read_line


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "more.inc").write_text("k = in\n")
    (tmp_path / "main.conf").write_text(
        "[t](!)\nk = base ; note\n\n[a](t)\nk = own\nl = 1\n#include more.inc\n[b](t)\n"
    )
    return Document.read(tmp_path / "main.conf")


def said(document: Document) -> dict[str, list[tuple[str, str]]]:
    return {each.name: [(line.key, line.value) for line in each.variables] for each in document.conf.categories}


def text(document: Document) -> str:
    return document.files[document.path].decode()


def test_a_name_changes_in_all_lines_and_in_copies(document: Document) -> None:
    edited, refused = document.correct(
        [Correction(section=0, key="K", name="new"), Correction(section=1, key="k", name="k2")]
    )
    assert not refused
    assert text(edited) == "[t](!)\nnew = base ; note\n\n[a](t)\nk2 = own\nl = 1\n#include more.inc\n[b](t)\n"
    assert edited.files[f"{document.directory}/more.inc"] == b"k2 = in\n"
    assert said(edited) == {
        "t": [("new", "base")],
        "a": [("new", "base"), ("k2", "own"), ("l", "1"), ("k2", "in")],
        "b": [("new", "base")],
    }


def test_values_change_line_by_line_and_lines_go(document: Document) -> None:
    edited, refused = document.correct(
        [Correction(section=1, key="k", values=["x", "y"]), Correction(section=0, key="k", values=[])]
    )
    assert not refused
    assert text(edited) == "[t](!)\n\n[a](t)\nk = x\nl = 1\n#include more.inc\n[b](t)\n"
    assert said(edited)["a"] == [("k", "x"), ("l", "1"), ("k", "y")]


def test_what_is_inherited_or_torn_is_refused_and_the_rest_is_made(document: Document) -> None:
    edited, refused = document.correct(
        [Correction(section=2, key="k", name="n"), Correction(section=1, key="l", name="m")]
    )
    ((correction, error),) = refused
    assert correction.section == 2
    assert "inherits 'k'" in str(error)
    assert "\nm = 1\n" in text(edited)


def test_what_would_change_another_section_is_left_out(tmp_path: Path) -> None:
    before = "[a]\nk=1\n[b]\nl=1\n[x](+)\nm=1\n".replace("[x](+)", "[a](+l=1)")
    (tmp_path / "main.conf").write_text(before.replace("[b]", "[a]"))
    document = Document.read(tmp_path / "main.conf")
    edited, refused = document.correct(
        [Correction(section=0, key="k", name="n"), Correction(section=1, key="l", name="n")]
    )
    assert [correction.key for correction, _ in refused] == ["l"]
    assert text(edited) == "[a]\nn=1\n[a]\nl=1\n[a](+l=1)\nm=1\n"


def test_nothing_to_correct_changes_nothing(document: Document) -> None:
    assert document.correct([])[0].edited == {}


def test_a_section_is_taken_apart_once_however_much_is_corrected(tmp_path: Path) -> None:
    (tmp_path / "main.conf").write_text("[a]\n" + "".join(f"k{number} = v\n" for number in range(200)))
    document = Document.read(tmp_path / "main.conf")
    with patch.object(body, "read_line", wraps=read_line) as read:
        edited, refused = document.correct(
            [Correction(section=0, key=f"k{number}", name=f"n{number}") for number in range(200)]
        )
    assert not refused
    assert text(edited) == "[a]\n" + "".join(f"n{number} = v\n" for number in range(200))
    assert read.call_count == 201
