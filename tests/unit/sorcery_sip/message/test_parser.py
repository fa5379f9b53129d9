import contextlib
import time

import pytest

from sorcery_sip.errors import ParseError
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.parser import MAX_MESSAGE, is_keepalive, parse_datagram

HEAD = (
    b"Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n"
)
OPTIONS = b"OPTIONS sip:b@h SIP/2.0\r\n" + HEAD


def refusal(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse_datagram(data)
    return caught.value


def test_a_request() -> None:
    message = parse_datagram(OPTIONS + b"\r\n")
    assert isinstance(message, Request)
    assert (message.method, str(message.uri), message.body) == ("OPTIONS", "sip:b@h", b"")


def test_a_response() -> None:
    message = parse_datagram(b"SIP/2.0 200 OK, then\r\n" + HEAD + b"\r\n")
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (200, "OK, then")


@pytest.mark.parametrize("line", [b"SIP/2.0 180 ", b"SIP/2.0 180", b"sip/2.0 180 "])
def test_a_response_needs_no_phrase(line: bytes) -> None:
    message = parse_datagram(line + b"\r\n" + HEAD + b"\r\n")
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (180, "")


def test_the_body_is_cut_to_content_length() -> None:
    message = parse_datagram(OPTIONS + b"l: 3\r\n\r\nabcdef")
    assert message.body == b"abc"
    assert "Content-Length" not in message.headers


def test_without_content_length_the_body_is_the_rest() -> None:
    assert parse_datagram(OPTIONS + b"\r\na\r\n\r\nb").body == b"a\r\n\r\nb"


def test_line_ends_before_the_message_and_bare_line_feeds_are_read() -> None:
    assert parse_datagram(b"\r\n\r\n" + (OPTIONS + b"\r\n").replace(b"\r\n", b"\n")) == parse_datagram(
        OPTIONS + b"\r\n"
    )


def test_folded_values_are_one_line() -> None:
    message = parse_datagram(OPTIONS + b"Subject: first\r\n \t second\r\n\tthird\r\n\r\n")
    assert message.headers.get("Subject") == "first second third"


def test_a_fold_may_span_lines_of_blanks() -> None:
    message = parse_datagram(OPTIONS + b"Subject: first \r\n \r\n\t\r\n second\r\n\r\n")
    assert message.headers.get("Subject") == "first second"


@pytest.mark.parametrize(
    "value",
    [
        b" " * 60_000 + b"x\r\n fold",
        b" \r\n" * 20_000 + b" x",
        b";" * 60_000,
        b'"' * 60_000,
        b"<" * 60_000,
        b",<" * 30_000,
        b"=" + b" " * 60_000 + b'"',
    ],
)
@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("Via", "vias"),
        ("From", "from_"),
        ("Contact", "contacts"),
        ("Authorization", "credentials"),
        ("c", "content_type"),
    ],
)
def test_hostile_values_take_linear_time(name: str, view: str, value: bytes) -> None:
    prefix = b"Digest a" if name == "Authorization" else b""
    lines = [line for line in OPTIONS.split(b"\r\n") if line and not line.startswith(name.encode())]
    data = b"\r\n".join([*lines, name.encode() + b": " + prefix + value]) + b"\r\n\r\n"
    begin = time.process_time()
    with contextlib.suppress(ParseError):
        getattr(parse_datagram(data), view)
    assert time.process_time() - begin < 1


def test_octets_that_are_no_utf8_survive() -> None:
    message = parse_datagram(OPTIONS + b"Subject: \xff\xfe\r\n\r\n")
    assert (message.headers.get("Subject") or "").encode("utf-8", "surrogateescape") == b"\xff\xfe"


@pytest.mark.parametrize("name", ["Via", "From", "To", "Call-ID", "CSeq"])
def test_without_a_mandatory_field_there_is_nothing_to_answer(name: str) -> None:
    lines = [line for line in OPTIONS.split(b"\r\n") if not line.startswith(name.encode())]
    error = refusal(b"\r\n".join(lines) + b"\r\n")
    assert error.reason == f"no {name} in the message"
    assert not error.fields


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (OPTIONS.replace(b"SIP/2.0\r\n", b"SIP/7.0\r\n", 1), 505),
        (OPTIONS.replace(b"SIP/2.0\r\n", b"HTTP/1.1\r\n", 1), 400),
        (OPTIONS.replace(b"OPTIONS sip", b"OPTIONS  sip"), 400),
        (OPTIONS.replace(b"OPTIONS sip", b"OPT(IONS sip"), 400),
        (OPTIONS.replace(b"sip:b@h ", b""), 400),
        (OPTIONS.replace(b"OPTIONS sip:b@h", b"OPTIONS sip:" + b"b" * 600 + b"@h"), 414),
        (OPTIONS.replace(b"sip:b@h SIP", b"sip:b@h?a=b SIP"), 400),
        (OPTIONS.replace(b"1 OPTIONS", b"1 INVITE"), 400),
        (OPTIONS.replace(b"1 OPTIONS", b"9999999999 OPTIONS"), 400),
        (OPTIONS.replace(b"<sip:b@h>", b"<sip:b@h"), 400),
        (OPTIONS.replace(b"Call-ID: x", b"Call-ID:"), 400),
        (OPTIONS + b"To: <sip:c@h>\r\n", 400),
        (OPTIONS + b"Content-Length: -1\r\n", 400),
        (OPTIONS + b"Content-Length: 9\r\n", 400),
        (OPTIONS + b"Content-Length: 0\r\nContent-Length: 1\r\n", 400),
        (OPTIONS + b"Content-Length: \r\n", 400),
    ],
)
def test_a_malformed_request_can_be_answered(data: bytes, status: int) -> None:
    error = refusal(data + b"\r\n")
    assert error.status == status
    assert error.fields


@pytest.mark.parametrize(
    "data",
    [
        b"x",
        OPTIONS[:-2],
        OPTIONS + b"no colon here\r\n\r\n",
        OPTIONS + b"Bad Name: x\r\n\r\n",
        OPTIONS + b": x\r\n\r\n",
        OPTIONS + b"Subject: a\rb\r\n\r\n",
        b"SIP/2.0 4294967301 better not\r\n" + HEAD + b"\r\n",
        b"SIP/2.0 099 too low\r\n" + HEAD + b"\r\n",
        b"SIP/2.0 200 OK\r\n" + HEAD + b"Content-Length: 5\r\n\r\nabc",
        b"x" * (MAX_MESSAGE + 1),
    ],
)
def test_what_cannot_be_answered_says_so(data: bytes) -> None:
    assert not refusal(data).fields


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0\0\0\0", b"\r\n\0"])
def test_keepalives(data: bytes) -> None:
    assert is_keepalive(data)


def test_a_message_is_no_keepalive() -> None:
    assert not is_keepalive(b"\r\nx")
