"""How chan_sip reads words."""

from __future__ import annotations

import pytest

from sorcery.chan_sip.words import is_off, listed, number, one_of, opposite, truth, unquoted, yes_no


@pytest.mark.parametrize("text", ["yes", "TRUE", "y", "t", "1", " on "])
def test_some_words_mean_yes(text: str) -> None:
    assert truth(text)
    assert (yes_no(text), opposite(text)) == (("yes", ""), ("no", ""))


@pytest.mark.parametrize("text", ["no", "", "2", "yess"])
def test_all_others_mean_no(text: str) -> None:
    assert not truth(text)
    assert (yes_no(text), opposite(text)) == (("no", ""), ("yes", ""))


@pytest.mark.parametrize(("text", "off"), [("no", True), ("0", True), (" ", True), ("yes", False), ("5", False)])
def test_some_words_mean_no_in_so_many_words(text: str, off: bool) -> None:
    assert is_off(text) is off


def test_a_number_has_no_sign_and_no_unit() -> None:
    assert (number(" 60 "), number("-1"), number("60s"), number("")) == (("60", ""), None, None, None)


def test_words_are_translated_without_case_and_others_left_to_another_reading() -> None:
    read = one_of({"a": "b", "c": ("d", "nearly")}, other=yes_no)
    assert (read("A"), read("c"), read("yes")) == (("b", ""), ("d", "nearly"), ("yes", ""))
    assert one_of({"a": "b"})("x") is None


def test_a_list_has_commas_and_blanks_do_not_count() -> None:
    assert listed(" a, b ,,c") == ["a", "b", "c"]


@pytest.mark.parametrize(("text", "inner"), [(' "a b" ', "a b"), ('"a', '"a'), ('"', '"'), ('""', ""), (" a ", "a")])
def test_quotes_are_dropped_in_pairs(text: str, inner: str) -> None:
    assert unquoted(text) == inner
