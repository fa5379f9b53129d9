"""Where answers go, and what contacts become behind NAT."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip import Address, Headers, Request, RequestReceived, Response, ResponseReceived
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.nat import NatSupplement, rewrite_contact, rewrite_in_dialog, shown

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


# -- messages of calls

ROUTES = "<sip:edge.example;lr>, <sip:core.example;lr>"


def call_message(kind: str, *fields: tuple[str, str], status: int = 200, method: str = "INVITE") -> Any:
    """Make an event: a request or a response from PHONE, whose Contact says 10.0.0.1."""
    headers = Headers([("CSeq", f"1 {method}"), ("Contact", "<sip:alice@10.0.0.1:5060;transport=udp>"), *fields])
    if kind == "request":
        return RequestReceived(Request(method, SipUri("pbx"), headers), PHONE, None)
    return ResponseReceived(Response(status, "x", headers), PHONE, None)


def shown_of(event: Any) -> tuple[str, tuple[str, ...]]:
    headers = (event.request if isinstance(event, RequestReceived) else event.response).headers
    return headers.get("Contact") or "", headers.elements("Record-Route")


REWRITTEN = "<sip:alice@198.51.100.7:40000>"
KEPT = "<sip:alice@10.0.0.1:5060;transport=udp>"
BEHIND_NAT = Endpoint(id="alice", rewrite_contact=True)


def begun(*fields: tuple[str, str], method: str = "INVITE", **options: Any) -> tuple[str, tuple[str, ...]]:
    event = call_message("request", *fields, method=method)
    incoming = Incoming(event.request, PHONE, 0.0, Endpoint(id="alice", **options))
    return shown_of(RequestReceived(rewrite_contact(incoming).request, PHONE, None))


def test_an_invite_gets_its_source_for_contact_and_no_mark() -> None:
    assert begun(rewrite_contact=True) == (REWRITTEN, ())
    assert begun(rewrite_contact=False) == (KEPT, ())
    assert begun(method="MESSAGE", rewrite_contact=True) == (KEPT, ())


def test_an_invite_with_record_route_keeps_its_contact_and_gets_the_source_for_the_first() -> None:
    contact, routes = begun(("Record-Route", ROUTES), rewrite_contact=True)
    assert contact == KEPT
    assert routes == ("<sip:198.51.100.7:40000;lr>", "<sip:core.example;lr>")


def test_a_response_with_record_route_gets_the_source_for_the_last() -> None:
    event = rewrite_in_dialog(call_message("response", ("Record-Route", ROUTES)), BEHIND_NAT, has_routes=False)
    assert shown_of(event) == (KEPT, ("<sip:edge.example;lr>", "<sip:198.51.100.7:40000;lr>"))


@pytest.mark.parametrize("kind", ["request", "response"])
@pytest.mark.parametrize(("has_routes", "contact"), [(False, REWRITTEN), (True, KEPT)])
def test_in_a_dialog_the_contact_is_rewritten_unless_there_are_routes(
    kind: str, has_routes: bool, contact: str
) -> None:
    event = call_message(kind, method="UPDATE")
    assert shown_of(rewrite_in_dialog(event, BEHIND_NAT, has_routes=has_routes))[0] == contact


@pytest.mark.parametrize(
    ("event", "endpoint"),
    [
        (call_message("response", status=302), BEHIND_NAT),
        (call_message("response", method="BYE"), BEHIND_NAT),
        (call_message("request", method="BYE"), BEHIND_NAT),
        (call_message("request"), Endpoint(id="alice")),
    ],
)
def test_redirections_other_methods_and_other_endpoints_are_left_alone(event: Any, endpoint: Endpoint) -> None:
    assert rewrite_in_dialog(event, endpoint, has_routes=False) is event


def test_a_contact_that_is_the_source_leaves_the_event_as_it_is() -> None:
    event = call_message("request")
    first = rewrite_in_dialog(event, BEHIND_NAT, has_routes=False)
    assert rewrite_in_dialog(first, BEHIND_NAT, has_routes=False) is first


# -- on the way out

OUR_CONTACT = ("Contact", "<sip:asterisk@10.9.9.9:5060>")


class OneAddress:
    """A network where every peer sees the same address of ours."""

    def __init__(self, host: str, port: int = 5060) -> None:
        self._address = Address(host, port, "udp")

    def local(self, destination: Address) -> Address:
        return self._address


def leaving(message: Any, host: str = "203.0.113.1", port: int = 5060, *, rport: bool = True) -> Any:
    session: Any = None
    supplement = NatSupplement(cast(Any, OneAddress(host, port)), rport=rport)
    if isinstance(message, Request):
        return supplement.outgoing_request(session, message, PHONE)
    return supplement.outgoing_response(session, message, PHONE)


def our_request(*fields: tuple[str, str], uri: str = "sip:bob@192.0.2.7") -> Request:
    via = ("Via", "SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bK1;rport")
    return Request("INVITE", parse_uri(uri), Headers([via, *fields]))


def test_our_contact_is_the_address_that_the_peer_sees() -> None:
    assert leaving(our_request(OUR_CONTACT)).headers.get("Contact") == "<sip:asterisk@203.0.113.1:5060>"
    assert leaving(our_request(OUR_CONTACT), "10.9.9.9", 5099).headers.get("Contact") == "<sip:asterisk@10.9.9.9:5099>"
    assert (
        leaving(our_request(OUR_CONTACT), "2001:db8::1").headers.get("Contact") == "<sip:asterisk@[2001:db8::1]:5060>"
    )


@pytest.mark.parametrize("contact", ["<sip:asterisk@10.9.9.9:5060>", "<sip:10.9.9.9:5060>"])
def test_a_contact_that_the_peer_sees_as_it_is_stays(contact: str) -> None:
    message = our_request(("Contact", contact))
    assert leaving(message, "10.9.9.9") is message


def test_an_address_that_ends_alike_is_another() -> None:
    assert leaving(our_request(("Contact", "<sip:a@110.9.9.9:5060>")), "10.9.9.9").headers.get("Contact") == (
        "<sip:a@10.9.9.9:5060>"
    )


def test_responses_get_our_address_but_not_redirections() -> None:
    headers = Headers([OUR_CONTACT])
    assert leaving(Response(200, "OK", headers)).headers.get("Contact") == "<sip:asterisk@203.0.113.1:5060>"
    assert leaving(moved := Response(302, "x", headers)) is moved
    assert leaving(busy := Response(486, "x")) is busy


def test_private_marks_do_not_leave() -> None:
    sent = leaving(our_request(OUR_CONTACT, uri="sip:bob@192.0.2.7;x-ast-txp=udp;ob"), "10.9.9.9")
    assert str(sent.uri) == "sip:bob@192.0.2.7;ob"


def test_disable_rport_keeps_rport_out_of_our_via() -> None:
    assert leaving(our_request(OUR_CONTACT), "10.9.9.9", rport=False).headers.get("Via") == (
        "SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bK1"
    )
    assert "rport" in leaving(our_request(OUR_CONTACT), "10.9.9.9").via.params
