"""Requests inside a call that no other supplement wanted: texts, transfers, and INFOs that nobody knows."""

from __future__ import annotations

from sorcery_sip.errors import HeaderError
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request
from sorcery_sip.modules.contract import LAST_PRIORITY, Decision, SessionSupplement, answer, refuse
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.events import TextReceived

__all__ = ["Texts", "Transfers", "UnknownInfos"]

_TEXTS = ("text", "application")


class Texts(SessionSupplement):
    """MESSAGE in a call: a text for the channel (RFC 3428)."""

    methods = frozenset({"MESSAGE"})
    priority = LAST_PRIORITY

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Return 202 and hand the text on; 415 for another body or none, 404 without a channel."""
        request = received.request
        kind = _kind(request)
        if not request.body or kind.partition("/")[0] not in _TEXTS:
            return refuse(415, f"text: a body of type {kind!r}; it has to be text or application")
        if session.channel is None or session.channel.is_hung_up:
            return refuse(404, "text: the channel is gone")
        session.channel.post(TextReceived(request.body.decode("utf-8", "replace"), kind))
        return answer(202, "text: handed to the channel")


class UnknownInfos(SessionSupplement):
    """INFO with a body, or of a package, that no other supplement took."""

    methods = frozenset({"INFO"})
    priority = LAST_PRIORITY

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Return 415."""
        return refuse(415, f"INFO: nobody takes a body of type {_kind(received.request)!r}")


class Transfers(SessionSupplement):
    """REFER: there are no transfers here, as with `allow_transfer=no`."""

    methods = frozenset({"REFER"})
    priority = LAST_PRIORITY

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Return 603."""
        return refuse(603, "transfer: calls are not transferred here")


def _kind(request: Request) -> str:
    """Return the type of the body, as it was written where it cannot be read."""
    try:
        found = request.content_type
    except HeaderError:
        return request.headers.get("Content-Type") or ""
    return found.essence if found is not None else ""
