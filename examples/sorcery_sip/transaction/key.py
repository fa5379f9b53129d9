"""Which transaction a message belongs to (RFC 3261 17.1.3, 17.2.3)."""

from __future__ import annotations

from typing import NamedTuple

from sorcery_sip.message.messages import Request, Response

__all__ = ["BranchKey", "ClientKey", "LegacyKey", "ServerKey", "client_key", "invite_key", "server_key"]


class BranchKey(NamedTuple):
    """Identify a request whose branch is unique: branch, sent-by, method."""

    branch: str
    host: str
    port: int | None
    method: str


class LegacyKey(NamedTuple):
    """Identify a request of a client older than RFC 3261, by all that a repeat has in common with it.

    `to_tag` stays out for INVITE and what refers to it: an ACK bears the tag that the response brought.
    """

    uri: str
    from_tag: str | None
    to_tag: str | None
    call_id: str
    cseq: int
    via: str
    method: str


class ClientKey(NamedTuple):
    """Identify a request of ours by what its responses bring back."""

    branch: str
    method: str


ServerKey = BranchKey | LegacyKey


def server_key(request: Request) -> ServerKey:
    """Return the key of the transaction that `request` opens or repeats; an ACK's is that of its INVITE."""
    return _key(request, "INVITE" if request.method == "ACK" else request.method)


def invite_key(request: Request) -> ServerKey:
    """Return the key of the INVITE that a CANCEL or ACK refers to."""
    return _key(request, "INVITE")


def client_key(message: Request | Response) -> ClientKey:
    """Return the key of the client transaction that a response answers, or that a request of ours opens."""
    return ClientKey(message.via.branch or "", message.cseq.method)


def _key(request: Request, method: str) -> ServerKey:
    via = request.via
    if via.has_cookie:
        return BranchKey(via.branch or "", via.host.lower(), via.port, method)
    to_tag = None if method == "INVITE" else request.to.tag
    number = request.cseq.number
    return LegacyKey(str(request.uri), request.from_.tag, to_tag, request.call_id, number, str(via), method)
