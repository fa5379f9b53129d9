"""Registrations at others: the pieces of `register` lines, and what they become."""

from __future__ import annotations

import pytest

from sorcery.chan_sip import Conversion, Verdict, pjsip_conf
from sorcery.chan_sip.registrations import RegisterLine, parse_register
from tests.unit.chan_sip.sip import CLOSED, converted, ids, note, options, verdict

TRUNK = "[trunk]\ntype = peer\nhost = 192.0.2.1\nport = 5070\n"


def registered(line: str, rest: str = "", general: str = "") -> Conversion:
    return converted(f"{CLOSED}{general}\nregister => {line}\n{rest}")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("bob@sip.example.com", RegisterLine("bob", "sip.example.com")),
        ("bob:pw@sip.example.com/100", RegisterLine("bob", "sip.example.com", secret="pw", extension="100")),
        ("bob:pw:auth@h:5070~60", RegisterLine("bob", "h", secret="pw", authuser="auth", port="5070", expiry="60")),
        ("bob@dom:pw:auth@h", RegisterLine("bob", "h", domain="dom", secret="pw", authuser="auth")),
        ("bob@dom:5082::@h", RegisterLine("bob", "h", domain="dom:5082")),
        ("bob@dom:5082:pw:auth@h", RegisterLine("bob", "h", domain="dom:5082", secret="pw", authuser="auth")),
        ("tls://bob:pw@h", RegisterLine("bob", "h", transport="tls", secret="pw")),
        ("peer?tcp://bob:pw@h/1~60", RegisterLine("bob", "h", "peer", "tcp", "", "pw", extension="1", expiry="60")),
        ("bob:p@w@h", RegisterLine("bob", "h", secret="p@w")),
        ("bob:pw@[2001:db8::1]:5070", RegisterLine("bob", "2001:db8::1", secret="pw", port="5070")),
        ("nothing", None),
        ("@h", None),
        ("bob@", None),
        ("sctp://bob@h", RegisterLine("bob", "h", transport="sctp")),
        ("bob:no port:pw:a:b@h", RegisterLine("bob", "h", secret="pw", authuser="a:b")),
        ('"bob":"p w"@"h"/"1"', RegisterLine("bob", "h", secret="p w", extension="1")),
        ("bob@h:nothing", RegisterLine("bob", "h")),
        ("bob@h:0", RegisterLine("bob", "h")),
    ],
)
def test_a_line_is_taken_apart(text: str, pieces: RegisterLine | None) -> None:
    assert parse_register(text) == pieces


def test_no_password_shows_in_the_pieces() -> None:
    assert "pw" not in repr(parse_register("bob:pw@h"))


def test_a_line_becomes_a_registration_with_its_auth() -> None:
    made = registered("bob:pw:auth@192.0.2.1:5070/100~600")
    assert options(made, "registration", "bob@192.0.2.1") == {
        "server_uri": "sip:192.0.2.1:5070",
        "client_uri": "sip:bob@192.0.2.1",
        "contact_user": "100",
        "expiration": "600",
        "retry_interval": "20",
        "max_retries": "2147483647",
        "auth_rejection_permanent": "no",
        "outbound_auth": "bob@192.0.2.1",
    }
    assert options(made, "auth", "bob@192.0.2.1") == {"username": "auth", "auth_type": "userpass", "password": "pw"}


def test_without_extension_calls_come_to_s() -> None:
    assert options(registered("bob@192.0.2.1"), "registration", "bob@192.0.2.1")["contact_user"] == "s"


def test_attempts_and_waits_are_those_of_the_general_section() -> None:
    general = "registerattempts = 3\nregistertimeout = 45\nregister_retry_403 = yes\ndefaultexpiry = 300"
    found = options(registered("bob@192.0.2.1", general=general), "registration", "bob@192.0.2.1")
    assert (found["max_retries"], found["retry_interval"], found["forbidden_retry_interval"]) == ("3", "45", "45")
    assert found["expiration"] == "300"


def test_the_name_of_a_peer_stands_for_its_address() -> None:
    found = options(registered("bob:pw@trunk", TRUNK), "registration", "bob@trunk")
    assert (found["server_uri"], found["client_uri"]) == ("sip:192.0.2.1:5070", "sip:bob@192.0.2.1")
    assert "line" not in found


