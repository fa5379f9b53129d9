"""Our first INVITE: from the first destination to the final response that counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorcery_sip.errors import HeaderError
from sorcery_sip.events import ResponseReceived
from sorcery_sip.message.messages import Response
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.session import reliable
from sorcery_sip.session.acknowledging import Acknowledgement
from sorcery_sip.session.core import Outcome
from sorcery_sip.session.deadlines import Deadline
from sorcery_sip.session.events import Accepted, By, Confirmed, Offered, Progressed, Redirected, Rejected
from sorcery_sip.session.forking import Fork, Forks
from sorcery_sip.session.invitation import Invitation
from sorcery_sip.session.offers import OfferAnswer
from sorcery_sip.session.part import Part
from sorcery_sip.session.profile import OutgoingInvite
from sorcery_sip.session.requests import BAD_MEDIA, Fields
from sorcery_sip.session.state import State
from sorcery_sip.transaction.client import ClientTransaction

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Caller"]


class Caller(Part):
    """The side that calls: its INVITE, what is heard of it, CANCEL."""

    def __init__(self, session: InviteSession, wanted: OutgoingInvite) -> None:
        super().__init__(session)
        self._core = session.core
        self._invitation = Invitation(session, wanted)
        self._transaction: ClientTransaction | None = None
        self._forks = Forks(session)
        self._limit: Deadline | None = None
        """When silence after a 1xx has lasted too long."""
        self._given_up: By | None = None
        """Who no longer wants the call, once somebody does not."""

    @property
    def id(self) -> str:
        """Call-ID and tag."""
        return self._invitation.id

    @property
    def is_offer_settled(self) -> bool:
        """Whether the answer to the first offer, if there is one, has surely arrived."""
        return self._forks.has_settled

    def send(self, now: float) -> None:
        """Send the INVITE to the destination whose turn it is."""
        session, invitation = self._session, self._invitation
        session.peer = invitation.destination
        if invitation.sdp is not None:
            session.offers.offer(invitation.sdp)
        request = invitation.request()
        self._transaction = self._core.request(session, request, session.peer, now, self._on_outcome)
        session.invite = self._transaction.request

    def give_up(self, by: By, headers: Fields, now: float) -> None:
        """Take the INVITE back, once something was heard; a 2xx that crosses is acknowledged, and ended."""
        self._given_up = by
        if self._limit is not None:
            self._limit.cancel()  # the stack limits how long a CANCEL may take
        if self._transaction is None:
            self._session.ending.end(by, 487, None, "given up while it waited to be sent again", now)
        else:
            self._core.stack.cancel(self._transaction, now, headers)

    def close(self) -> None:
        """Forget what waits."""
        if self._limit is not None:
            self._limit.cancel()
        self._forks.clear()

    def _on_outcome(self, outcome: Outcome, now: float) -> None:
        response = outcome.response
        if outcome.source is not None:
            self._session.peer = outcome.source
            self._session.learn(response)
        if self._limit is not None:
            self._limit.cancel()
        if not response.is_final:
            self._on_provisional(outcome, now)
        elif response.is_success:
            self._on_success(outcome, now)
        else:
            self._transaction = None
            self._on_failure(outcome, now)

    def _on_provisional(self, outcome: Outcome, now: float) -> None:
        response, session = outcome.response, self._session
        if self._given_up:
            return
        self._limit = self._core.deadlines.at(now + session.profile.provisional_timeout, self._on_silence)
        if response.status == 100:
            return
        if response.to.tag is None:  # as phones of RFC 2543 say it: it makes no dialog
            session.tell(Progressed(session, response, None))
            return
        if not self._forks.has_room_for(response):
            return
        try:
            fork = self._forks.of(outcome)
        except HeaderError:
            return  # it makes no dialog; the final response shows whether that matters
        number = reliable.sequence_number(response)
        if number is not None and not fork.order.takes(number):
            return
        session.state = State.EARLY
        sdp, is_reliable = sdp_of(response), number is not None
        if self._invitation.sdp is None:
            self._on_early_offer(outcome, fork, sdp if is_reliable else None, now, is_reliable=is_reliable)
        else:
            if is_reliable:
                self._acknowledge_early(fork, response, now)
            taken = self._forks.take_answer(fork, sdp, is_reliable=is_reliable)
            session.tell(Progressed(session, response, taken))
        session.changes.advance(now)

    def _on_silence(self, now: float) -> None:
        self._session.ending.give_up_call("timeout", (), now)

    def _on_early_offer(
        self, outcome: Outcome, fork: Fork, sdp: bytes | None, now: float, *, is_reliable: bool
    ) -> None:
        """Let the owner answer an offer in a reliable 1xx: the answer goes into the PRACK."""
        session, response = self._session, outcome.response
        session.tell(Progressed(session, response, None))
        if sdp is None or session.offers.is_open or session.offers.is_agreed:
            if is_reliable:
                self._acknowledge_early(fork, response, now)
            return
        session.offers.take_offer(sdp)
        self._forks.offered(fork, sdp)

        def answer(ours: bytes, _headers: Fields, later: float) -> None:
            self._acknowledge_early(fork, response, later, ours)

        def refuse(_status: int, headers: Fields, later: float) -> None:
            self._acknowledge_early(fork, response, later)
            session.ending.give_up_call("local", headers or BAD_MEDIA, later)

        session.questions.ask_for_description(answer, refuse)
        session.tell(Offered(session, ResponseReceived(response, session.peer, outcome.transaction), sdp, "PRACK"))

    def _acknowledge_early(self, fork: Fork, response: Response, now: float, sdp: bytes | None = None) -> None:
        self._session.changes.send_prack(fork.dialog, reliable.rack_of(response), sdp, now)

    def _on_success(self, outcome: Outcome, now: float) -> None:
        session, response = self._session, outcome.response
        acknowledgement = Acknowledgement(session, outcome.transaction, self._invitation.credentials, now)
        try:
            fork = self._forks.choose(outcome)
        except HeaderError as error:
            session.ending.end("failure", 500, response, f"2xx to INVITE: {error.reason}", now)
            return
        session.state = State.CONNECTING
        if self._given_up:
            acknowledgement.send(fork.dialog)
            session.ending.terminate(self._given_up, 487, response, "answered after it was given up", now)
        elif self._invitation.sdp is None and not session.offers.is_agreed:
            self._on_late_offer(outcome, acknowledgement, fork, now)
        else:
            sdp = None
            if self._invitation.sdp is not None:
                sdp = self._forks.take_answer(fork, sdp_of(response), is_reliable=True)
            acknowledgement.send(fork.dialog)
            if self._forks.has_answered(fork):
                session.tell(Accepted(session, response, sdp))
                self._confirm(response, now)
            else:
                session.ending.terminate("failure", 488, response, "the 2xx has no answer to our offer", now, BAD_MEDIA)

    def _on_late_offer(self, outcome: Outcome, acknowledgement: Acknowledgement, fork: Fork, now: float) -> None:
        """Let the owner answer the offer that our INVITE asked for: the answer goes into the ACK."""
        session, response = self._session, outcome.response
        sdp = sdp_of(response)
        if sdp is None or session.offers.is_open:
            acknowledgement.send(fork.dialog)
            session.ending.terminate("failure", 488, response, "the 2xx has no offer for us", now, BAD_MEDIA)
            return
        session.offers.take_offer(sdp)

        def answer(ours: bytes, _headers: Fields, later: float) -> None:
            acknowledgement.send(fork.dialog, ours)
            self._confirm(response, later)

        def refuse(status: int, headers: Fields, later: float) -> None:
            acknowledgement.send(fork.dialog)
            reason = "the offer in the 2xx was refused"
            session.ending.terminate("local", status, response, reason, later, headers or BAD_MEDIA)

        session.questions.ask_for_description(answer, refuse)
        session.tell(Accepted(session, response, None))
        session.tell(Offered(session, ResponseReceived(response, session.peer, outcome.transaction), sdp, "ACK"))

    def _confirm(self, response: Response, now: float) -> None:
        session = self._session
        session.state = State.CONFIRMED
        session.tell(Confirmed(session))
        if session.timer.on_success(response, now):
            session.changes.advance(now)

    def _on_failure(self, outcome: Outcome, now: float) -> None:
        session, response, status = self._session, outcome.response, outcome.response.status
        if self._given_up:
            session.ending.end(self._given_up, status, outcome.message, "given up", now)
        elif status in (401, 407) and not outcome.is_local and self._invitation.may_be_challenged:
            session.questions.ask_for_credentials(outcome, self._authenticate, self._on_refusal, now)
        elif status == 422 and session.timer.raised_by(response) and self._invitation.repeat():
            self._restart(now)
        elif 300 <= status < 400:
            self._on_redirection(outcome, now)
        elif status in (408, 503) and self._invitation.go_on():
            self._restart(now)
        else:
            self._on_refusal(outcome, now)

    def _on_refusal(self, outcome: Outcome, now: float) -> None:
        session, response, status = self._session, outcome.response, outcome.response.status
        if outcome.is_local:
            by: By = "timeout" if status == 408 else "failure"
            session.ending.end(by, status, None, f"INVITE to {outcome.transaction.destination}: {response.reason}", now)
        else:
            session.tell(Rejected(session, response))
            session.ending.end("remote", status, response, f"{status} {response.reason}", now)

    def _on_redirection(self, outcome: Outcome, now: float) -> None:
        session, response = self._session, outcome.response
        try:
            contacts = response.contacts
        except HeaderError:
            contacts = ()
        if session.profile.redirect_method != "uri_pjsip":
            session.tell(Redirected(session, response, contacts))
            session.ending.end("remote", response.status, response, f"{response.status} {response.reason}", now)
        elif self._invitation.follow(contacts):
            self._restart(now)
        else:
            self._on_refusal(outcome, now)

    def _authenticate(self, credentials: Fields, now: float) -> None:
        self._invitation.authenticate(credentials)
        self._restart(now)

    def _restart(self, now: float) -> None:
        """Send it anew: what the early dialogs of the last attempt agreed on is void."""
        session = self._session
        session.changes.begin_again()
        session.changes_of_peer.close(now)
        session.dialog, session.state, session.offers = None, State.CALLING, OfferAnswer()
        session.questions.withdraw_offer()
        self._forks.clear()
        self.send(now)
