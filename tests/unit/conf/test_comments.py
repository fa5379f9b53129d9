from __future__ import annotations

import pytest

from sorcery.conf.comments import MAX_DEPTH, Comments
from sorcery.conf.messages import Fault


def live(*lines: str) -> list[str | None]:
    comments = Comments()
    return [comments.live(line, number) for number, line in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("a=1", "a=1"),
        ("a=1;b", "a=1"),
        (";a", ""),
        ('callerid="A; B" <1>', 'callerid="A'),
        (r"a=1\;2", "a=1;2"),
        (r"a\\;b", r"a\;b"),
        (r"a\\\;b", r"a\\;b"),
        (r"a\b", r"a\b"),
        ("k;-- x --;ey = 1", "key = 1"),
        ("a;-- x --;b;-- y --;c", "abc"),
        (";--- plain", ""),
        (";- -;", ""),
        ("a ; b --; c", "a "),
        ("a --; b", "a --; b"),
        (r"a\;-- b", "a;-- b"),
        ("a;-- x ;-- y --; z --;b", "ab"),
        ("\udcc3;-- --;\udca9", "é"),
        ("\udce2\udc82;-- --;\udcac;x", "€"),
        ("a\\;\udce2;-- --;\udc82\udcac;x", "a;€"),
    ],
)
def test_what_the_comments_of_one_line_leave(line: str, left: str) -> None:
    assert live(line) == [left]


def test_a_block_spans_lines_and_text_behind_its_end_is_live() -> None:
    assert live("a;-- x", "b=1", "y --;c=2", "d") == ["a", None, "c=2", "d"]


def test_blocks_nest() -> None:
    assert live(";-- a", ";-- b", "--;", "c", "--;d") == ["", None, None, None, "d"]


def test_an_end_that_begins_another_block_opens() -> None:
    assert live(";-- a --;-- b --;", "c") == ["", None]


def test_a_semicolon_inside_a_block_does_not_end_the_line() -> None:
    assert live(";--", "; x --;a") == ["", "a"]


def test_escapes_inside_a_block_keep_marks_from_counting() -> None:
    assert live(";--", r"\;-- --\; x", "--;a") == ["", None, "a"]


def test_a_mark_that_closes_nothing_hides_the_lines_below() -> None:
    comments = Comments()
    assert comments.live("a --; b", 7) == "a --; b"
    assert comments.live("c", 8) is None
    assert (comments.depth, comments.stray, comments.opened) == (-1, 7, None)


def test_a_block_that_opens_after_a_stray_end_gives_the_lines_below_it_back() -> None:
    assert live("--; a", "b", ";-- c", "d") == ["--; a", None, None, "d"]


def test_each_stray_end_needs_a_block_of_its_own_and_the_first_is_told() -> None:
    comments = Comments()
    assert [comments.live(line, number) for number, line in enumerate(["--;", "--;", ";--", "a", ";--", "b"], 1)] == [
        "--;",
        *[None] * 4,
        "b",
    ]
    assert comments.stray == 1


def test_the_innermost_open_block_is_known() -> None:
    comments = Comments()
    for number, line in enumerate([";--", ";--", ";--", "--;"], 1):
        comments.live(line, number)
    assert (comments.depth, comments.opened) == (2, 2)


def test_block_129_is_refused() -> None:
    comments = Comments()
    for number in range(MAX_DEPTH):
        comments.live(";--", number)
    with pytest.raises(Fault, match="128") as caught:
        comments.live(";--", 129)
    assert caught.value.code == "comment-nest-limit"