def test_a_peer_before_the_question_mark_gets_the_calls() -> None:
    found = options(registered("trunk?bob:pw@192.0.2.1", TRUNK), "registration", "bob@192.0.2.1")
    assert (found["line"], found["endpoint"]) == ("yes", "trunk")
    assert "no peer other" in note(registered("other?bob:pw@192.0.2.1"), "register").why


def test_two_registrations_of_one_name_have_two_ids() -> None:
    made = converted(f"{CLOSED}register => bob:a@192.0.2.1/1\nregister => bob:b@192.0.2.1/2\n")
    assert ids(made, "registration") == ["bob@192.0.2.1", "bob@192.0.2.1-2"]
    assert options(made, "registration", "bob@192.0.2.1-2")["outbound_auth"] == "bob@192.0.2.1-2"


def test_registering_over_tcp_needs_a_transport_for_it() -> None:
    made = registered("tcp://bob:pw@192.0.2.1")
    assert options(made, "registration", "bob@192.0.2.1")["server_uri"] == "sip:192.0.2.1;transport=tcp"
    assert "transport-tcp" in ids(made, "transport")
    assert verdict(made, "register") is Verdict.CHANGED
    assert verdict(registered("tcp://bob:pw@192.0.2.1", general="tcpenable = yes"), "register") is Verdict.MAPPED


def test_a_domain_that_the_request_uri_no_longer_names_is_told() -> None:
    assert verdict(registered("bob@192.0.2.1:pw:bob@192.0.2.1"), "register") is Verdict.MAPPED
    made = registered("bob@example.com:pw:bob@192.0.2.1")
    assert options(made, "registration", "bob@192.0.2.1")["client_uri"] == "sip:bob@example.com"
    assert "where chan_sip named example.com" in note(made, "register").why
    made = converted(f"{CLOSED}{TRUNK}fromdomain = example.com\ncallbackextension = 400\n")
    assert "server_uri=sip:example.com with outbound_proxy=sip:192.0.2.1;lr" in note(made, "callbackextension").why


def test_another_transport_is_udp_as_it_was() -> None:
    made = registered("sctp://bob:pw@192.0.2.1")
    assert options(made, "registration", "bob@192.0.2.1")["server_uri"] == "sip:192.0.2.1"
    assert "sctp is udp" in note(made, "register").why


def test_a_user_that_no_header_can_hold_is_lost() -> None:
    made = registered("b]b:pw@192.0.2.1")
    assert (ids(made, "registration"), ids(made, "auth")) == ([], [])
    assert "no object can have this name" in note(made, "register").why
    assert "[global]" in pjsip_conf(made)


def test_a_line_that_cannot_be_read_is_lost() -> None:
    made = registered("nonsense")
    assert (verdict(made, "register"), ids(made, "registration")) == (Verdict.LOST, [])


def test_a_peer_may_register_by_itself() -> None:
    peer = f"{TRUNK}secret = s3cretword\nfromuser = office\ncallbackextension = 400\n"
    found = options(converted(CLOSED + peer), "registration", "trunk")
    assert found["server_uri"] == "sip:192.0.2.1:5070"
    assert (found["client_uri"], found["contact_user"]) == ("sip:office@192.0.2.1", "400")
    assert (found["line"], found["endpoint"], found["outbound_auth"]) == ("yes", "trunk", "trunk-out")


def test_a_peer_without_credentials_registers_without() -> None:
    found = options(converted(f"{CLOSED}{TRUNK}callbackextension = 400\n"), "registration", "trunk")
    assert (found["client_uri"], "outbound_auth" in found) == ("sip:trunk@192.0.2.1", False)


def test_a_phone_cannot_be_registered_at() -> None:
    made = converted(f"{CLOSED}[p]\ntype = friend\nhost = dynamic\ncallbackextension = 1\n")
    assert verdict(made, "callbackextension") is Verdict.LOST


def test_the_general_proxy_and_path_count_for_registrations() -> None:
    made = registered("bob@192.0.2.1", general="outboundproxy = 192.0.2.9\nsupportpath = yes")
    found = options(made, "registration", "bob@192.0.2.1")
    assert (found["outbound_proxy"], found["support_path"]) == ("sip:192.0.2.9;lr", "yes")
