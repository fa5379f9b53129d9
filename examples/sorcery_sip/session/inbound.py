"""Which part of a session a request of the peer is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorcery_sip.dialog import Dialog
from sorcery_sip.events import RequestReceived
from sorcery_sip.session.events import RequestInDialog
from sorcery_sip.session.requests import SDP

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["receive"]


def receive(session: InviteSession, dialog: Dialog, received: RequestReceived, now: float) -> None:
    """Take a request in a dialog of the session."""
    request = received.request
    session.heard_from(received.source, dialog)
    if request.method == "ACK":
        if session.success is not None and session.success.number == request.cseq.number:
            session.success.acknowledge(request, now)
        return
    refusal = dialog.accept(request)
    if refusal is not None:
        session.respond(received, refusal.status, now, reason=refusal.reason)
        return
    session.learn(request)
    method = request.method
    if method == "BYE":
        session.ending.on_bye(received, now)
    elif session.is_closing or method == "CANCEL":  # a CANCEL that comes here has nothing to cancel
        session.respond(received, 481, now)
    elif method == "INVITE":
        session.changes_of_peer.on_invite(received, now)
    elif method == "UPDATE":
        session.changes_of_peer.on_update(received, now)
    elif method == "PRACK":
        if session.callee is not None:
            session.callee.prack(received, now)
        else:
            session.respond(received, 400, now, reason="Unexpected PRACK")
    elif method == "OPTIONS":
        session.respond(received, 200, now, (("Accept", SDP), *session.profile.abilities))
    elif method in session.profile.allowed:
        session.tell(RequestInDialog(session, received))
    else:
        session.respond(received, 405, now, (("Allow", session.profile.allow),))
