"""Where passwords come from."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from sorcery import Secret, SorceryError
from sorcery.resolving import EnvironmentVariables, Resolvers
from sorcery_cli.exits import Misuse
from sorcery_cli.recipes.passwords import password_from


def test_it_lies_in_the_environment_or_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PW", "hunter2")
    assert password_from("env:PW", "--secret-from", None) == Secret("hunter2")
    (tmp_path / "pw").write_text("sesame\n")
    assert password_from(f"file:{tmp_path}/pw", "--secret-from", None) == Secret("sesame")
    with pytest.raises(SorceryError, match="the environment holds no NO_SUCH_PW"):
        password_from("env:NO_SUCH_PW", "--secret-from", None)


def test_each_is_a_line_of_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("one\r\n two \n"))
    assert password_from("-", "--a-from", None).reveal() == "one"
    assert password_from("-", "--b-from", None).reveal() == " two "
    with pytest.raises(Misuse, match="--c-from: standard input holds no line"):
        password_from("-", "--c-from", None)


def test_bytes_that_are_no_text_are_told_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"hunter\xff\n"), "utf-8"))
    with pytest.raises(Misuse, match="--secret-from: standard input holds bytes that are no text here") as caught:
        password_from("-", "--secret-from", None)
    assert "hunter" not in str(caught.value)


def test_it_is_asked_for_unseen_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"typed at {prompt}")
    assert password_from("-", "--inbound-secret-from", None).reveal() == "typed at inbound-secret: "


def test_what_is_no_place_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Misuse, match="that is no place") as caught:
        password_from("hunter2", "--secret-from", None)
    assert "hunter2" not in str(caught.value)


def test_a_reference_that_is_followed_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hunter2")
    kept = password_from("env:PW", "--secret-from", Resolvers({"env": EnvironmentVariables()}))
    assert (kept.reveal(), kept.stored) == ("hunter2", "env:PW")
    with pytest.raises(Misuse, match="nothing here follows"):
        password_from("env:PW", "--secret-from", Resolvers({}))
