"""The supplements of calls, asked in order: what each does, `contract.SessionSupplement` says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sorcery_sip.address import Address
from sorcery_sip.errors import ParseError
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.modules.contract import PASS, Decision, SessionSupplement, Verdict
from sorcery_sip.modules.session import CallSession

__all__ = ["Supplements"]

_MOST_CHAINS = 256
"""Peers may invent methods without end."""


class Supplements:
    """Those of one server, those of lower priority first."""

    def __init__(self, supplements: Iterable[SessionSupplement] = ()) -> None:
        self._supplements = tuple(sorted(supplements, key=lambda each: each.priority))
        self._chains: dict[tuple[str, str], tuple[Any, ...]] = {}

    def on_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Return what the first decides that has something against a request of the peer, or takes it.

        A header that one needs and cannot read is refused.
        """
        try:
            for hook in self._chain("incoming_request", received.request.method):
                decision: Decision = hook(session, received)
                if decision is not PASS:
                    return decision
        except ParseError as error:
            return Decision(Verdict.REFUSE, error.status, f"message: {error.reason}")
        return PASS

    def on_response(self, session: CallSession, response: Response) -> None:
        """Show them a response of the peer."""
        for hook in self._chain("incoming_response", response.cseq.method):
            hook(session, response)

    def request(self, session: CallSession, request: Request, destination: Address) -> Request:
        """Return a request of ours as it shall be sent."""
        for hook in self._chain("outgoing_request", request.method):
            request = hook(session, request, destination)
        return request

    def response(self, session: CallSession, response: Response, destination: Address) -> Response:
        """Return a response of ours as it shall be sent."""
        for hook in self._chain("outgoing_response", response.cseq.method):
            response = hook(session, response, destination)
        return response

    def offer_failed(self, session: CallSession, status: int) -> None:
        """Tell them that an offer of ours came to nothing."""
        for hook in self._chain("offer_failed", "INVITE"):
            hook(session, status)

    def cancelled(self, session: CallSession) -> None:
        """Tell them that the peer took an INVITE back."""
        for hook in self._chain("cancelled", "INVITE"):
            hook(session)

    def ended(self, session: CallSession) -> None:
        """Tell them all that a call is over."""
        for supplement in self._supplements:
            supplement.ended(session)

    def _chain(self, hook: str, method: str) -> Sequence[Any]:
        """Return that hook of those that have it and are asked about the method."""
        found = self._chains.get((hook, method))
        if found is None:
            nothing = getattr(SessionSupplement, hook)
            found = tuple(
                getattr(each, hook)
                for each in self._supplements
                if (not each.methods or method in each.methods) and getattr(type(each), hook) is not nothing
            )
            if len(self._chains) < _MOST_CHAINS:
                self._chains[hook, method] = found
        return found
