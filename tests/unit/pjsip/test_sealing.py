from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Auth
from sorcery.pjsip.sealing import Unsealable, digest, is_sealed, mismatched, seal
from sorcery.secret import Secret


def auth(**options: Any) -> Auth:
    return Auth(**({"id": "alice", "username": "alice", "password": "hunter2"} | options))


def test_digests_are_those_of_rfc_7616() -> None:
    told = ("Mufasa", "http-auth@example.org", "Circle of Life")
    assert digest("MD5", *told) == "3d78807defe7de2157e2b0b6573a855f"
    assert digest("SHA-256", *told) == "7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232"


def test_digests_take_the_place_of_the_password() -> None:
    sealed = seal(auth(), "pbx")
    assert sealed.settings() == [
        ("username", "alice"),
        ("realm", "pbx"),
        ("auth_type", "md5"),
        (
            "password_digest",
            f"MD5:{digest('MD5', 'alice', 'pbx', 'hunter2')},SHA-256:{digest('SHA-256', 'alice', 'pbx', 'hunter2')}",
        ),
        ("supported_algorithms_uac", "MD5,SHA-256"),
        ("supported_algorithms_uas", "MD5,SHA-256"),
    ]
    assert is_sealed(sealed)
    assert not is_sealed(auth())
    assert Auth.from_objectset("alice", sealed.settings()) == sealed


def test_a_realm_of_its_own_stays() -> None:
    sealed = seal(auth(realm="own"), "pbx")
    assert sealed.realm == "own"
    assert sealed.password_digest["MD5"] == Secret(str(digest("MD5", "alice", "own", "hunter2")))


def test_algorithms_are_made_as_asked_for() -> None:
    assert list(seal(auth(), "pbx", ["sha-256"]).password_digest) == ["SHA-256"]
    assert list(seal(auth(), "pbx", ["sha-256"]).supported_algorithms_uas) == ["SHA-256"]
    assert [name for name, _ in seal(auth(), "pbx", ["md5"]).settings()] == [
        "username",
        "md5_cred",
        "realm",
        "auth_type",
    ]


def test_what_the_object_offers_stays_and_is_made_too() -> None:
    sealed = seal(auth(supported_algorithms_uas="SHA-512-256"), "pbx", ["MD5"])
    assert list(sealed.supported_algorithms_uas) == ["SHA-512-256"]
    assert list(sealed.password_digest) == ["MD5", "SHA-512-256"]


def test_a_digest_that_was_there_beside_the_password_stays() -> None:
    held = str(digest("MD5", "alice", "pbx", "hunter2"))
    sealed = seal(auth(md5_cred=held.upper()), "pbx")
    assert sealed.password_digest["MD5"].reveal() == held


def test_blanks_around_a_realm_which_no_file_keeps_are_none_of_it() -> None:
    assert seal(auth(), " pbx ") == seal(auth(), "pbx")


def test_digests_that_are_not_made_of_the_password_are_told() -> None:
    right = str(digest("MD5", "alice", "pbx", "hunter2"))
    held = {"MD5": right.upper(), "SHA-256": "0" * 64}
    assert list(mismatched(auth(password_digest=held), "pbx")) == ["SHA-256"]
    assert list(mismatched(auth(password_digest=held), "other")) == ["MD5", "SHA-256"]


def test_what_is_no_utf_8_is_digested_as_it_is_stored() -> None:
    assert digest("MD5", "a", "r", "\udcff") == "1b489605149450f2c4d52d168dd30ad8"


@pytest.mark.parametrize(
    ("options", "realm", "algorithms", "said"),
    [
        ({}, "", ["MD5"], "it names no realm, and a digest belongs to one; name the realm"),
        ({"realm": "*"}, "*", ["MD5"], "it names no realm"),
        ({"md5_cred": "0" * 32}, "pbx", ["SHA-256"], "its digest for MD5 is not made of its password for realm pbx"),
        ({"username": "a:b"}, "pbx", ["MD5"], "its user name holds a colon"),
        ({"password": "", "md5_cred": "0" * 32}, "pbx", ["MD5"], "it holds digests alone already"),
        ({"password": Secret("x", "env:PW")}, "pbx", ["MD5"], "its password lies elsewhere"),
        ({}, "pbx", [], "no algorithm is named"),
        ({}, "pbx", ["SHA-1"], "'SHA-1' is no digest algorithm"),
        ({"supported_algorithms_uas": "AKAv1-MD5"}, "pbx", ["MD5"], "it offers AKAv1-MD5, which needs the password"),
        (
            {"auth_type": "google_oauth", "refresh_token": "r", "oauth_clientid": "c", "oauth_secret": "s"},
            "pbx",
            ["MD5"],
            "its tokens are no password",
        ),
    ],
)
def test_what_cannot_be_sealed_says_why(options: Any, realm: str, algorithms: list[str], said: str) -> None:
    with pytest.raises(Unsealable, match=said) as caught:
        seal(auth(**options), realm, algorithms)
    assert "hunter2" not in str(caught.value)
