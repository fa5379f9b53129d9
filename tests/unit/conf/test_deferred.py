from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import Outline, Variable, read_outline
from sorcery.conf.deferred import pieces, plain_header
from sorcery.conf.lines import BUFFER


def outline(folder: Path, text: str, **others: str) -> Outline:
    for name, content in {"main": text, **others}.items():
        (folder / name).write_bytes(content.encode())
    return read_outline(folder / "main")


def unread(outline: Outline) -> list[str]:
    """Return the names of the sections that were left unread."""
    return [outline.read(entry).name for entry in outline.entries if isinstance(entry, int)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", [(0, b"")]),
        (b"[a]\nx=1\n[b]\n", [(0, b"[a]\nx=1"), (8, b"[b]\n")]),
        (b"\n[a]\n\n[b]", [(0, b""), (1, b"[a]\n"), (6, b"[b]")]),
        (b"[a]\n [b]", [(0, b"[a]\n [b]")]),
        (b"[a]\n[b]\n\0", [(0, b"[a]\n[b]\n\0")]),
    ],
)
def test_a_piece_begins_with_each_bracket_at_a_lines_start(data: bytes, expected: list[tuple[int, bytes]]) -> None:
    assert list(pieces(data)) == expected


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        (b"[a]", (b"a", b"")),
        (b"[a](t,u) \r\n k = v ; note\n; note\n\n\tk+=>w=\\;\xff", (b"a", b"(t,u)")),
        (b"[]\nk=", (b"", b"")),
    ],
)
def test_plain_sections_are_recognised(piece: bytes, expected: tuple[bytes, bytes]) -> None:
    assert plain_header(piece) == expected


@pytest.mark.parametrize(
    "piece",
    [
        b"k=v",
        b"[a",
        b"[a](!)",
        b"[a](+)",
        b"[a](t",
        b"[a] behind",
        b"[a] ; note",
        b"[a]\nk",
        b"[a]\n=v",
        b"[a]\n+=v",
        b"[a]\n\\k=v",
        b"[a]\nk;=v",
        b"[a]\n#include b",
        b"[a]\n [b]",
        b"[a]\n;-- k=v",
        b"[a]\nk=v --;",
        b"[a]\nk=\0",
        b"[a]\nk=" + b"v" * BUFFER,
    ],
)
def test_whatever_could_be_faulty_or_reach_further_is_not_plain(piece: bytes) -> None:
    assert plain_header(piece) is None


def test_a_plain_section_is_left_unread_until_it_is_asked_for(tmp_path: Path) -> None:
    found = outline(tmp_path, "[t](!)\nx=1\n[a](t)\ny => 2 ; note\n\n y += 3\n[b] ; note\n")
    assert unread(found) == ["a"]
    a = found.read(found.entries[1])
    assert (a.name, a.line, a.bases) == ("a", 3, ("t",))
    assert a.variables == (Variable("x", "1", 2, "=", True), Variable("y", "2 3", 4, "=>"))


def test_a_plain_section_has_no_block_of_a_base_that_gives_nothing(tmp_path: Path) -> None:
    found = outline(tmp_path, "[e](!)\n[t](!)\nx=1\n[a](e,t)\ny=2\n[b](e)\n")
    assert unread(found) == ["a", "b"]
    a, b = found.conf().categories[2:]
    assert (a.bases, [len(block) for block in a.blocks]) == (("e", "t"), [1, 1])
    assert (b.bases, b.blocks) == (("e",), ())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("k=v", ("k", "v", "=")),
        ("\x01 k \t =\x02 v w \r", ("k", "v w", "=")),
        ("a b = c = d", ("a b", "c = d", "=")),
        ("k=", ("k", "", "=")),
        ("k = \t ", ("k", "", "=")),
        ("k = >v", ("k", ">v", "=")),
        ("k => v", ("k", "v", "=>")),
        ("a>=b", ("a>", "b", "=")),
        ("u+ = 1", ("u+", "1", "=")),
        ("k += v", ("k", "v", "=")),
        ("k = v ; note", ("k", "v", "=")),
        ("k = v\\;w", ("k", "v;w", "=")),
        ("k =;", ("k", "", "=")),
        ("k = \u00a0v\u2003 ", ("k", "\u00a0v\u2003", "=")),
        ("k = [#\\", ("k", "[#\\", "=")),
    ],
)
def test_lines_of_a_plain_section_say_what_they_say_in_any_other(
    tmp_path: Path, line: str, expected: tuple[str, str, str]
) -> None:
    plain, other = outline(tmp_path, f"\n[a]\n\n; note\n{line}\n[b] ; note\n\n; note\n{line}\n").conf().categories
    ((key, value, number, operator, *_),) = plain.variables
    assert (key, value, operator) == expected
    assert number == 5
    assert other.variables == (Variable(key, value, number + 4, operator),)


