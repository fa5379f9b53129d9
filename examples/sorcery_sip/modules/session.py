"""A call as the modules see it, and the handler of the INVITEs that begin one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from sorcery.pjsip import Aor, Contact, Endpoint, Global, Transport
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.uri import SipUri, TelUri
from sorcery_sip.modules.contract import PASS, Decision, Incoming, answer, refuse, take
from sorcery_sip.modules.extensions import Extensions
from sorcery_sip.modules.invite_checks import check_invite, check_parts
from sorcery_sip.modules.names import Names
from sorcery_sip.modules.options import ALLOW
from sorcery_sip.modules.sdp_hosts import read_offer
from sorcery_sip.modules.serializer import Serializer
from sorcery_sip.modules.settings import Settings
from sorcery_sip.pbx.dialplan.model import Match
from sorcery_sip.sdp import SessionDescription
from sorcery_sip.session.profile import Profile

if TYPE_CHECKING:
    from sorcery_sip.modules.media_session import MediaSession
    from sorcery_sip.pbx.channel import Channel
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["CallSession", "Caller", "NewCall", "SessionHandler", "profile_of"]


@attrs.define(slots=True, eq=False, kw_only=True)
class CallSession:
    """One leg of a call: the SIP session, its media and its channel, made with one endpoint object.

    The endpoint is the one of the call's beginning, whatever a reload makes of it meanwhile.
    """

    endpoint: Endpoint
    settings: Settings
    media: MediaSession
    transport: Transport | None
    """The section of the socket that the call came in on, or goes out by."""
    channel: Channel | None = None
    """None before there is one."""
    aor: Aor | None = None
    """Of an outgoing call, where it was dialed by one."""
    contact: Contact | None = None
    """Of an outgoing call, where it was dialed by one."""
    exten: str = ""
    """The extension an incoming call is for."""
    peer: CallSession | None = None
    """The call that this one is joined to."""
    serializer: Serializer = attrs.field(factory=Serializer)
    remembered: dict[type[Any], Any] = attrs.field(factory=dict)
    """What supplements remember about the call, each by a type of its own."""
    is_over: bool = False
    """Whether the SIP session has ended, and everybody was told."""
    _invite: InviteSession | None = None

    @property
    def invite(self) -> InviteSession:
        """The SIP session. An outgoing call has none before it begins: raises `LookupError`."""
        if self._invite is None:
            raise LookupError("the call has not begun")
        return self._invite

    @property
    def has_begun(self) -> bool:
        """Whether there is a SIP session yet."""
        return self._invite is not None

    def begin(self, invite: InviteSession) -> None:
        """Take the SIP session, once there is one."""
        self._invite = invite

    def fit_to_peer(self, now: float) -> None:
        """Ask a caller for another codec who agreed on none of the party it is joined to: nothing is transcoded."""
        media, peer = self.media, self.peer
        if peer is None or not self.invite.is_incoming:
            return
        if media.formats and peer.media.formats and not media.shares_codec(peer.media):
            self.invite.modify(now, lambda: media.offer(peer.media.codecs))

    def let_go(self) -> None:
        """Part from the channel and the SIP session once both are over: else they are a circle, which is freed late.

        A challenge to our BYE still finds the call where the endpoint can answer it, until the BYE was answered.
        """
        if self.is_over and (self.channel is None or self.channel.is_over):
            self.channel = None
            if not (self.endpoint.outbound_auth and self.invite.is_parting):
                self.invite.data = None


class Caller(Protocol):
    """Who takes calls in the thread of the sockets."""

    def accept(self, call: NewCall, received: RequestReceived, incoming: Incoming, /) -> None:
        """Begin a call that passed all checks."""


@attrs.frozen(slots=True)
class NewCall:
    """A call that passed all checks."""

    calls: Caller
    exten: str
    offer: SessionDescription | None

    def begin(self, received: RequestReceived, incoming: Incoming) -> None:
        """Begin it; called in the thread of the sockets."""
        self.calls.accept(self, received, incoming)


class SessionHandler:
    """Judge INVITEs outside dialogs: what can be told without the call's own state (RFC 3261 13.3.1)."""

    priority = 300

    def __init__(self, names: Names, extensions: Extensions, calls: Caller) -> None:
        self._names, self._extensions, self._calls = names, extensions, calls

    def handle(self, incoming: Incoming) -> Decision:
        """Refuse an INVITE, or let the call begin; looks up host names in its offer. Raises `HeaderError`."""
        request, endpoint = incoming.request, incoming.endpoint
        if request.method != "INVITE" or endpoint is None:
            return PASS
        offers: list[SessionDescription] = []
        decision = check_invite(request, endpoint, lambda sdp: offers.append(read_offer(sdp)))
        if decision is not PASS:
            return decision
        exten = self._exten(incoming)
        refusal = exten if isinstance(exten, Decision) else self._missing(incoming, endpoint, exten)
        if refusal is PASS:
            refusal = check_parts(request)
        if refusal is not PASS or isinstance(exten, Decision):
            return refusal
        reason = f"session: extension {exten!r} in context {endpoint.context!r}"
        return take(NewCall(self._calls, exten, offers[0] if offers else None), reason)

    def _exten(self, incoming: Incoming) -> str | Decision:
        uri = incoming.request.uri
        if not isinstance(uri, SipUri | TelUri):
            return refuse(416, f"session: the Request-URI is {uri.scheme!r}; write sip:, sips: or tel:")
        return self._names.user_and_domain(uri)[0] or "s"

    def _missing(self, incoming: Incoming, endpoint: Endpoint, exten: str) -> Decision:
        """Return `PASS` for an extension that exists, else 484 where more digits would make one, or 404."""
        caller = endpoint.callerid.number or self._names.user_and_domain(incoming.request.from_.uri)[0]
        if self._extensions.exists(endpoint.context, exten, caller) is Match.EXISTS:
            return PASS
        context = endpoint.overlap_context or endpoint.context
        if endpoint.allow_overlap and self._extensions.exists(context, exten, caller) is not Match.NO:
            return answer(484, f"session: extension {exten!r} in context {context!r} is not complete")
        return answer(404, f"session: no extension {exten!r} in context {endpoint.context!r}")


def profile_of(endpoint: Endpoint, settings: Global) -> Profile:
    """Return how sessions with an endpoint behave."""
    return _profile(
        endpoint.rel100,
        endpoint.timers,
        endpoint.timers_min_se,
        endpoint.timers_sess_expires,
        endpoint.redirect_method,
        endpoint.follow_early_media_fork,
        endpoint.accept_multiple_sdp_answers,
        settings.max_forwards,
    )


@functools.lru_cache(maxsize=256)  # most endpoints say the same
def _profile(
    rel100: Any, timers: Any, least: int, expires: int, redirect: Any, forks: bool, answers: bool, max_forwards: int
) -> Profile:
    return Profile(
        rel100=rel100,
        timers=timers,
        min_se=least,
        session_expires=expires,
        redirect_method=redirect,
        follow_early_media_fork=forks,
        accept_multiple_sdp_answers=answers,
        allow=ALLOW,
        supported=(),
        max_forwards=max_forwards,
    )
