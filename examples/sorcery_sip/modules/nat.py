"""Phones behind NAT: where to answer, where they can really be reached, and the address that they see of us."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import attrs

from sorcery.pjsip import Endpoint
from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError, UriError
from sorcery_sip.events import RequestReceived, ResponseReceived
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.message.via import bracketed
from sorcery_sip.modules.contract import LAST_PRIORITY, Incoming, SessionSupplement
from sorcery_sip.modules.network import Network
from sorcery_sip.modules.private_marks import ORIGINAL_HOST, PREFIX, unmarked, with_contacts

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["NatSupplement", "forces_rport", "rewrite_contact", "rewrite_in_dialog", "shown"]

M = TypeVar("M", Request, Response)

_LEARNT_FROM = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"})
"""Methods whose messages tell where later requests go."""


def forces_rport(endpoint: Endpoint | None) -> bool:
    """Tell whether to answer to the source port even if Via has no `rport`; a stranger has the default."""
    return endpoint is None or endpoint.force_rport


def rewrite_contact(incoming: Incoming) -> Incoming:
    """Put the source in place of the address that later requests would go to, where `rewrite_contact` says so.

    That is the first Record-Route of a request that makes a dialog, else its first Contact; of a REGISTER always the
    Contact.
    """
    endpoint, request = incoming.endpoint, incoming.request
    if endpoint is None or not endpoint.rewrite_contact:
        return incoming
    if request.method == "REGISTER":
        rewritten = _with_registered_contact(request, incoming.source)
    elif request.method in _LEARNT_FROM:
        rewritten = _with_source(request, incoming.source, nearest=0)
    else:
        return incoming
    return incoming if rewritten is request else attrs.evolve(incoming, request=rewritten)


def rewrite_in_dialog(
    event: RequestReceived | ResponseReceived, endpoint: Endpoint, *, has_routes: bool
) -> RequestReceived | ResponseReceived:
    """Do the same to a message of a call before the call sees it; the Contact stays where the dialog has routes.

    In a response the nearest Record-Route is the last one. A redirection keeps its Contacts, and so does a response
    with one that cannot be read, which the call judges. Raises `HeaderError` for such a request.
    """
    if not endpoint.rewrite_contact:
        return event
    if isinstance(event, RequestReceived):
        request = event.request
        if has_routes or request.method not in _LEARNT_FROM:
            return event
        request = _with_contact_at(request, event.source)
        return event if request is event.request else attrs.evolve(event, request=request)
    response = event.response
    if response.status >= 300 or response.cseq.method not in _LEARNT_FROM:
        return event
    if "Record-Route" in response.headers or not has_routes:
        with contextlib.suppress(HeaderError):
            response = _with_source(response, event.source, nearest=-1)
    return event if response is event.response else attrs.evolve(event, response=response)


class NatSupplement(SessionSupplement):
    """Let each peer see the address of ours that leads back from where it is; the last to touch a message.

    Via has it from the session; here Contact gets it, and the server's private marks go. `rport` is False where
    `disable_rport` keeps that parameter out of our Via.
    """

    priority = LAST_PRIORITY + 1

    def __init__(self, network: Network, *, rport: bool = True) -> None:
        self._network, self._rport = network, rport

    def outgoing_request(self, session: CallSession, request: Request, destination: Address) -> Request:
        """Put our address into Contact; take marks out of the Request-URI."""
        uri = request.uri
        if isinstance(uri, SipUri) and uri.params:
            params = unmarked(uri.params)
            if params is not uri.params:
                request = attrs.evolve(request, uri=attrs.evolve(uri, params=params))
        if not self._rport and "rport" in request.via.params:
            first, *others = request.vias
            first = attrs.evolve(first, params=first.params.without("rport"))
            request = request.with_headers(request.headers.with_set("Via", str(first), *map(str, others)))
        headers = self._with_own_contact(request.headers, destination)
        return request if headers is request.headers else request.with_headers(headers)

    def outgoing_response(self, session: CallSession, response: Response, destination: Address) -> Response:
        """Put our address into Contact, except for a redirection, whose Contacts are somebody else's."""
        if 300 <= response.status < 400:
            return response
        headers = self._with_own_contact(response.headers, destination)
        return response if headers is response.headers else response.with_headers(headers)

    def _with_own_contact(self, headers: Headers, destination: Address) -> Headers:
        text = headers.get("Contact")
        if text is None:
            return headers
        own = self._network.local(destination)
        place = f"{bracketed(own.host)}:{own.port}"
        if text.endswith((f"@{place}>", f":{place}>")):  # as nearly always: nothing is parsed
            return headers
        contact = NameAddr.parse(text)
        if not isinstance(contact.uri, SipUri):
            return headers
        uri = attrs.evolve(contact.uri, host=bracketed(own.host), port=own.port)
        return headers.with_set("Contact", str(attrs.evolve(contact, uri=uri)))


