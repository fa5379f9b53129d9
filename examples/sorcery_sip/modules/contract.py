"""What modules are made of: a request on its way, the decision about it, and the places where a module plugs in."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Protocol

import attrs

from sorcery.pjsip import Endpoint
from sorcery_sip.address import Address
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request, Response

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = [
    "CHANNEL_PRIORITY",
    "DROP",
    "FIRST_PRIORITY",
    "LAST_PRIORITY",
    "PASS",
    "Authenticator",
    "Decision",
    "EndpointIdentifier",
    "Fields",
    "Gate",
    "Incoming",
    "RequestHandler",
    "SessionSupplement",
    "Taker",
    "Verdict",
    "answer",
    "challenge",
    "refuse",
    "take",
]

FIRST_PRIORITY = 0
CHANNEL_PRIORITY = 1_000_000
"""The supplement that makes the channel; what has to be known before stands below, what needs the channel above."""
LAST_PRIORITY = 2_000_000_000
"""The supplement that starts the PBX."""

Fields = tuple[tuple[str, str], ...]
"""Header fields of a response: names and values."""


class Verdict(enum.Enum):
    """What a module wants to become of a request."""

    PASS = "the next module decides"
    ANSWER = "answer it, and repeats of it alike"
    REFUSE = "answer and forget it"
    CHALLENGE = "ask for credentials and forget it"
    RENEW = "ask for the same credentials over a fresh nonce and forget it"
    DROP = "no answer"
    TAKE = "whoever takes it answers it, in the thread of the sockets"


@attrs.frozen(slots=True)
class Decision:
    """A verdict, the response that goes with it, and the reason, which is for people: it is logged, never sent."""

    verdict: Verdict
    status: int = 0
    reason: str = ""
    headers: Fields = ()
    phrase: str | None = None
    """Stands in the status line in place of the registered one."""
    take: Taker | None = None
    """Who takes the request: with `Verdict.TAKE` of a request handler. A supplement that takes one needs none."""


PASS = Decision(Verdict.PASS)
DROP = Decision(Verdict.DROP, reason="an ACK gets no answer")


def answer(status: int, reason: str, headers: Fields = ()) -> Decision:
    """Return the decision to answer for good."""
    return Decision(Verdict.ANSWER, status, reason, headers)


def refuse(status: int, reason: str, headers: Fields = (), phrase: str | None = None) -> Decision:
    """Return the decision to refuse: `reason` names the step, and the option or header that decided."""
    return Decision(Verdict.REFUSE, status, reason, headers, phrase)


def take(taker: Taker | None, reason: str) -> Decision:
    """Return the decision that `taker` answers; a supplement, which answers by its session, gives None."""
    return Decision(Verdict.TAKE, reason=reason, take=taker)


def challenge(verdict: Verdict, reason: str, headers: Fields) -> Decision:
    """Return the decision to ask for credentials, for the first time or again: no failure."""
    return Decision(verdict, 401, reason, headers)


@attrs.frozen(slots=True)
class Incoming:
    """A request on its way through the modules."""

    request: Request
    source: Address
    """Where it really came from, and the name of the transport that took it in."""
    now: float
    """When it came, in unix seconds."""
    endpoint: Endpoint | None = None
    """Whom it was identified as; None for a stranger, who is challenged and always fails."""
    identity: str = "not identified yet"
    """How the endpoint was found, or why none was; for the log."""


class Gate(Protocol):
    """Checks each request before anybody asks whose it is."""

    def check(self, incoming: Incoming, /) -> Decision:
        """Return `PASS` to let it in; may block, raises `Unavailable`."""


class EndpointIdentifier(Protocol):
    """One way to tell whose a request is."""

    name: str
    """As `endpoint_identifier_order` writes it."""

    def identify(self, incoming: Incoming, /) -> Endpoint | None:
        """Return the endpoint, or None to let the next one try; may block, raises `Unavailable`."""


class Authenticator(Protocol):
    """Proves that a request comes from the endpoint it was identified as; there is one."""

    def authenticate(self, incoming: Incoming, /) -> Decision:
        """Return `PASS` once it is proved, or needs no proof; may block, raises `Unavailable`."""


class RequestHandler(Protocol):
    """An application of requests outside dialogs."""

    priority: int
    """The handler of the lowest number is asked first."""

    def handle(self, incoming: Incoming, /) -> Decision:
        """Return anything but `PASS` to claim the request; may block, raises `SorceryError`."""


class Taker(Protocol):
    """Carries on with a request that a handler accepted."""

    def begin(self, received: RequestReceived, incoming: Incoming, /) -> None:
        """Answer it now or later; called in the thread of the sockets, must not block."""


class SessionSupplement:
    """What one module does about the messages of calls; hooks that it does not need do nothing.

    Every hook is called in the thread of the event loop, supplements of lower priority first, and must not block.
    """

    methods: frozenset[str] = frozenset()
    """The methods of the messages it is called for; empty for all."""
    priority: int = CHANNEL_PRIORITY

    def incoming_request(self, session: CallSession, received: RequestReceived, /) -> Decision:
        """Look at a request of the call, the first INVITE or one in its dialog; anything but `PASS` ends the chain.

        An answer or refusal is sent; with `Verdict.TAKE` the supplement answers later, through `session.invite`.
        """
        return PASS

    def incoming_response(self, session: CallSession, response: Response, /) -> None:
        """Look at a response to a request of ours; what it says of media is done already."""

    def outgoing_request(self, session: CallSession, request: Request, destination: Address, /) -> Request:
        """Return the request as it shall be sent; `session` has no SIP session yet when it is the first INVITE."""
        return request

    def outgoing_response(self, session: CallSession, response: Response, destination: Address, /) -> Response:
        """Return the response as it shall be sent."""
        return response

    def offer_failed(self, session: CallSession, status: int, /) -> None:
        """Learn that an offer of ours in the call came to nothing: what was agreed before stays.

        `status` is that of the refusal; 200 where the peer accepted, but its answer cannot be used.
        """

    def cancelled(self, session: CallSession, /) -> None:
        """Learn that the peer took an INVITE back; what it wanted needs no answer any more."""

    def ended(self, session: CallSession, /) -> None:
        """Let go of what belongs to the call: it is over."""
