from __future__ import annotations

import copy
import pickle
import traceback

import attrs
import pytest
from rich.pretty import pretty_repr

from sorcery.pjsip import Auth
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
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "hunter2" not in str([frame.locals for frame in shown.stack][1:])  # the first is the frame of the test


def test_a_followed_secret_is_stored_as_its_reference_and_shows_neither() -> None:
    secret = Secret("hunter2", "env:ALICE_PW")
    assert secret.stored == "env:ALICE_PW"
    assert "hunter2" not in f"{secret} {secret!r}"
    assert secret != Secret("hunter2")
    assert Secret("hunter2").stored == "hunter2"


def test_a_secret_stays_as_it_is() -> None:
    secret = Secret("hunter2")
    with pytest.raises(AttributeError, match="immutable"):
        secret.reference = "x"
    with pytest.raises(AttributeError, match="immutable"):
        del secret.reference
    assert copy.deepcopy(secret) is copy.copy(secret) is secret


def test_a_pickled_secret_comes_back_with_its_reference() -> None:
    assert pickle.loads(pickle.dumps(Secret("a", "env:A"))) == Secret("a", "env:A")


def test_what_looks_into_attrs_classes_finds_no_secret() -> None:
    auth = Auth(id="a", username="u", password="hunter2")
    assert "hunter2" not in repr(attrs.asdict(auth))  # type: ignore[arg-type]
    assert "hunter2" not in pretty_repr(auth, expand_all=True) + pretty_repr(auth.password)
