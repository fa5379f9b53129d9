"""Lines of files and columns of rows, each with its place, and without its password where it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.chan_sip.source import Line, of_conf, of_rows
from sorcery.conf import read_conf
from sorcery.place import Place


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("secret", "hush", "********"),
        ("Secret", "hush", "********"),
        ("md5secret", "00", "********"),
        ("register", "bob:hush@h/1", "bob:********@h/1"),
        ("register", "bob:hu@sh:a@h", "bob:********@h"),
        ("register", "tls://bob:hush@h", "tls://bob:********@h"),
        ("register", "p?bob:hush@h", "p?bob:********@h"),
        ("register", "bob@h", "bob@h"),
        ("register", "hush", "********"),
        ("auth", "bob#00ff@realm", "bob:********@realm"),
        ("context", "inside", "inside"),
        ("secert", "hush", "********"),
    ],
)
def test_a_value_is_shown_without_passwords(option: str, value: str, shown: str) -> None:
    assert Line(0, "p", option, value, Place("sip.conf", 1)).shown == shown


def test_no_value_is_in_the_repr() -> None:
    assert "hush" not in repr(Line(0, "p", "secret", "hush", Place("sip.conf", 1)))


def test_lines_of_templates_and_includes_keep_their_places(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("[t](!)\ncontext = x\n")
    (tmp_path / "sip.conf").write_text("#include more.conf\n[a](t)\ntype = friend\n")
    (section,) = of_conf(read_conf(tmp_path / "sip.conf"))
    assert [(line.option, Path(line.place.source).name, line.place.line) for line in section.lines] == [
        ("context", "more.conf", 2),
        ("type", "sip.conf", 3),
    ]


def test_a_template_of_which_lines_are_taken_over_is_no_section(tmp_path: Path) -> None:
    (tmp_path / "sip.conf").write_text("[t](!)\na = 1\n[u](!,t)\nb = 2\n[v](!)\nc = 3\n[x](t)\n")
    found = of_conf(read_conf(tmp_path / "sip.conf"))
    assert [(each.name, each.is_template, len(each.lines)) for each in found] == [
        ("u", True, 1),
        ("v", True, 1),
        ("x", False, 1),
    ]


def test_an_empty_column_is_no_line() -> None:
    (section,) = of_rows("sippeers", [{"name": "a", "host": "", "port": None, "call-limit": 0, "context": " x "}])
    assert [(line.option, line.value) for line in section.lines] == [
        ("name", "a"),
        ("call-limit", "0"),
        ("context", "x"),
    ]
    assert section.place == Place("sippeers", row="a")


@pytest.mark.parametrize(
    ("stored", "values"),
    [
        ("A=1;B=2", ["A=1", "B=2"]),
        ("; 10.0.0.0/8 ;;", ["10.0.0.0/8"]),
        ("a^3Bb^5Ec", ["a;b^c"]),
        ("M^C3^BCller", ["Müller"]),
        ("a^3b^", ["a^3b^"]),
    ],
)
def test_a_column_holds_several_values_where_the_driver_splits(stored: str, values: list[str]) -> None:
    (section,) = of_rows("sippeers", [{"setvar": stored}])
    assert [line.value for line in section.lines] == values
    (section,) = of_rows("sippeers", [{"setvar": stored}], splits=False)
    assert [line.value for line in section.lines] == [stored]


def test_a_binary_column_is_text_too() -> None:
    (section,) = of_rows("sippeers", [{"name": b"101", "callerid": "M\u00fcller".encode()}])
    assert [section.name, *(line.value for line in section.lines)] == ["101", "101", "Müller"]


def test_the_name_of_a_row_is_decoded() -> None:
    (section,) = of_rows("sippeers", [{"name": "a^3Bb"}])
    assert (section.name, section.place.row) == ("a;b", "a;b")
