"""Passwords: what phones prove, what this system proves, and that none is told."""

from __future__ import annotations

import pytest

from sorcery.chan_sip import Conversion, Verdict
from sorcery.release import Release
from tests.unit.chan_sip.sip import CLOSED, converted, ids, note, options, peer, verdict

DIGEST = "0123456789abcdef0123456789abcdef"


def trunk(lines: str) -> Conversion:
    return converted(f"{CLOSED}[p]\ntype = peer\nhost = 192.0.2.1\n{lines}\n")


def test_a_secret_is_proven_in_both_directions() -> None:
    made = peer("")
    assert options(made, "auth") == {"username": "p", "auth_type": "userpass", "password": "s3cretword"}
    assert (options(made, "endpoint")["auth"], options(made, "endpoint")["outbound_auth"]) == ("p", "p")


def test_no_note_tells_a_password() -> None:
    made = peer("remotesecret = 0therw0rd\nauth = u:th1rdw0rd@r", "register = u:f0urth@192.0.2.1")
    told = " ".join(map(str, made.notes))
    assert not [word for word in ("s3cretword", "0therw0rd", "th1rdw0rd", "f0urth") if word in told]


def test_a_password_with_an_at_sign_is_not_told_either() -> None:
    assert "a@b" not in str(note(peer("", "register = u:a@b:c@192.0.2.1"), "register"))


def test_a_digest_has_the_realm_that_it_was_made_for() -> None:
    made = converted(f"{CLOSED}realm = example.com\n[p]\ntype = friend\nhost = dynamic\nmd5secret = {DIGEST}\n")
    auth = options(made, "auth")
    assert (auth["auth_type"], auth["realm"], auth["password_digest"]) == ("md5", "example.com", f"MD5:{DIGEST}")


def test_an_empty_secret_is_none() -> None:
    made = peer(f"secret =\nmd5secret = {DIGEST}\nremotesecret =")
    assert {note(made, name).why for name in ("secret", "remotesecret")} == {"it is empty"}


def test_who_is_let_in_by_a_name_alone_is_told() -> None:
    for kind, told in (("friend", True), ("user", True), ("peer", False)):
        made = converted(f"{CLOSED}[p]\ntype = {kind}\nhost = 192.0.2.1\n")
        assert ("secret" in [each.option for each in made.notes]) is told


@pytest.mark.parametrize(
    ("text", "user", "password"),
    [("u:a#b@r", "u", "a#b"), ("u#1:a@r", "u#1", "a"), ("u:a@b@r", "u", "a@b"), ("u:a:b@r", "u", "a:b")],
)
def test_the_user_of_a_realm_ends_at_the_first_colon(text: str, user: str, password: str) -> None:
    auth = options(peer(f"auth = {text}"), "auth", "p-realm1")
    assert (auth["username"], auth["password"], auth["realm"]) == (user, password, "r")


@pytest.mark.parametrize("line", [f"md5secret = {DIGEST}", f"remotesecret = x\nauth = p#{DIGEST}@example.com"])
def test_an_older_release_has_another_name_for_digests(line: str) -> None:
    made = converted(f"{CLOSED}[p]\ntype = peer\nhost = 192.0.2.1\n{line}\n", release=Release(20, 11))
    (auth,) = (part for part in made.parts if part.type_name == "auth" and part.text("realm"))
    assert (auth.text("auth_type"), auth.text("md5_cred"), auth.text("password_digest")) == ("md5", DIGEST, None)
    auth.build()


def test_a_digest_goes_before_a_secret() -> None:
    made = peer(f"md5secret = {DIGEST}")
    assert "password" not in options(made, "auth")
    assert options(made, "auth", "p-out")["password"] == "s3cretword"


def test_another_user_or_secret_for_calls_to_the_peer_has_its_own_auth() -> None:
    made = trunk("secret = inw0rd\nremotesecret = outw0rd\ndefaultuser = office")
    assert options(made, "auth")["password"] == "inw0rd"
    assert options(made, "auth", "p-out") == {"username": "office", "auth_type": "userpass", "password": "outw0rd"}
    assert options(made, "endpoint")["outbound_auth"] == "p-out"


def test_the_user_of_from_is_proven_where_no_other_is_named() -> None:
    assert options(trunk("remotesecret = outw0rd\nfromuser = 4711"), "auth", "p-out")["username"] == "4711"


def test_an_id_that_is_a_peers_name_is_left_to_the_peer() -> None:
    made = converted(
        f"{CLOSED}[p]\ntype = peer\nhost = 192.0.2.1\nremotesecret = outw0rd\n"
        "[p-out]\ntype = peer\nhost = 192.0.2.2\nsecret = inw0rd\n"
    )
    assert ids(made, "auth") == ["p-out-2", "p-out"]
    assert options(made, "endpoint")["outbound_auth"] == "p-out-2"


def test_insecure_invite_leaves_a_trunk_unchallenged() -> None:
    made = trunk("secret = s3cretword\ninsecure = invite")
    assert "auth" not in options(made, "endpoint")
    assert options(made, "endpoint")["outbound_auth"] == "p-out"
    assert verdict(made, "insecure") is Verdict.MAPPED


def test_a_phone_that_registers_stays_challenged() -> None:
    made = peer("insecure = port,invite")
    assert options(made, "endpoint")["auth"] == "p"
    assert verdict(made, "insecure") is Verdict.CHANGED


def test_a_user_stays_challenged() -> None:
    made = converted(f"{CLOSED}[p]\ntype = user\nsecret = s3cretword\ninsecure = invite\n")
    assert options(made, "endpoint")["auth"] == "p"
    assert verdict(made, "insecure") is Verdict.CHANGED


def test_a_phone_without_secret_is_told() -> None:
    made = converted(f"{CLOSED}[p]\ntype = friend\nhost = dynamic\n")
    assert "give it a secret" in note(made, "secret").why


def test_options_requests_are_answered_unchallenged_as_before() -> None:
    assert options(peer(""), "endpoint")["allow_unauthenticated_options"] == "yes"
    assert "allow_unauthenticated_options" not in options(peer("", "auth_options_requests = yes"), "endpoint")


def test_credentials_by_realm_go_with_those_of_the_peer() -> None:
    made = trunk(f"remotesecret = outw0rd\nauth = u:w0rd@example.com\nauth = v#{DIGEST}@example.net")
    assert options(made, "endpoint")["outbound_auth"] == "p-out,p-realm1,p-realm2"
    assert options(made, "auth", "p-realm1")["realm"] == "example.com"
    assert options(made, "auth", "p-realm2")["password_digest"] == f"MD5:{DIGEST}"


def test_credentials_for_all_go_to_peers_with_an_address() -> None:
    made = converted(
        f"{CLOSED}[authentication]\nauth = u:w0rd@example.com\n[p]\ntype = peer\nhost = 192.0.2.1\n"
        "[q]\ntype = friend\nhost = dynamic\n"
    )
    assert options(made, "endpoint")["outbound_auth"] == "authentication-1"
    assert "outbound_auth" not in options(made, "endpoint", "q")


def test_credentials_that_are_none_are_lost() -> None:
    made = converted(f"{CLOSED}[authentication]\nauth = nobody\n")
    assert (verdict(made, "auth"), ids(made, "auth")) == (Verdict.LOST, [])
