"""Header fields of a call: kept, added, changed, removed."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip import Address, Headers, Request, RequestReceived, Response
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.call_headers import CallHeaders, HeaderSupplement, headers_of
from sorcery_sip.modules.contract import PASS
from sorcery_sip.modules.session import CallSession

PEER = Address("192.0.2.7", 5060, "udp")
FIELDS = [("X-One", "1"), ("x-two", "2"), ("X-ONE", "uno"), ("Subject", "hello")]


def call() -> CallSession:
    return CallSession(endpoint=Endpoint(id="bob"), settings=cast(Any, None), media=cast(Any, None), transport=None)


def invite(*fields: tuple[str, str], to_tag: str = "") -> Request:
    to = "<sip:b@pbx>" + (f";tag={to_tag}" if to_tag else "")
    return Request("INVITE", SipUri("pbx", "b"), Headers([("To", to), *fields]))


def test_a_field_is_read_by_name_in_any_spelling_and_number() -> None:
    kept = CallHeaders(Headers(FIELDS))
    assert [kept.read("x-one"), kept.read("X-One", 2), kept.read("x-one", 3), kept.read("s")] == [
        "1",
        "uno",
        "",
        "hello",
    ]
    assert kept.read("x-one", 0) == ""


def test_names_are_found_by_their_beginning_each_once() -> None:
    kept = CallHeaders(Headers(FIELDS))
    assert kept.names("x-") == ["X-One", "x-two"]
    assert kept.names("") == ["X-One", "x-two", "Subject"]


def test_a_field_is_added_changed_and_removed() -> None:
    kept = CallHeaders()
    kept.add("X-A", "1")
    kept.add("X-A", "2")
    kept.update("x-a", "two", 2)
    kept.update("x-a", "one")
    assert list(kept.fields) == [("X-A", "one"), ("X-A", "two")]
    assert kept.remove("X-a") == 2
    assert len(kept.fields) == 0


def test_a_star_removes_all_that_begin_alike() -> None:
    kept = CallHeaders(Headers([*FIELDS, ("XY", "0")]))
    assert kept.remove("X-*") == 3
    assert list(kept.fields) == [("Subject", "hello"), ("XY", "0")]


@pytest.mark.parametrize("number", [0, 2])
def test_a_field_that_is_not_there_cannot_be_changed(number: int) -> None:
    kept = CallHeaders(Headers([("X-A", "1")]))
    with pytest.raises(ValueError, match="no header X-A number"):
        kept.update("X-A", "2", number)
    assert list(kept.fields) == [("X-A", "1")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("", "1"),
        ("X A", "1"),
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "\x00"),
        ("Content-Length", "9"),
        ("l", "9"),
        ("Via", "SIP/2.0/UDP h"),
        ("from", "<sip:x@h>"),
    ],
)
def test_what_would_break_the_message_is_refused(name: str, value: str) -> None:
    kept = CallHeaders()
    with pytest.raises(ValueError):
        kept.add(name, value)
    assert len(kept.fields) == 0


def test_the_fields_of_the_first_invite_are_kept() -> None:
    session = call()
    supplement = HeaderSupplement()
    assert supplement.incoming_request(session, RequestReceived(invite(("X-A", "1")), PEER, None)) is PASS
    supplement.incoming_request(session, RequestReceived(invite(("X-A", "2"), to_tag="t"), PEER, None))
    assert headers_of(session).read("X-A") == "1"


def test_the_fields_of_the_answer_are_kept() -> None:
    session = call()
    for status, value in ((180, "0"), (200, "1"), (200, "2")):
        HeaderSupplement().incoming_response(session, Response(status, "x", Headers([("X-A", value)])))
    assert headers_of(session).read_answer("X-A") == "1"
    assert headers_of(session).read("X-A") == ""


def test_what_was_set_goes_out_with_the_first_invite() -> None:
    session, supplement = call(), HeaderSupplement()
    assert supplement.outgoing_request(session, first := invite(), PEER) is first
    headers_of(session).add("X-A", "1")
    sent = supplement.outgoing_request(session, invite(("Subject", "s")), PEER)
    assert list(sent.headers)[1:] == [("Subject", "s"), ("X-A", "1")]
    later = invite(to_tag="t")
    assert supplement.outgoing_request(session, later, PEER) is later
