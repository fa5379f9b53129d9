from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sorcery import Sorcery, Unavailable
from sorcery_sip.ari.access import User
from sorcery_sip.ari.settings import AriSettings, HttpSettings
from sorcery_sip.modules import ari_conf
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.ari_conf import read_ari_settings

HTTP = "[general]\nenabled=yes\n"
ARI = "[general]\n[alice]\ntype=user\npassword=secret\n"
ALICE = {"alice": User("alice", "secret")}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "http.conf").write_text(HTTP)
    (tmp_path / "ari.conf").write_text(ARI)
    return tmp_path


@contextmanager
def opened(directory: Path) -> Iterator[Sorcery]:
    with Sorcery.open(directory) as sorcery:
        yield sorcery


def settings(directory: Path) -> AriSettings:
    with opened(directory) as sorcery:
        return read_ari_settings(sorcery, AccessLists(directory / "acl.conf"))


def test_what_is_served_when_little_is_said(directory: Path) -> None:
    assert settings(directory) == AriSettings(HttpSettings("127.0.0.1", 8088, ""), ALICE)


def test_users_are_enough(directory: Path) -> None:
    (directory / "ari.conf").write_text(ARI.removeprefix("[general]\n"))
    assert settings(directory) == AriSettings(HttpSettings(), ALICE)


@pytest.mark.parametrize(
    ("http", "ari"),
    [
        (None, ARI),
        (HTTP, None),
        (HTTP, ""),
        ("[general]\n", ARI),
        ("", ARI),
        ("[general]\nenabled=no\n", ARI),
        ("[general]\nenabled=yes\nenabled=no\n", ARI),
        (HTTP, ARI.replace("[general]\n", "[general]\nenabled=no\n")),
    ],
)
def test_what_is_not_served(directory: Path, http: str | None, ari: str | None) -> None:
    for name, text in (("http.conf", http), ("ari.conf", ari)):
        (directory / name).unlink()
        if text is not None:
            (directory / name).write_text(text)
    assert settings(directory) == AriSettings()


def test_nothing_is_served_without_a_directory() -> None:
    with Sorcery.open("memory:") as sorcery:
        assert read_ari_settings(sorcery, AccessLists(None)) == AriSettings()


@pytest.mark.parametrize(
    ("lines", "http"),
    [
        ("bindaddr=::1", HttpSettings("::1")),
        ("bindaddr=0.0.0.0\nbindport=80", HttpSettings("0.0.0.0", 80)),
        ("bindport=https", HttpSettings(port=443)),
        ("prefix=pre", HttpSettings(prefix="/pre")),
        ("prefix=/pre/", HttpSettings(prefix="/pre")),
        ("prefix=a/b-c_1.2~", HttpSettings(prefix="/a/b-c_1.2~")),
        ("prefix=/\nbindaddr=", HttpSettings()),
    ],
)
def test_where_it_is_served(directory: Path, lines: str, http: HttpSettings) -> None:
    (directory / "http.conf").write_text(HTTP + lines)
    assert settings(directory).http == http


@pytest.mark.parametrize("port", ["99999", "9" * 5000, "-1", "nothing", "\udcff"])
def test_a_port_that_is_none_is_named(directory: Path, port: str, caplog: pytest.LogCaptureFixture) -> None:
    (directory / "http.conf").write_text(f"{HTTP}bindport={port}\n", errors="surrogateescape")
    assert settings(directory).http == HttpSettings()
    assert f"{directory}/http.conf:3: bindport=" in caplog.text
    assert "is no port; 8088 is used" in caplog.text


@pytest.mark.parametrize("prefix", ["a{b", "{b}", "a b", "a?b", "ä"])
def test_a_prefix_that_is_no_path_is_named(directory: Path, prefix: str, caplog: pytest.LogCaptureFixture) -> None:
    (directory / "http.conf").write_text(f"{HTTP}prefix={prefix}\n")
    assert settings(directory).http == HttpSettings()
    assert f"{directory}/http.conf:3: prefix={prefix} is no path; none is used" in caplog.text


def test_what_is_said_for_all(directory: Path) -> None:
    general = "auth_realm=here\nallowed_origins=http://a, http://b\npretty=yes\nchannelvars=A,CHANNEL(language)\n"
    (directory / "ari.conf").write_text(ARI.replace("[general]\n", f"[general]\n{general}"))
    found = settings(directory)
    assert (found.realm, found.origins, found.is_pretty) == ("here", ("http://a", "http://b"), True)
    assert found.channel_variables == ("A", "CHANNEL(language)")


@pytest.mark.parametrize(
    ("lines", "users"),
    [
        ("[bob]\ntype=user\npassword=x\nread_only=yes\n", {"bob": User("bob", "x", read_only=True)}),
        ("[bob]\ntype=user\npassword=$6$a$b\npassword_format=crypt\n", {"bob": User("bob", "$6$a$b", is_crypted=True)}),
        ("[base](!)\ntype=user\npassword=x\n[bob](base)\n", {"bob": User("bob", "x")}),
        ("[bob]\npassword=x\n[carol]\ntype=other\n", {}),
    ],
)
def test_users(directory: Path, lines: str, users: dict[str, User]) -> None:
    (directory / "ari.conf").write_text(f"[general]\n{lines}")
    assert settings(directory).users == users


def test_a_user_without_a_password_does_not_get_in_and_the_others_do(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (directory / "ari.conf").write_text(f"{ARI}[bob]\ntype=user\npassword=\n")
    assert settings(directory).users == ALICE


def test_hashes_need_a_library(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ari_conf, "can_crypt", lambda: False)
    (directory / "ari.conf").write_text(ARI + "password_format=crypt\n")
    assert settings(directory).users == {}
    assert "ari/user alice: password_format=crypt needs the library libcrypt" in caplog.text


@pytest.mark.parametrize(
    ("lines", "refused"),
    [
        ("deny=0.0.0.0/0\npermit=127.0.0.1\n", "192.0.2.1"),
        ("acl=local\n", "192.0.2.1"),
        ("acl=nosuch\n", "127.0.0.1"),
    ],
)
def test_a_user_may_come_from_where_access_lists_let_him(
    directory: Path, lines: str, refused: str, caplog: pytest.LogCaptureFixture
) -> None:
    (directory / "acl.conf").write_text("[local]\ndeny=0.0.0.0/0\npermit=127.0.0.0/8\n")
    (directory / "ari.conf").write_text(ARI + lines)
    admits = settings(directory).users["alice"].admits
    assert not admits(refused)
    assert "nosuch" in lines or admits("127.0.0.1")
    assert "ari/user alice: " in caplog.text


def test_a_file_that_cannot_be_used_changes_nothing(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    with opened(directory) as sorcery:
        before = read_ari_settings(sorcery, AccessLists(None))
        (directory / "http.conf").write_text('[general]\n#include "missing.conf"\n')
        assert read_ari_settings(sorcery, AccessLists(None), before) == before
        assert read_ari_settings(sorcery, AccessLists(None)) == AriSettings()
    assert "the REST interface stays as it was" in caplog.text


def test_a_store_that_does_not_answer_changes_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("database", "down")

    with opened(directory) as sorcery:
        before = read_ari_settings(sorcery, AccessLists(None))
        monkeypatch.setattr(Sorcery, "retrieve_all", silent)
        assert read_ari_settings(sorcery, AccessLists(None), before) == before
