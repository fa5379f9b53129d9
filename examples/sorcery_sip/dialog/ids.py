"""Which dialog a message belongs to (RFC 3261 12)."""

from __future__ import annotations

from typing import NamedTuple

from sorcery_sip.message.messages import Request, Response

__all__ = ["DialogId", "dialog_id_of_request", "dialog_id_of_response"]


class DialogId(NamedTuple):
    """Name a dialog as we see it. A tag that a peer older than RFC 3261 leaves out is empty."""

    call_id: str
    local_tag: str
    remote_tag: str


def dialog_id_of_request(request: Request) -> DialogId:
    """Return the dialog that a request from the peer is for; the local tag is empty in one that makes a dialog."""
    return DialogId(request.call_id, request.to.tag or "", request.from_.tag or "")


def dialog_id_of_response(response: Response) -> DialogId:
    """Return the dialog that a response to a request of ours makes or belongs to."""
    return DialogId(response.call_id, response.from_.tag or "", response.to.tag or "")
