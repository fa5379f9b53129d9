"""Texts of others in lines of ours."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from sorcery.plain import clipped, plain, terse


def test_what_cannot_be_printed_becomes_an_escape() -> None:
    assert plain("a\x1b\n\udcffé") == "a\\x1b\\n\\udcffé"


@given(st.text(st.characters()))
def test_plain_text_can_be_printed_on_any_terminal(text: str) -> None:
    shown = plain(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()


def test_a_long_text_is_cut_and_its_length_told() -> None:
    assert clipped("x" * 240) == "x" * 240
    cut = "x" * 200 + "… (1000000 characters)"
    assert clipped("x" * 1_000_000) == cut
    assert (clipped(cut), terse(repr(cut))) == (cut, repr(cut))


def test_quoted_texts_are_cut_and_the_words_around_them_stay() -> None:
    long, why = repr("y" * 5000), "is no codec; write " + "ulaw, " * 60
    assert terse(f"Asterisk's {long} {why}") == f"Asterisk's '{'y' * 200}… (5000 characters)' {why}"
    assert terse(f"{'it isn' + chr(39) + 't ' * 150} Asterisk's") == f"{'it isn' + chr(39) + 't ' * 150} Asterisk's"
    assert len(terse("z" * 1_000_000)) < 2100


def test_a_password_that_is_cut_is_not_shown() -> None:
    for filler in range(180, 200):
        text = f"{'x' * filler} postgresql://pbx:hunter2{'h' * 300}@db/pbx"
        assert "hun" not in clipped(text)
        assert "hun" not in terse(f"the address {text!r} is none")


def test_quotation_marks_without_number_are_looked_at_in_one_pass() -> None:
    begin = time.process_time()
    for text in ("\\'" * 100_000, "'\"" * 100_000, repr("\\'\"" * 100_000) + "a", "' " * 100_000, "\\" * 200_000):
        assert len(terse(f"the option {text}")) < 2100
    assert time.process_time() - begin < 20  # where each asks for the rest of the text, it is many minutes
