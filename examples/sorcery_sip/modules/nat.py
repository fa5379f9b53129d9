"""Phones behind NAT: where to answer, and where they can really be reached."""

from __future__ import annotations

import attrs

from sorcery.pjsip import Endpoint
from sorcery_sip.errors import UriError
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.message.via import bracketed
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.private_marks import ORIGINAL_HOST, PREFIX, unmarked, with_contacts

__all__ = ["forces_rport", "rewrite_contact", "shown"]


def forces_rport(endpoint: Endpoint | None) -> bool:
    """Tell whether to answer to the source port even if Via has no `rport`; a stranger has the default."""
    return endpoint is None or endpoint.force_rport


def rewrite_contact(incoming: Incoming) -> Incoming:
    """Put the source in place of the first Contact's host and port, for a REGISTER and `rewrite_contact`.

    A host that differs rides along as a private mark with its port (0 for none), so that `shown` can give the phone
    its own value back. The text is Asterisk's to the letter: it names the contact in a store that both may use.
    """
    endpoint, request = incoming.endpoint, incoming.request
    if endpoint is None or not endpoint.rewrite_contact or request.method != "REGISTER" or not request.contacts:
        return incoming
    first, *others = request.contacts
    if not isinstance(first.uri, SipUri) or request.has_wildcard_contact:
        return incoming
    uri, source = first.uri, incoming.source
    host = bracketed(source.host)
    if (uri.host, uri.port) == (host, source.port):
        return incoming
    params = uri.params.without("transport")
    if uri.host != host:
        params = params.replace(ORIGINAL_HOST, f"{uri.host}:{uri.port or 0}")
    rewritten = attrs.evolve(uri, host=host, port=source.port, params=params)
    request = with_contacts(request, attrs.evolve(first, uri=rewritten), *others)
    return attrs.evolve(incoming, request=request)


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
