"""The facade of the session layer: events of the stack in, events of sessions out."""

from __future__ import annotations

import random
from typing import Any

from sorcery_sip.dialog import Dialog, dialog_id_of_request
from sorcery_sip.events import (
    Cancelled,
    Event,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
    TransportFailed,
)
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.reply import reply
from sorcery_sip.session.answering import Callee
from sorcery_sip.session.calling import Caller
from sorcery_sip.session.core import Core, OnOutgoing, Outcome
from sorcery_sip.session.events import SessionEvent
from sorcery_sip.session.inbound import receive
from sorcery_sip.session.invite_session import InviteSession
from sorcery_sip.session.network import Network
from sorcery_sip.session.profile import OutgoingInvite, Profile
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.timers import DEFAULT_TIMERS, Timers

__all__ = ["UserAgent"]


class UserAgent:
    """Make and take calls over a `Stack`, without sockets, clock, chance or threads of its own.

    Give it each event of the stack with `handle`, look at `next_event` until it returns None, send what the stack's
    `to_send` gives, and come back with `handle_deadline` at `next_deadline`. All calls have to come from one thread.
    Neither a peer nor its silence raises anything.
    """

    def __init__(
        self, stack: Stack, network: Network, *, random: random.Random, timers: Timers = DEFAULT_TIMERS
    ) -> None:
        self._core = Core(stack, network, random, timers)

    @property
    def on_outgoing(self) -> OnOutgoing:
        """What sees each new message of a session once, its Via included, and returns what is written instead."""
        return self._core.on_outgoing

    @on_outgoing.setter
    def on_outgoing(self, hook: OnOutgoing) -> None:
        self._core.on_outgoing = hook

    def handle(self, event: Event, now: float) -> bool:
        """Take an event of the stack; False when it is no session's business."""
        if isinstance(event, RequestReceived):
            return self._on_request(event, now)
        if isinstance(event, ResponseReceived):
            transaction = event.transaction
            return transaction is not None and self._hear(Outcome(transaction, event.response, event.source), now)
        if isinstance(event, Cancelled):
            return self._on_cancelled(event, now)
        if isinstance(event, TransactionTimedOut):
            return self._hear(_unanswered(event.transaction, 408), now)
        if isinstance(event, TransportFailed):
            if isinstance(event.transaction, ServerTransaction):
                return self._on_lost_peer(event.transaction, now)
            return self._hear(_unanswered(event.transaction, 503), now)
        return False

    def belongs(self, received: RequestReceived) -> InviteSession | None:
        """Return the session that a request in a dialog is for; None when there is none."""
        found = self._core.dialogs.get(dialog_id_of_request(received.request))
        return None if found is None else found[0]

    def incoming(
        self,
        received: RequestReceived,
        profile: Profile,
        now: float,
        *,
        contact: NameAddr,
        tag: str | None = None,
        force_rport: bool = False,
        data: Any = None,
    ) -> InviteSession:
        """Make the session that an INVITE outside dialogs asks for; nothing is sent.

        When the peer has cancelled it meanwhile it is answered 487 and over at once. Raises `HeaderError` when no
        dialog can be made of it, and `ValueError` for what is no such INVITE.
        """
        request, transaction = received.request, received.transaction
        if request.method != "INVITE" or transaction is None or request.to.tag is not None:
            raise ValueError(f"{request.method} makes no session; give an INVITE without To tag and its transaction")
        core = self._core
        tag = tag or core.token()
        dialog = Dialog.from_request(request, received.source, tag)
        session = InviteSession(core, profile, contact, is_incoming=True, force_rport=force_rport, data=data)
        session.id = f"{dialog.call_id}/{tag}"
        session.invite, session.peer, session.dialog = request, received.source, dialog
        session.learn(request)
        session.offer = sdp_of(request)
        if session.offer is not None:
            session.offers.take_offer(session.offer)
        core.register(session, dialog)
        core.sessions.add(session)
        session.callee = Callee(session, request, transaction, tag)
        if transaction.is_cancelled:
            session.callee.cancelled(received, now)
        return session

    def outgoing(self, invite: OutgoingInvite, profile: Profile, now: float, *, data: Any = None) -> InviteSession:
        """Call somebody: the INVITE is sent.

        Raises `ValueError` without a destination, and when a header value holds a line end.
        """
        if not invite.destinations:
            raise ValueError(f"no destination for {invite.uri}")
        session = InviteSession(self._core, profile, invite.contact, is_incoming=False, force_rport=False, data=data)
        session.offer = invite.sdp
        session.caller = Caller(session, invite)
        session.id = session.caller.id
        session.caller.send(now)
        self._core.sessions.add(session)
        return session

    def next_event(self) -> SessionEvent | None:
        """Return the oldest event not yet returned, None when there is none."""
        return self._core.events.popleft() if self._core.events else None

    def next_deadline(self) -> float | None:
        """Return when `handle_deadline` has to be called, None when nothing waits."""
        return self._core.deadlines.next()

    def handle_deadline(self, now: float) -> None:
        """Let happen what is due by `now`; too early a call does no harm."""
        self._core.deadlines.handle(now)

    def __len__(self) -> int:
        """Return how many sessions have not ended."""
        return len(self._core.sessions)

    @property
    def is_parting(self) -> bool:
        """Whether a BYE of ours has no answer yet. Looks at all requests under way: ask at the end of a server."""
        return any(transaction.request.method == "BYE" for transaction in self._core.waiting)

    def _on_request(self, received: RequestReceived, now: float) -> bool:
        found = self._core.dialogs.get(dialog_id_of_request(received.request))
        if found is None:
            return False
        receive(*found, received, now)
        return True

    def _on_cancelled(self, event: Cancelled, now: float) -> bool:
        session = self._core.invites.get(event.transaction)
        if session is None:
            return False
        if session.callee is not None and session.callee.transaction is event.transaction:
            session.callee.cancelled(event.received, now)
        else:
            session.changes_of_peer.cancelled(event.received, now)
        return True

    def _on_lost_peer(self, transaction: ServerTransaction, now: float) -> bool:
        """End a call whose INVITE cannot be answered."""
        session = self._core.invites.get(transaction)
        if session is None:
            return False
        if session.callee is not None and session.callee.transaction is transaction:
            session.callee.reject(503, now, ())
            session.ending.end("failure", 503, None, "the caller cannot be reached", now)
        else:
            session.ending.terminate("failure", 503, None, "the peer cannot be reached", now)
        return True

    def _hear(self, outcome: Outcome, now: float) -> bool:
        """Give a response to whoever waits for it; an INVITE may get more than one 2xx."""
        transaction, response = outcome.transaction, outcome.response
        waiting = self._core.waiting
        if response.is_final and not (response.is_success and transaction.request.method == "INVITE"):
            handler = waiting.pop(transaction, None)
        else:
            handler = waiting.get(transaction)
        if handler is None:
            return transaction.request.method == "CANCEL"
        handler(outcome, now)
        return True


def _unanswered(transaction: ClientTransaction, status: int) -> Outcome:
    """Return what a request without an answer comes to (RFC 3261 8.1.3.1)."""
    return Outcome(transaction, reply(transaction.request, status), None)
