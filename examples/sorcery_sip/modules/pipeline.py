"""From a request to its answer: the modules in their order, and what becomes of their errors.

gates → identification → endpoint ACL → NAT → authentication → request handlers
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence

import attrs

from sorcery import InvalidObject, SorceryError, Unavailable
from sorcery.pjsip import Global
from sorcery_sip.errors import ParseError
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Response
from sorcery_sip.message.reply import reply
from sorcery_sip.modules.contract import (
    DROP,
    PASS,
    Authenticator,
    Decision,
    Fields,
    Gate,
    Incoming,
    RequestHandler,
    Taker,
    Verdict,
    refuse,
    take,
)
from sorcery_sip.modules.endpoint_acl import EndpointAcl
from sorcery_sip.modules.identification import Identification
from sorcery_sip.modules.nat import forces_rport, rewrite_contact
from sorcery_sip.modules.private_marks import without_marks
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.silence import Silences
from sorcery_sip.modules.uri_filter import UriFilter
from sorcery_sip.stack import Stack

__all__ = ["RETRY_AFTER", "Pipeline", "Result"]

RETRY_AFTER = 5
"""Seconds after which a client may try again what a store could not answer."""

_LOG = logging.getLogger(__name__)
_LEVELS = {
    Verdict.ANSWER: logging.INFO,
    Verdict.REFUSE: logging.WARNING,
    Verdict.CHALLENGE: logging.DEBUG,
    Verdict.RENEW: logging.INFO,
    Verdict.DROP: logging.DEBUG,
    Verdict.TAKE: logging.INFO,
}


@attrs.frozen(slots=True)
class Result:
    """What to do with a request that was received: hand it to `taker`, else send `response`, or forget it."""

    received: RequestReceived
    response: Response | None
    stateless: bool
    force_rport: bool = False
    incoming: Incoming | None = None
    taker: Taker | None = None

    def hand_to(self, stack: Stack, now: float) -> None:
        """Do it in the stack that received the request; `now` is in seconds of its clock.

        Raises `ValueError`, and changes nothing, where a text in the response holds a line end, and what the taker
        raises.
        """
        transaction = self.received.transaction
        if self.taker is not None and self.incoming is not None:
            self.taker.begin(self.received, self.incoming)
        elif self.response is None:
            stack.abandon(self.received)
        elif self.stateless or transaction is None:
            stack.respond_statelessly(self.received, self.response, force_rport=self.force_rport)
        else:
            stack.respond(transaction, self.response, now, force_rport=self.force_rport)


def _by_priority(handlers: Iterable[RequestHandler]) -> tuple[RequestHandler, ...]:
    return tuple(sorted(handlers, key=lambda handler: handler.priority))


@attrs.frozen(slots=True, kw_only=True)
class Pipeline:
    """The modules of one server. Runs in any thread, and in several at once; blocks on sorcery's stores."""

    settings: Settings
    gates: Sequence[Gate]
    uri_filter: UriFilter
    identification: Identification
    endpoint_acl: EndpointAcl
    authenticator: Authenticator
    handlers: Sequence[RequestHandler] = attrs.field(converter=_by_priority)
    clock: Callable[[], float] = time.time
    silences: Silences = attrs.field(factory=Silences)

    def run(self, received: RequestReceived) -> Result:
        """Decide about a request and log why. Raises nothing: whatever fails becomes an answer."""
        incoming, silent = Incoming(received.request, received.source, self.clock()), ""
        try:
            incoming, decision = self._decide(incoming)
        except Exception as error:  # noqa: BLE001 - the next request is somebody else's
            decision, silent = _failure(error), _silent(error)
        if received.request.method == "ACK":
            decision, silent = DROP, ""  # whoever refused it (RFC 3261 17)
        self._log(incoming, decision, silent)
        return self._result(received, incoming, decision)

    def admit(self, received: RequestReceived, gates: Sequence[Gate], taker: Taker) -> Result:
        """Decide about a request of a call, which has an endpoint already and needs no proof; blocks as the gates do.

        Raises nothing.
        """
        incoming, silent = Incoming(received.request, received.source, self.clock()), ""
        try:
            decisions = (gate.check(incoming) for gate in gates)
            decision = next((each for each in decisions if each is not PASS), None)
            request = without_marks(received.request)
            if request is not received.request:
                incoming = attrs.evolve(incoming, request=request)
        except Exception as error:  # noqa: BLE001 - the next request is somebody else's
            decision, silent = _failure(error), _silent(error)
        if decision is None:
            return self._result(received, incoming, take(taker, "session: a request of a call"))
        if received.request.method == "ACK":
            decision, silent = DROP, ""
        self._log(incoming, decision, silent)
        return self._result(received, incoming, decision)

    def _log(self, incoming: Incoming, decision: Decision, silent: str) -> None:
        """Write one line per request, but of a store that is silent not one for each that is refused for that."""
        if silent:
            self.silences.refused(silent, _line(incoming, decision), incoming.now)
            return
        level = logging.ERROR if decision.status in (500, 503) else _LEVELS.get(decision.verdict, logging.DEBUG)
        if _LOG.isEnabledFor(level):
            _LOG.log(level, "%s", _line(incoming, decision))
        self.silences.answered(incoming.now)

    def _decide(self, incoming: Incoming) -> tuple[Incoming, Decision]:
        for gate in self.gates:
            decision = gate.check(incoming)
            if decision is not PASS:
                return incoming, decision
        incoming = self.identification.identify(self.uri_filter.apply(incoming))
        incoming = rewrite_contact(self.endpoint_acl.apply(incoming))
        decision = self.authenticator.authenticate(incoming)
        if decision is not PASS:
            return incoming, decision
        for handler in self.handlers:
            decision = handler.handle(incoming)
            if decision is not PASS:
                break
        return incoming, decision

    def _result(self, received: RequestReceived, incoming: Incoming, decision: Decision) -> Result:
        if decision.verdict is Verdict.TAKE:
            return Result(received, None, stateless=False, incoming=incoming, taker=decision.take)
        if decision.verdict in (Verdict.DROP, Verdict.PASS):
            return Result(received, None, stateless=True)
        headers = decision.headers + _server(self.settings.latest)
        response = reply(incoming.request, decision.status, decision.phrase, headers=headers)
        return Result(received, response, decision.verdict is not Verdict.ANSWER, forces_rport(incoming.endpoint))


