"""What a dial string means: from `PJSIP/…` to an endpoint, one of its contacts, and the addresses to try."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import attrs

from sorcery import SorceryError
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery.plain import plain
from sorcery_sip.address import Address
from sorcery_sip.errors import ParseError
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.modules.identity import user_part, with_user_phone
from sorcery_sip.modules.network import Network
from sorcery_sip.modules.path import routes_to
from sorcery_sip.modules.private_marks import TRANSPORT, unmarked
from sorcery_sip.modules.settings import Settings
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.technology import CannotCall

__all__ = ["Target", "Targets", "permanent_id"]

_NOT_IN_TO = ("transport", "maddr", "ttl", "lr")


@attrs.frozen(slots=True, kw_only=True)
class Target:
    """Where a call goes."""

    endpoint: Endpoint
    uri: SipUri
    """The Request-URI."""
    routes: tuple[NameAddr, ...]
    destinations: tuple[Address, ...]
    """To be tried in this order; there is at least one."""
    aor: Aor | None = None
    contact: Contact | None = None
    """None where a URI was dialed that no AOR of the endpoint knows."""

    @property
    def to(self) -> NameAddr:
        """The To of the call: the Request-URI without what To may not have (RFC 3261 19.1.1, table 1)."""
        params = self.uri.params
        for name in _NOT_IN_TO:
            params = params.without(name)
        return NameAddr(attrs.evolve(self.uri, port=None, params=params))


@attrs.frozen(slots=True)
class _Place:
    """A URI to call, and the contact it is of."""

    uri: str
    aor: Aor | None = None
    contact: Contact | None = None


class Targets:
    """Find out whom dial strings mean, as the stores say at that moment. Use it in the thread of the loop."""

    def __init__(self, sorcery: AsyncSorcery, settings: Settings, network: Network, clock: Callable[[], float]) -> None:
        """`clock` tells unix seconds."""
        self._sorcery, self._settings, self._network, self._clock = sorcery, settings, network, clock

    async def find(self, resource: str) -> Target:
        """Return whom `resource` means: `endpoint`, `endpoint/aors`, `endpoint/sip:uri`, `user@endpoint`.

        The first contact of the AORs is called, registered ones before permanent ones; `user@` puts another user into
        its URI. Waits for stores and name servers. Raises `CannotCall`.
        """
        name, _, location = resource.partition("/")
        try:
            user, endpoint = await self._endpoint(name)
            place = await self._place(endpoint, location)
        except SorceryError as error:
            raise CannotCall(Cause.NORMAL_TEMPORARY_FAILURE, f"{plain(resource)}: {error}") from error
        return await self._target(endpoint, place, user)

    async def dial_contacts(self, name: str, aors: str = "", user: str = "") -> str:
        """Return the dial string that calls every contact: of the AORs named, else of all of the endpoint.

        Empty where there is no contact, or no such endpoint; `user` goes before each. Raises `SorceryError`.
        """
        endpoint = await self._sorcery.retrieve_by_id(Endpoint, name)
        if endpoint is None:
            return ""
        prefix = f"PJSIP/{user}@{name}" if user else f"PJSIP/{name}"
        wanted = aors.split(",") if aors else endpoint.aors
        return "&".join([f"{prefix}/{place.uri}" for aor in wanted for place in await self._places(aor)])

    async def _endpoint(self, text: str) -> tuple[str, Endpoint]:
        """Return the user to call at an endpoint, and the endpoint: `text` names it, or what follows its first `@`."""
        settings, name = self._settings.latest, text
        if text and not (settings is not None and settings.disable_multi_domain):
            found = await self._sorcery.retrieve_by_id(Endpoint, text)
            if found is not None:
                return "", found
        user, at, rest = text.partition("@")
        if at:
            name = rest
        if not name:
            raise CannotCall(Cause.CHANNEL_UNACCEPTABLE, f"'PJSIP/{plain(text)}' names no endpoint")
        found = await self._sorcery.retrieve_by_id(Endpoint, name)
        if found is None:
            raise CannotCall(Cause.NO_ROUTE_DESTINATION, f"endpoint {plain(name)!r} does not exist")
        return user if at else "", found

    async def _place(self, endpoint: Endpoint, location: str) -> _Place:
        """Return the first contact of the AORs that are named, or what is a URI itself."""
        for aor in location.split(",") if location else endpoint.aors:
            places = await self._places(aor)
            if places:
                return places[0]
        if not location:
            aors = endpoint.aors
            what = f"no contact of its aors ({', '.join(aors)})" if aors else "no aors, and no URI was dialed"
            raise CannotCall(Cause.NO_ROUTE_DESTINATION, f"endpoint {endpoint.id!r} has {what}")
        for aor in endpoint.aors:
            for place in await self._places(aor):
                if place.uri == location:
                    return place
        return _Place(location)

    async def _places(self, name: str) -> list[_Place]:
        """Return the contacts of an AOR: those that are registered and have not expired, then permanent ones."""
        aor = await self._sorcery.retrieve_by_id(Aor, name.strip())
        if aor is None:
            return []
        now = self._clock()
        stored = await self._sorcery.retrieve_by_prefix(Contact, f"{aor.id};@")
        registered = [_Place(contact.uri, aor, contact) for contact in stored if contact.expiration_time > now]
        permanent = sorted((permanent_id(aor.id, uri), uri) for uri in aor.contact)
        return registered + [
            _Place(uri, aor, Contact(id=id, uri=uri, outbound_proxy=aor.outbound_proxy)) for id, uri in permanent
        ]

    async def _target(self, endpoint: Endpoint, place: _Place, user: str) -> Target:
        try:
            uri, transport = _request_uri(place.uri)
            routes = routes_to(endpoint, place.aor, place.contact)
        except ParseError as error:
            raise CannotCall(
                Cause.NO_ROUTE_DESTINATION, f"endpoint {endpoint.id!r} cannot be called: {plain(error.reason)}"
            ) from error
        if user:
            uri = attrs.evolve(uri, user=user_part(user))
        hop = routes[0].uri if routes and isinstance(routes[0].uri, SipUri) else uri
        destinations = await self._network.resolve(hop, transport or endpoint.transport)
        if not destinations:
            by = transport or endpoint.transport
            way = f"by transport {by!r}" if by else "by any UDP transport"
            raise CannotCall(
                Cause.NO_ROUTE_DESTINATION, f"endpoint {endpoint.id!r}: nothing leads to {plain(str(hop))} {way}"
            )
        return Target(
            endpoint=endpoint,
            uri=with_user_phone(uri, endpoint),
            routes=routes,
            destinations=destinations,
            aor=place.aor,
            contact=place.contact,
        )


def permanent_id(aor: str, uri: str) -> str:
    """Return the id of a permanent contact: the AOR, and the MD5 of the URI's text."""
    return f"{aor}@@{hashlib.md5(uri.encode('utf-8', 'surrogateescape'), usedforsecurity=False).hexdigest()}"


def _request_uri(text: str) -> tuple[SipUri, str]:
    """Return a contact's URI as it may leave the server, and the transport that its mark names, or an empty text.

    Raises `ParseError` for one that cannot be called.
    """
    uri = parse_uri(text.strip("<>"))
    if not isinstance(uri, SipUri):
        raise ParseError(f"{text!r} is no sip: or sips: URI")
    transport = uri.params.get(TRANSPORT) or ""
    params = unmarked(uri.params).without("method")
    return attrs.evolve(uri, params=params, headers=()), transport
