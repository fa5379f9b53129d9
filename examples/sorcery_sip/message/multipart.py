"""Bodies of several parts (RFC 2046 5.1), and the session description among them (RFC 5621)."""

from __future__ import annotations

import re

import attrs

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.simple import MediaType

__all__ = ["Part", "parts", "sdp_of"]

_SDP = "application/sdp"
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_FOLD = re.compile(r"\r?\n[ \t]+")


@attrs.frozen(slots=True)
class Part:
    """One part of a body: its type in lower case without parameters, and whether it may be passed over."""

    essence: str
    body: bytes
    is_required: bool
    """`handling=required` in its Content-Disposition: RFC 3204 (6) means the same by silence, peers do not."""


def sdp_of(message: Request | Response) -> bytes | None:
    """Return the session description that a message carries, alone or as a part; None when there is none.

    A Content-Type that cannot be read is none of SDP.
    """
    if not message.body:
        return None
    text = message.headers.get("Content-Type")
    if text == _SDP:  # as nearly all write it
        return message.body
    try:
        found = message.content_type
    except HeaderError:
        return None
    if found is None:
        return None
    if found.essence == _SDP:
        return message.body
    return next((part.body for part in parts(found, message.body) if part.essence == _SDP), None)


def parts(content_type: MediaType, body: bytes) -> tuple[Part, ...]:
    """Return the parts of a multipart body, empty ones included; none when it is another type or has no boundary."""
    boundary = (content_type.params.get("boundary") or "").strip('"')
    if content_type.type != "multipart" or not boundary:
        return ()
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(--)?[ \t]*")
    found, start = [], None
    for match in line.finditer(body):
        if start is not None:
            found.append(_part(body[start : match.start()]))
        if match[1]:
            break
        start = match.end()
    return tuple(found)


def _part(data: bytes) -> Part:
    """Divide a part, from the end of its boundary line on, into header fields and body."""
    data = data.removeprefix(b"\r").removeprefix(b"\n")
    blank = _BLANK_LINE.search(data)
    if blank is None:
        return Part("text/plain", b"", is_required=False)
    head = _FOLD.sub(" ", data[: blank.start()].decode("utf-8", "surrogateescape"))
    fields = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\n"))
    }
    essence = fields.get("content-type", fields.get("c", "text/plain")).partition(";")[0].strip().lower()
    disposition = fields.get("content-disposition", "").lower().replace(" ", "")
    return Part(essence, data[blank.end() :], is_required="handling=required" in disposition)
