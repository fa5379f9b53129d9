"""Ranges of keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorcery_astdb.keys import after

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(TEXTS, TEXTS, TEXTS)
def test_a_range_holds_what_starts_with_the_prefix_and_nothing_else(prefix: str, tail: str, other: str) -> None:
    prefix = f"/{prefix}"
    low, high = prefix.encode(), after(prefix).encode()
    assert low <= (prefix + tail).encode() < high
    assert (low <= other.encode() < high) is other.startswith(prefix)


def test_the_character_before_the_surrogates_is_followed_by_the_one_behind_them() -> None:
    assert after("/\ud7ff") == "/\ue000"
