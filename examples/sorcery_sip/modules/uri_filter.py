"""The URI filter: schemes, missing Contacts and private marks, before anybody asks whose the request is."""

from __future__ import annotations

import attrs

from sorcery import Sorcery
from sorcery.pjsip import Transport
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri, TelUri
from sorcery_sip.modules.contract import PASS, Decision, Incoming, refuse
from sorcery_sip.modules.private_marks import TRANSPORT, with_contacts, without_marks

__all__ = ["UriFilter", "UriGate"]

_MAY_BE_TEL = frozenset({"INVITE", "ACK", "BYE", "CANCEL"})
_NEED_CONTACT = frozenset({"INVITE", "SUBSCRIBE", "NOTIFY", "REFER", "UPDATE"})


class UriGate:
    """Refuse URIs that nothing here can serve."""

    def check(self, incoming: Incoming) -> Decision:
        """Return 416 for a scheme, 400 for a dialog without Contact. Raises `HeaderError`."""
        request = incoming.request
        uri = request.uri
        if not isinstance(uri, SipUri) and not (isinstance(uri, TelUri) and request.method in _MAY_BE_TEL):
            return refuse(
                416, f"URI filter: the Request-URI is {uri.scheme!r} in {request.method}; write sip: or sips:"
            )
        for name, address in (("From", request.from_), ("To", request.to)):
            if not isinstance(address.uri, SipUri | TelUri):
                return refuse(416, f"URI filter: {name} is {address.uri.scheme!r}; write sip:, sips: or tel:")
        if "Contact" not in request.headers:
            if request.method in _NEED_CONTACT:
                return refuse(
                    400, f"URI filter: {request.method} has no Contact header", phrase="Missing Contact header"
                )
            return PASS
        for contact in request.contacts:
            if not isinstance(contact.uri, SipUri):
                return refuse(416, f"URI filter: Contact is {contact.uri.scheme!r}; write sip: or sips:")
        return PASS


class UriFilter:
    """Remove private marks that came from outside, and set the mark of a symmetric transport."""

    def __init__(self, sorcery: Sorcery) -> None:
        self._sorcery = sorcery

    def apply(self, incoming: Incoming) -> Incoming:
        """Return the request that the other modules see; raises `Unavailable`."""
        request = self._marked(without_marks(incoming.request), incoming.source.transport)
        return incoming if request is incoming.request else attrs.evolve(incoming, request=request)

    def _marked(self, request: Request, name: str) -> Request:
        transport = self._sorcery.retrieve_by_id(Transport, name)
        if transport is None or not transport.symmetric_transport or not request.contacts:
            return request
        marked = (
            attrs.evolve(contact, uri=attrs.evolve(contact.uri, params=contact.uri.params.replace(TRANSPORT, name)))
            for contact in request.contacts
            if isinstance(contact.uri, SipUri)
        )
        return with_contacts(request, *marked)