def _with_registered_contact(request: Request, source: Address) -> Request:
    """Return a REGISTER whose first Contact is where it came from.

    A host that differs rides along as a private mark with its port (0 for none), so that `shown` can give the phone
    its own value back. The text is Asterisk's to the letter: it names the contact in a store that both may use.
    """
    if not request.contacts or request.has_wildcard_contact:
        return request
    first, *others = request.contacts
    if not isinstance(first.uri, SipUri):
        return request
    uri, host = first.uri, bracketed(source.host)
    if (uri.host, uri.port) == (host, source.port):
        return request
    params = uri.params.without("transport")
    if uri.host != host:
        params = params.replace(ORIGINAL_HOST, f"{uri.host}:{uri.port or 0}")
    rewritten = attrs.evolve(uri, host=host, port=source.port, params=params)
    return with_contacts(request, attrs.evolve(first, uri=rewritten), *others)


def _with_source(message: M, source: Address, *, nearest: int) -> M:
    """Return a message that makes a dialog with its source as the nearest hop: a Record-Route, else the Contact."""
    routes = list(message.addresses("Record-Route"))
    if not routes:
        return _with_contact_at(message, source)
    changed = _at(routes[nearest], source)
    if changed is routes[nearest]:
        return message
    routes[nearest] = changed
    return message.with_headers(message.headers.with_set("Record-Route", *map(str, routes)))


def _with_contact_at(message: M, source: Address) -> M:
    if not message.contacts or message.has_wildcard_contact:
        return message
    first, *others = message.contacts
    changed = _at(first, source)
    if changed is first:
        return message
    return message.with_headers(message.headers.with_set("Contact", str(changed), *map(str, others)))


def _at(address: NameAddr, source: Address) -> NameAddr:
    """Return an address at another host and port; over UDP, which is the only transport, it names none."""
    uri, host = address.uri, bracketed(source.host)
    if not isinstance(uri, SipUri) or (uri.host, uri.port) == (host, source.port):
        return address
    moved = attrs.evolve(uri, host=host, port=source.port, params=uri.params.without("transport"))
    return attrs.evolve(address, uri=moved)


def shown(text: str) -> str:
    """Return a stored contact's URI as its owner knows it: the original host and port, no private marks.

    A stored text that is no SIP URI ends before its first mark.
    """
    if PREFIX not in text:
        return text
    uri = _sip_uri(text)
    if uri is None:
        return text.partition(f";{PREFIX}")[0]
    original = uri.params.get(ORIGINAL_HOST)
    uri = attrs.evolve(uri, params=unmarked(uri.params))
    if not original:
        return str(uri)
    host, port = _split_port(original)
    return str(attrs.evolve(uri, host=host, port=port))


def _sip_uri(text: str) -> SipUri | None:
    try:
        uri = parse_uri(text)
    except UriError:
        return None
    return uri if isinstance(uri, SipUri) else None


def _split_port(text: str) -> tuple[str, int | None]:
    """Divide `host:port`; a port of 0 was none, and colons in brackets belong to the address."""
    host, _, port = text.rpartition(":")
    return (host, int(port) or None) if host and port.isascii() and port.isdigit() else (text, None)
