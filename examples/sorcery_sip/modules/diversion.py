"""Who passed a call on: Diversion (RFC 5806) and History-Info (RFC 7044), read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.params import Params
from sorcery_sip.message.quoting import quote, unquote
from sorcery_sip.message.simple import TOKEN
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import CHANNEL_PRIORITY, PASS, Decision, SessionSupplement
from sorcery_sip.modules.identity import party_of, told_by, with_party
from sorcery_sip.pbx.events import RedirectingChanged
from sorcery_sip.pbx.party import Party, Redirecting

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["Diversion", "redirecting_of_request", "redirecting_of_response"]

_CAUSES = {
    "user-busy": 486,
    "no-answer": 408,
    "unavailable": 503,
    "unconditional": 302,
    "deflection": 480,
}
"""What History-Info says of a reason; 404 of all others."""
_OTHER_CAUSE = 404
_REASONS = {str(cause): reason for reason, cause in _CAUSES.items()} | {"487": "deflection"}
_UNKNOWN = "unknown"


@attrs.frozen(slots=True)
class _Told:
    """What headers tell: who passed the call on, why, and where History-Info says it went."""

    by: Party
    reason: str
    to: Party | None = None


class _ToldCaller:
    """The caller was told that its call was passed on."""


class Diversion(SessionSupplement):
    """Let the channel know who passed a call on, and tell the peer."""

    methods = frozenset({"INVITE"})
    priority = CHANNEL_PRIORITY + 100

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Take it from the first INVITE."""
        channel = session.channel
        if channel is not None and received.request.to.tag is None:
            channel.redirecting = redirecting_of_request(received.request) or channel.redirecting
        return PASS

    def incoming_response(self, session: CallSession, response: Response) -> None:
        """Take it from 181, which the other leg is told of, and from 302, which whoever follows it tells."""
        channel = session.channel
        if channel is None or response.status not in (181, 302):
            return
        redirecting = redirecting_of_response(response, channel.caller)
        if response.status == 181:
            channel.post(RedirectingChanged(redirecting))
        else:
            channel.redirecting = redirecting

    def outgoing_request(self, session: CallSession, request: Request, destination: Address) -> Request:
        """Tell the called party who passed the call on."""
        channel = session.channel
        headers = _with_histinfo(request.headers)
        if channel is not None:
            redirecting = channel.redirecting
            if redirecting.count and session.endpoint.send_diversion:
                headers = _with_diversion(headers, told_by(request), redirecting.from_, redirecting.reason)
            if session.endpoint.send_history_info:
                headers = _with_history(headers, request.to, redirecting)
        return request.with_headers(headers)

    def outgoing_response(self, session: CallSession, response: Response, destination: Address) -> Response:
        """Tell the caller in 181 and 3xx where the call goes; what follows a 181 repeats it."""
        if response.status == 181:
            session.remembered[_ToldCaller] = True
        elif not 300 <= response.status < 400 and _ToldCaller not in session.remembered:
            return response
        channel = session.channel
        headers = _with_histinfo(response.headers)
        if channel is not None:
            redirecting = channel.redirecting
            if redirecting.count and session.endpoint.send_diversion:
                headers = _with_diversion(headers, response.from_, redirecting.to, redirecting.reason)
            if session.endpoint.send_history_info:
                headers = _with_history(headers, response.to, redirecting)
        return response.with_headers(headers)


def redirecting_of_request(request: Request) -> Redirecting | None:
    """Return who passed the call on, why, and to whom, None when nobody did; headers that cannot be read tell nothing.

    Raises `HeaderError` for a To that cannot be read.
    """
    told = _told(request.headers)
    return None if told is None else Redirecting(told.by, told.to or party_of(request.to), told.reason, 1)


def redirecting_of_response(response: Response, called: Party) -> Redirecting:
    """Return what a 181 or 302 of the party `called` says. Raises `HeaderError`.

    A 302 was passed on by whom its Diversion names, else by `called`, to its Contact. A 181 comes from a server that
    passed the call on itself: its To is who was called first, its Diversion who is called now; why is not told.
    """
    told, to = _told(response.headers), party_of(response.to)
    if response.status == 181:
        return Redirecting(to, told.by if told else Party(), _UNKNOWN, 1)
    by = told.by if told is not None else called if called.number_valid else to
    target = party_of(response.contacts[0]) if response.contacts else to
    return Redirecting(by, target, told.reason if told else _UNKNOWN, 1)


def _told(headers: Headers) -> _Told | None:
    """Read Diversion, else History-Info: its entry of index 1 passed the call on to its last other one, if any."""
    try:
        diversions = headers.parsed("Diversion", NameAddr.parse)
        if diversions:
            return _Told(party_of(diversions[0]), _plain(diversions[0].params.get("reason")) or _UNKNOWN)
        entries = headers.parsed("History-Info", NameAddr.parse)
    except HeaderError:
        return None
    first = next((entry for entry in entries if entry.params.get("index") == "1"), None)
    last = next((entry for entry in reversed(entries) if entry.params.get("index") not in (None, "1")), None)
    if first is None or last is None:
        return None
    cause = last.uri.params.get("cause") if isinstance(last.uri, SipUri) else None
    return _Told(party_of(first), _REASONS.get(cause or "", _UNKNOWN), party_of(last))


def _plain(value: str | None) -> str:
    return unquote(value[1:-1]) if value and value.startswith('"') else value or ""


def _with_histinfo(headers: Headers) -> Headers:
    """Say that History-Info is understood."""
    supported = headers.get("Supported")
    if supported is not None and "histinfo" in supported:
        return headers
    return headers.with_set("Supported", f"{supported}, histinfo" if supported else "histinfo")


def _with_diversion(headers: Headers, base: NameAddr, party: Party, reason: str) -> Headers:
    """Tell a party, on the URI of `base`; one without a valid number is not told."""
    if not party.number_valid:
        return headers
    token = reason if TOKEN.fullmatch(reason) else quote(reason)
    return headers.with_set(
        "Diversion", str(attrs.evolve(with_party(base, party), params=Params((("reason", token),))))
    )


def _with_history(headers: Headers, to: NameAddr, redirecting: Redirecting) -> Headers:
    """Tell from whom the call came to whom, on the URI of To; of a call that nobody passed on, the To alone."""
    address = with_party(to, redirecting.from_) if redirecting.from_.number_valid else to
    entries = [_entry(address, "1")]
    if redirecting.to.number_valid:
        address = with_party(to, redirecting.to)
        if isinstance(address.uri, SipUri):
            cause = str(_CAUSES.get(redirecting.reason, _OTHER_CAUSE))
            params = address.uri.params.replace("cause", cause)
            address = attrs.evolve(address, uri=attrs.evolve(address.uri, params=params))
        entries.append(_entry(address, "1.1"))
    return headers.with_set("History-Info", *entries)


def _entry(address: NameAddr, index: str) -> str:
    return str(attrs.evolve(address, params=Params((("index", index),))))
