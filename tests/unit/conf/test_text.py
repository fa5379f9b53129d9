from __future__ import annotations

import pytest

from sorcery.conf.text import BLANKS, cut, decode, encode, fold, rejoin


def test_every_byte_survives() -> None:
    data = bytes(range(256))
    assert encode(decode(data)) == data


def test_a_stray_latin_1_byte_is_a_lone_surrogate() -> None:
    assert decode(b"caf\xe9") == "caf\udce9"


def test_blanks_are_the_bytes_up_to_the_space_and_nothing_beyond() -> None:
    assert "\x00\t\x1f a\x7f\xa0\x85 ".strip(BLANKS) == "a\x7f\xa0\x85"


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [("abc", 3, "abc"), ("abcd", 3, "abc"), ("aé", 3, "aé"), ("aé", 2, "a\udcc3"), ("éé", 3, "é\udcc3")],
)
def test_a_cut_counts_bytes(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


def test_only_ascii_letters_fold() -> None:
    assert fold("ÀBÉ\udcc9") == "ÀbÉ\udcc9"
    assert fold("ABz") == "abz"


def test_two_halves_of_a_character_become_one() -> None:
    assert rejoin("\udcc3" + "\udca9") == "é"
