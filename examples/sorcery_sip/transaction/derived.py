"""Requests that follow from an INVITE of ours: the ACK to a failure, and the CANCEL."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response

__all__ = ["ack_to_failure", "cancel_of"]


def ack_to_failure(invite: Request, response: Response) -> Request:
    """Return the ACK that ends the wait of whoever refused our INVITE (RFC 3261 17.1.1.3)."""
    return _derived("ACK", invite, response.headers.get("To") or "")


def cancel_of(invite: Request, headers: Iterable[tuple[str, str]] = ()) -> Request:
    """Return the CANCEL of our INVITE, with more `headers` at its end (RFC 3261 9.1)."""
    return _derived("CANCEL", invite, invite.headers.get("To") or "", headers)


def _derived(method: str, invite: Request, to: str, more: Iterable[tuple[str, str]] = ()) -> Request:
    theirs = invite.headers
    fields = [
        ("Via", str(invite.via)),
        ("Max-Forwards", theirs.get("Max-Forwards") or "70"),
        *(("Route", route) for route in theirs.get_all("Route")),
        ("From", theirs.get("From") or ""),
        ("To", to),
        ("Call-ID", invite.call_id),
        ("CSeq", f"{invite.cseq.number} {method}"),
        *more,
    ]
    return Request(method, invite.uri, Headers(fields))
