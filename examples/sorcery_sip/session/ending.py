"""How a session ends, once and whatever happens: refusal, CANCEL or BYE, now or when it is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.session.core import Outcome
from sorcery_sip.session.deadlines import Deadline
from sorcery_sip.session.events import By, Ended
from sorcery_sip.session.part import Part
from sorcery_sip.session.requests import Fields, Inquiry
from sorcery_sip.session.state import State

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Ending"]

_PATIENCE = 32.0
"""Seconds that a BYE waits for the end of our re-INVITE, or the ACK to our 2xx, at most."""


class Ending(Part):
    """That of one session."""

    __slots__ = ("_deferral", "_farewell", "is_closing", "is_over", "is_parting")

    def __init__(self, session: InviteSession) -> None:
        super().__init__(session)
        self.is_closing = False
        """Whether it is being ended: nothing new begins."""
        self.is_over = False
        """Whether `Ended` was told."""
        self.is_parting = False
        """Whether a BYE of ours has no answer yet."""
        self._farewell: Fields = ()
        self._deferral: Deadline | None = None

    def hang_up(self, status: int, headers: Fields, now: float) -> None:
        """End the session for its owner, by what fits: a refusal, CANCEL or BYE."""
        session = self._session
        if session.callee is not None and session.callee.transaction is not None:
            session.callee.reject(status, now, headers)
            self.end("local", status, None, "refused", now)
        elif session.is_calling:
            self.give_up_call("local", headers, now)
        else:
            self._prepare_farewell(headers, now)

    def give_up_call(self, by: By, headers: Fields, now: float) -> None:
        """Take back our INVITE, which has no final response yet."""
        session = self._session
        self.is_closing = True
        session.questions.close()
        if session.caller is not None:
            session.caller.give_up(by, headers, now)

    def terminate(
        self, by: By, status: int, message: Request | Response | None, reason: str, now: float, headers: Fields = ()
    ) -> None:
        """Say BYE and end the session; what is not answered yet is refused or taken back instead."""
        session, dialog = self._session, self._session.dialog
        if self.is_over:
            return
        if session.is_calling:
            self.give_up_call(by, headers, now)
            return
        is_answered = session.callee is None or session.callee.transaction is None
        if session.callee is not None:
            session.callee.reject(487, now, headers)
        self.end(by, status, message, reason, now)
        if dialog is not None and is_answered:
            self.is_parting = True
            session.core.register(session, dialog)
            Inquiry(session, dialog, "BYE", self._on_bye_outcome, headers).send(now)

    def end(self, by: By, status: int, message: Request | Response | None, reason: str, now: float) -> None:
        """Leave nothing behind, and tell the owner; a second time nothing happens."""
        session = self._session
        if self.is_over:
            return
        self.is_closing = self.is_over = True
        session.state = State.DISCONNECTED
        if self._deferral is not None:
            self._deferral.cancel()
        if session.success is not None:
            session.success.stop()
            session.success = None
        session.timer.stop()
        session.changes.close(now)
        session.changes_of_peer.close(now)
        for role in (session.caller, session.callee):
            if role is not None:
                role.close()
        session.questions.close()
        if session.dialog is not None:
            session.core.unregister(session.dialog)
        session.core.sessions.discard(session)
        session.core.events.append(Ended(session, by, status, message, reason))

    def on_bye(self, received: RequestReceived, now: float) -> None:
        """Take the peer's BYE: 200 always, and 487 to what waits for an answer (RFC 3261 15.1.2)."""
        session = self._session
        session.respond(received, 200, now)
        if self.is_over:
            return
        if session.is_calling:
            self.give_up_call("remote", (), now)
            return
        if session.callee is not None:
            session.callee.reject(487, now, ())
        self.end("remote", 200, received.request, "BYE", now)

    def no_ack(self, now: float) -> None:
        """Give up a call whose 2xx nobody acknowledged (RFC 3261 13.3.1.4)."""
        by: By = "local" if self.is_closing else "timeout"
        self.terminate(by, 408, None, "no ACK to our 2xx", now, self._farewell)

    def go_on(self, now: float) -> None:
        """Say the BYE that was put off, if what it waited for has come about."""
        session = self._session
        if not (self.is_over or session.is_calling or session.success is not None or session.changes.has_invite):
            self._say_bye(now)

    def _prepare_farewell(self, headers: Fields, now: float) -> None:
        session = self._session
        self.is_closing, self._farewell = True, headers
        session.questions.refuse_offer(487, headers, now)
        self.go_on(now)
        if not self.is_over:
            self._deferral = session.core.deadlines.at(now + _PATIENCE, self._say_bye)

    def _say_bye(self, now: float) -> None:
        self.terminate("local", 200, None, "hung up", now, self._farewell)

    def _on_bye_outcome(self, _outcome: Outcome, _now: float) -> None:
        """Forget the dialog, however the BYE went (RFC 3261 15.1.1), and the owner, who hears nothing more."""
        session, self.is_parting = self._session, False
        session.data = None
        if session.dialog is not None:
            session.core.unregister(session.dialog)
