"""Bodies of several parts."""

from __future__ import annotations

import pytest

from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request
from sorcery_sip.message.multipart import parts, sdp_of
from sorcery_sip.message.simple import MediaType
from sorcery_sip.message.uri import SipUri

MIXED = (
    b"preamble\r\n--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n"
    b"\r\n--x\r\nContent-Type: application/isup;version=1\r\n"
    b"Content-Disposition: signal;\r\n handling = required\r\n\r\n\x01\x02\r\n--x--\r\nepilogue"
)


def message(content_type: str | None, body: bytes) -> Request:
    fields = () if content_type is None else (("Content-Type", content_type),)
    return Request("INVITE", SipUri("example.com"), Headers(fields), body)


def test_parts_are_divided_and_keep_their_bytes() -> None:
    sdp, isup = parts(MediaType.parse("multipart/mixed;boundary=x"), MIXED)
    assert (sdp.essence, sdp.body, sdp.is_required) == ("application/sdp", b"v=0\r\n", False)
    assert (isup.essence, isup.body, isup.is_required) == ("application/isup", b"\x01\x02", True)


def test_an_empty_part_is_a_part() -> None:
    first, second = parts(MediaType.parse('multipart/mixed;boundary="x"'), b"--x\r\n\r\n--x\r\n\r\nhello\r\n--x--")
    assert (first.essence, first.body) == ("text/plain", b"")
    assert second.body == b"hello"


def test_a_body_that_is_cut_off_ends_its_last_whole_part() -> None:
    assert [part.body for part in parts(MediaType.parse("multipart/mixed;boundary=x"), b"--x\n\na\n--x\n\nb")] == [b"a"]


@pytest.mark.parametrize("content_type", ["multipart/mixed", "text/plain;boundary=x"])
def test_without_boundary_or_multipart_there_are_no_parts(content_type: str) -> None:
    assert parts(MediaType.parse(content_type), MIXED) == ()


@pytest.mark.parametrize(
    ("content_type", "body", "sdp"),
    [
        ("application/sdp", b"v=0\r\n", b"v=0\r\n"),
        ("Application/SDP; charset=utf-8", b"v=0\r\n", b"v=0\r\n"),
        ("multipart/mixed;boundary=x", MIXED, b"v=0\r\n"),
        ("text/plain", b"v=0\r\n", None),
        ("application/sdp", b"", None),
        (None, b"v=0\r\n", None),
        ("nonsense", b"v=0\r\n", None),
    ],
)
def test_the_session_description_is_found(content_type: str | None, body: bytes, sdp: bytes | None) -> None:
    assert sdp_of(message(content_type, body)) == sdp
