"""Passwords that nobody guesses."""

from __future__ import annotations

from sorcery.recipes import strong_secret


def test_it_is_long_of_letters_and_digits_that_look_like_no_other_and_never_the_same() -> None:
    texts = {strong_secret().reveal() for _ in range(50)}
    assert len(texts) == 50
    assert all(len(text) == 24 and text.isalnum() and text.isascii() for text in texts)
    assert not set("".join(texts)) & set("Il1O0o")
