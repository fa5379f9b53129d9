"""Who a peer is: contacts, addresses, and the ways in which its calls are known."""

from __future__ import annotations

import pytest

from sorcery.chan_sip import Conversion, Verdict
from sorcery.chan_sip.identity import insecurities, proxy_uri
from tests.unit.chan_sip.sip import CLOSED, converted, ids, note, options, peer, verdict


def static(lines: str, kind: str = "peer", general: str = "") -> Conversion:
    return converted(f"{CLOSED}{general}\n[p]\ntype = {kind}\nhost = 192.0.2.1\n{lines}\n")


def test_a_phone_that_registers_has_one_place_which_a_new_one_takes() -> None:
    aor = options(peer(""), "aor")
    assert (aor["max_contacts"], aor["remove_existing"]) == ("1", "yes")
    assert (aor["maximum_expiration"], aor["default_expiration"]) == ("3600", "120")


def test_expirations_are_those_of_the_general_section() -> None:
    aor = options(peer("", "maxexpiry = 7200\nminexpiry = 90\ndefaultexpirey = 600"), "aor")
    assert aor["maximum_expiration"] == "7200"
    assert aor["minimum_expiration"] == "90"
    assert aor["default_expiration"] == "600"


@pytest.mark.parametrize(
    ("lines", "contact"),
    [
        ("", "sip:192.0.2.1"),
        ("port = 5070", "sip:192.0.2.1:5070"),
        ("port = 0", "sip:192.0.2.1"),
        ("port = 70000", "sip:192.0.2.1"),
        ("defaultuser = bob", "sip:bob@192.0.2.1"),
        ("username = bob\nport = 5070", "sip:bob@192.0.2.1:5070"),
        ("host = 2001:db8::1", "sip:[2001:db8::1]"),
        ("host = 192.0.2.2:5080", "sip:192.0.2.2:5080"),
    ],
)
def test_an_address_becomes_a_permanent_contact(lines: str, contact: str) -> None:
    assert options(static(lines), "aor")["contact"] == contact


def test_the_first_transport_is_that_of_the_contact() -> None:
    made = static("transport = tcp,udp", general="tcpenable = yes")
    assert options(made, "aor")["contact"] == "sip:192.0.2.1;transport=tcp"
    assert note(made, "transport").became == "aor/contact=sip:192.0.2.1;transport=tcp"


def test_a_transport_that_is_switched_off_is_done_without_as_before() -> None:
    made = static("transport = tcp")
    assert options(made, "aor")["contact"] == "sip:192.0.2.1"
    assert "tcp switched off" in note(made, "transport").why
    assert verdict(made, "transport") is Verdict.MAPPED


def test_instead_of_transports_that_are_switched_off_those_of_all_peers_count() -> None:
    made = static("transport = tcp", general="tlsenable = yes\ntransport = tls,udp")
    assert options(made, "aor")["contact"] == "sip:192.0.2.1;transport=tls"


def test_nothing_changes_for_a_peer_that_may_use_every_transport() -> None:
    assert verdict(static("transport = udp,tcp", general="tcpenable = yes"), "transport") is Verdict.MAPPED
    assert verdict(static("transport = tcp", general="tcpenable = yes"), "transport") is Verdict.CHANGED


@pytest.mark.parametrize(
    ("lines", "match"),
    [
        ("", "192.0.2.1:5060"),
        ("port = 5070", "192.0.2.1:5070"),
        ("insecure = port", "192.0.2.1"),
        ("insecure = very", "192.0.2.1"),
        ("insecure = invite", "192.0.2.1:5060"),
        ("host = sip.example.com", "sip.example.com"),
        ("host = 2001:db8::1", "[2001:db8::1]:5060"),
    ],
)
def test_its_calls_are_known_by_address_and_unless_told_otherwise_by_port(lines: str, match: str) -> None:
    assert options(static(lines), "identify") == {"endpoint": "p", "match": match}


def test_over_other_transports_than_udp_the_port_does_not_count() -> None:
    assert options(static("transport = tcp,udp", general="tcpenable = yes"), "identify")["match"] == "192.0.2.1"


@pytest.mark.parametrize(("kind", "ways"), [("peer", "ip"), ("friend", "username,ip"), ("user", "username")])
def test_the_type_says_how_calls_are_known(kind: str, ways: str) -> None:
    assert options(static("", kind), "endpoint")["identify_by"] == ways


def test_a_user_is_not_called() -> None:
    made = static("qualify = yes", "user")
    assert (ids(made, "aor"), ids(made, "identify")) == ([], [])
    assert verdict(made, "qualify") is Verdict.MAPPED


def test_a_peer_without_host_cannot_be_called_which_is_told() -> None:
    made = converted(f"{CLOSED}[p]\ntype = peer\nport = 5070\n")
    assert ids(made, "aor") == []
    assert (note(made, "host").verdict, verdict(made, "port")) == (Verdict.DEFAULT, Verdict.MAPPED)


