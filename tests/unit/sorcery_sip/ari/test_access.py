from __future__ import annotations

import base64
import ctypes.util
import subprocess

import pytest

from sorcery_sip.ari.access import User, authenticated, basic_credentials

SECRET = "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"
"""`crypt(3)` of "password" with SHA-512."""
USERS = {"alice": User("alice", "secret"), "bob": User("bob", SECRET, is_crypted=True)}


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("text", "credentials"),
    [
        (basic("a:b"), "a:b"),
        (basic("a:b:ü"), "a:b:ü"),
        (basic("a:b").replace("Basic", "bAsIc"), "a:b"),
        ("Bearer x", ""),
        ("Basic ???", ""),
        ("Basic /w==", ""),
        ("Basic é", ""),
        ("Basic \udcff", ""),
        ("", ""),
    ],
)
def test_credentials_of_a_header(text: str, credentials: str) -> None:
    assert basic_credentials(text) == credentials


@pytest.mark.parametrize(
    ("header", "key", "name"),
    [
        (basic("alice:secret"), "", "alice"),
        ("", "alice:secret", "alice"),
        (basic("bob:password"), "", "bob"),
        (basic("bob:other"), "", None),
        (basic(f"bob:{SECRET}"), "", None),
        (basic("alice:wrong"), "alice:secret", None),
        ("", "alice", None),
        ("", "nobody:secret", None),
        ("", "", None),
    ],
)
def test_who_somebody_is(header: str, key: str, name: str | None) -> None:
    user = authenticated(USERS, header, key)
    assert (user.name if user is not None else None) == name


def test_a_hash_that_is_none_lets_nobody_in() -> None:
    users = {"bob": User("bob", "*", is_crypted=True)}
    assert authenticated(users, "", "bob:*") is None
    assert authenticated(users, "", "bob:") is None


def test_the_library_that_hashes_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert authenticated(USERS, "", "bob:password") is not None
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: pytest.fail("looked for again"))
    assert authenticated(USERS, "", "bob:password") is not None


def test_a_password_is_in_no_repr() -> None:
    assert "secret" not in repr(USERS)


def test_hashes_are_those_of_other_programs() -> None:
    made = subprocess.run(
        ["openssl", "passwd", "-6", "-salt", "saltsalt", "password"], capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == SECRET
