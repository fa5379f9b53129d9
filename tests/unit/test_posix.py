"""POSIX extended expressions."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sorcery.posix import compile_extended, literal_head


def finds(pattern: str, text: str) -> bool:
    return compile_extended(pattern).search(text) is not None


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        ("b", "abc", "ABC"),
        ("^b", "bc", "abc"),
        ("c$", "abc", "cb"),
        ("a|b", "b", "c"),
        ("(ab)+c", "ababc", "c"),
        ("a{2,3}b", "aab", "ab"),
        ("^[[:digit:]]+$", "123", "12a"),
        ("^[^[:space:]]$", "x", " "),
        ("^[[:alpha:]_-]+$", "a_-", "a1"),
        ("^[a\\]$", "\\", "]"),
        ("^[]a]$", "]", "b"),
        ("^[^]a]$", "b", "]"),
        ("^[[]$", "[", "]"),
        ("^\\[a\\]$", "[a]", "a"),
        ("^a\\.b$", "a.b", "axb"),
        ("^[a&&b]+$", "a&b", "|"),
        ("^[a||b]+$", "a|b", "&"),
        ("^[a~~b]+$", "~", "&"),
        ("^[+--]$", ",", "."),
        ("^[--0]$", ".", ","),
        ("^[a-]$", "-", "b"),
        ("a$", "ba", "a\n"),
        ("^a.b$", "a\nb", "ab"),
        ("^\\d$", "d", "5"),
        ("^\\n$", "n", "\n"),
        ("\\bfoo\\b", "x foo y", "xfoo"),
        ("^\\w\\S\\W\\s$", "a.. ", "a..."),
        ("^(a|b)\\1$", "aa", "ab"),
        ("^)$", ")", "a"),
        ("^(a))+$", "a))", "a"),
        ("^[)]a)$", ")a)", "a"),
        ("^a+?$", "", "b"),
        ("^a*+$", "", "b"),
        ("^a??$", "", "aa"),
        ("^a++$", "aa", ""),
        ("\\<foo\\>", "x foo y", "xfoo"),
        ("\\`a\\'", "a", "ab"),
    ],
)
def test_an_expression_finds_one_text_and_not_the_other(pattern: str, found: str, missed: str) -> None:
    assert finds(pattern, found)
    assert not finds(pattern, missed)


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "[",
        "^[[",
        "[a",
        "[]",
        "[^]",
        "^[]||",
        "[[:alpha:]",
        "a{2,1}",
        "*",
        "[[:nonsense:]]",
        "\\",
        "\\9",
        "a{",
        "a{x}",
        "a{}",
        "a{1",
        "{",
    ],
)
def test_what_is_no_expression_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(ValueError, match="is no regular expression") as raised:
        compile_extended(pattern)
    assert repr(pattern) in str(raised.value)


def test_an_expression_is_compiled_once() -> None:
    assert compile_extended("^once") is compile_extended("^once")


def test_what_only_python_knows_is_refused() -> None:
    for pattern in ("(?i)alice", "(?P<name>a)", "a(?=b)", "a{2}?", "a{1,2}+"):
        with pytest.raises(ValueError, match="no regular expression"):
            compile_extended(pattern)
    assert compile_extended(r"\(?x").search("x")


@pytest.mark.parametrize(
    ("regex", "head"),
    [
        ("", ""),
        ("alice", ""),
        ("^alice", "alice"),
        ("^alice;@", "alice;@"),
        ("^alice$", "alice"),
        ("^al.ce", "al"),
        ("^alice*", "alic"),
        ("^alice?", "alic"),
        ("^alice{2}", "alic"),
        ("^alice+", "alice"),
        ("^alice+?", "alic"),
        ("^alice++*", "alic"),
        ("^a\\.b", "a.b"),
        ("^a\\.*b", "a"),
        ("^a\\d", "a"),
        ("^a\\<b", "a"),
        ("^\\`a", ""),
        ("^a\\$\\\\b", "a$\\b"),
        ("^a\\", "a"),
        ("^(alice)", ""),
        ("^alice|^bob", ""),
        ("^[ab]c", ""),
        ("^", ""),
    ],
)
def test_the_literal_head_of_an_expression(regex: str, head: str) -> None:
    assert literal_head(regex) == head


def compiles(regex: str) -> bool:
    try:
        compile_extended(regex)
    except ValueError:
        return False
    return True


@given(st.from_regex(r"\^[ab.*?+\\(|)$^\[\]{}1<`']{0,6}", fullmatch=True), st.text("ab.1(", max_size=6))
def test_whatever_an_expression_finds_starts_with_its_literal_head(regex: str, text: str) -> None:
    assume(compiles(regex))
    assert compile_extended(regex).search(text) is None or text.startswith(literal_head(regex))
