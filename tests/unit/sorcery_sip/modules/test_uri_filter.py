"""What the URI filter answers, to strangers too."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Contact, Transport


def test_a_tel_request_uri_is_416_save_in_calls(server: Any) -> None:
    assert server.ask("OPTIONS", uri="tel:+4930").status == 416
    assert server.ask("INVITE", {"Contact": "<sip:a@10.0.0.1>"}, uri="tel:+4930").status == 401


@pytest.mark.parametrize("uri", ["http://a.example", "urn:service:sos", "mailto:a@b"])
@pytest.mark.parametrize("method", ["REGISTER", "MESSAGE", "OPTIONS"])
def test_a_request_uri_of_an_unknown_kind_is_416_whatever_the_method(server: Any, method: str, uri: str) -> None:
    assert server.ask(method, uri=uri).status == 416


@pytest.mark.parametrize("header", ["From", "To"])
@pytest.mark.parametrize(("uri", "status"), [("http://a.example", 416), ("sips:a@b", 401), ("tel:+4930", 401)])
def test_from_and_to_are_sip_or_tel(server: Any, header: str, uri: str, status: int) -> None:
    assert server.ask("OPTIONS", {header: f"<{uri}>" + (";tag=1" if header == "From" else "")}).status == status


@pytest.mark.parametrize("method", ["INVITE", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE"])
def test_what_opens_a_dialog_needs_a_contact(server: Any, method: str) -> None:
    response = server.ask(method)
    assert (response.status, response.reason) == (400, "Missing Contact header")


@pytest.mark.parametrize("contact", ["<tel:+4930>", "<mailto:a@b>", "<sip:a@b>, <http://c>"])
def test_a_contact_is_sip(open_pbx: Any, contact: str) -> None:
    assert open_pbx.ask(fields={"Contact": contact}).status == 416


def test_marks_that_a_client_invents_are_removed(open_pbx: Any) -> None:
    open_pbx.ask(fields={"Contact": "<sip:alice@10.0.0.1;X-Ast-Txp=evil;ob>"})
    (contact,) = open_pbx.sorcery.retrieve_all(Contact)
    assert contact.uri == "sip:alice@10.0.0.1;ob"


def test_a_symmetric_transport_marks_contacts_and_the_mark_stays_inside(open_pbx: Any) -> None:
    options = [("protocol", "udp"), ("bind", "127.0.0.1"), ("symmetric_transport", "yes")]
    open_pbx.store(Transport.from_objectset("udp", options))
    response = open_pbx.ask(fields={"Contact": "<sip:alice@10.0.0.1>"})
    (contact,) = open_pbx.sorcery.retrieve_all(Contact)
    assert contact.uri == "sip:alice@10.0.0.1;x-ast-txp=udp"
    assert response.headers.get_all("Contact") == ("<sip:alice@10.0.0.1>;expires=3600",)
