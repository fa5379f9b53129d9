"""OPTIONS outside dialogs."""

from __future__ import annotations

from typing import Any

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_sip import Address, RequestReceived
from sorcery_sip.message import Request, parse_datagram
from sorcery_sip.modules import Application, build
from sorcery_sip.pbx.dialplan.model import Match


def test_the_server_itself_answers_200_with_what_it_is_able_to_do(open_pbx: Any) -> None:
    response = open_pbx.ask("OPTIONS")
    assert response.status == 200
    expected = {
        "Accept": "application/sdp",
        "Allow": "OPTIONS, REGISTER, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, MESSAGE, REFER",
        "Supported": "100rel, timer, path",
        "Accept-Encoding": "identity",
        "Accept-Language": "en",
    }
    assert {name: response.headers.get(name) for name in expected} == expected


class OneExtension:
    def exists(self, context: str, exten: str, caller_number: str = "") -> Match:
        return Match.EXISTS if (context, exten) == ("default", "100") else Match.NO


def test_an_extension_that_the_endpoint_may_call_answers_200(sorcery: Sorcery) -> None:
    sorcery.create(Endpoint(id="alice"))
    sorcery.create(Endpoint(id="bob", context="elsewhere"))
    application = build(sorcery, extensions=OneExtension())
    try:
        assert options_of(application, "alice", "100") == 200
        assert options_of(application, "alice", "101") == 404
        assert options_of(application, "bob", "100") == 404
    finally:
        application.close()


def options_of(application: Application, endpoint: str, exten: str) -> int:
    data = (
        f"OPTIONS sip:{exten}@pbx SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1\r\n"
        f"From: <sip:{endpoint}@pbx>;tag=1\r\nTo: <sip:{exten}@pbx>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
    )
    request = parse_datagram(data.encode())
    assert isinstance(request, Request)
    response = application.pipeline.run(RequestReceived(request, Address("192.0.2.7", 5062), None)).response
    assert response is not None
    return response.status


def test_without_a_dialplan_an_extension_is_404(open_pbx: Any) -> None:
    assert open_pbx.ask("OPTIONS", uri="sip:100@pbx.example.com").status == 404


def test_another_scheme_is_416(open_pbx: Any) -> None:
    assert open_pbx.ask("OPTIONS", uri="http://pbx.example.com").status == 416


def test_a_stranger_is_challenged(open_pbx: Any) -> None:
    assert open_pbx.ask("OPTIONS", {"From": "<sip:bob@a>;tag=1"}).status == 401
