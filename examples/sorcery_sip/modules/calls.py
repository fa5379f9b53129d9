"""All calls of a server: what happens to each, told to its supplements, its media and its channel in order."""

from __future__ import annotations

import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, Protocol

from sorcery.pjsip import Endpoint, Global
from sorcery.plain import plain
from sorcery_sip.address import Address
from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.events import Event, RequestReceived, ResponseReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.modules import direct_media
from sorcery_sip.modules.channel_events import tell_end, tell_hold, tell_redirect, wire_media
from sorcery_sip.modules.contract import PASS, Fields, Incoming, SessionSupplement, Verdict
from sorcery_sip.modules.hangup_causes import cause_of_status, reason_fields, status_of_cause
from sorcery_sip.modules.identity import contact_address, from_address
from sorcery_sip.modules.invite_checks import warning
from sorcery_sip.modules.nat import forces_rport, rewrite_in_dialog
from sorcery_sip.modules.network import Network
from sorcery_sip.modules.session import CallSession, NewCall, profile_of
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.supplements import Supplements
from sorcery_sip.modules.targets import Target
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.events import HangupRequested
from sorcery_sip.pbx.party import Party
from sorcery_sip.sdp import Codec
from sorcery_sip.session import InviteSession, OutgoingInvite, State, UserAgent
from sorcery_sip.session import events as happened

__all__ = ["Calls", "MakeSession"]

AnswerChallenge = Callable[[CallSession, happened.Challenged], Awaitable[Fields]]


class MakeSession(Protocol):
    """Makes a call that has not begun."""

    def __call__(self, endpoint: Endpoint, peer: Address, **attributes: Any) -> CallSession:
        """Return a call with an endpoint whose signalling goes to `peer`; takes attributes of `CallSession`."""


_LOG = logging.getLogger(__name__)
Work = Coroutine[Any, Any, None] | None
_Handler = Callable[[CallSession, Any], Work]


