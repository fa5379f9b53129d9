from __future__ import annotations

import pytest

from sorcery.secret import Secret


def test_a_secret_shows_in_no_formatting() -> None:
    secret = Secret("hunter2")
    assert "hunter2" not in f"{secret} {secret!r} {secret:} {[secret]}"
    assert str(secret) == "********"


def test_an_empty_secret_says_that_it_is_empty() -> None:
    assert not Secret("")
    assert str(Secret("")) == ""
    assert repr(Secret("")) == "Secret('')"


def test_a_secret_gives_its_text_when_asked() -> None:
    assert Secret("hunter2").reveal() == "hunter2"
    assert Secret("hunter2")


def test_secrets_are_equal_by_value_and_hashable() -> None:
    assert {Secret("a"), Secret("a")} == {Secret("a")}
    assert Secret("a") != Secret("b")
    assert Secret("a") != object()


def test_only_text_is_a_secret() -> None:
    with pytest.raises(TypeError) as caught:
        Secret(b"hunter2")  # type: ignore[arg-type]
    assert str(caught.value) == "a Secret is made of text, not of bytes"
