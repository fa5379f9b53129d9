"""Shapes fit every text that a pattern finds."""

from __future__ import annotations

import pytest

from sorcery.posix import compile_extended
from sorcery_realtime.shapes import ANY, ASCII, ENDLESS, Run, Shape, found_by, like, literal

DIGIT = frozenset("0123456789")


def shape(regex: str) -> Shape:
    (found,) = found_by(regex)
    return found


@pytest.mark.parametrize(
    ("regex", "texts"),
    [
        ("^alice$", ["alice"]),
        ("^(alice|bob)$", ["alice", "bob"]),
        ("^a(b|cd)?$", ["ab", "acd", "a"]),
        ("^(ab){2}$", ["abab"]),
        ("^a{3}$", ["aaa"]),
        ("^a[bc]{0}d$", ["ad"]),
        ("^a[é]{0,0}(b.){0}d$", ["ad"]),
        ("^\\.\\*$", [".*"]),
        ("^[a]\\d$", ["ad"]),
        ("^a)$", ["a)"]),
        ("x^a$", ["a"]),
        ("^a$b", ["a"]),
        ("\\`a\\'", ["a"]),
        ("^\\<a\\b$", ["a"]),
    ],
)
def test_an_expression_that_finds_few_texts_is_a_list_of_them(regex: str, texts: list[str]) -> None:
    assert [each.text for each in found_by(regex)] == texts


@pytest.mark.parametrize(
    ("regex", "runs"),
    [
        ("^a[0-9]{2}$", [Run(frozenset("a"), 1, 1), Run(DIGIT, 2, 2)]),
        ("^[[:digit:]]*$", [Run(DIGIT, 0, ENDLESS)]),
        ("^[0-9]{300}$", [Run(DIGIT, 255, ENDLESS)]),
        ("^[0-9]{2,3}$", [Run(DIGIT, 2, 3)]),
        ("^[0-9]{4,9}$", [Run(DIGIT, 4, 9)]),
        ("^[0-9]{12}$", [Run(DIGIT, 12, 12)]),
        ("^(ab){4,11}$", [Run(frozenset("ab"), 8, 22)]),
        ("^(ab|c)+$", [Run(frozenset("abc"), 1, ENDLESS)]),
        ("^(ab){1,3}$", [Run(frozenset("ab"), 2, 6)]),
        ("^..$", [Run(ANY, 2, 2)]),
        ("^[^a]$", [Run(ANY - {"a"}, 1, 1)]),
        ("^\\W$", [Run(ANY - {char for char in ASCII if char.isalnum() or char == "_"}, 1, 1)]),
    ],
)
def test_what_repeats_is_a_run_of_characters(regex: str, runs: list[Run]) -> None:
    assert list(shape(regex).runs) == runs


def test_what_repeats_at_an_open_end_need_not_do_so() -> None:
    assert shape("^ab+") == Shape(literal("ab"), begins=True)
    assert shape("a*b.*$") == Shape(literal("b"))
    assert shape("^ab*") == Shape(literal("a"), begins=True)


def test_what_a_group_found_before_may_be_anything() -> None:
    assert shape("^(a)\\1b$").runs == (*literal("a"), Run(ANY, 0, ENDLESS), *literal("b"))


def test_an_anchor_that_repeats_binds_nothing() -> None:
    assert shape("(^a)*b") == Shape(literal("b"))
    assert shape("(^)+b") == Shape(literal("b"))


def test_every_text_starts_with_the_head() -> None:
    assert shape("^ab[cd]").head == "ab"
    assert shape("^ab{2,}c").head == "abb"
    assert shape("ab").head == ""
    assert shape("^ab").is_head
    assert not shape("^ab[cd]").is_head
    assert not shape("^ab$").is_head


def test_many_alternatives_become_one_that_is_wider() -> None:
    found = found_by(f"^({'|'.join('abcdefghijklmnopqrst')})x$")
    assert [each.runs for each in found] == [(Run(frozenset("abcdefghijklmnopqrst"), 1, 1), *literal("x"))]
    assert len(found_by(f"^{'(a|b)' * 40}$")) <= 16


def test_shapes_are_no_larger_than_databases_take() -> None:
    for regex in (f"^{'[ab]{0,200}[bc]{0,200}' * 9}$", f"^({'|'.join('x' * 200 + char for char in 'abcdefgh')})$"):
        found = found_by(regex)
        assert sum(run.weight for each in found for run in each.runs) <= 400


def test_groups_may_be_nested_as_deep_as_an_expression_may_be() -> None:
    assert shape(f"^{'(' * 60}a{')' * 60}$").text == "a"


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="no regular expression"):
        found_by("a{2,1}")


@pytest.mark.parametrize("char", [*map(chr, range(1, 128)), "é", "☎"])
def test_a_set_holds_what_its_expression_finds(char: str) -> None:
    for expression in ("[]a-f^-]", "[^]a-f^-]", "[[:punct:]]", "\\w", "\\S", "[+--]", "[\\]"):
        (run,) = shape(f"^{expression}$").runs
        is_found = compile_extended(expression).fullmatch(char) is not None
        assert is_found <= (char in run.chars or (not char.isascii() and run.has_others))


def test_like_knows_one_wildcard() -> None:
    assert like("a_b.%;") == (Shape((*literal("a_b."), Run(ANY, 0, ENDLESS), *literal(";")), True, True),)
    assert like("%a%") == (Shape(literal("a")),)
    assert like("a%") == (Shape(literal("a"), begins=True),)
    assert like("%")[0].is_every
    assert like("a")[0].text == "a"
