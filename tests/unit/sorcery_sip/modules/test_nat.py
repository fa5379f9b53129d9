"""Where answers go, and what contacts become behind NAT."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip import Address
from sorcery_sip.modules.nat import shown

PHONE = Address("198.51.100.7", 40000, "udp")
NO_RPORT = {"Via": "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKnat"}


def enrol(server: Any, **options: Any) -> None:
    server.store(Endpoint(id="alice", aors=["alice"], **options), Aor(id="alice", max_contacts=2))


def uris(server: Any) -> list[str]:
    return [contact.uri for contact in server.sorcery.retrieve_all(Contact)]


@pytest.mark.parametrize(("force", "port"), [(True, 40000), (False, 5060)])
def test_force_rport_answers_to_the_source_port(server: Any, force: bool, port: int) -> None:
    enrol(server, force_rport=force)
    assert server.ask(fields=NO_RPORT, source=PHONE).status == 200
    assert server.destination == Address("198.51.100.7", port, "udp")


def test_a_stranger_is_answered_at_its_source_port(server: Any) -> None:
    assert server.ask(fields=NO_RPORT, source=PHONE).status == 401
    assert server.destination == PHONE


def test_rewrite_contact_stores_the_source_and_shows_the_original(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    response = server.ask(fields={"Contact": "<sip:alice@10.0.0.1:5060;transport=udp;ob>"}, source=PHONE)
    assert uris(server) == ["sip:alice@198.51.100.7:40000;ob;x-ast-orig-host=10.0.0.1:5060"]
    assert response.headers.get_all("Contact") == ("<sip:alice@10.0.0.1:5060;ob>;expires=3600",)


def test_a_rewritten_contact_is_refreshed_and_removed_as_the_same(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    for _ in range(2):
        server.ask(source=PHONE)
    assert len(uris(server)) == 1
    server.ask(fields={"Expires": "0"}, source=PHONE)
    assert uris(server) == []


def test_a_contact_that_is_the_source_stays_as_it_is(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    server.ask(fields={"Contact": "<sip:alice@198.51.100.7:40000>"}, source=PHONE)
    assert uris(server) == ["sip:alice@198.51.100.7:40000"]


def test_a_port_alone_is_not_remembered(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    server.ask(fields={"Contact": "<sip:alice@198.51.100.7:5060>"}, source=PHONE)
    assert uris(server) == ["sip:alice@198.51.100.7:40000"]


def test_only_the_first_contact_is_rewritten(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    server.ask(fields={"Contact": "<sip:a@10.0.0.1>, <sip:b@10.0.0.2>"}, source=PHONE)
    assert sorted(uris(server)) == ["sip:a@198.51.100.7:40000;x-ast-orig-host=10.0.0.1:0", "sip:b@10.0.0.2"]


def test_a_transport_that_does_not_lead_back_is_dropped(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    server.ask(fields={"Contact": "<sip:a@10.0.0.1;transport=tcp>"}, source=PHONE)
    assert uris(server) == ["sip:a@198.51.100.7:40000;x-ast-orig-host=10.0.0.1:0"]


def test_an_ipv6_source_stands_in_brackets(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    server.ask(fields={"Contact": "<sip:a@[fe80::1]:5060>"}, source=Address("2001:db8::7", 40000, "udp"))
    assert uris(server) == ["sip:a@[2001:db8::7]:40000;x-ast-orig-host=[fe80::1]:5060"]


def test_a_wildcard_beside_a_contact_is_refused_as_ever(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    assert server.ask(fields={"Contact": "<sip:a@10.0.0.1>, *", "Expires": "0"}, source=PHONE).status == 400


def test_a_wildcard_still_removes(server: Any) -> None:
    enrol(server, rewrite_contact=True)
    server.ask(source=PHONE)
    assert server.ask(fields={"Contact": "*", "Expires": "0"}, source=PHONE).status == 200
    assert uris(server) == []


@pytest.mark.parametrize(
    ("stored", "seen"),
    [
        ("sip:a@192.0.2.1:5060;x=1", "sip:a@192.0.2.1:5060;x=1"),
        ("sip:a@192.0.2.1:9;x-ast-orig-host=[2001:db8::1]:5060", "sip:a@[2001:db8::1]:5060"),
        ("sip:a@192.0.2.1:9;x-ast-orig-host=[2001:db8::1]", "sip:a@[2001:db8::1]"),
        ("sip:a@192.0.2.1:9;x-ast-orig-host=10.0.0.1:0", "sip:a@10.0.0.1"),
        ("sip:a@192.0.2.1:9;x-ast-txp=udp", "sip:a@192.0.2.1:9"),
        ("sip:a@192.0.2.1:9;x-ast-orig-host=h:²", "sip:a@h:²"),
        ("sip:@@;x-ast-txp=udp", "sip:@@"),
        ("tel:123;x-ast-txp=udp", "tel:123"),
    ],
)
def test_an_owner_sees_its_own_contact(stored: str, seen: str) -> None:
    assert shown(stored) == seen
