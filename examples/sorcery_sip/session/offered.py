"""Changes that the peer asks for inside a dialog: re-INVITE, UPDATE, an offer in a PRACK (RFC 3261 14.2, RFC 3311)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.message.reply import reply
from sorcery_sip.session.events import Cancelled, Offered, OfferWanted, Refreshed
from sorcery_sip.session.part import Part
from sorcery_sip.session.requests import SDP, Fields
from sorcery_sip.session.state import State

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["ChangesOfPeer"]

_ACCEPT = (("Accept", SDP),)


class ChangesOfPeer(Part):
    """Those of one session: at most one waits for the owner's word."""

    def __init__(self, session: InviteSession) -> None:
        super().__init__(session)
        self._pending: RequestReceived | None = None

    def trying(self, now: float) -> None:
        """Say 100 to a re-INVITE that waits."""
        if self._pending is not None and self._pending.request.method == "INVITE":
            self._session.respond(self._pending, 100, now)

    def on_invite(self, received: RequestReceived, now: float) -> None:
        """Take a re-INVITE, or refuse it when it does not fit in now."""
        session = self._session
        if session.success is not None and not session.success.awaits_answer:
            session.success.acknowledge(None, now)  # it shows that our 2xx has come
        if session.changes.has_invite or session.offers.ours is not None or session.is_calling:
            session.respond(received, 491, now)
        elif session.is_negotiating or session.state is not State.CONFIRMED:
            self._refuse_overlap(received, now)
        elif "Replaces" in received.request.headers:
            session.respond(received, 488, now)
            session.ending.terminate("failure", 488, received.request, "Replaces inside a dialog", now)
        elif self._is_well_formed(received, now):
            self._negotiate(received, sdp_of(received.request), now)

    def on_update(self, received: RequestReceived, now: float) -> None:
        """Take an UPDATE, or refuse it when it does not fit in now."""
        session, sdp = self._session, sdp_of(received.request)
        if not self._is_well_formed(received, now):
            return
        if sdp is None:
            self._agree(received, None, (), now)
            session.tell(Refreshed(session, received.request))
        elif session.offers.ours is not None or session.changes.has_invite:
            session.respond(received, 491, now)
        elif session.is_negotiating or not session.is_offer_settled:
            self._refuse_overlap(received, now)
        else:
            self._negotiate(received, sdp, now)

    def on_prack(self, received: RequestReceived, sdp: bytes, now: float) -> None:
        """Take the offer in a PRACK that is good otherwise.

        One that does not fit in now is passed over: what acknowledges a 1xx gets a 200 in any case (RFC 3262 3).
        """
        if self._session.is_negotiating or self._session.changes.has_invite:
            self._session.respond(received, 200, now)
        else:
            self._negotiate(received, sdp, now)

    def cancelled(self, received: RequestReceived, now: float) -> None:
        """Say 487 to a re-INVITE that the peer took back: what was agreed stays."""
        session, pending = self._session, self._pending
        if pending is not None and pending.request.method == "INVITE":
            self._finish(pending)
            session.offers.withdraw()
            session.questions.withdraw_offer()
            session.respond(pending, 487, now)
            session.tell(Cancelled(session, received))
            session.proceed(now)

    def close(self, now: float) -> None:
        """Say 487 to what waits: the session ends (RFC 3261 15.1.2)."""
        pending = self._pending
        if pending is not None:
            self._finish(pending)
            self._session.respond(pending, 487, now)

    def _negotiate(self, received: RequestReceived, sdp: bytes | None, now: float) -> None:
        session, offers = self._session, self._session.offers
        if sdp is not None and sdp == offers.remote and offers.local is not None:
            self._agree(received, offers.local, (), now)
            session.tell(Refreshed(session, received.request))
            return
        self._pending = received
        if received.transaction is not None and received.request.method == "INVITE":
            session.core.invites[received.transaction] = session
        if sdp is not None:
            offers.take_offer(sdp)

        def answer(ours: bytes, headers: Fields, later: float) -> None:
            self._agree(received, ours, headers, later)
            session.proceed(later)

        def refuse(status: int, headers: Fields, later: float) -> None:
            self._finish(received)
            session.respond(received, status, later, headers)
            session.proceed(later)

        session.questions.ask_for_description(answer, refuse)
        if sdp is None:
            session.tell(OfferWanted(session, received))
        else:
            session.tell(Offered(session, received, sdp, received.request.method))

    def _agree(self, received: RequestReceived, sdp: bytes | None, headers: Fields, now: float) -> None:
        """Say 200."""
        session, request = self._session, received.request
        self._finish(received)
        if received.transaction is None:
            return
        fields: list[tuple[str, str]] = [*headers]
        if request.method != "PRACK":
            session.refresh_target(request)
            contact = ("Contact", str(session.contact))
            fields = [contact, *session.profile.abilities, *session.timer.answer_fields(request, now), *headers]
        if sdp is not None:
            fields.append(("Content-Type", SDP))
        response = reply(request, 200, headers=fields, body=sdp or b"")
        if request.method == "INVITE":
            session.succeed(received.transaction, response, now)
        else:
            session.core.respond(session, received.transaction, response, now)

    def _finish(self, received: RequestReceived) -> None:
        if self._pending is received:
            self._pending = None
        if received.transaction is not None:
            self._session.core.invites.pop(received.transaction, None)

    def _refuse_overlap(self, received: RequestReceived, now: float) -> None:
        """Refuse what came before the one before it was answered (RFC 3261 14.2)."""
        seconds = self._session.core.random.randrange(10)
        self._session.respond(received, 500, now, (("Retry-After", str(seconds)),))

    def _is_well_formed(self, received: RequestReceived, now: float) -> bool:
        """Refuse extensions and bodies that nobody here knows, and too brief an interval."""
        session, request = self._session, received.request
        unknown = self._unknown(request)
        too_brief = session.timer.too_brief(request)
        if unknown:
            session.respond(received, 420, now, (("Unsupported", unknown),))
        elif too_brief:
            session.respond(received, 422, now, too_brief)
        elif request.body and sdp_of(request) is None:
            session.respond(received, 415, now, _ACCEPT)
        else:
            return True
        return False

    def _unknown(self, request: Request) -> str:
        if "Require" not in request.headers:
            return ""
        known = self._session.profile.extensions
        return ", ".join([name for name in request.headers.elements("Require") if name.lower() not in known])