class Calls:
    """Take what happens to SIP sessions, in the thread of the event loop.

    `clock` is that of the stack. `changed` is called whenever something may wait to be sent.
    """

    def __init__(
        self,
        agent: UserAgent,
        network: Network,
        settings: Settings,
        *,
        make: MakeSession,
        answer_challenge: AnswerChallenge,
        clock: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._agent, self._network, self._settings = agent, network, settings
        self.make, self._answer_challenge = make, answer_challenge
        self.clock, self.changed = clock, changed
        self._sessions: set[CallSession] = set()
        self._behind: dict[str, CallSession] = {}
        """Those whose endpoint has `rewrite_contact`, by the id of their SIP session: Call-ID and our tag."""
        self._supplements = Supplements()
        self._handlers: dict[type[happened.SessionEvent], _Handler] = {
            happened.Offered: self._on_offer,
            happened.OfferWanted: self._on_offer_wanted,
            happened.Answered: self._on_answer,
            happened.OfferFailed: self._on_offer_failed,
            happened.Cancelled: self._on_cancelled,
            happened.Progressed: self._on_progress,
            happened.Accepted: self._on_accepted,
            happened.Rejected: self._on_response,
            happened.Redirected: self._on_redirected,
            happened.Challenged: self._on_challenge,
            happened.RequestInDialog: self._on_request,
            happened.ResponseInDialog: self._on_response,
            happened.Refreshed: self._on_refresh,
            happened.Ended: self._on_end,
        }
        agent.on_outgoing = self._filter

    def use(self, supplements: Iterable[SessionSupplement]) -> None:
        """Have these called, those of lower priority first, in place of those before."""
        self._supplements = Supplements(supplements)

    def __len__(self) -> int:
        """Return how many legs of calls there are."""
        return len(self._sessions)

    # -- calls begin

    def accept(self, call: NewCall, received: RequestReceived, incoming: Incoming) -> None:
        """Begin an incoming call: 100, the answer to its offer, its channel, the PBX; or a refusal.

        Raises `HeaderError` where no dialog can be made of the INVITE.
        """
        endpoint = incoming.endpoint
        assert endpoint is not None, "only a known endpoint's INVITE is accepted"
        source, settings = received.source, self.options
        contact = contact_address(endpoint, settings, self._network.local(source), None)
        session = self.make(endpoint, source, exten=call.exten)
        received = RequestReceived(incoming.request, source, received.transaction)
        invite = self._agent.incoming(
            received,
            profile_of(endpoint, settings),
            self.clock(),
            contact=contact,
            force_rport=forces_rport(endpoint),
            data=session,
        )
        session.begin(invite)
        self._remember(session)
        begin = functools.partial(self._begin, received, call)
        session.serializer.run(functools.partial(self._carry_out, begin, session))
        self.pump()

    def place(self, session: CallSession, target: Target, party: Party, codecs: Sequence[Codec | str]) -> None:
        """Begin an outgoing call to `target`, from `party`, by an offer of `codecs` first.

        Raises `NegotiationFailed` where nothing can be offered.
        """
        endpoint, settings = session.endpoint, self.options
        local = self._network.local(target.destinations[0])
        invite = OutgoingInvite(
            uri=target.uri,
            from_=from_address(endpoint, settings, party, self._network.interface(target.destinations[0])),
            to=target.to,
            contact=contact_address(endpoint, settings, local, party),
            destinations=target.destinations,
            routes=target.routes,
            sdp=session.media.offer(codecs or None),
        )
        session.begin(self._agent.outgoing(invite, profile_of(endpoint, settings), self.clock(), data=session))
        self._remember(session)
        self.changed()

    @property
    def options(self) -> Global:
        """The `global` section as it was last read; never blocks."""
        return self._settings.latest or Global(id="global")

    def _begin(self, received: RequestReceived, call: NewCall, session: CallSession) -> None:
        invite, now = session.invite, self.clock()
        if invite.state is State.DISCONNECTED:
            return  # cancelled before it began
        invite.trying(now)
        if call.offer is not None:
            try:
                session.media.answer(call.offer)
            except NegotiationFailed as error:
                invite.reject(error.status, now, _warning(error))
                return
            wire_media(session)
        decision = self._supplements.on_request(session, received)
        if decision.verdict in (Verdict.ANSWER, Verdict.REFUSE):
            invite.reject(decision.status, now, decision.headers, decision.phrase)
            _end_channel(session, cause_of_status(decision.status))

    # -- events

    def handle(self, event: Event) -> bool:
        """Give a call what the stack tells; return whether it was for one."""
        if self._behind and isinstance(event, RequestReceived | ResponseReceived):
            event = self._behind_nat(event)
        self.pump()  # an end is told before the answer to its BYE, with which the SIP session forgets the call
        is_ours = self._agent.handle(event, self.clock())
        self.pump()
        return is_ours

    def owns(self, received: RequestReceived) -> bool:
        """Tell whether a request belongs to a call."""
        return self._agent.belongs(received) is not None

    def next_deadline(self) -> float | None:
        """Return when `handle_deadline` has to be called."""
        return self._agent.next_deadline()

    def handle_deadline(self, now: float) -> None:
        """Let the timers of the calls run out that are due."""
        self._agent.handle_deadline(now)
        self.pump()

    def pump(self) -> None:
        """Give each call what happened to it, until nothing is left."""
        while (event := self._agent.next_event()) is not None:
            session, handler = event.session.data, self._handlers.get(type(event))
            if handler is not None and isinstance(session, CallSession):
                session.serializer.run(functools.partial(self._carry_out, handler, session, event))
            elif isinstance(event, happened.Challenged):
                event.session.give_up(self.clock())  # of a BYE, whose call was let go of

    def _carry_out(self, handler: Callable[..., Work], session: CallSession, *event: happened.SessionEvent) -> Work:
        """Let one thing happen to a call; one that a module fails at ends the call, and no other."""
        try:
            return handler(session, *event)
        except Exception as error:  # noqa: BLE001 - the next event is another call's
            _LOG.error("%s: a module failed", session.endpoint.id, exc_info=error)
            for request in event:
                if isinstance(request, happened.RequestInDialog):
                    session.invite.respond(request.received, 500, self.clock())
            self.fail(session, Cause.INTERWORKING)
            if not event:
                _end_channel(session, Cause.INTERWORKING)
            return None

    def _behind_nat(self, event: RequestReceived | ResponseReceived) -> RequestReceived | ResponseReceived:
        if isinstance(event, RequestReceived):
            call_id, tag = event.request.call_id, event.request.to.tag
        else:
            call_id, tag = event.response.call_id, event.response.from_.tag
        session = self._behind.get(f"{call_id}/{tag}")
        if session is None:
            return event
        dialog = session.invite.dialog
        has_routes = dialog is not None and bool(dialog.route_set)
        return rewrite_in_dialog(event, session.endpoint, has_routes=has_routes)

    # -- media

    def _on_offer(self, session: CallSession, event: happened.Offered) -> None:
        invite = session.invite
        if isinstance(event.received, RequestReceived):
            decision = self._supplements.on_request(session, event.received)
            if decision.verdict in (Verdict.ANSWER, Verdict.REFUSE):
                invite.refuse_offer(decision.status, self.clock(), decision.headers)
            if decision is not PASS:
                return
        self.answer_offer(session, event.sdp)

    def answer_offer(self, session: CallSession, sdp: bytes) -> None:
        """Answer the offer that waits, or refuse it; what was agreed before stays then."""
        media = session.media
        was_holding = media.remote_is_holding
        try:
            answer = media.answer(sdp, (session.peer is not None and session.peer.media.codecs) or None)
        except NegotiationFailed as error:
            session.invite.refuse_offer(error.status, self.clock(), _warning(error))
            return
        wire_media(session)
        session.invite.answer_offer(answer, self.clock())
        tell_hold(session, was_holding)
        direct_media.follow(session, self.clock())

    def _on_offer_wanted(self, session: CallSession, event: happened.OfferWanted) -> None:
        decision = self._supplements.on_request(session, event.received)
        if decision.verdict in (Verdict.ANSWER, Verdict.REFUSE):
            session.invite.refuse_offer(decision.status, self.clock(), decision.headers)
        if decision is PASS:
            every = self.options.all_codecs_on_empty_reinvite
            self._offer(session, all_codecs=every)

    def _offer(self, session: CallSession, *, all_codecs: bool) -> None:
        try:
            session.invite.answer_offer(session.media.offer(all_codecs=all_codecs), self.clock())
        except NegotiationFailed as error:
            session.invite.refuse_offer(500, self.clock())
            _LOG.warning("%s: nothing can be offered: %s", session.endpoint.id, error)

    def _on_answer(self, session: CallSession, event: happened.Answered) -> None:
        was_holding = session.media.remote_is_holding
        if self._apply(session, event.sdp):
            tell_hold(session, was_holding)
            session.fit_to_peer(self.clock())
            direct_media.follow(session, self.clock())
        elif session.media.formats:
            self._drop_offer(session, 200)
        else:
            self.fail(session, Cause.BEARERCAPABILITY_NOTAVAIL)

    def _on_offer_failed(self, session: CallSession, event: happened.OfferFailed) -> None:
        self._drop_offer(session, event.status)

    def _on_cancelled(self, session: CallSession, event: happened.Cancelled) -> None:
        self._supplements.cancelled(session)

    def _drop_offer(self, session: CallSession, status: int) -> None:
        session.media.withdraw()
        self._supplements.offer_failed(session, status)

    def _apply(self, session: CallSession, sdp: bytes) -> bool:
        """Take an answer; return whether it can be used."""
        try:
            session.media.apply(sdp)
        except NegotiationFailed as error:
            _LOG.warning("%s: the answer of the peer cannot be used: %s", session.endpoint.id, error)
            return False
        wire_media(session)
        return True

    # -- responses

    def _on_progress(self, session: CallSession, event: happened.Progressed) -> None:
        if event.sdp is not None:
            self._apply(session, event.sdp)
        self._supplements.on_response(session, event.response)

    def _on_accepted(self, session: CallSession, event: happened.Accepted) -> None:
        if event.sdp is not None:
            self._apply(session, event.sdp)
        session.media.settle()
        if session.media.formats:
            self._supplements.on_response(session, event.response)
        else:
            self.fail(session, Cause.BEARERCAPABILITY_NOTAVAIL)

    def _on_response(self, session: CallSession, event: happened.Rejected | happened.ResponseInDialog) -> None:
        self._supplements.on_response(session, event.response)

    def _on_redirected(self, session: CallSession, event: happened.Redirected) -> None:
        self._supplements.on_response(session, event.response)
        tell_redirect(session, event.contacts)

    async def _on_challenge(self, session: CallSession, event: happened.Challenged) -> None:
        headers: Fields = ()
        try:
            headers = await self._answer_challenge(session, event)
        except Exception as error:  # noqa: BLE001 - the request waits for an end
            _LOG.error("%s: a challenge cannot be answered", session.endpoint.id, exc_info=error)
        if headers:
            session.invite.authenticate(headers, self.clock())
        else:
            session.invite.give_up(self.clock())
        self.pump()
        self.changed()

    # -- requests in the dialog

    def _on_request(self, session: CallSession, event: happened.RequestInDialog) -> None:
        decision = self._supplements.on_request(session, event.received)
        if decision.verdict in (Verdict.ANSWER, Verdict.REFUSE):
            session.invite.respond(event.received, decision.status, self.clock(), decision.headers)
        elif decision is PASS:
            session.invite.respond(event.received, 501, self.clock())

    def _on_refresh(self, session: CallSession, event: happened.Refreshed) -> None:
        """Show what the peer tells of itself by the way: whom we speak with may be another now."""
        if isinstance(event.message, Response):
            self._supplements.on_response(session, event.message)
        else:
            self._supplements.on_request(session, RequestReceived(event.message, session.invite.peer, None))

    # -- messages on their way out

    def _filter(self, invite: InviteSession, message: Request | Response, destination: Address) -> Request | Response:
        session = invite.data
        if not isinstance(session, CallSession):
            return message
        name = self.options.user_agent
        if isinstance(message, Request):
            if name:
                message = message.with_headers(message.headers.with_added("User-Agent", name))
            return self._supplements.request(session, message, destination)
        if name:
            message = message.with_headers(message.headers.with_added("Server", name))
        return self._supplements.response(session, message, destination)

    # -- calls end

    def fail(self, session: CallSession, cause: int) -> None:
        """End a call that cannot go on."""
        if session.channel is not None:
            session.channel.post(HangupRequested(cause))
        reasons = reason_fields(cause, session.endpoint)
        session.invite.hangup(self.clock(), status_of_cause(cause), reasons)
        self.changed()

    def _on_end(self, session: CallSession, event: happened.Ended) -> None:
        session.media.close()
        _log_end(session, event)
        tell_end(session, event)
        self._supplements.ended(session)
        self._forget(session)
        session.is_over = True
        session.let_go()

    def _remember(self, session: CallSession) -> None:
        self._sessions.add(session)
        if session.endpoint.rewrite_contact:
            self._behind[session.invite.id] = session

    def _forget(self, session: CallSession) -> None:
        self._sessions.discard(session)
        self._behind.pop(session.invite.id, None)


def _end_channel(session: CallSession, cause: int) -> None:
    """End the channel of a call that failed as it began: no dialplan has it yet, so nobody else would."""
    if session.channel is not None:
        session.channel.hangup(cause)


def _log_end(session: CallSession, ended: happened.Ended) -> None:
    """Say why a call failed; that somebody hung up is a detail."""
    level = logging.DEBUG if ended.status == 200 else logging.INFO
    if _LOG.isEnabledFor(level):
        name = session.endpoint.id if session.channel is None else session.channel.name
        _LOG.log(level, "%s ended (%s, %d): %s", plain(name), ended.by, ended.status, plain(ended.reason))


def _warning(error: NegotiationFailed) -> Fields:
    return warning(error.text, error.code) if error.status != 500 else ()
