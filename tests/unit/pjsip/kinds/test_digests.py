from __future__ import annotations

import pytest

from sorcery.errors import InvalidObject
from sorcery.pjsip import Auth, Global
from sorcery.pjsip.kinds.digests import Algorithms
from sorcery.pjsip.kinds.namelists import NameText
from sorcery.secret import Secret

MD5, SHA = "a" * 32, "b" * 64


def test_digests_are_secrets_by_algorithm() -> None:
    auth = Auth("a", username="u", password_digest=f"sha-256:{SHA},{MD5}", supported_algorithms_uas="MD5,SHA-256")
    assert list(auth.password_digest) == ["MD5", "SHA-256"]
    assert auth.password_digest["MD5"] == Secret(MD5)
    assert repr(auth.password_digest) == "Digests({'MD5': Secret('********'), 'SHA-256': Secret('********')})"


def test_md5_alone_is_written_bare_where_every_version_looks_for_it() -> None:
    assert Auth("a", username="u", password_digest=MD5).settings() == [("username", "u"), ("md5_cred", MD5)]


def test_md5_beside_others_is_written_with_them() -> None:
    auth = Auth("a", username="u", md5_cred=MD5, password_digest=f"SHA-256:{SHA}")
    assert auth.settings() == [("username", "u"), ("password_digest", f"MD5:{MD5},SHA-256:{SHA}")]
    assert dict(auth.objectset())["password_digest"] == f"MD5:{MD5},SHA-256:{SHA}"


def test_digests_are_taken_from_mappings_and_secrets() -> None:
    assert Auth("a", username="u", password_digest={"md5": Secret(MD5)}) == Auth(
        "a",
        username="u",
        md5_cred=Secret(MD5),  # type: ignore[arg-type]
    )
    for bad in ({"MD5": "short"}, {"SHA-1": MD5}, {"MD5": 5}, 5):
        with pytest.raises(InvalidObject) as caught:
            Auth("a", username="u", password_digest=bad)  # type: ignore[arg-type]
        assert "short" not in str(caught.value)


def test_digests_of_both_options_add_up() -> None:
    auth = Auth("a", username="u", password="p", md5_cred=MD5, password_digest={"SHA-256": SHA})
    assert list(auth.password_digest) == ["MD5", "SHA-256"]


def test_algorithms_that_were_not_written_are_inherited() -> None:
    plain = Auth("a", username="u", password="p")
    assert plain.supported_algorithms_uas == Algorithms(("MD5",), inherited=True)
    assert "supported_algorithms_uas" not in dict(plain.settings())
    defaults = Global("g", default_auth_algorithms_uas="sha-256,MD5").bequest
    built = Auth.__sorcery__.build("a", plain.settings(), inherited=defaults)
    assert dict(built.objectset())["supported_algorithms_uas"] == "SHA-256,MD5"
    assert built.settings() == plain.settings()


def test_a_digest_suffices_for_the_algorithms_of_the_global_object_only() -> None:
    lines = [("username", "u"), ("password_digest", f"SHA-256:{SHA}")]
    with pytest.raises(InvalidObject, match="digest for MD5"):
        Auth.from_objectset("a", lines)
    defaults = Global("g", default_auth_algorithms_uas="SHA-256", default_auth_algorithms_uac="SHA-256").bequest
    assert Auth.__sorcery__.build("a", lines, inherited=defaults)


def test_oauth_needs_its_tokens_and_no_algorithms() -> None:
    auth = Auth("a", username="u", auth_type="google_oauth", refresh_token="r", oauth_clientid="c", oauth_secret="s")
    assert not auth.supported_algorithms_uac
    assert list(auth.evolve(auth_type="digest", password="p").supported_algorithms_uac) == ["MD5"]
    with pytest.raises(InvalidObject, match="refresh_token and oauth_secret"):
        Auth("a", username="u", auth_type="google_oauth", oauth_clientid="c")


def test_a_bad_global_default_becomes_md5() -> None:
    found = Global.from_objectset("g", [("default_auth_algorithms_uas", "SHA-256,bogus")])
    assert str(found.default_auth_algorithms_uas) == "MD5"
    for bad in ("bogus", ["MD5", "bogus"], NameText("bogus")):
        with pytest.raises(InvalidObject, match="'bogus' is no digest algorithm"):
            Global("g", default_auth_algorithms_uas=bad)


def test_algorithms_are_taken_from_lists_and_an_empty_one_inherits() -> None:
    def algorithms(value: object) -> Algorithms:
        return Auth("a", username="u", password="p", supported_algorithms_uas=value).supported_algorithms_uas  # type: ignore[arg-type]

    assert algorithms(["sha-256", "MD5"]) == algorithms("SHA-256,MD5") == Algorithms(("SHA-256", "MD5"))
    assert "MD5" in algorithms([])
    assert algorithms([]).inherited
    for bad in (["bogus"], [5], 5, Algorithms(("bogus",))):
        with pytest.raises(InvalidObject):
            algorithms(bad)
