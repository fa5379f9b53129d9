"""Which socket leads to a peer, which address of ours it is to see, and where media is offered (RFC 3261 18.1.1)."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence

import attrs

from sorcery.pjsip import Endpoint, Transport
from sorcery.pjsip.kinds.networks import Network as LocalNetwork
from sorcery.pjsip.kinds.networks import parse_address
from sorcery_sip.address import Address
from sorcery_sip.message.uri import SipUri
from sorcery_sip.message.via import bracketed
from sorcery_sip.modules.resolver import HostPort, Resolver, ip_version

__all__ = ["Listening", "MediaAddress", "Network", "is_outside"]

_FAR = {4: "192.0.2.1", 6: "2001:db8::1"}
"""Addresses that only a default route leads to: they tell which of ours the world sees."""
_KEPT = 60.0
_MOST_KEPT = 4096


@attrs.frozen(slots=True)
class Listening:
    """An open socket: what it is bound to, and its section as it stands now."""

    address: Address
    """Its `transport` is the name of the section."""
    settings: Transport


@attrs.frozen(slots=True)
class MediaAddress:
    """Where media is received: the address to bind to, empty for any, and the one that SDP tells the peer."""

    bind: str
    shown: str

    @property
    def is_ipv6(self) -> bool:
        """Whether sockets are bound to an IPv6 address."""
        return ":" in (self.bind or self.shown)


class Network:
    """Know the ways to peers and the addresses of ours on them; nothing but `resolve` waits.

    `listening` returns the open sockets by name, another mapping after each change. Use it in the thread of the loop.
    """

    def __init__(
        self,
        listening: Callable[[], Mapping[str, Listening]],
        resolver: Resolver,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._listening, self._resolver, self._clock = listening, resolver, clock
        self._sockets: Mapping[str, Listening] = {}
        self._local: dict[tuple[str, str], Address] = {}
        """Our address as a peer at (transport, host) is to see it."""
        self._stale_at = 0.0

    def route(self, uri: SipUri, transport: str | None = None) -> Address | None:
        """Return where a request to `uri` goes: by the socket `transport` where one is named and open.

        None when no socket leads there, or a name has to be looked up: that begins, and the next question finds it.
        """
        found = self._resolver.known(uri)
        if found is None:
            self._resolver.ask(uri)
            return None
        return next(iter(self._reachable(found, transport)), None)

    async def resolve(self, uri: SipUri, transport: str = "") -> tuple[Address, ...]:
        """Return the addresses to try for `uri`, in order; none when nothing leads there. Waits for name servers."""
        return tuple(self._reachable(await self._resolver.resolve(uri), transport))

    def local(self, destination: Address) -> Address:
        """Return the address that a peer is to see of us: the external one where it is outside of `local_net`."""
        key = destination.transport, destination.host
        sockets = self._listening()
        if sockets is not self._sockets or self._clock() >= self._stale_at or len(self._local) > _MOST_KEPT:
            self._sockets, self._stale_at = sockets, self._clock() + _KEPT
            self._local.clear()
        found = self._local.get(key)
        if found is None:
            found = self._local[key] = self._shown(destination)
        return found

    def interface(self, destination: Address) -> str:
        """Return the IP address of ours that the way to a peer begins at, whatever it sees of us."""
        listening = self._listening().get(destination.transport)
        if listening is None:
            return _interface_to(destination.host) or "127.0.0.1"
        return self._interface(listening.address, destination.host)

    def settings(self, transport: str) -> Transport | None:
        """Return the section of an open socket, None when it is closed."""
        listening = self._listening().get(transport)
        return None if listening is None else listening.settings

    def media(self, endpoint: Endpoint, destination: Address, *, ipv6: bool | None = None) -> MediaAddress:
        """Return where the endpoint's media is received that is signalled to `destination`.

        Without `media_address` that is the address of SIP itself, or of another family where `ipv6` asks for it and
        there is one.
        """
        listening = self._listening().get(destination.transport)
        own, fixed = endpoint.media_address, endpoint.media_address if endpoint.bind_rtp_to_media_address else ""
        if not own and listening is not None:
            own = self._interface(listening.address, destination.host)
            if not _is_wildcard(listening.address.host):
                fixed = own
            if ipv6 is not None and (ip_version(own) == 6) is not ipv6:
                other = _interface_to(_FAR[6 if ipv6 else 4])
                own, fixed = (other, "") if other else (own, fixed)
        return MediaAddress(fixed if ip_version(fixed) else "", self.shown_media(own, destination))

    def shown_media(self, host: str, destination: Address) -> str:
        """Return what SDP to `destination` says in place of `host`: `external_media_address`, where that counts.

        It counts for a peer outside of `local_net`, and an address that lies inside.
        """
        settings = self.settings(destination.transport)
        if settings is None or not settings.external_media_address or not is_outside(settings, destination.host):
            return host
        if settings.local_net and is_outside(settings, host):
            return host
        return self._literal(settings.external_media_address)

    def _reachable(self, found: Sequence[HostPort], transport: str | None) -> list[Address]:
        names = ((self._socket_to(host, transport), host, port) for host, port in found)
        return [Address(host, port, name) for name, host, port in names if name is not None]

    def _socket_to(self, host: str, transport: str | None) -> str | None:
        """Return the socket that leads to an address: the one asked for, else the first of the family."""
        sockets, version = self._listening(), ip_version(host)
        if transport:
            wanted = sockets.get(transport)
            return transport if wanted is not None and ip_version(wanted.address.host) == version else None
        fitting = [name for name, each in sockets.items() if ip_version(each.address.host) == version]
        if len(fitting) > 1:
            own = _interface_to(host)
            exact = [name for name in fitting if sockets[name].address.host == own]
            fitting = exact or [name for name in fitting if _is_wildcard(sockets[name].address.host)] or fitting
        return fitting[0] if fitting else None

    def _shown(self, destination: Address) -> Address:
        listening = self._listening().get(destination.transport)
        if listening is None:
            return Address(self.interface(destination), 5060, destination.transport)
        bound, settings = listening.address, listening.settings
        if is_outside(settings, destination.host):
            external = settings.external_signaling_hostname or self._literal(settings.external_signaling_address)
            if external:
                return Address(external, settings.external_signaling_port or bound.port, bound.transport)
        return Address(self._interface(bound, destination.host), bound.port, bound.transport)

    def _interface(self, bound: Address, host: str) -> str:
        """Return the address that packets to `host` leave from by a socket of ours."""
        return (_interface_to(host) or bound.host) if _is_wildcard(bound.host) else bound.host

    def _literal(self, host: str) -> str:
        """Return the address of a host; its name while that has not been looked up."""
        if not host or parse_address(host) is not None:
            return host
        uri = SipUri(bracketed(host), port=1)
        known = self._resolver.known(uri)
        if known is None:
            self._resolver.ask(uri)
        return known[0].host if known else host


def is_outside(settings: Transport, host: str) -> bool:
    """Tell whether a peer is outside of `local_net`; without one everybody is. A name counts as outside."""
    networks: tuple[LocalNetwork, ...] = settings.local_net
    address = parse_address(host)
    if address is None:
        return True
    return next((network.inverted for network in reversed(networks) if network.holds(address)), True)


def _is_wildcard(host: str) -> bool:
    return host in ("0.0.0.0", "::")


def _interface_to(host: str) -> str:
    """Return the address of ours that the way to `host` begins at, empty without a way; nothing is sent."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0]).partition("%")[0]
