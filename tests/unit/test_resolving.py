from __future__ import annotations

import importlib.metadata
import os
from pathlib import Path
from typing import Any

import pytest

from sorcery.errors import ConfigurationError, Unavailable, Unresolvable
from sorcery.place import Place
from sorcery.resolving import (
    EnvironmentVariables,
    Remembering,
    Resolver,
    Resolvers,
    SecretFiles,
    looks_like_reference,
    read_secret,
    resolvers_of,
)
from sorcery.secret import Secret


class Vault:
    """Counts what it is asked."""

    def __init__(self, argument: str = "") -> None:
        self.argument, self.asked, self.text = argument, 0, "first"

    def resolve(self, reference: str) -> str:
        self.asked += 1
        return f"{self.text} {reference}"


def test_without_a_resolver_a_text_means_itself() -> None:
    secret = Secret("env:ALICE_PW")
    assert Resolvers().follow(secret) is secret


def test_a_reference_is_followed_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALICE_PW", "hunter2")
    found = Resolvers({"env": EnvironmentVariables()}).follow(Secret("env:ALICE_PW"))
    assert (found.reveal(), found.reference, found.stored) == ("hunter2", "env:ALICE_PW", "env:ALICE_PW")


def test_what_was_followed_is_followed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALICE_PW", "rotated")
    found = Resolvers({"env": EnvironmentVariables()}).follow(Secret("hunter2", "env:ALICE_PW"))
    assert found == Secret("rotated", "env:ALICE_PW")


def test_what_was_followed_elsewhere_is_a_text_where_it_is_not_followed() -> None:
    assert Resolvers().follow(Secret("env:x", "file:/y")) == Secret("file:/y")


@pytest.mark.parametrize("text", ["hunter2", "a:b", ":x", "env", "ENV:X", ""])
def test_a_text_of_no_known_scheme_means_itself(text: str) -> None:
    assert Resolvers({"env": EnvironmentVariables()}).follow(Secret(text)) == Secret(text)


