"""When identity is learnt from messages of a call, and when it is told."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip import Address, Headers, Request, RequestReceived, Response
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.caller_id import CallerId, Identified, caller
from sorcery_sip.modules.contract import PASS
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import ConnectedLine
from sorcery_sip.pbx.party import Party

PEER = Address("192.0.2.7", 5060, "udp")
ANN = Party("4711", "Ann")
TRUSTED = {"trust_id_inbound": True}
ASSERTED = ("P-Asserted-Identity", '"Boss" <sip:1@pbx>')


class Invite:
    """As much of a SIP session as identity needs."""

    def __init__(self, *, is_incoming: bool) -> None:
        self.is_incoming = is_incoming


def call(*, is_incoming: bool = True, has_channel: bool = True, **options: Any) -> CallSession:
    session = CallSession(
        endpoint=Endpoint(id="bob", **options), settings=cast(Any, None), media=cast(Any, None), transport=None
    )
    session.begin(cast(Any, Invite(is_incoming=is_incoming)))
    if has_channel:
        session.channel = Channel("PJSIP/bob-1", cast(Any, None), id="1.1", created=1.0, connected=ANN)
    return session


def request(*fields: tuple[str, str], method: str = "INVITE", to_tag: str = "") -> Request:
    to = "<sip:200@pbx>" + (f";tag={to_tag}" if to_tag else "")
    headers = [("From", '"Alice" <sip:100@10.0.0.1>;tag=1'), ("To", to), ("CSeq", f"1 {method}"), *fields]
    return Request(method, SipUri("pbx", "200"), Headers(headers))


def response(*fields: tuple[str, str], status: int = 180, method: str = "INVITE") -> Response:
    return Response(status, "x", Headers([*request(method=method, to_tag="2").headers, *fields]))


def receive(session: CallSession, message: Request) -> None:
    assert CallerId().incoming_request(session, RequestReceived(message, PEER, None)) is PASS


def events(session: CallSession) -> list[object]:
    assert session.channel is not None
    return list(session.channel._events)


# -- in


def test_the_first_invite_tells_whom_the_channel_is_made_with() -> None:
    session = call(has_channel=False)
    assert caller(session) == Party()
    receive(session, request())
    assert caller(session) == Party("100", "Alice")


def test_originating_line_information_is_remembered() -> None:
    session = call(has_channel=False)
    message = request()
    receive(session, message.with_headers(message.headers.with_set("From", "<sip:100@h;isup-oli=27>;tag=1")))
    assert session.remembered[Identified].line == 27


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_later_request_changes_the_connected_line(method: str) -> None:
    session = call(**TRUSTED)
    receive(session, request(ASSERTED, method=method, to_tag="2"))
    assert events(session) == [ConnectedLine(Party("1", "Boss"))]


def test_a_response_changes_the_connected_line() -> None:
    session = call(is_incoming=False, **TRUSTED)
    CallerId().incoming_response(session, response(ASSERTED))
    assert events(session) == [ConnectedLine(Party("1", "Boss"))]


def test_100_trying_tells_nothing() -> None:
    session = call(is_incoming=False, **TRUSTED)
    CallerId().incoming_response(session, response(ASSERTED, status=100))
    assert events(session) == []


@pytest.mark.parametrize("options", [{}, {**TRUSTED, "trust_connected_line": False}])
def test_the_connected_line_needs_trust_connected_line_and_trust_id_inbound(options: dict[str, Any]) -> None:
    session = call(**options)
    receive(session, request(ASSERTED, to_tag="2"))
    CallerId().incoming_response(session, response(ASSERTED))
    assert events(session) == []


def test_the_same_party_again_and_one_without_a_number_are_no_news() -> None:
    session = call(**TRUSTED)
    receive(session, request(ASSERTED, to_tag="2"))
    receive(session, request(ASSERTED, to_tag="2"))
    receive(session, request(("P-Asserted-Identity", "<sip:pbx>"), to_tag="2"))
    receive(session, request(to_tag="2"))
    assert len(events(session)) == 1


def test_callerid_tag_stays_with_a_party_that_changes() -> None:
    session = call(**TRUSTED)
    assert session.channel is not None
    session.channel.caller = Party("100", tag="sales")
    receive(session, request(ASSERTED, to_tag="2"))
    assert events(session) == [ConnectedLine(Party("1", "Boss", tag="sales"))]


# -- out


def sent(session: CallSession, message: Request | Response) -> str | None:
    if isinstance(message, Request):
        return CallerId().outgoing_request(session, message, PEER).headers.get("Remote-Party-ID")
    return CallerId().outgoing_response(session, message, PEER).headers.get("Remote-Party-ID")


@pytest.mark.parametrize(("method", "to_tag"), [("INVITE", ""), ("INVITE", "2"), ("UPDATE", "2")])
def test_invite_reinvite_and_update_tell_who_calls(method: str, to_tag: str) -> None:
    message = request(method=method, to_tag=to_tag)
    told = sent(call(is_incoming=False, send_rpid=True), message)
    assert told == '"Ann" <sip:4711@10.0.0.1>;party=calling;privacy=off;screen=no'


def test_a_call_that_has_not_begun_is_one_that_we_make() -> None:
    session = call(is_incoming=False, send_rpid=True)
    session._invite = None
    assert "party=calling" in (sent(session, request()) or "")


def test_responses_tell_who_is_called_on_the_uri_of_to() -> None:
    told = sent(call(send_rpid=True), response())
    assert told == '"Ann" <sip:4711@pbx>;party=called;privacy=off;screen=no'


def test_100_and_responses_to_other_methods_tell_nothing() -> None:
    session = call(send_rpid=True)
    assert sent(session, response(status=100)) is None
    assert sent(session, response(status=200, method="UPDATE")) is None


@pytest.mark.parametrize(("send_connected_line", "number"), [(True, "99"), (False, "4711")])
def test_without_send_connected_line_later_responses_tell_of_whom_the_first_one_did(
    send_connected_line: bool, number: str
) -> None:
    session = call(send_rpid=True, send_connected_line=send_connected_line)
    assert session.channel is not None
    assert "4711" in (sent(session, response(status=180)) or "")
    session.channel.connected = Party("99")
    assert f"<sip:{number}@pbx>" in (sent(session, response(status=200)) or "")


def test_a_message_is_left_as_it_is_when_nothing_is_to_be_sent() -> None:
    session, message = call(is_incoming=False), request()
    assert CallerId().outgoing_request(session, message, PEER) is message
    reply = response()
    assert CallerId().outgoing_response(call(), reply, PEER) is reply
    assert CallerId().outgoing_response(call(has_channel=False, send_pai=True), reply, PEER) is reply
