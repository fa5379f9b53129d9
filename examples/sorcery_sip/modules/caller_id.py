"""Caller id: who calls, taken from the first INVITE, and who is connected, told and learnt in the messages after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sorcery_sip.address import Address
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.modules.contract import CHANNEL_PRIORITY, PASS, Decision, SessionSupplement
from sorcery_sip.modules.identity import asserted_party, caller_of, line_of, told_by, with_identity
from sorcery_sip.pbx.events import ConnectedLine
from sorcery_sip.pbx.party import Party

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["CallerId", "Identified", "caller"]


@attrs.frozen(slots=True)
class Identified:
    """Whom the first INVITE of a call came from."""

    party: Party
    line: int | None = None
    """Originating line information (ANI II digits)."""


@attrs.frozen(slots=True)
class _Told:
    """Whom the first response to an INVITE told of."""

    party: Party


def caller(session: CallSession) -> Party:
    """Return who made an incoming call: whom its channel is created with."""
    found: Identified | None = session.remembered.get(Identified)
    return Party() if found is None else found.party


class CallerId(SessionSupplement):
    """Learn who calls and who answers, and tell the peer who it speaks with.

    The From of a call out is made before there is a message: see `identity.from_address`.
    """

    methods = frozenset({"INVITE", "UPDATE"})
    priority = CHANNEL_PRIORITY - 1000

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Remember the caller; later, let the channel know of another party at its end. Raises `HeaderError`."""
        request = received.request
        if request.to.tag is None:
            session.remembered[Identified] = Identified(caller_of(request, session.endpoint), line_of(request))
        else:
            _learn(session, request)
        return PASS

    def incoming_response(self, session: CallSession, response: Response) -> None:
        """Let the channel know who answers."""
        if response.status > 100:
            _learn(session, response)

    def outgoing_request(self, session: CallSession, request: Request, destination: Address) -> Request:
        """Add the identity of who is connected to INVITE and UPDATE."""
        channel, endpoint = session.channel, session.endpoint
        if channel is None or not (endpoint.send_pai or endpoint.send_rpid):
            return request
        headers = with_identity(
            request.headers,
            told_by(request),
            channel.connected,
            endpoint,
            is_caller=_is_caller(session),
        )
        return request.with_headers(headers)

    def outgoing_response(self, session: CallSession, response: Response, destination: Address) -> Response:
        """Add the identity of who is connected to answers to INVITE; without `send_connected_line` the first one's."""
        channel, endpoint = session.channel, session.endpoint
        if response.status == 100 or channel is None or not (endpoint.send_pai or endpoint.send_rpid):
            return response
        if response.cseq.method != "INVITE":
            return response
        party = channel.connected
        if not endpoint.send_connected_line:
            party = session.remembered.setdefault(_Told, _Told(party)).party
        headers = with_identity(response.headers, response.to, party, endpoint, is_caller=_is_caller(session))
        return response.with_headers(headers)


def _is_caller(session: CallSession) -> bool:
    """Tell whether we called; before the first INVITE is on its way there is no SIP session to ask."""
    return not (session.has_begun and session.invite.is_incoming)


def _learn(session: CallSession, message: Request | Response) -> None:
    endpoint, channel = session.endpoint, session.channel
    if channel is None or not (endpoint.trust_connected_line and endpoint.trust_id_inbound):
        return
    party = asserted_party(message)
    if party is not None and party.number_valid:
        party = attrs.evolve(party, tag=channel.caller.tag)
        if party != channel.caller:
            channel.post(ConnectedLine(party))
