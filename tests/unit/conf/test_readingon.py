from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import ConfSyntaxError, read_conf
from sorcery.conf.readingon import read_on


def told(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    path = tmp_path / "main"
    path.write_text(text)
    with pytest.raises(ConfSyntaxError):
        read_conf(path)
    return [(message.place.line, message.code) for message in read_on(path).messages]


def test_every_fault_is_told(tmp_path: Path) -> None:
    text = "early=1\n[a\nx=1\n[b](nobody)\n\\\n[c](+)\n[d\n"
    assert told(tmp_path, text) == [
        (1, "no-category"),
        (2, "header-unclosed-bracket"),
        (4, "base-missing"),
        (5, "bad-escape"),
        (6, "append-target-missing"),
        (7, "header-unclosed-bracket"),
    ]


def test_the_lines_of_a_refused_header_are_nobody_elses(tmp_path: Path) -> None:
    path = tmp_path / "main"
    path.write_text("[a]\nx=1\n[b](nobody)\ny=2\n[c](b)\n")
    a, c = read_on(path).conf().sections()
    assert [(each.name, [line.key for line in each.variables]) for each in (a, c)] == [("a", ["x"]), ("c", ["y"])]


def test_a_base_that_is_missing_is_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, "[a](t)\n[b](t)\n[c](u)\n") == [(1, "base-missing"), (3, "base-missing")]


def test_lines_before_the_first_header_are_told_once(tmp_path: Path) -> None:
    assert told(tmp_path, "a=1\nb=2\n[c]\nno sign\n") == [(1, "no-category"), (4, "no-equals")]


def test_what_may_stand_in_a_missing_file_is_not_missed(tmp_path: Path) -> None:
    text = "#include nowhere\n[a](t)\n[b](+)\n"
    assert told(tmp_path, text) == [(1, "include-missing")]


def test_what_would_take_for_ever_still_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "main"
    path.write_text("[a]\nx=1\n[a](+,a)\n")
    with pytest.raises(ConfSyntaxError):
        read_on(path)
