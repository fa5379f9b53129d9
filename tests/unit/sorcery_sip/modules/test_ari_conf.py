from __future__ import annotations

from pathlib import Path

import pytest

from sorcery_sip.ari.access import User
from sorcery_sip.ari.settings import AriSettings, HttpSettings
from sorcery_sip.modules import ari_conf
from sorcery_sip.modules.ari_conf import read_ari_conf

HTTP = "[general]\nenabled=yes\n"
ARI = "[general]\n[alice]\ntype=user\npassword=secret\n"
ALICE = {"alice": User("alice", "secret")}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "http.conf").write_text(HTTP)
    (tmp_path / "ari.conf").write_text(ARI)
    return tmp_path


def test_what_is_served_when_little_is_said(directory: Path) -> None:
    assert read_ari_conf(directory) == AriSettings(HttpSettings("127.0.0.1", 8088, ""), ALICE)


@pytest.mark.parametrize(
    ("http", "ari"),
    [
        (None, ARI),
        (HTTP, None),
        ("[general]\n", ARI),
        ("", ARI),
        ("[general]\nenabled=no\n", ARI),
        ("[general]\nenabled=yes\nenabled=no\n", ARI),
        (HTTP, "[general]\nenabled=no\n"),
        (HTTP, "[general]\nenabled=maybe\n"),
    ],
)
def test_what_is_not_served(directory: Path, http: str | None, ari: str | None) -> None:
    for name, text in (("http.conf", http), ("ari.conf", ari)):
        (directory / name).unlink()
        if text is not None:
            (directory / name).write_text(text)
    assert read_ari_conf(directory) == AriSettings()


def test_nothing_is_served_without_a_directory() -> None:
    assert read_ari_conf(None) == AriSettings()


@pytest.mark.parametrize(
    ("lines", "http"),
    [
        ("bindaddr=::1", HttpSettings("::1")),
        ("bindaddr=0.0.0.0\nbindport=80", HttpSettings("0.0.0.0", 80)),
        ("bindport=https", HttpSettings(port=443)),
        ("prefix=pre", HttpSettings(prefix="/pre")),
        ("prefix=/pre/", HttpSettings(prefix="/pre")),
        ("prefix=/\nbindaddr=", HttpSettings()),
    ],
)
def test_where_it_is_served(directory: Path, lines: str, http: HttpSettings) -> None:
    (directory / "http.conf").write_text(HTTP + lines)
    assert read_ari_conf(directory).http == http


def test_a_port_that_is_none_is_named(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    (directory / "http.conf").write_text(HTTP + "bindport=99999\n")
    assert read_ari_conf(directory).http == HttpSettings()
    assert f"{directory}/http.conf:3: bindport=99999 is no port; 8088 is used" in caplog.text


@pytest.mark.parametrize(
    ("lines", "users"),
    [
        ("[bob]\ntype=user\npassword=x\nread_only=yes\n", {"bob": User("bob", "x", read_only=True)}),
        ("[bob]\ntype=user\npassword=x\nread_only=maybe\n", {"bob": User("bob", "x")}),
        ("[bob]\ntype=user\npassword=$6$a$b\npassword_format=crypt\n", {"bob": User("bob", "$6$a$b", is_crypted=True)}),
        ("[base](!)\ntype=user\npassword=x\n[bob](base)\n", {"bob": User("bob", "x")}),
        ("[bob]\npassword=x\n[carol]\ntype=other\n", {}),
    ],
)
def test_users(directory: Path, lines: str, users: dict[str, User]) -> None:
    (directory / "ari.conf").write_text(f"[general]\n{lines}")
    assert read_ari_conf(directory).users == users


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        ("type=user", 2, "password is missing; give one"),
        ("type=user\npassword=x\npassword_format=md5", 5, "password_format=md5 is neither plain nor crypt"),
        ("type=user\npassword=x\nacl=local", 5, "acl is not served"),
        ("type=user\npassword=x\nzz=1", 5, "option zz is not known; acl, deny, password, "),
    ],
)
def test_a_user_that_is_wrong_is_named_and_the_others_stand(
    directory: Path, lines: str, line: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    (directory / "ari.conf").write_text(f"[general]\n[bob]\n{lines}\n[alice]\ntype=user\npassword=secret\n")
    assert read_ari_conf(directory).users == ALICE
    assert f"{directory}/ari.conf:{line}: user bob: {reason}" in caplog.text


def test_hashes_need_a_library(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ari_conf, "can_crypt", lambda: False)
    (directory / "ari.conf").write_text(ARI + "password_format=crypt\n")
    assert read_ari_conf(directory).users == {}
    assert "needs the library libcrypt" in caplog.text


def test_a_file_that_cannot_be_used_changes_nothing(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = read_ari_conf(directory)
    (directory / "ari.conf").write_text('[general]\n#include "missing.conf"\n')
    assert read_ari_conf(directory, before) == before
    assert read_ari_conf(directory) == AriSettings()
    assert "the REST interface stays as it was" in caplog.text
