"""The way to a contact: outbound proxies, and the Path that its REGISTER came along (RFC 3327)."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.quoting import split_list
from sorcery_sip.message.uri import parse_uri

__all__ = ["parse_routes", "routes_to"]


def routes_to(endpoint: Endpoint, aor: Aor | None, contact: Contact | None) -> tuple[NameAddr, ...]:
    """Return the Route set of a request: the outbound proxy, then the Path where the AOR supports it.

    The proxy is the endpoint's, else the contact's. Raises `ParseError` for one that is no route.
    """
    proxy = endpoint.outbound_proxy or (contact.outbound_proxy if contact is not None else "")
    path = contact.path if contact is not None and aor is not None and aor.support_path else ""
    return (*parse_routes(proxy), *parse_routes(path))


def parse_routes(text: str) -> Iterator[NameAddr]:
    """Yield the routes in a text; the parameters of a URI without brackets are its own. Raises `ParseError`."""
    for element in split_list(text):
        yield NameAddr.parse(element) if "<" in element else NameAddr(parse_uri(element.strip()))
