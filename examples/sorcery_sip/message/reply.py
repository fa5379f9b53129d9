"""The response that belongs to a request (RFC 3261 8.2.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response, vias_of
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.reasons import reason_phrase

__all__ = ["acknowledges_reply", "reply", "reply_to_headers", "stable_tag"]

_SAME = ("via", "from", "call-id", "cseq")


def reply(
    request: Request,
    status: int,
    reason: str | None = None,
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    to_tag: str | None = None,
) -> Response:
    """Make the response to `request`.

    Via, From, To, Call-ID and CSeq are copied, then come `headers`. To gets `to_tag`, or `stable_tag`, unless
    it has a tag or the response is 100. `reason` defaults to the registered phrase.
    """
    tag = None if status == 100 else to_tag or stable_tag(request.headers)
    fields = _copied(request.headers, tag)
    same = (*_SAME, "to") if tag is None or request.to.tag is not None else _SAME
    copied = request.headers.copied((*fields, *headers), same)
    return Response(status, reason or reason_phrase(status), copied, body)


def reply_to_headers(headers: Headers, status: int) -> Response:
    """Make the response to a request of which only the headers could be read."""
    return Response(status, reason_phrase(status), Headers(_copied(headers, stable_tag(headers))))


def stable_tag(headers: Headers) -> str:
    """Return a To tag that is the same for every repeat of a request: no memory is needed to answer alike."""
    return _tag(headers, headers.get("CSeq") or "")


def acknowledges_reply(ack: Request) -> bool:
    """Tell whether an ACK is for a response to which `reply` gave the To tag: such a response began no dialog."""
    return ack.to.tag == _tag(ack.headers, f"{ack.cseq.number} INVITE")


def _tag(headers: Headers, cseq: str) -> str:
    branch = vias_of(headers)[0].branch or ""
    seed = "\n".join([branch, headers.get("From") or "", headers.get("Call-ID") or "", cseq])
    return hashlib.md5(seed.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()[:16]


def _copied(headers: Headers, tag: str | None) -> list[tuple[str, str]]:
    return [
        *(("Via", value) for value in headers.get_all("Via")),
        ("From", headers.get("From") or ""),
        ("To", _with_tag(headers, tag)),
        ("Call-ID", headers.get("Call-ID") or ""),
        ("CSeq", headers.get("CSeq") or ""),
    ]


def _with_tag(headers: Headers, tag: str | None) -> str:
    """Return the text of To with a tag; as it is when it has one, or cannot be read."""
    text = headers.get("To") or ""
    try:
        to = headers.parsed("To", NameAddr.parse, whole=True)[0]
    except HeaderError:
        return text
    return text if tag is None or to.tag is not None else str(to.with_tag(tag))
