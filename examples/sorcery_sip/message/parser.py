"""From one datagram to one message (RFC 3261 7, 18.3).

Whatever the octets are, the answer is a message or `ParseError`. The fields that no message can do without
(Via, From, To, Call-ID, CSeq) are checked here, so that nobody above has to; all others stay text until read.
"""

from __future__ import annotations

import re

from sorcery_sip.errors import ParseError, shorten
from sorcery_sip.message.headers import Headers, canonical_name
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.remembered import remembered
from sorcery_sip.message.simple import TOKEN
from sorcery_sip.message.uri import SipUri, parse_uri

__all__ = ["MAX_MESSAGE", "is_keepalive", "parse_datagram"]

MAX_MESSAGE = 65535
"""Longest message that is read, in octets."""

_MANDATORY = ("Via", "From", "To", "Call-ID", "CSeq")
_MANDATORY_KEYS = frozenset(map(canonical_name, _MANDATORY))
_SINGLE = ("From", "To", "Call-ID", "CSeq", "Max-Forwards")
_EMPTY_LINES = (b"\n\r\n", b"\n\n")
_FOLD = re.compile(r"(?<![ \t])[ \t]*(?:\r?\n[ \t]+)+")  # the look-behind keeps long runs of blanks linear
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6][0-9]{2})(?: (.*))?", re.IGNORECASE)
_VERSION = re.compile(r"SIP/[0-9]+\.[0-9]+", re.IGNORECASE)


def is_keepalive(data: bytes) -> bool:
    """Tell whether a datagram holds nothing but line ends and NULs (RFC 5626 4.4, and what phones send)."""
    return not data.strip(b"\r\n\0")


def parse_datagram(data: bytes) -> Request | Response:
    """Parse one datagram; what follows the body is ignored.

    Raises `ParseError`; its `fields` are set when it was a request that a response can be made to.
    """
    if len(data) > MAX_MESSAGE:
        raise ParseError(f"message of {len(data)} octets; the limit is {MAX_MESSAGE}", status=513)
    start, lines, rest = _split(data)
    fields, length = _fields(lines)
    headers = Headers(fields)
    if not headers.has_all(_MANDATORY_KEYS):
        missing = ", ".join(name for name in _MANDATORY if name not in headers)
        raise ParseError(f"no {missing} in the message")
    if start[:4].upper() == "SIP/":
        return _response(start, headers, _body(rest, length))
    try:
        return _request(start, headers, _body(rest, length))
    except ParseError as error:
        raise ParseError(error.reason, status=error.status, fields=tuple(headers)) from None


def _split(data: bytes) -> tuple[str, list[str], bytes]:
    """Divide into the start line, the header lines (unfolded) and what follows the empty line."""
    data = data.lstrip(b"\r\n")
    ends = [found for empty in _EMPTY_LINES if (found := data.find(empty)) >= 0]
    if not ends:
        raise ParseError("no empty line after the headers")
    end = min(ends)
    head = data[:end].decode("utf-8", "surrogateescape").removesuffix("\r")
    if "\n " in head or "\n\t" in head:
        head = _FOLD.sub(" ", head)
    start, *lines = head.split("\n")
    return start.rstrip("\r"), lines, data[data.index(b"\n", end + 1) + 1 :]


def _fields(lines: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """Divide lines into names and values; what Content-Length says is returned apart."""
    fields, lengths = [], []
    for line in lines:
        name, colon, value = line.partition(":")
        name, value = name.rstrip(" \t"), value.strip(" \t\r")
        if not colon or not _is_name(name) or "\r" in value:
            raise ParseError(f"{shorten(line)} is no header field; write Name: value")
        if canonical_name(name) == "content-length":
            lengths.append(value)
        else:
            fields.append((name, value))
    return fields, lengths


@remembered
def _is_name(text: str) -> bool:
    return TOKEN.fullmatch(text) is not None


def _body(rest: bytes, lengths: list[str]) -> bytes:
    if not lengths:
        return rest
    text = lengths[0]
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or len(set(lengths)) > 1:
        raise ParseError(f"Content-Length {shorten(', '.join(lengths))}: write one number")
    if int(text) > len(rest):
        raise ParseError(f"Content-Length {text}, but only {len(rest)} octets follow")
    return rest[: int(text)]


def _request(start: str, headers: Headers, body: bytes) -> Request:
    method, _, rest = start.partition(" ")
    uri, _, version = rest.rpartition(" ")
    if not TOKEN.fullmatch(method) or not uri:
        raise ParseError(f"request line {shorten(start)}: write METHOD URI SIP/2.0, one blank between them")
    if version.upper() != "SIP/2.0":
        status = 505 if _VERSION.fullmatch(version) else 400
        raise ParseError(f"version {shorten(version)}: this is SIP/2.0", status=status)
    target = parse_uri(uri)
    if isinstance(target, SipUri) and target.headers:
        raise ParseError(f"Request-URI {shorten(uri)}: headers after '?' have no place here")
    request = Request(method, target, headers, body)
    _check(request)
    if request.cseq.method != method:
        raise ParseError(f"CSeq method {shorten(request.cseq.method)} is not that of the request line")
    return request


def _response(start: str, headers: Headers, body: bytes) -> Response:
    match = _STATUS_LINE.fullmatch(start)
    if match is None:
        raise ParseError(f"status line {shorten(start)}: write SIP/2.0, a number within 100 to 699, a phrase")
    response = Response(int(match[1]), match[2] or "", headers, body)
    _check(response)
    return response


def _check(message: Request | Response) -> None:
    """Parse what everybody relies on, and see that nothing single stands there twice."""
    if message.headers.has_repetitions:
        for name in _SINGLE:
            if len(message.headers.get_all(name)) > 1:
                raise ParseError(f"{name} stands there more than once")
    if not (message.vias and message.from_ and message.to and message.cseq and message.call_id):
        raise ParseError("Via or Call-ID is empty")