@pytest.mark.parametrize("host", ["", "host =", "host = 192.0.2.0/24", "host = a.example.com,b.example.com"])
def test_nobody_may_call_by_the_name_of_a_peer_that_neither_registers_nor_has_an_address(host: str) -> None:
    made = converted(f"{CLOSED}[p]\ntype = peer\n{host}\n")
    assert (options(made, "endpoint")["identify_by"], ids(made, "identify")) == ("ip", [])
    assert "secret" not in [each.option for each in made.notes]


def test_what_is_no_host_is_lost() -> None:
    made = static("host = 192.0.2.0/24", "friend")
    assert (ids(made, "aor"), ids(made, "identify"), verdict(made, "host")) == ([], [], Verdict.LOST)


def test_a_peer_that_registers_is_known_by_its_name_which_is_told() -> None:
    made = converted(f"{CLOSED}[p]\ntype = peer\nhost = dynamic\n")
    assert options(made, "endpoint")["identify_by"] == "username"
    assert verdict(made, "type") is Verdict.CHANGED


def test_a_friend_whose_calls_are_not_challenged_is_known_by_its_address_alone() -> None:
    made = static("secret = s3cretword\ninsecure = port,invite", "friend")
    assert options(made, "endpoint")["identify_by"] == "ip"
    assert verdict(made, "insecure") is Verdict.CHANGED


def test_the_proven_name_goes_first_where_chan_sip_looks_for_it() -> None:
    made = peer("", "match_auth_username = yes")
    assert options(made, "endpoint")["identify_by"] == "auth_username,username"
    assert options(made, "global", "global")["endpoint_identifier_order"] == "auth_username,username,ip,anonymous"


@pytest.mark.parametrize(
    ("lines", "frequency", "timeout"),
    [
        ("qualify = yes", "60", "2.0"),
        ("qualify = 500", "60", "0.5"),
        ("qualify = yes\nqualifyfreq = 25", "25", "2.0"),
    ],
)
def test_qualify_says_how_often_and_how_long(lines: str, frequency: str, timeout: str) -> None:
    aor = options(peer(lines), "aor")
    assert (aor["qualify_frequency"], aor["qualify_timeout"]) == (frequency, timeout)


def test_yes_is_the_time_that_the_general_section_names() -> None:
    made = peer("qualify = yes", "qualify = 500")
    assert options(made, "aor")["qualify_timeout"] == "0.5"
    assert next(each.became for each in made.notes if each.option == "qualify") == "aor/qualify_timeout=0.5"
    assert options(peer("qualify = yes", "qualify = no"), "aor")["qualify_timeout"] == "2.0"
    assert options(peer("", "qualify = 500"), "aor")["qualify_timeout"] == "0.5"


@pytest.mark.parametrize("word", ["on", "1s", "-1", "9" * 300])
def test_another_word_asks_nobody_which_is_told(word: str) -> None:
    made = peer(f"qualify = {word}")
    assert ("qualify_frequency" in options(made, "aor"), verdict(made, "qualify")) == (False, Verdict.LOST)


@pytest.mark.parametrize("word", ["no", "0", ""])
def test_without_qualify_nobody_is_asked(word: str) -> None:
    made = peer(f"qualify = {word}\nqualifyfreq = 20")
    assert "qualify_frequency" not in options(made, "aor")
    assert verdict(made, "qualifyfreq") is Verdict.MAPPED


@pytest.mark.parametrize(
    ("text", "uri", "forced"),
    [
        ("192.0.2.9", "sip:192.0.2.9;lr", False),
        ("proxy.example.com:5070,force", "sip:proxy.example.com:5070;lr", True),
        ("tls://proxy.example.com", "sip:proxy.example.com;lr;transport=tls", False),
        ("2001:db8::1", "sip:[2001:db8::1];lr", False),
        ("", "", False),
    ],
)
def test_a_proxy_becomes_a_loose_route(text: str, uri: str, forced: bool) -> None:
    assert proxy_uri(text) == (uri, forced)


def test_a_proxy_counts_for_endpoint_and_contacts() -> None:
    made = peer("outboundproxy = 192.0.2.9")
    assert options(made, "endpoint")["outbound_proxy"] == options(made, "aor")["outbound_proxy"] == "sip:192.0.2.9;lr"


def test_a_word_of_insecure_that_means_nothing_is_told() -> None:
    made = static("insecure = prot,invite")
    assert (verdict(made, "insecure"), "prot means nothing" in note(made, "insecure").why) == (Verdict.CHANGED, True)
    assert verdict(static("insecure = no"), "insecure") is Verdict.MAPPED


def test_older_words_of_insecure_stand_for_some_of_the_others() -> None:
    assert insecurities("very") == ("port", "invite")
    assert insecurities("yes") == ("port",)
    assert insecurities("no") == insecurities("false") == ()
