from __future__ import annotations

import time

import pytest

from sorcery.conf.regex import Regex, RegexError


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", ""),
        ("", "abc"),
        ("b", "abc"),
        ("^a.c$", "abc"),
        ("ab*c", "ac"),
        ("ab*c", "abbbc"),
        ("ab+c", "abbc"),
        ("ab?c", "ac"),
        ("a{3}", "xaaay"),
        ("a{2}{2}$", "aaaa"),
        ("a**b", "aab"),
        ("x|b", "abc"),
        ("x|y|b", "abc"),
        ("x|", "abc"),
        ("[0-9]+", "a7"),
        (r"a\.c", "a.c"),
        (r"\*", "a*"),
        ("a)", "a)"),
        ("a}", "a}"),
        (r"\bword\b", "a word."),
        (r"\<w", "a word"),
        (r"d\>", "word."),
        (r"\Bord", "word"),
        (r"\w\W\s\S", "a! b"),
        (r"\`a", "ab"),
        (r"b\'", "ab"),
        ("^|x", "y"),
        ("é", "né"),
        ("a{0}b", "b"),
    ],
)
def test_what_an_expression_finds(pattern: str, text: str) -> None:
    assert Regex.compile(pattern).search(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("B", "abc"),
        ("^b", "abc"),
        ("b$", "abc"),
        ("ab+c", "ac"),
        ("a{3}", "aa"),
        ("^a{2}{2}$", "aaaaa"),
        ("a.c", "a.d"),
        (r"a\.c", "abc"),
        (r"\bord", "word"),
        ("a$b", "a$b"),
        ("x|y", "abc"),
        (r"\W", "a1_"),
    ],
)
def test_what_an_expression_does_not_find(pattern: str, text: str) -> None:
    assert not Regex.compile(pattern).search(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "*a",
        "+",
        "?",
        "{1}",
        "a|*b",
        "^*",
        "[0-",
        "(a",
        "\\",
        r"\1",
        "a{",
        "a{x}",
        "a{}",
        "a{99999}",
        "a{9}{9}{9}{9}",
        "a{2000}b",
    ],
)
def test_an_expression_that_does_not_compile(pattern: str) -> None:
    with pytest.raises(RegexError):
        Regex.compile(pattern)


def test_each_step_is_spent() -> None:
    spent: list[int] = []
    assert not Regex.compile("a*b").search("aa", spent.append)
    assert len(spent) == 3
    assert sum(spent) > 6
    spent.clear()
    assert Regex.compile("ab").search("aab", spent.append)
    assert spent == [1]


def test_no_expression_makes_the_search_explode() -> None:
    started = time.monotonic()
    assert not Regex.compile("a*" * 20 + "b").search("a" * 1000)
    assert time.monotonic() - started < 10
