"""What the Domain Name System says: addresses, and where dnspython is installed SRV and NAPTR records too."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Protocol

import attrs

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver as DnsResolver

__all__ = ["DnsNames", "Names", "Naptr", "Srv", "SystemNames", "name_service"]


@attrs.frozen(slots=True)
class Srv:
    """A server of a service (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str
    """Without the dot at its end; empty where the service is decidedly not available."""


@attrs.frozen(slots=True)
class Naptr:
    """Where the SRV records of one transport lie (RFC 3263 4.1)."""

    order: int
    preference: int
    service: str
    replacement: str


class Names(Protocol):
    """Answers questions about names; a name that is not known has no answers."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the IP addresses of a host."""

    async def srv(self, name: str) -> tuple[Srv, ...]:
        """Return the SRV records of a name."""

    async def naptr(self, domain: str) -> tuple[Naptr, ...]:
        """Return the NAPTR records of a domain that lead to SRV records."""


class SystemNames:
    """Ask as every program does, the hosts file included: for addresses alone."""

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Return the addresses in the system's order of preference; a thread waits for them."""
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):  # UnicodeError: a label that no name can have
            return ()
        return tuple(dict.fromkeys(str(answer[4][0]).partition("%")[0] for answer in answers))

    async def srv(self, name: str) -> tuple[Srv, ...]:
        """Return none: the system's resolver knows addresses only."""
        return ()

    async def naptr(self, domain: str) -> tuple[Naptr, ...]:
        """Return none: the system's resolver knows addresses only."""
        return ()


class DnsNames(SystemNames):
    """Ask name servers for SRV and NAPTR records; for addresses the system, which knows the hosts file."""

    def __init__(self, resolver: DnsResolver) -> None:
        self._resolver = resolver

    async def srv(self, name: str) -> tuple[Srv, ...]:
        """Return the SRV records; none as well where no name server answers within its time."""
        return tuple(
            Srv(record.priority, record.weight, record.port, record.target.to_text(omit_final_dot=True).rstrip("."))
            for record in await self._ask(name, "SRV")
        )

    async def naptr(self, domain: str) -> tuple[Naptr, ...]:
        """Return the NAPTR records with flag `s`; none as well where no name server answers within its time."""
        return tuple(
            Naptr(
                record.order,
                record.preference,
                record.service.decode("ascii", "replace").upper(),
                record.replacement.to_text(omit_final_dot=True),
            )
            for record in await self._ask(domain, "NAPTR")
            if record.flags.lower() == b"s"
        )

    async def _ask(self, name: str, kind: str) -> list[Any]:
        from dns.exception import DNSException

        try:
            return list(await self._resolver.resolve(name, kind))
        except (DNSException, OSError, UnicodeError):
            return []


def name_service() -> Names:
    """Return who answers here: name servers where dnspython and a configuration for it are there, else the system."""
    try:
        from dns.asyncresolver import Resolver as DnsResolver
        from dns.resolver import NoResolverConfiguration
    except ImportError:
        return SystemNames()
    try:
        return DnsNames(DnsResolver())
    except NoResolverConfiguration:
        return SystemNames()
