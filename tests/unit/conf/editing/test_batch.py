"""Several edits at once come to what they would one by one, and cost one look at the result."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sorcery.conf import Category, ConfSyntaxError, read_conf
from sorcery.conf.editing import (
    Addition,
    Document,
    EditRefused,
    Removal,
    Update,
    batch,
    body,
    checks,
    contents,
    section,
)
from sorcery.conf.editing.batch import Edit
from sorcery.conf.editing.effects import Said, said
from sorcery.conf.editing.syntax import read_line

MAIN = """\
; The file's head
[t](!)
k = 0

[a](t)
x = 1 ; note

; of b
[b]
x = 2
y = 3
"""


def written(folder: Path, text: str = MAIN, **more: str) -> Document:
    for name, content in {"main": text, **more}.items():
        (folder / f"{name}.conf").write_bytes(content.encode())
    return Document.read(folder / "main.conf")


def text(document: Document, name: str = "main") -> str:
    return next(content for path, content in document.files.items() if Path(path).stem == name).decode()


def means(document: Document) -> list[Said]:
    """Return what the document says of itself; it is what a parse of its bytes says."""
    claimed = [said(document.outline.read(entry)) for entry in document.outline.entries]
    for path, content in document.files.items():
        Path(path).write_bytes(content)
    assert claimed == [said(category) for category in read_conf(document.path).categories]
    return claimed


def test_edits_of_several_sections_are_made_together(tmp_path: Path) -> None:
    edits: list[Edit] = [
        Update(section("a"), {"x": ["9"], "k": ["1"]}),
        Addition("c", [("x", "4")]),
        Addition("d", [("x", "5")]),
        Removal(section("b")),
    ]
    edited = written(tmp_path).apply(edits)
    assert text(edited) == (
        "; The file's head\n[t](!)\nk = 0\n\n[a](t)\nx = 9 ; note\nk = 1\n\n[c]\nx = 4\n\n[d]\nx = 5\n"
    )
    means(edited)


def test_what_cannot_reach_further_is_known_without_another_parse(tmp_path: Path) -> None:
    document = written(tmp_path)
    _ = document.outline
    with patch.object(contents, "survey", side_effect=AssertionError):
        for number in range(3):
            document = document.apply(
                [
                    Update(section("a"), {"x": ["1"] * (3 - number), "z": ["1"] * number}),
                    Update(section("b"), {"y": [str(number)], "v": [str(number)] * number}),
                    Addition(f"n{number}", [("x", "1")]),
                    Addition(f"m{number}", [("x", "1")]),
                ]
            )
        document = document.apply([Update(section("n0"), {"x": ["1", "2"]}), Update(section("m2"), {"x": []})])
        document = document.apply([Update(section("n1"), {"x": ["7"]}), Update(section("m2"), {"x": ["8"]})])
    assert [document.section(section(name)).last("x") for name in ("n0", "m0", "n1", "m2")] == ["2", "1", "7", "8"]
    means(document)


def test_a_line_at_the_end_of_the_last_section_stands_before_a_new_one(tmp_path: Path) -> None:
    edits: list[Edit] = [Addition("c", [("x", "4")]), Update(section("b"), {"x": ["2", "3"], "z": ["1"]})]
    edited = written(tmp_path, "[b]\nx=2").apply(edits)
    assert text(edited) == "[b]\nx=2\nx=3\nz=1\n\n[c]\nx=4"
    again = edited.apply([Addition("d", []), Update(section("c"), {"y": ["1"]}), Update(section("b"), {"x": []})])
    assert text(again) == "[b]\nz=1\n\n[c]\nx=4\ny=1\n\n[d]"
    means(again)


@pytest.mark.parametrize("ending", ["", "\n", "\n\n", "\n;c", "\n; c\n"])
def test_a_section_is_appended_whatever_the_file_ends_with(tmp_path: Path, ending: str) -> None:
    document = written(tmp_path, "[a]\nx=1" + ending).apply([Addition("b", [("y", "2")])])
    with patch.object(contents, "survey", side_effect=AssertionError):
        document = document.apply([Update(section("a"), {"x": ["1", "2"]}), Addition("c", [("y", "2")])])
    assert [each[0] for each in means(document)] == ["a", "b", "c"]
    assert text(document).startswith("[a]\nx=1\nx=2")
    assert "\n\n[b]\ny=2\n\n[c]\ny=2" in text(document)


@pytest.mark.parametrize(
    ("more", "edit", "complaint"),
    [
        ("[x](b)\n", Update(section("b"), {"x": ["9"]}), r"\[x\] .*would change with it"),
        ("[x](b)\n", Removal(section("b")), "break the file"),
        ("", Addition("b", [("x", "1")]), "already"),
        ("[x](+)\n", Addition("x", []), "break|already"),
        ("", Addition("q", [("x", "two\nlines")]), "line feed"),
        ("", Update(section("none"), {}), "there is no section"),
    ],
)
def test_what_would_reach_further_is_refused(tmp_path: Path, more: str, edit: Edit, complaint: str) -> None:
    if more == "[x](+)\n":
        more = "[x]\n[x](+)\n"
    document = written(tmp_path, MAIN + more)
    before = dict(document.files)
    with pytest.raises(EditRefused, match=complaint):
        document.apply([edit])
    assert dict(document.files) == before


def test_a_new_section_does_not_take_over_what_follows_an_include(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\n#include more.conf\n#include last.conf\nx=1\n", more="y=1\n", last="v=1\n")
    with pytest.raises(EditRefused, match=r"\[a\] .* would change with it"):
        document.apply([Addition("b", [], file="more.conf")])
    edited = document.apply([Addition("b", [("z", "1")])])
    assert text(edited) == "[a]\n#include more.conf\n#include last.conf\nx=1\n\n[b]\nz=1\n"


def test_sections_are_added_to_the_file_that_is_named(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\n#include more.conf\n[z]\n", more="[b]\nx=1\n")
    edited = document.apply([Addition("c", [("x", "2")], file="more.conf"), Update(section("a"), {"k": ["1"]})])
    assert text(edited, "more") == "[b]\nx=1\n\n[c]\nx=2\n"
    assert text(edited) == "[a]\nk = 1\n#include more.conf\n[z]\n"
    means(edited)


def test_new_sections_of_two_files_are_not_compared_with_one_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    meant = checks.is_meant

    def counted(category: Category, name: str, *rest: Any, **more: Any) -> bool:
        compared.append(name)
        return meant(category, name, *rest, **more)

    monkeypatch.setattr(batch, "is_meant", counted)
    document = written(tmp_path, "#include one.conf\n#include two.conf\n", one="[a]\n", two="[b]\n")
    names = [f"{file}{number}" for number in range(20) for file in ("one", "two")]
    edited = document.apply([Addition(name, [("x", "1")], file=f"{name[:3]}.conf") for name in names])
    assert sorted(each[0] for each in means(edited)) == sorted(["a", "b", *names])
    assert len(compared) == len(names)


def test_neighbours_are_removed_with_the_blank_lines_between_them(tmp_path: Path) -> None:
    document = written(tmp_path, "; head\n\n[a]\nx=1\n\n; b\n[b]\nx=1\n\n[c]\nx=1\n")
    assert text(document.apply([Removal(section("a")), Removal(section("b"))])) == "; head\n\n[c]\nx=1\n"
    edited = document.apply([Removal(section("b")), Removal(section("c"))])
    assert text(edited) == "; head\n\n[a]\nx=1\n"
    assert text(document.apply([Removal(section(name)) for name in "abc"])) == "; head\n"


def test_a_file_s_last_line_goes_alone_where_it_is_an_option(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\nx=1\n\ny=2\n").apply([Update(section("a"), {"y": []})])
    assert text(document) == "[a]\nx=1\n\n"
    assert text(document.apply([Addition("b", [])])) == "[a]\nx=1\n\n[b]\n"


def test_a_comment_that_the_file_begins_with_stays(tmp_path: Path) -> None:
    document = written(tmp_path, "; of the file\n[a]\nx=1\n\n; of b\n[b]\n")
    assert text(document.apply([Removal(section("a"))])) == "; of the file\n\n; of b\n[b]\n"
    assert text(document.apply([Removal(section("b"))])) == "; of the file\n[a]\nx=1\n"


def test_an_outline_of_a_simple_file_is_a_document_at_once(tmp_path: Path) -> None:
    outline = written(tmp_path).outline
    document = Document.of(outline)
    assert document is not None
    with patch.object(contents, "survey", side_effect=AssertionError):
        edited = document.apply([Update(section("b"), {"x": ["7"]})])
    assert text(edited) == MAIN.replace("x = 2", "x = 7")
    assert edited.save().edited == {}


@pytest.mark.parametrize("more", ["#include more.conf\n", "#tryinclude none\n", ";-- x --;\n", "[a](+)\n", "\0\n"])
def test_any_other_outline_takes_another_look(tmp_path: Path, more: str) -> None:
    assert Document.of(written(tmp_path, MAIN + more, more="").outline) is None


def test_a_file_that_is_not_there_is_made_unless_it_comes_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "new.conf"
    document = Document.absent(path).apply([Addition("a", [("x", "1")])])
    assert not path.exists()
    document.save()
    assert path.read_text() == "[a]\nx = 1\n"
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(EditRefused, match="changed"):
        document.apply([Update(section("a"), {"x": ["2"]})]).save()


def test_a_faulty_file_stays_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfSyntaxError):
        written(tmp_path, "[a](none)\n")


def test_each_line_is_taken_apart_once_however_much_changes(tmp_path: Path) -> None:
    before = "".join(f"[s{number}]\na = 1\nb = 2\nc = 3\n\n" for number in range(50))
    document = written(tmp_path, before)
    edits = [
        Update(section(f"s{number}"), {"a": ["5"], "b": [], "d": ["6"], "e": [f"{number}"], "f": ["7", "8"]})
        for number in range(50)
    ]
    with patch.object(body, "read_line", wraps=read_line) as read:
        edited = document.apply(edits)
    assert text(edited).startswith("[s0]\na = 5\nc = 3\nd = 6\ne = 0\nf = 7\nf = 8\n\n[s1]\n")
    assert read.call_count <= 50 * 6
    assert means(edited) == means(Document.read(tmp_path / "main.conf"))
