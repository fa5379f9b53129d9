"""Ranges of keys."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sorcery.posix import compile_extended
from sorcery_astdb.keys import after, literal_head

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS, TEXTS, TEXTS)
def test_a_range_holds_what_starts_with_the_prefix_and_nothing_else(prefix: str, tail: str, other: str) -> None:
    prefix = f"/{prefix}"
    low, high = prefix.encode(), after(prefix).encode()
    assert low <= (prefix + tail).encode() < high
    assert (low <= other.encode() < high) is other.startswith(prefix)


def test_the_character_before_the_surrogates_is_followed_by_the_one_behind_them() -> None:
    assert after("/\ud7ff") == "/\ue000"


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
