"""Texts of others in lines of ours."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorcery.plain import plain


def test_what_cannot_be_printed_becomes_an_escape() -> None:
    assert plain("a\x1b\n\udcffé") == "a\\x1b\\n\\udcffé"


@given(st.text(st.characters()))
def test_plain_text_can_be_printed_on_any_terminal(text: str) -> None:
    shown = plain(text)
    assert shown.isprintable()
    assert shown == text or not text.isprintable()
