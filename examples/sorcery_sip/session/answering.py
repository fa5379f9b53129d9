"""The peer's first INVITE: what we say until it is answered, and the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.message.reply import reply
from sorcery_sip.session import reliable
from sorcery_sip.session.events import Answered, Cancelled
from sorcery_sip.session.part import Part
from sorcery_sip.session.reliable import ReliableResponses
from sorcery_sip.session.requests import SDP, Fields
from sorcery_sip.session.state import State
from sorcery_sip.transaction.server import ServerTransaction

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Callee"]


@attrs.frozen(slots=True)
class _Acceptance:
    """A 2xx that waits until a session description in a reliable 1xx has arrived."""

    headers: Fields
    sdp: bytes | None


class Callee(Part):
    """The side that is called: provisional responses, plain and reliable, and the final one."""

    def __init__(self, session: InviteSession, request: Request, transaction: ServerTransaction, tag: str) -> None:
        super().__init__(session)
        self._core, self._request, self._tag = session.core, request, tag
        self.transaction: ServerTransaction | None = transaction
        """That of the INVITE, None once it has its final response."""
        self._reliable: ReliableResponses | None = None
        self._is_reliable = _is_reliable(session, request)
        self._acceptance: _Acceptance | None = None
        self._core.invites[transaction] = session

    @property
    def is_offer_settled(self) -> bool:
        """Whether the answer to the first offer, if there is one, has surely arrived."""
        return self.transaction is None or (self._reliable is not None and not self._reliable.awaits_sdp)

    def trying(self, now: float) -> None:
        """Say 100, so that the peer need not repeat itself."""
        if self.transaction is not None and self._session.state is State.INCOMING:
            self._core.respond(self._session, self.transaction, reply(self._request, 100), now)

    def progress(self, status: int, now: float, headers: Fields, sdp: bytes | None, reason: str | None) -> None:
        """Say 101-199, with our description where it is time for it."""
        session = self._session
        if self.transaction is None or self._acceptance is not None:
            return
        sdp = self._early_description(sdp)
        response = self._response(status, headers, sdp, reason)
        session.state = State.EARLY
        if self._is_reliable:
            if self._reliable is None:
                self._reliable = self._first_reliable()
            self._reliable.add(response, has_sdp=sdp is not None, now=now)
        else:
            self._send(response, now)
        session.changes.advance(now)

    def accept(self, now: float, headers: Fields, sdp: bytes | None) -> None:
        """Say 200. Raises `ValueError` when a description is due and there is none."""
        if self.transaction is None or self._acceptance is not None:
            return
        if self._reliable is not None and self._reliable.awaits_sdp:
            self._acceptance = _Acceptance(headers, sdp)
            return
        session, transaction, sdp = self._session, self.transaction, self._final(sdp)
        response = self._response(200, (*headers, *session.timer.answer_fields(self._request, now)), sdp)
        session.succeed(transaction, response, now)
        self._finish()

    def reject(self, status: int, now: float, headers: Fields, reason: str | None = None) -> None:
        """Say 300-699. The owner of the session ends it."""
        if self.transaction is None:
            return
        response = reply(self._request, status, reason, headers=headers, to_tag=self._tag)
        self._core.respond(self._session, self.transaction, response, now)
        self._finish()

    def cancelled(self, received: RequestReceived, now: float) -> None:
        """Say 487: the peer took its INVITE back."""
        session = self._session
        self.reject(487, now, ())
        session.tell(Cancelled(session, received))
        session.ending.end("remote", 487, received.request, "cancelled", now)

    def prack(self, received: RequestReceived, now: float) -> None:
        """Take the acknowledgement of a reliable 1xx, with the answer or the next offer that it may bring."""
        session, responses = self._session, self._reliable
        awaited_sdp = responses is not None and responses.awaits_sdp
        if responses is None or not self._acknowledges(received.request, responses, now):
            session.respond(received, 400, now, reason="Unexpected PRACK")
            return
        sdp = sdp_of(received.request)
        if awaited_sdp and not responses.awaits_sdp and session.offers.ours is not None:
            self._take_answer(received, sdp, now)
        elif sdp is not None:
            session.changes_of_peer.on_prack(received, sdp, now)
        else:
            session.respond(received, 200, now)
        self._accept_at_last(now)
        session.changes.advance(now)

    def close(self) -> None:
        """Send no provisional response again, and hear of no PRACK."""
        if self._reliable is not None:
            self._reliable.close()
            self._reliable = None

    def _acknowledges(self, prack: Request, responses: ReliableResponses, now: float) -> bool:
        """Tell whether a PRACK is for the 1xx that waits for one, which is over then."""
        rack = reliable.acknowledged(prack)
        return rack is not None and rack[1] == self._request.cseq.number and responses.acknowledge(rack[0], now)

    def _take_answer(self, received: RequestReceived, sdp: bytes | None, now: float) -> None:
        session = self._session
        session.respond(received, 200, now)
        if sdp is None:
            self.reject(488, now, ())
            session.ending.end("failure", 488, received.request, "the PRACK has no answer to our offer", now)
            return
        session.offers.take_answer(sdp)
        session.tell(Answered(session, sdp))

    def _accept_at_last(self, now: float) -> None:
        waiting = self._acceptance
        if waiting is not None and self._reliable is not None and not self._reliable.awaits_sdp:
            self._acceptance = None
            self.accept(now, waiting.headers, waiting.sdp)

    def _early_description(self, sdp: bytes | None) -> bytes | None:
        """Return what of our description a 1xx may carry, and note it (RFC 3262 5, RFC 6337 2.2)."""
        offers = self._session.offers
        if sdp is None:
            return None
        if offers.theirs is not None:
            offers.answer(sdp)
            return sdp
        if offers.is_agreed:  # to say it again does no harm in a response that may get lost
            return None if self._is_reliable else offers.local
        if offers.ours is None and self._is_reliable:
            offers.offer(sdp)
            return sdp
        return None

    def _final(self, sdp: bytes | None) -> bytes | None:
        """Return the description for the 2xx, and note it."""
        offers = self._session.offers
        if offers.is_agreed:
            return None if self._is_reliable else offers.local
        if sdp is None:
            raise ValueError("a 2xx needs our session description: nothing was agreed before")
        if offers.theirs is not None:
            offers.answer(sdp)
        else:
            offers.offer(sdp)
        return sdp

    def _response(self, status: int, headers: Fields, sdp: bytes | None, reason: str | None = None) -> Response:
        session = self._session
        fields = [
            *(("Record-Route", route) for route in self._request.headers.get_all("Record-Route")),
            ("Contact", str(session.contact)),
            *session.profile.abilities,
            *headers,
        ]
        if sdp is not None:
            fields.append(("Content-Type", SDP))
        return reply(self._request, status, reason, headers=fields, body=sdp or b"", to_tag=self._tag)

    def _first_reliable(self) -> ReliableResponses:
        core = self._core
        first = core.random.randrange(1, 2**31)
        return ReliableResponses(first, core.deadlines, core.timers.t1, self._send, self._on_silence)

    def _send(self, response: Response, now: float) -> None:
        if self.transaction is not None:
            self._core.respond(self._session, self.transaction, response, now)

    def _on_silence(self, now: float) -> None:
        """Give the call up: six times a reliable 1xx was sent, and no PRACK came."""
        self.reject(504, now, ())
        self._session.ending.end("timeout", 504, None, "no PRACK for a reliable 1xx", now)

    def _finish(self) -> None:
        if self._reliable is not None:
            self._reliable.close()
        if self.transaction is not None:
            self._core.invites.pop(self.transaction, None)
            self.transaction = None


def _is_reliable(session: InviteSession, request: Request) -> bool:
    """Tell whether our provisional responses are reliable, as `100rel` says."""
    option = session.profile.rel100
    if option == "no":
        return False
    if option == "required" or reliable.EXTENSION in request.tokens("Require"):
        return True
    return option == "peer_supported" and reliable.EXTENSION in request.tokens("Supported")