@pytest.mark.parametrize("base", ["x=" + "v" * 8000 + "\nx+=" + "w" * 8000, "x=1\n" * 10_001])
def test_what_adds_to_very_much_is_read_at_once(tmp_path: Path, base: str) -> None:
    found = outline(tmp_path, f"[t](!)\n{base}\n[a](t)\nx+=1\n[b](t)\n")
    assert unread(found) == ["b"]


def test_a_section_is_read_when_another_one_copies_it_or_adds_to_it(tmp_path: Path) -> None:
    found = outline(tmp_path, "[a]\nx=1\n[b]\n[c](a)\n[B](+)\ny=2\n[d]\n")
    assert unread(found) == ["c", "d"]
    assert [each.key for each in found.conf().categories[1].variables] == ["y"]


def test_the_first_lines_of_an_include_go_on_with_the_section_before(tmp_path: Path) -> None:
    found = outline(tmp_path, "[a]\n#include one\n#include two\n", one="[b]\nx=1\n", two="; note\ny=2\n")
    assert [each.key for each in found.conf().categories[1].variables] == ["x", "y"]


def test_a_comment_that_is_open_hides_sections(tmp_path: Path) -> None:
    found = outline(tmp_path, "[a]\n;--\n[b]\nx=1\n[c]\n--;\n[d]\n")
    assert [each.name for each in found.conf().categories] == ["a", "d"]
    assert unread(found) == ["d"]


def test_a_comment_goes_on_in_the_next_file_of_a_pattern(tmp_path: Path) -> None:
    found = outline(tmp_path, "#include x*\n", x1="[a]\n;--\n", x2="[b]\n--;\ny=2\n")
    assert [(each.name, each.first("y")) for each in found.conf().categories] == [("a", "2")]


def test_what_is_added_to_a_base_reaches_the_sections_that_copy_it_later(tmp_path: Path) -> None:
    found = outline(tmp_path, "[t](!)\nx=1\n[a](t)\n[t](+TEMPLATES=include)\ny=2\n[b](t)\n")
    assert unread(found) == ["a", "b"]
    assert [[each.key for each in category.variables] for category in found.conf().categories[1:]] == [
        ["x"],
        ["x", "y"],
    ]


def test_what_the_lines_before_an_include_add_to_a_base_reaches_the_sections_in_it(tmp_path: Path) -> None:
    text = "[t](!)\nx=1\n[a](t)\n[t](+TEMPLATES=include)\ny=2\n#include more\n"
    found = outline(tmp_path, text, more="[b](t)\n")
    assert unread(found) == ["a", "b"]
    assert [[each.key for each in category.variables] for category in found.conf().categories[1:]] == [
        ["x"],
        ["x", "y"],
    ]


class TestFingerprint:
    def fingerprints(self, folder: Path, text: str, **others: str) -> list[int]:
        found = outline(folder, text, **others)
        return [found.fingerprint(entry) for entry in found.entries if isinstance(entry, int)]

    def test_is_the_same_wherever_a_section_stands(self, tmp_path: Path) -> None:
        before = self.fingerprints(tmp_path, "[t](!)\nx=1\n[a](t)\ny=2\n[b]\nz=3")
        after = self.fingerprints(tmp_path, "; note\n[t](!)\n\nx=1\n[b]\nz=3\n#include more", more="[a](t)\ny=2")
        assert set(before) & set(after) == {before[0]}  # of [b], the include is a part now
        assert len(set(before)) == 2

    @pytest.mark.parametrize("text", ["[t](!)\nx=2\n[a](t)\ny=2", "[t](!)\nx=1\n[a](t)\ny=3", "[t](!)\nx=1\n[a]\ny=2"])
    def test_is_another_when_its_lines_or_its_bases_say_something_else(self, tmp_path: Path, text: str) -> None:
        before = self.fingerprints(tmp_path, "[t](!)\nx=1\n[a](t)\ny=2")
        assert self.fingerprints(tmp_path, text) != before
