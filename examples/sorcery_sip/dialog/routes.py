"""Route sets: by which hops a request goes to its target (RFC 3261 12.1, 12.2.1.1, 16.12)."""

from __future__ import annotations

import attrs

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri

__all__ = ["RouteSet", "recorded_routes", "routed", "target_of"]

RouteSet = tuple[NameAddr, ...]


def recorded_routes(message: Request | Response) -> RouteSet:
    """Return the Record-Routes of a message in the order in which its receiver uses them.

    That is the order of a request and the reverse of a response. Raises `HeaderError`, also for a hop that is neither
    `sip:` nor `sips:`.
    """
    routes = message.addresses("Record-Route")
    for route in routes:
        if not isinstance(route.uri, SipUri):
            raise HeaderError("Record-Route", str(route), "write a sip: or sips: URI")
    return routes if isinstance(message, Request) else routes[::-1]


def target_of(message: Request | Response) -> SipUri | None:
    """Return the URI of the first Contact, None where there is none; `*` is none.

    Raises `HeaderError`, also for a Contact that is neither `sip:` nor `sips:`.
    """
    contacts = message.contacts
    if not contacts:
        return None
    uri = contacts[0].uri
    if not isinstance(uri, SipUri):
        raise HeaderError("Contact", str(contacts[0]), "write a sip: or sips: URI")
    return _bare(uri)


def routed(target: SipUri, routes: RouteSet) -> tuple[SipUri, RouteSet]:
    """Return the Request-URI and the Routes of a request to `target`.

    A first hop without `lr` finds its own address in the Request-URI, and the target as the last Route.
    """
    if routes:
        first = routes[0].uri
        if isinstance(first, SipUri) and "lr" not in first.params:
            return _bare(first), (*routes[1:], NameAddr(target))
    return target, routes


def _bare(uri: SipUri) -> SipUri:
    """Return a URI as it may stand in a request line: without headers."""
    return attrs.evolve(uri, headers=()) if uri.headers else uri
