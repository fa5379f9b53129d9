"""Changes that we ask for inside a dialog: one at a time, again after glare (RFC 3261 14.1, RFC 3311 5.1)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import attrs

from sorcery_sip.dialog import Dialog
from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.events import ResponseReceived
from sorcery_sip.message.messages import Response
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.message.simple import number_or_none
from sorcery_sip.session.acknowledging import Acknowledgement
from sorcery_sip.session.core import Handler, Outcome
from sorcery_sip.session.deadlines import Deadline
from sorcery_sip.session.events import Answered, By, Offered, OfferFailed, Refreshed
from sorcery_sip.session.part import Part
from sorcery_sip.session.reliable import rack_of, sequence_number
from sorcery_sip.session.requests import BAD_MEDIA, SDP, Fields, Inquiry
from sorcery_sip.session.state import State

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Change", "Changes"]

_MAX_TRIES = 10
"""How often a change is asked for that meets one of the peer, or too short an interval."""
_MAX_RETRY_AFTER = 10
"""What a peer asks for whose own change is in the way, in seconds (RFC 3261 14.2); who asks for more refuses."""


@attrs.define(slots=True, eq=False)
class Change:
    """One change: what is to be offered is asked when it is sent, so that it is what is wanted then."""

    method: Literal["INVITE", "UPDATE"]
    make_sdp: Callable[[], bytes] | None
    """None sends no description: an INVITE then asks the peer for an offer."""
    headers: Fields = ()
    refused: Handler | None = None
    """Hears of a final failure in place of the session's owner."""
    tries: int = 0
    inquiry: Inquiry | None = None


