from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.conf import read_conf
from sorcery.conf.editing.confined import is_confined, with_own

BEFORE, AFTER = b"[a](t)\nk=1", b"[a](t)\nk=2"


def test_a_plain_section_that_nobody_copies_is_edited_alone() -> None:
    assert is_confined(BEFORE, AFTER, [b"[t](!)\n" + AFTER + b"\n[b](t)\n[t](+)\n"])


@pytest.mark.parametrize(
    "other",
    ["[b](a)", "[b](!,A)", "[b]()", "[b](t,)", "[b](+k=1)", "[b](\\;)", "[b];-- x --;(a)", "[b](x;-- --;a)"],
)
def test_it_is_not_where_another_header_may_look_at_it(other: str) -> None:
    assert not is_confined(BEFORE, AFTER, [AFTER, other.encode()])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, b"[a](t)\nk=2\n#include x"),
        (BEFORE, b"[a](t)\nk=2 ;-- x"),
        (BEFORE, b"[a](u)\nk=2"),
        (BEFORE, b"[b](t)\nk=2"),
        (b"[a](+)\nk=1", b"[a](+)\nk=2"),
        (b"[a](t)\nk=1\nl += 1", b"[a](t)\nk=2\nl += 1"),
    ],
)
def test_it_is_not_if_it_is_more_than_its_own_settings(before: bytes, after: bytes) -> None:
    assert not is_confined(before, after, [])


def test_a_long_name_is_found_by_what_is_left_of_it() -> None:
    long = b"n" * 90
    assert not is_confined(b"[" + long + b"]\n", b"[" + long + b"]\nk=1", [b"[b](" + b"n" * 79 + b")"])


def test_its_own_settings_are_those_that_the_parser_reads(tmp_path: Path) -> None:
    head, after = "[t](!)\nt=1\n", "[a](t)\nk=2 ; x\n\n; y\n l => \\;3"
    path = tmp_path / "a.conf"
    path.write_text(f"{head}[a](t)\nk=1")
    before = read_conf(path).categories[1]
    path.write_text(head + after)
    assert with_own(before, after.encode()) == read_conf(path).categories[1]
