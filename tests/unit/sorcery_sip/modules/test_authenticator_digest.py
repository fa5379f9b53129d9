"""Who is challenged, with what, and what credentials prove."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from sorcery.pjsip import Aor, Auth, Endpoint, Global
from sorcery_sip import Address
from sorcery_sip.client import answered


def challenges(response: Any) -> list[tuple[str, str, bool]]:
    return [(c.realm, c.algorithm, c.stale) for c in response.challenges]


def auth(id: str, **options: str) -> Auth:
    return Auth.from_objectset(id, [("username", "alice"), *options.items()])


def test_the_right_password_gets_in(pbx: Any) -> None:
    assert pbx.ask().status == 401
    assert pbx.ask(password="secret").status == 200


def test_a_challenge_names_realm_nonce_opaque_algorithm_and_qop(pbx: Any) -> None:
    (challenge,) = pbx.ask().challenges
    assert [name for name, _ in challenge.pairs] == ["realm", "nonce", "opaque", "algorithm", "qop"]
    digest = hashlib.md5(b"1700000000:192.0.2.7:test:asterisk").hexdigest()
    assert challenge.nonce == f"1700000000/{digest}"


def test_a_wrong_password_is_401_again_without_stale(pbx: Any) -> None:
    response = pbx.ask(password="wrong")
    assert (response.status, challenges(response)) == (401, [("asterisk", "MD5", False)])


def test_a_stranger_sees_what_a_wrong_password_sees(pbx: Any) -> None:
    known = pbx.ask(password="wrong")
    stranger = pbx.ask(fields={"From": "<sip:bob@pbx.example.com>;tag=1"}, password="wrong", username="bob")
    assert [name for name, _ in stranger.headers] == [name for name, _ in known.headers]
    assert stranger.headers.get("WWW-Authenticate") == known.headers.get("WWW-Authenticate")
    assert stranger.status == known.status == 401


def test_no_password_lets_a_stranger_in(pbx: Any) -> None:
    fields = {"From": "<sip:bob@pbx.example.com>;tag=1"}
    for password in ("secret", "x"):
        assert pbx.ask(fields=fields, password=password).status == 401


def test_an_old_nonce_is_stale_if_the_password_is_right(pbx: Any) -> None:
    request = pbx.request()
    response = pbx.send(request)
    pbx.now += 33
    assert challenges(reply_to(pbx, request, response, "secret")) == [("asterisk", "MD5", True)]
    assert challenges(reply_to(pbx, request, response, "wrong")) == [("asterisk", "MD5", False)]


def test_a_nonce_lives_as_long_as_the_auth_section_says(pbx: Any) -> None:
    request = pbx.request()
    response = pbx.send(request)
    pbx.now += 32
    assert reply_to(pbx, request, response, "secret").status == 200


def test_a_nonce_of_another_source_is_stale_and_the_log_says_so(pbx: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    request = pbx.request()
    response = pbx.send(request, Address("192.0.2.8", 5062, "udp"))
    assert challenges(reply_to(pbx, request, response, "secret")) == [("asterisk", "MD5", True)]
    assert "authentication of endpoint 'alice' by username: the nonce is foreign" in caplog.text


def reply_to(server: Any, request: Any, response: Any, password: str) -> Any:
    again = answered(request, response, "alice", password, "cnonce")
    assert again is not None
    via = request.headers.get("Via").replace("z9hG4bK", f"z9hG4bK{password}")
    return server.send(again.with_headers(again.headers.with_set("Via", via)))


def test_the_source_port_is_left_out_of_the_nonce(pbx: Any) -> None:
    request = pbx.request()
    response = pbx.send(request, Address("192.0.2.7", 9999, "udp"))
    assert reply_to(pbx, request, response, "secret").status == 200


def test_a_missing_auth_object_is_500_even_beside_a_good_one(server: Any) -> None:
    server.store(Endpoint(id="alice", auth=["alice", "gone"], aors=["alice"]), auth("alice", password="secret"))
    assert server.ask().status == 500
    assert server.ask(password="secret").status == 500


def test_an_endpoint_without_auth_is_let_in(server: Any) -> None:
    server.store(Endpoint(id="alice", aors=["alice"]), Aor(id="alice", max_contacts=1))
    assert server.ask().status == 200


def test_ack_and_cancel_are_never_challenged(pbx: Any) -> None:
    assert pbx.send(pbx.request("ACK", {"To": "<sip:b@h>;tag=x"})) is None
    assert pbx.ask("CANCEL").status == 481


def test_options_are_free_where_the_endpoint_says_so(pbx: Any) -> None:
    assert pbx.ask("OPTIONS").status == 401
    alice = pbx.sorcery.retrieve_by_id(Endpoint, "alice")
    pbx.sorcery.update(alice.evolve(allow_unauthenticated_options=True))
    assert pbx.ask("OPTIONS").status == 200
    assert pbx.ask().status == 401


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_each_algorithm_is_offered_and_accepted(server: Any, algorithm: str) -> None:
    server.store(
        Endpoint(id="alice", auth=["alice"], aors=["alice"]),
        Aor(id="alice", max_contacts=1),
        auth("alice", password="secret", supported_algorithms_uas=algorithm),
    )
    assert challenges(server.ask()) == [("asterisk", algorithm, False)]
    assert server.ask(password="secret").status == 200
    assert server.ask(password="wrong").status == 401


def test_there_is_one_challenge_per_realm_and_algorithm(server: Any) -> None:
    both = "SHA-256,MD5"
    server.store(
        Endpoint(id="alice", auth=["a", "b", "c"], aors=["alice"]),
        Aor(id="alice", max_contacts=1),
        auth("a", password="one", supported_algorithms_uas=both),
        auth("b", password="two", supported_algorithms_uas=both),
        auth("c", password="three", realm="other"),
    )
    expected = [("asterisk", "SHA-256", False), ("asterisk", "MD5", False), ("other", "MD5", False)]
    assert challenges(server.ask()) == expected
    assert server.ask(password="two").status == 200


def test_a_stored_digest_does_without_the_password(server: Any) -> None:
    digest = hashlib.md5(b"alice:asterisk:secret").hexdigest()
    server.store(
        Endpoint(id="alice", auth=["alice"], aors=["alice"]),
        Aor(id="alice", max_contacts=1),
        auth("alice", auth_type="md5", md5_cred=digest),
    )
    assert server.ask(password="secret").status == 200
    assert server.ask(password="wrong").status == 401


def test_an_algorithm_that_was_not_offered_is_refused(pbx: Any) -> None:
    request = pbx.request()
    response = pbx.send(request)
    offered = response.headers.get("WWW-Authenticate").replace("MD5", "SHA-256")
    forged = response.with_headers(response.headers.with_set("WWW-Authenticate", offered))
    assert reply_to(pbx, request, forged, "secret").status == 401


def test_an_algorithm_that_nobody_knows_proves_nothing(pbx: Any) -> None:
    fields = {"Authorization": 'Digest username="alice", realm="asterisk", algorithm=MD4, response="00"'}
    assert challenges(pbx.ask(fields=fields)) == [("asterisk", "MD5", False)]


def test_a_stored_digest_of_another_algorithm_is_no_empty_password(server: Any) -> None:
    server.store(
        Endpoint(id="alice", auth=["alice"], aors=["alice"]),
        Aor(id="alice", max_contacts=1),
        auth("alice", auth_type="md5", md5_cred="0" * 32),
    )
    request = server.request()
    response = server.send(request)
    offered = response.headers.get("WWW-Authenticate").replace("MD5", "SHA-256")
    forged = response.with_headers(response.headers.with_set("WWW-Authenticate", offered))
    assert challenges(reply_to(server, request, forged, "")) == [("asterisk", "MD5", False)]


def test_the_right_password_in_another_realm_is_stale(pbx: Any) -> None:
    request = pbx.request()
    response = pbx.send(request)
    elsewhere = response.headers.get("WWW-Authenticate").replace("asterisk", "elsewhere")
    forged = response.with_headers(response.headers.with_set("WWW-Authenticate", elsewhere))
    assert challenges(reply_to(pbx, request, forged, "secret")) == [("asterisk", "MD5", True)]


def test_the_realm_is_that_of_the_auth_section_or_the_default(server: Any) -> None:
    server.store(
        Global(id="global", default_realm="pbx"),
        Endpoint(id="alice", auth=["a", "b"], aors=["alice"]),
        auth("a", password="one"),
        auth("b", password="two", realm="own"),
    )
    assert [realm for realm, _, _ in challenges(server.ask())] == ["pbx", "own"]


def test_the_user_name_has_to_be_that_of_the_auth_section(pbx: Any) -> None:
    assert pbx.ask(password="secret", username="Alice").status == 401


def test_credentials_that_cannot_be_read_are_400(pbx: Any) -> None:
    assert pbx.ask(fields={"Authorization": 'Digest username="alice'}).status == 400


def test_the_log_says_why_and_never_the_secret(pbx: Any, caplog: pytest.LogCaptureFixture) -> None:
    pbx.ask(password="wrong")
    assert "wrong password for auth 'alice'" in caplog.text
    pbx.ask(password="wrong", username="mallory")
    assert "user name 'mallory' is not that of auth 'alice'" in caplog.text
    pbx.ask(fields={"From": "<sip:bob@pbx.example.com>;tag=1"})
    assert "no endpoint for From 'sip:bob@pbx.example.com'" in caplog.text
    assert "secret" not in caplog.text
