"""Digits in INFO."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip import Address, HeaderError, Headers, Request, RequestReceived
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import Decision, Verdict
from sorcery_sip.modules.dtmf_info import DtmfInfo, relay_body
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import DtmfEnd

RELAY, DTMF, FLASH = "application/dtmf-relay", "application/dtmf", "application/hook-flash"


def call(**options: Any) -> CallSession:
    session = CallSession(
        endpoint=Endpoint(id="bob", **options), settings=cast(Any, None), media=cast(Any, None), transport=None
    )
    session.channel = Channel("PJSIP/bob-1", cast(Any, None), id="1.1", created=1.0)
    return session


def info(session: CallSession, content_type: str, body: bytes, *fields: tuple[str, str]) -> Decision:
    headers = [*([("Content-Type", content_type)] if content_type else []), *fields]
    request = Request("INFO", SipUri("pbx"), Headers(headers), body)
    return DtmfInfo().incoming_request(session, RequestReceived(request, Address("192.0.2.7", 5060), None))


def digits(session: CallSession) -> list[object]:
    assert session.channel is not None
    return list(session.channel._events)


@pytest.mark.parametrize(
    ("content_type", "body", "digit", "ms"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", "5", 160),
        (RELAY, b"Signal= *\r\nDuration= 250", "*", 250),
        (RELAY, b"duration=80\nSIGNAL=b\n", "B", 80),
        (RELAY, b"Signal=10", "*", 100),
        (RELAY, b"Signal=1\r\nDuration=0", "1", 100),
        (RELAY, b"Signal=1\r\nDuration=99999", "1", 10_000),
        (RELAY, b"Signal=1\r\nDuration=long", "1", 100),
        (DTMF, b"7", "7", 100),
        (DTMF, b" 11\r\n", "#", 100),
        (DTMF, b"15", "D", 100),
        (DTMF, b"16", "!", 100),
        ("Application/DTMF", b"#", "#", 100),
        (FLASH, b"", "!", 100),
    ],
)
def test_a_digit_is_told_and_answered_with_200(content_type: str, body: bytes, digit: str, ms: int) -> None:
    session = call()
    decision = info(session, content_type, body)
    assert (decision.verdict, decision.status) == (Verdict.ANSWER, 200)
    assert digits(session) == [DtmfEnd(digit, ms)]


@pytest.mark.parametrize(
    ("content_type", "body"), [(RELAY, b"Signal=E"), (RELAY, b"x"), (DTMF, b"12345"), (DTMF, b"\xff"), (DTMF, b"17")]
)
def test_what_is_no_digit_is_answered_with_500(content_type: str, body: bytes) -> None:
    session = call()
    assert info(session, content_type, body).status == 500
    assert digits(session) == []


def test_a_digit_for_a_call_without_channel_is_answered_with_500() -> None:
    session = call()
    session.channel = None
    assert info(session, DTMF, b"1").status == 500


@pytest.mark.parametrize("content_type", ["", RELAY, DTMF])
def test_an_empty_info_is_answered_with_200(content_type: str) -> None:
    session = call()
    assert info(session, content_type, b"").status == 200
    assert digits(session) == []


def test_other_bodies_are_for_others() -> None:
    assert info(call(), "application/media_control+xml", b"<x/>").verdict is Verdict.PASS
    assert info(call(), "", b"x").verdict is Verdict.PASS


def test_recording_is_refused() -> None:
    assert info(call(), "", b"", ("Record", "on")).status == 403
    assert info(call(one_touch_recording=True), "", b"", ("Record", "on")).status == 404


def test_a_content_type_that_cannot_be_read_is_the_peers_fault() -> None:
    with pytest.raises(HeaderError):
        info(call(), "nonsense", b"1")


def test_what_we_write_we_read() -> None:
    session = call()
    info(session, RELAY, relay_body("A", 123))
    assert digits(session) == [DtmfEnd("A", 123)]
    assert relay_body("5", 100) == b"Signal=5\r\nDuration=100\r\n"