class Changes(Part):
    """Those of one session that are running or wait for their turn."""

    def __init__(self, session: InviteSession) -> None:
        super().__init__(session)
        self._core = session.core
        self._waiting: deque[Change] = deque()
        self._invite: Change | None = None
        self._update: Change | None = None
        self._pracks = 0
        """How many PRACKs have no final response yet."""
        self._pause: Deadline | None = None
        self._limit: Deadline | None = None
        """When silence after a 1xx to a re-INVITE has lasted too long."""

    @property
    def has_invite(self) -> bool:
        """Whether a re-INVITE of ours has no final response yet."""
        return self._invite is not None

    @property
    def is_free(self) -> bool:
        """Whether nothing is running, waits or is being negotiated, whosever it is."""
        session = self._session
        return not (self._waiting or self._invite or self._update or session.is_negotiating)

    def add(self, change: Change, now: float) -> None:
        """Ask for a change as soon as it may be."""
        self._waiting.append(change)
        self.advance(now)

    def advance(self, now: float) -> None:
        """Send the first change that may go now, if there is one."""
        dialog = self._session.dialog
        if self._pause is not None or dialog is None or self._session.is_closing:
            return
        for change in [*self._waiting]:
            if self._may_go(change):
                self._waiting.remove(change)
                if self._send(change, dialog, now):
                    return

    def begin_again(self) -> None:
        """Let an UPDATE that runs wait for the next dialog: the early one that it went to is gone."""
        if self._update is not None:
            self._waiting.appendleft(self._update)
            self._update = None

    def close(self, now: float) -> None:
        """Ask for nothing more; a re-INVITE that runs is taken back, lest it wait for ever."""
        self._waiting.clear()
        for deadline in (self._pause, self._limit):
            if deadline is not None:
                deadline.cancel()
        running = None if self._invite is None else self._invite.inquiry
        if running is not None and running.transaction is not None:
            self._core.stack.cancel(running.transaction, now)

    def send_prack(self, dialog: Dialog, rack: tuple[str, str], sdp: bytes | None, now: float) -> None:
        """Acknowledge a reliable 1xx, with our answer where it held an offer."""
        self._pracks += 1
        content_type = None if sdp is None else SDP
        inquiry = Inquiry(self._session, dialog, "PRACK", self._on_prack, (rack,), sdp or b"", content_type)
        inquiry.send(now)

    def _on_prack(self, _outcome: Outcome, now: float) -> None:
        """Go on: whether a PRACK is liked shows in what becomes of the INVITE."""
        self._pracks -= 1
        self.advance(now)

    def _may_go(self, change: Change) -> bool:
        session = self._session
        if self._update is not None:
            return False
        if change.method == "INVITE":
            is_settled = session.state is State.CONFIRMED and not session.is_negotiating
            return is_settled and self._invite is None and session.success is None
        if self._pracks or session.state not in (State.EARLY, State.CONNECTING, State.CONFIRMED):
            return False
        if change.make_sdp is None:
            return True
        is_clear = self._invite is None and session.success is None and not session.is_negotiating
        return is_clear and session.state is not State.CONNECTING and session.is_offer_settled

    def _send(self, change: Change, dialog: Dialog, now: float) -> bool:
        """Send a change; False when nothing can be offered."""
        session = self._session
        try:
            sdp = None if change.make_sdp is None else change.make_sdp()
        except NegotiationFailed as error:
            session.tell(OfferFailed(session, error.status))
            return False
        if sdp is not None:
            session.offers.offer(sdp)
        headers = (*session.profile.abilities, *session.timer.request_fields(), *change.headers)
        content_type = None if sdp is None else SDP
        change.inquiry = Inquiry(session, dialog, change.method, self._on_outcome, headers, sdp or b"", content_type)
        change.tries += 1
        if change.method == "INVITE":
            self._invite = change
        else:
            self._update = change
        change.inquiry.send(now)
        return True

    def _on_outcome(self, outcome: Outcome, now: float) -> None:
        change = self._invite if outcome.transaction.request.method == "INVITE" else self._update
        inquiry = None if change is None else change.inquiry
        if change is None or inquiry is None or inquiry.transaction is not outcome.transaction:
            return  # what it was to change is gone
        if self._limit is not None and change is self._invite:
            self._limit.cancel()
        if not outcome.response.is_final:
            self._on_provisional(inquiry, outcome, now)
            return
        if change is self._invite:
            self._invite = None
        else:
            self._update = None
        if outcome.response.is_success:
            self._on_success(change, inquiry, outcome, now)
        else:
            self._on_failure(change, outcome, now)
        self._session.proceed(now)

    def _on_provisional(self, inquiry: Inquiry, outcome: Outcome, now: float) -> None:
        session, response = self._session, outcome.response
        if session.ending.is_over:
            return
        self._limit = self._core.deadlines.at(now + session.profile.provisional_timeout, self._on_silence)
        number = sequence_number(response)
        if number is None or not inquiry.order.takes(number):
            return
        self.send_prack(inquiry.dialog, rack_of(response), None, now)
        sdp = sdp_of(response)
        if sdp is not None and session.offers.ours is not None:
            session.offers.take_answer(sdp)
            session.tell(Answered(session, sdp))

    def _on_silence(self, now: float) -> None:
        self._session.ending.terminate("timeout", 408, None, "no final response to a re-INVITE", now)

    def _on_success(self, change: Change, inquiry: Inquiry, outcome: Outcome, now: float) -> None:
        session, response = self._session, outcome.response
        session.refresh_target(response)
        sdp = sdp_of(response)
        if change.method == "INVITE":
            acknowledgement = Acknowledgement(session, outcome.transaction, inquiry.credentials, now)
            if change.make_sdp is None and sdp is not None and not session.is_closing:
                self._on_offer(acknowledgement, inquiry.dialog, sdp, outcome, now)
                return
            acknowledgement.send(inquiry.dialog)
        if session.is_closing:
            return
        self._take_answer(change, sdp, response)
        session.timer.on_success(response, now)

    def _take_answer(self, change: Change, sdp: bytes | None, response: Response) -> None:
        session, offers = self._session, self._session.offers
        is_refresh = change.refused is not None or (change.method == "UPDATE" and change.make_sdp is None)
        if change.make_sdp is not None and offers.ours is not None:
            if sdp is None:
                offers.withdraw()
                session.tell(OfferFailed(session, 488))
                return
            is_same = sdp == offers.remote and offers.ours == offers.local
            offers.take_answer(sdp)
            if not (is_refresh and is_same):
                session.tell(Answered(session, sdp))
        elif change.method == "INVITE" and change.make_sdp is None:
            session.tell(OfferFailed(session, 488))
        if is_refresh:
            session.tell(Refreshed(session, response))

    def _on_offer(
        self, acknowledgement: Acknowledgement, dialog: Dialog, sdp: bytes, outcome: Outcome, now: float
    ) -> None:
        """Let the owner answer the offer that our re-INVITE asked for: the answer goes into the ACK."""
        session, response = self._session, outcome.response
        session.offers.take_offer(sdp)

        def answer(ours: bytes, _headers: Fields, later: float) -> None:
            acknowledgement.send(dialog, ours)
            session.proceed(later)

        def refuse(status: int, headers: Fields, later: float) -> None:
            acknowledgement.send(dialog)
            reason = "the offer in the 2xx was refused"
            session.ending.terminate("local", status, response, reason, later, headers or BAD_MEDIA)

        session.questions.ask_for_description(answer, refuse)
        session.timer.on_success(response, now)
        session.tell(Offered(session, ResponseReceived(response, session.peer, outcome.transaction), sdp, "ACK"))

    def _on_failure(self, change: Change, outcome: Outcome, now: float) -> None:
        session, response, status = self._session, outcome.response, outcome.response.status
        if change.make_sdp is not None and session.offers.ours is not None:
            session.offers.withdraw()
        if session.is_closing:
            return
        wait = self._wait(response) if change.tries < _MAX_TRIES and not outcome.is_local else None
        if wait is not None:
            self._waiting.appendleft(change)
            self._pause = self._core.deadlines.at(now + wait, self._resume)
        elif change.refused is not None:
            change.refused(outcome, now)
        elif status in (408, 481):
            by: By = "timeout" if status == 408 else "failure"
            session.ending.terminate(by, status, outcome.message, f"{change.method}: {status} {response.reason}", now)
        else:
            session.tell(OfferFailed(session, status))

    def _wait(self, refusal: Response) -> float | None:
        """Return after how many seconds a change may be asked for again, None when it is refused for good."""
        if refusal.status == 491:
            chance, dialog = self._core.random, self._session.dialog
            return chance.uniform(2.1, 4.1) if dialog is not None and dialog.is_uac else chance.uniform(0.0, 2.0)
        if refusal.status == 500 and "Retry-After" in refusal.headers:
            text = (refusal.headers.get("Retry-After") or "").partition(";")[0].partition("(")[0].strip()
            seconds = number_or_none(text)
            return None if seconds is None or seconds > _MAX_RETRY_AFTER else seconds
        return 0.0 if refusal.status == 422 and self._session.timer.raised_by(refusal) else None

    def _resume(self, now: float) -> None:
        self._pause = None
        self.advance(now)
