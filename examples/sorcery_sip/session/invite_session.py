"""One call, as SIP sees it: from its INVITE to its end."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any, Literal

from sorcery_sip.address import Address
from sorcery_sip.dialog import Dialog
from sorcery_sip.errors import HeaderError
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.reply import reply
from sorcery_sip.session.acknowledging import RepeatedSuccess
from sorcery_sip.session.answering import Callee
from sorcery_sip.session.calling import Caller
from sorcery_sip.session.core import Core, Outcome
from sorcery_sip.session.ending import Ending
from sorcery_sip.session.events import ResponseInDialog, SessionEvent
from sorcery_sip.session.modifying import Change, Changes
from sorcery_sip.session.offered import ChangesOfPeer
from sorcery_sip.session.offers import OfferAnswer
from sorcery_sip.session.profile import Profile
from sorcery_sip.session.questions import Questions
from sorcery_sip.session.refresh import SessionTimer
from sorcery_sip.session.requests import Inquiry
from sorcery_sip.session.state import State
from sorcery_sip.transaction.server import ServerTransaction

__all__ = ["InviteSession"]


class InviteSession:
    """A call of a `UserAgent`, which makes it; one owner, in one thread.

    The methods of the first part are its owner's. They send what has to be sent, at once or when it may be sent, and
    do nothing once the session is over, or being ended. `now` is in seconds of the user agent's clock.
    """

    def __init__(
        self, core: Core, profile: Profile, contact: NameAddr, *, is_incoming: bool, force_rport: bool, data: Any
    ) -> None:
        self.core, self.profile, self.contact, self.force_rport = core, profile, contact, force_rport
        self.data = data
        """Its owner's; None once a BYE of ours was answered."""
        self.is_incoming = is_incoming
        self.state = State.INCOMING if is_incoming else State.CALLING
        self.id = ""
        """Call-ID and our tag: for logs."""
        self.invite: Request
        """The first INVITE, as it came or went."""
        self.offer: bytes | None = None
        """The session description in it."""
        self.dialog: Dialog | None = None
        """The dialog that counts; None for a call of ours before a response with a tag."""
        self.peer: Address
        """Where the peer's last message came from; before the first, where our INVITE goes."""
        self.offers = OfferAnswer()
        self.ending = Ending(self)
        self.timer = SessionTimer(self)
        self.changes = Changes(self)
        self.changes_of_peer = ChangesOfPeer(self)
        self.caller: Caller | None = None
        self.callee: Callee | None = None
        self.success: RepeatedSuccess | None = None
        """Our 2xx whose ACK has not come."""
        self.questions = Questions(self)
        self._peer_allow: str | None = None

    def peer_allows(self, method: str) -> bool:
        """Tell whether the peer's last Allow names `method`; a peer that sends none allows nothing to be sure of."""
        return self._peer_allow is not None and method in [m.strip() for m in self._peer_allow.split(",")]

    def trying(self, now: float) -> None:
        """Say 100 to the INVITE that waits, so that the peer need not repeat it."""
        if self.callee is not None and self.callee.transaction is not None:
            self.callee.trying(now)
        else:
            self.changes_of_peer.trying(now)

    def progress(
        self,
        status: int,
        now: float,
        headers: Iterable[tuple[str, str]] = (),
        sdp: bytes | None = None,
        reason: str | None = None,
    ) -> None:
        """Say 101-199 to the peer's INVITE, reliably where `rel100` and the peer want it.

        One that is reliable waits for the PRACK of the one before it. `sdp` answers the INVITE's offer; without one
        it is our offer, which only a reliable response carries. Raises `ValueError` for other statuses.
        """
        if not 100 < status < 200:
            raise ValueError(f"{status} is no provisional response for progress; use 101 to 199, or trying")
        if self.callee is not None and not self.is_closing:
            self.callee.progress(status, now, tuple(headers), sdp, reason)

    def accept(self, now: float, headers: Iterable[tuple[str, str]] = (), sdp: bytes | None = None) -> None:
        """Say 200 to the peer's INVITE, and again until its ACK comes.

        It waits while a reliable 1xx with a description is not acknowledged. Raises `ValueError` when `sdp` is
        missing: it may only where an answer was given before.
        """
        if self.callee is not None and not self.is_closing:
            self.callee.accept(now, tuple(headers), sdp)

    def reject(
        self, status: int, now: float, headers: Iterable[tuple[str, str]] = (), reason: str | None = None
    ) -> None:
        """Refuse the peer's INVITE with 300-699, which ends the session. Raises `ValueError` for other statuses."""
        if not 300 <= status < 700:
            raise ValueError(f"{status} refuses nothing; use 300 to 699")
        if self.callee is not None and self.callee.transaction is not None and not self.is_closing:
            self.callee.reject(status, now, tuple(headers), reason)
            self.ending.end("local", status, None, "refused", now)

    def modify(
        self,
        now: float,
        make_sdp: Callable[[], bytes] | None,
        method: Literal["INVITE", "UPDATE"] = "INVITE",
        headers: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Send a re-INVITE or UPDATE as soon as one may be sent, and again after glare.

        `make_sdp` is called when it is sent, and makes our offer; where it raises `NegotiationFailed` the change has
        failed. None sends no offer: an INVITE then asks for the peer's. `Answered`, `Offered`, `Refreshed` or
        `OfferFailed` tell how it went.
        """
        if not self.is_closing:
            self.changes.add(Change(method, make_sdp, tuple(headers)), now)

    def answer_offer(self, sdp: bytes, now: float, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Answer `Offered`, or give the offer that `OfferWanted` asks for; nothing when it was taken back meanwhile."""
        self.questions.answer_offer(sdp, tuple(headers), now)

    def refuse_offer(self, status: int, now: float, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Refuse `Offered` or `OfferWanted`: with `status` where a request brought it, else by ending the call."""
        self.questions.refuse_offer(status, tuple(headers), now)

    def hangup(self, now: float, status: int = 603, headers: Iterable[tuple[str, str]] = ()) -> None:
        """End the session: refuse the INVITE with `status`, CANCEL it, or say BYE, whichever fits.

        A BYE waits up to 32 s for the end of a re-INVITE of ours and the ACK to a 2xx of ours.
        """
        if not self.is_closing:
            self.ending.hang_up(status, tuple(headers), now)

    def request(
        self,
        method: str,
        now: float,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        content_type: str = "",
    ) -> None:
        """Send a request in the dialog; `ResponseInDialog` tells how it went. Raises `ValueError` without a dialog."""
        if self.is_closing:
            return
        if self.dialog is None:
            raise ValueError(f"{method} needs a dialog; there is none before the peer's first response")
        done = self._on_response
        Inquiry(self, self.dialog, method, done, tuple(headers), body, content_type or None).send(now)

    def respond(
        self,
        received: RequestReceived,
        status: int,
        now: float,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
        reason: str | None = None,
    ) -> None:
        """Answer `RequestInDialog`, also once the session is over."""
        if received.transaction is not None:
            response = reply(received.request, status, reason, headers=headers, body=body)
            self.core.respond(self, received.transaction, response, now)

    def authenticate(self, headers: Iterable[tuple[str, str]], now: float) -> None:
        """Answer the oldest `Challenged`: send its request again with these Authorization headers."""
        self.questions.authenticate(tuple(headers), now)

    def give_up(self, now: float) -> None:
        """Leave the oldest `Challenged` unanswered: its response is a refusal like any other."""
        self.questions.give_up(now)

    # What follows is for the parts of the session.

    @property
    def is_closing(self) -> bool:
        """Whether it is being ended, or over."""
        return self.ending.is_closing

    @property
    def is_parting(self) -> bool:
        """Whether a BYE of ours has no answer yet, which may be a challenge."""
        return self.ending.is_parting

    @property
    def is_calling(self) -> bool:
        """Whether our first INVITE has no final response yet."""
        return self.caller is not None and self.state in (State.CALLING, State.EARLY)

    @property
    def is_negotiating(self) -> bool:
        """Whether an offer or a re-INVITE of the peer waits for its answer."""
        return self.offers.is_open or self.questions.is_offer_open

    @property
    def is_offer_settled(self) -> bool:
        """Whether the answer to the first offer has surely arrived: only then either side may offer again."""
        if self.state is State.CONFIRMED or not self.offers.is_agreed:
            return self.offers.is_agreed
        return self.callee.is_offer_settled if self.callee else self.caller is not None and self.caller.is_offer_settled

    def tell(self, event: SessionEvent) -> None:
        """Tell the owner, unless he no longer wants to hear."""
        if not self.ending.is_closing:
            self.core.events.append(event)

    def way_to(self, dialog: Dialog) -> Address:
        """Return where requests in a dialog go."""
        return self.core.network.route(dialog.next_hop(), dialog.transport) or self.peer

    def heard_from(self, source: Address, dialog: Dialog) -> None:
        """Note where the peer is."""
        self.peer, dialog.transport = source, source.transport

    def learn(self, message: Request | Response) -> None:
        """Note what the peer is able to do."""
        allow = message.headers.get_all("Allow")
        if allow:
            self._peer_allow = ",".join(allow)

    def refresh_target(self, message: Request | Response) -> None:
        """Note which address the peer is at; one that cannot be used leaves the old one."""
        if self.dialog is not None:
            with contextlib.suppress(HeaderError):
                self.dialog.refresh(message)

    def succeed(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        """Send a 2xx to an INVITE, until its ACK comes."""
        sent = self.core.respond(self, transaction, response, now)
        if self.state is not State.CONFIRMED:
            self.state = State.CONNECTING
            if self.dialog is not None:
                self.dialog.is_confirmed = True
        self.success = RepeatedSuccess(self, transaction, sent, now)

    def proceed(self, now: float) -> None:
        """Do what waited for something that is over now."""
        if self.ending.is_closing:
            self.ending.go_on(now)
        else:
            self.changes.advance(now)

    def _on_response(self, outcome: Outcome, _now: float) -> None:
        self.tell(ResponseInDialog(self, outcome.response, outcome.transaction.request))
