"""The 2xx to an INVITE and its ACK, which both sides repeat themselves (RFC 3261 13.2.2.4, 13.3.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorcery_sip.address import Address
from sorcery_sip.dialog import Dialog
from sorcery_sip.errors import HeaderError
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.session.core import Outcome
from sorcery_sip.session.events import Answered, Confirmed, OfferFailed
from sorcery_sip.session.part import Part
from sorcery_sip.session.requests import BAD_MEDIA, SDP, Fields
from sorcery_sip.session.state import State
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.server import ServerTransaction

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Acknowledgement", "RepeatedSuccess"]


class RepeatedSuccess:
    """A 2xx of ours on its way: sent at T1, doubling to T2, until its ACK comes or 64 times T1 are over."""

    __slots__ = ("_deadline", "_interval", "_last", "_response", "_session", "_transaction", "awaits_answer", "number")

    def __init__(self, session: InviteSession, transaction: ServerTransaction, response: Response, now: float) -> None:
        self._session, self._transaction, self._response = session, transaction, response
        self.number = response.cseq.number
        """The CSeq of the INVITE, and so of the ACK."""
        self.awaits_answer = bool(response.body) and session.offers.ours is not None
        """Whether it holds an offer of ours, which the ACK has to answer."""
        timers = session.core.timers
        self._interval, self._last = timers.t1, now + timers.timeout
        self._deadline = session.core.deadlines.at(now + self._interval, self._again)

    def stop(self) -> None:
        """Send no more: nobody waits for it."""
        self._deadline.cancel()

    def acknowledge(self, ack: Request | None, now: float) -> None:
        """Send no more: the ACK has come, or None for what shows that the 2xx has."""
        session = self._session
        self.stop()
        session.success = None
        is_first = session.state is State.CONNECTING
        if is_first:
            session.state = State.CONFIRMED
        if self.awaits_answer:
            sdp = None if ack is None else sdp_of(ack)
            if sdp is not None:
                session.offers.take_answer(sdp)
                session.tell(Answered(session, sdp))
            elif session.offers.is_agreed:  # of a re-INVITE: what was agreed before stays
                session.offers.withdraw()
                session.tell(OfferFailed(session, 488))
            else:
                reason = "the ACK has no answer to our offer"
                session.ending.terminate("failure", 488, ack, reason, now, BAD_MEDIA)
                return
        if is_first:
            session.tell(Confirmed(session))
        session.proceed(now)

    def _again(self, now: float) -> None:
        session = self._session
        if now >= self._last:
            session.ending.no_ack(now)
            return
        session.core.stack.send_response(self._response, self._transaction)
        self._interval = min(2 * self._interval, session.core.timers.t2)
        self._deadline = session.core.deadlines.at(min(now + self._interval, self._last), self._again)


class Acknowledgement(Part):
    """Answers each 2xx to an INVITE of ours: that of the dialog that counts with its ACK, others with ACK and BYE.

    It hears of further 2xx in place of whoever sent the INVITE, until 64 times T1 after the first; the session, where
    that is over before, need not stay for it.
    """

    __slots__ = ("_acks", "_core", "_credentials", "_transaction")

    def __init__(self, session: InviteSession, transaction: ClientTransaction, credentials: Fields, now: float) -> None:
        super().__init__(session)
        self._core, self._transaction = session.core, transaction
        self._credentials = credentials
        self._acks: dict[str, tuple[Request, Address]] = {}
        self._core.waiting[transaction] = self._again
        self._core.deadlines.at(now + self._core.timers.timeout, self._forget)

    def send(self, dialog: Dialog, sdp: bytes | None = None) -> None:
        """Acknowledge, with our answer where the 2xx held an offer."""
        number = self._transaction.request.cseq.number
        content_type = None if sdp is None else SDP
        ack = dialog.ack(number, headers=self._credentials, body=sdp or b"", content_type=content_type)
        destination = self._way_to(dialog)
        self._acks[dialog.remote.tag or ""] = (self._core.send(self._whole(), ack, destination), destination)

    def _again(self, outcome: Outcome, now: float) -> None:
        tag, session = outcome.response.to.tag or "", self._whole()
        sent = self._acks.get(tag)
        if sent is not None:
            self._core.stack.send(*sent)
        elif session is None or session.dialog is None or tag != session.dialog.remote.tag:
            self._end_fork(outcome, now)

    def _end_fork(self, outcome: Outcome, now: float) -> None:
        """End the call that somebody else has taken too: the first 2xx counts."""
        source = outcome.source or self._transaction.destination
        try:
            fork = Dialog.from_response(self._transaction.request, outcome.response, source)
        except HeaderError:
            return  # there is no address to say BYE to: its 2xx goes unacknowledged, which ends it
        self.send(fork)
        bye = fork.request("BYE", headers=self._credentials)
        self._core.request(self._whole(), bye, self._way_to(fork), now, _no_matter)

    def _way_to(self, dialog: Dialog) -> Address:
        session = self._whole()
        if session is not None:
            return session.way_to(dialog)
        return self._core.network.route(dialog.next_hop(), dialog.transport) or self._transaction.destination

    def _forget(self, _now: float) -> None:
        self._core.waiting.pop(self._transaction, None)


def _no_matter(_outcome: Outcome, _now: float) -> None:
    """Hear how the BYE of a fork went; nothing depends on it."""
