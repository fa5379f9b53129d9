"""Parameters named `x-ast-…`: marks that the server leaves in URIs for itself, and that never leave it."""

from __future__ import annotations

import attrs

from sorcery_sip.message.messages import Request
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.params import Params
from sorcery_sip.message.uri import SipUri, Uri

__all__ = ["ORIGINAL_HOST", "PREFIX", "TRANSPORT", "unmarked", "with_contacts", "without_marks"]

PREFIX = "x-ast-"
TRANSPORT = PREFIX + "txp"
"""The transport that leads back to a contact (`symmetric_transport`)."""
ORIGINAL_HOST = PREFIX + "orig-host"
"""Host and port that a Contact had before it was rewritten."""

_HEADERS = ("From", "To", "Contact")


def without_marks(request: Request) -> Request:
    """Return the request without the marks that its sender invented. Raises `HeaderError`."""
    uri = _unmarked_uri(request.uri)
    headers = request.headers
    if any(PREFIX in value.lower() for name in _HEADERS for value in headers.get_all(name)):
        headers = headers.with_set("From", str(_clean(request.from_))).with_set("To", str(_clean(request.to)))
        if not request.has_wildcard_contact:
            headers = headers.with_set("Contact", *(str(_clean(contact)) for contact in request.contacts))
    if uri is request.uri and headers is request.headers:
        return request
    return attrs.evolve(request, uri=uri, headers=headers)


def with_contacts(request: Request, *contacts: NameAddr) -> Request:
    """Return the request with other Contacts."""
    return request.with_headers(request.headers.with_set("Contact", *map(str, contacts)))


def unmarked(params: Params) -> Params:
    """Return parameters less the marks among them; the same object where there are none."""
    kept = tuple(item for item in params if not item[0].lower().startswith(PREFIX))
    return params if len(kept) == len(params) else Params(kept)


def _clean(address: NameAddr) -> NameAddr:
    params = unmarked(address.params)
    uri = _unmarked_uri(address.uri)
    return address if uri is address.uri and params is address.params else attrs.evolve(address, uri=uri, params=params)


def _unmarked_uri(uri: Uri) -> Uri:
    if not isinstance(uri, SipUri) or not uri.params:
        return uri
    params = unmarked(uri.params)
    return uri if params is uri.params else attrs.evolve(uri, params=params)