@pytest.mark.parametrize("text", [None, ""])
def test_a_variable_that_holds_nothing_is_no_secret(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    monkeypatch.delenv("NO_PW", raising=False)
    if text is not None:
        monkeypatch.setenv("NO_PW", text)
    with pytest.raises(Unresolvable, match="the environment holds no NO_PW; set NO_PW for this process"):
        EnvironmentVariables().resolve("NO_PW")


@pytest.mark.parametrize("content", ["hunter2", "hunter2\n", "hunter2\r\n", "hunter2\nnote\n"])
def test_a_file_gives_its_first_line(tmp_path: Path, content: str) -> None:
    (tmp_path / "alice").write_bytes(content.encode())
    assert SecretFiles(tmp_path).resolve(f"{tmp_path}/alice") == "hunter2"
    assert SecretFiles(tmp_path).resolve("alice") == "hunter2"


def test_a_file_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (tmp_path / "outside").write_text("hunter2")
    (folder / "link").symlink_to(tmp_path / "outside")
    for reference in ("../outside", f"{tmp_path}/outside", "link", "link/../../outside", "/etc/passwd"):
        with pytest.raises(Unresolvable, match="does not lie beneath") as caught:
            SecretFiles(folder).resolve(reference)
        assert "hunter2" not in str(caught.value)


def test_a_link_within_the_folder_is_followed_as_container_platforms_lay_them(tmp_path: Path) -> None:
    (tmp_path / "..2026").mkdir()
    (tmp_path / "..2026" / "alice").write_text("hunter2")
    (tmp_path / "..data").symlink_to("..2026")
    (tmp_path / "alice").symlink_to("..data/alice")
    assert SecretFiles(tmp_path).resolve("alice") == "hunter2"


def test_what_is_no_file_with_a_line_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\nhunter2\n")
    (tmp_path / "folder").mkdir()
    files = SecretFiles(tmp_path)
    for name, said in (
        ("empty", "its first line is empty"),
        ("folder", "Is a directory|no regular"),
        ("gone", "No such"),
    ):
        with pytest.raises(Unresolvable, match=said):
            files.resolve(name)


def test_a_folder_in_the_place_of_a_file_leaves_nothing_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    opened = Path("/proc/self/fd")
    before = len(list(opened.iterdir()))
    for _ in range(10):
        with pytest.raises(Unresolvable):
            SecretFiles(tmp_path).resolve("folder")
    assert len(list(opened.iterdir())) < before + 10


def test_a_line_that_is_too_long_is_refused_and_not_cut(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 65_537)
    with pytest.raises(Unresolvable, match="its first line is too long"):
        SecretFiles(tmp_path).resolve("long")


def test_nobody_waits_for_a_file_that_another_program_would_have_to_fill(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unresolvable, match="it is no regular file"):
        SecretFiles(tmp_path).resolve("pipe")


@pytest.mark.parametrize("resolver", [EnvironmentVariables(), SecretFiles(), SecretFiles(Path("/run"))])
@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_what_nothing_can_be_called_is_no_reference(resolver: Resolver, name: str) -> None:
    with pytest.raises(Unresolvable, match="no file or variable can be called so"):
        resolver.resolve(name)


@pytest.mark.parametrize(("mode", "exposed"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_file_that_others_can_read_is_exposed(tmp_path: Path, mode: int, exposed: bool) -> None:
    (tmp_path / "alice").write_text("hunter2")
    (tmp_path / "alice").chmod(mode)
    assert SecretFiles(tmp_path).is_exposed("alice") is exposed
    assert not SecretFiles(tmp_path).is_exposed("gone")


def test_an_answer_is_remembered_for_its_time() -> None:
    now, vault = [0.0], Vault()
    remembering = Remembering(vault, 30, lambda: now[0])
    assert remembering.resolve("a") == "first a"
    vault.text, now[0] = "second", 29.9
    assert remembering.resolve("a") == "first a"
    now[0] = 30.0
    assert remembering.resolve("a") == "second a"
    assert vault.asked == 2


class Silent:
    """May be down; counts who waits for it."""

    def __init__(self) -> None:
        self.is_down, self.asked = True, 0

    def resolve(self, reference: str) -> str:
        self.asked += 1
        if self.is_down:
            raise Unavailable("vault", "no answer")
        return "hunter2"


def test_one_that_is_down_is_not_asked_for_each_of_many() -> None:
    now, vault = [0.0], Silent()
    remembering = Remembering(vault, 30, lambda: now[0])
    for number in range(1000):
        with pytest.raises(Unavailable, match="vault is unavailable: no answer"):
            remembering.resolve(f"a{number}")
    assert vault.asked == 3
    now[0] = 5.0
    with pytest.raises(Unavailable):
        remembering.resolve("a")
    assert vault.asked == 4  # it is down still, and left alone again at once
    with pytest.raises(Unavailable):
        remembering.resolve("a")
    assert vault.asked == 4
    vault.is_down, now[0] = False, 10.0
    assert remembering.resolve("a") == "hunter2"


def test_one_that_fails_now_and_then_is_asked_for_each() -> None:
    vault = Silent()
    remembering = Remembering(vault, 30, lambda: 0.0)
    for number in range(10):
        vault.is_down = True
        with pytest.raises(Unavailable):
            remembering.resolve(f"a{number}")
        vault.is_down = False
        assert remembering.resolve(f"a{number}") == "hunter2"


def test_who_has_it_asked_anew_waits_for_no_pause() -> None:
    vault = Silent()
    remembering = Remembering(vault, 30, lambda: 0.0)
    for _ in range(3):
        with pytest.raises(Unavailable):
            remembering.resolve("a")
    vault.is_down = False
    remembering.forget()
    assert remembering.resolve("a") == "hunter2"


def test_an_answer_that_comes_after_all_was_forgotten_is_not_remembered() -> None:
    class Slow(Vault):
        def resolve(self, reference: str) -> str:
            if not self.asked:
                remembering.forget()  # as a reload does meanwhile
            return super().resolve(reference)

    remembering = Remembering(vault := Slow())
    remembering.resolve("a")
    vault.text = "second"
    assert remembering.resolve("a") == "second a"


@pytest.mark.parametrize("answer", [None, "", b"hunter2"])
def test_an_answer_that_is_no_text_is_no_secret(answer: Any) -> None:
    class Wrong:
        def resolve(self, reference: str) -> str:
            return answer  # type: ignore[no-any-return]

    with pytest.raises(Unresolvable, match="gave no text"):
        Remembering(Wrong()).resolve("a")


def test_what_is_remembered_can_be_forgotten() -> None:
    vault = Vault()
    resolvers = resolvers_of((), {"vault": vault})
    assert resolvers.follow(Secret("vault:a")).reveal() == "first a"
    vault.text = "second"
    resolvers.forget()
    assert resolvers.follow(Secret("vault:a")).reveal() == "second a"


def test_what_is_remembered_shows_in_no_repr() -> None:
    vault = Vault()
    resolvers = resolvers_of((), {"vault": vault})
    resolvers.follow(Secret("vault:a"))
    assert "first" not in repr([resolvers, resolvers.by_scheme, vars(resolvers.by_scheme["vault"])])


def test_lines_make_resolvers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hunter2")
    (tmp_path / "a").write_text("file's")
    found = resolvers_of([("env", "yes", None), ("file", str(tmp_path), None)])
    assert found.follow(Secret("env:PW")).reveal() == "hunter2"
    assert found.follow(Secret("file:a")).reveal() == "file's"


def test_a_line_may_say_no() -> None:
    assert not resolvers_of([("env", "no", None), ("file", "no", None)])


@pytest.mark.parametrize(
    ("scheme", "text", "said"),
    [
        ("env", "maybe", r"\[secrets\] env=maybe: it is neither yes nor no; write env = yes"),
        ("file", "secrets", "it is no folder's full path; write file = /run/secrets"),
        ("vault", "x", "nobody offers that scheme; use one of: env, file"),
    ],
)
def test_a_line_that_means_nothing_is_refused_with_its_place(scheme: str, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        resolvers_of([(scheme, text, Place("sorcery.conf", 7))])
    assert caught.value.place == Place("sorcery.conf", 7)


def test_a_distribution_offers_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    point = importlib.metadata.EntryPoint("vault", "tests:Vault", "sorcery.secrets")
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda self: Vault)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: importlib.metadata.EntryPoints([point]))
    found = resolvers_of([("vault", "https://vault:8200", None)])
    assert found.follow(Secret("vault:kv/a")).reveal() == "first kv/a"


@pytest.mark.parametrize("fault", [AttributeError, RuntimeError, ValueError])
def test_one_that_cannot_be_made_is_told_with_its_line(monkeypatch: pytest.MonkeyPatch, fault: type[Exception]) -> None:
    def fail(argument: str) -> Vault:
        raise fault("no vault")

    point = importlib.metadata.EntryPoint("vault", "tests:Vault", "sorcery.secrets")
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda self: fail)
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda **_: importlib.metadata.EntryPoints([point]))
    with pytest.raises(ConfigurationError, match=r"sorcery.conf:7: .*tests:Vault cannot be used: no vault"):
        resolvers_of([("vault", "x", Place("sorcery.conf", 7))])


def test_a_scheme_is_a_small_word() -> None:
    with pytest.raises(ConfigurationError, match="'A B' is no scheme"):
        resolvers_of((), {"A B": Vault()})


def test_equal_lines_mean_the_same_and_stand_beside_what_a_mapping_means() -> None:
    one, two = (resolvers_of([("env", "yes", None)]) for _ in range(2))
    assert one == two
    assert one.beside("file") == two.beside("file") != Resolvers().beside("file") == "file"


def test_one_reference_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "hunter2")
    (tmp_path / "a").write_text("file's\n")
    assert read_secret("env:PW") == "hunter2"
    assert read_secret(f"file:{tmp_path}/a") == "file's"
    for wrong in ("hunter2", "env:", "vault:x"):
        with pytest.raises(Unresolvable, match="write env:NAME or file:PATH") as caught:
            read_secret(wrong)
        assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["env:PW", "file:/run/a", "vault:kv/a#b"])
def test_the_usual_references_are_recognised(text: str) -> None:
    assert looks_like_reference(text)


@pytest.mark.parametrize("text", ["", "hunter2", "env:", "env:a b", "file:a", "http://x", "vault:x"])
def test_other_texts_are_not(text: str) -> None:
    assert not looks_like_reference(text)