def _server(settings: Global | None) -> Fields:
    """Return the Server header, none while the `global` section could not be read: every answer must be possible."""
    return (("Server", settings.user_agent),) if settings and settings.user_agent else ()


def _failure(error: Exception) -> Decision:
    """Turn an error into an answer: a store that cannot tell is neither 404 nor 401."""
    if isinstance(error, Unavailable):
        return refuse(503, f"store: {error}", (("Retry-After", str(RETRY_AFTER)),))
    if isinstance(error, InvalidObject):
        return refuse(500, f"stored object: {error}")
    if isinstance(error, SorceryError):
        return refuse(500, f"store: {error}")
    if isinstance(error, ParseError):
        return refuse(error.status, f"message: {error.reason}")
    _LOG.error("a module failed", exc_info=error)
    return refuse(500, f"a module failed: {type(error).__name__}")


def _silent(error: Exception) -> str:
    """Return which store does not answer, where that is what an error tells."""
    return error.store if isinstance(error, Unavailable) else ""


def _line(incoming: Incoming, decision: Decision) -> str:
    """Tell of a request: what was asked, the answer, which step decided and why."""
    outcome = "taken" if decision.verdict is Verdict.TAKE else decision.status or "no answer"
    request = incoming.request
    line = f"{request.method} {request.to.uri} from {incoming.source}: {outcome}, {decision.reason}"
    # what a stranger writes must neither steer a terminal nor break the log's encoding
    return line if line.isprintable() else line.encode("unicode_escape").decode()
