"""Transports that cannot open their sockets, for another one has the address."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.pjsip import Transport

__all__ = ["RULES"]

LISTENING = frozenset({"udp", "tcp", "tls"})
"""The protocols that open a socket of their own; WebSockets come in by the HTTP server."""


@rule(
    "address-taken",
    Severity.ERROR,
    what="Two transports of one protocol listen on one address, or one of UDP on an address and one on all of them.",
    why="The second one is refused: there is no such transport, and what names it sends nothing.",
    mending="Give it another port, or remove one of the two.",
)
def address_taken(system: System) -> Iterator[Fault]:
    before: dict[tuple[str, int, int], list[Transport]] = {}
    for transport in sorted(system.all(Transport), key=lambda each: _order(system, each)):
        address, port = transport.bind.address, transport.bind.port
        if transport.protocol not in LISTENING or address is None or port is None:
            continue
        others = before.setdefault((transport.protocol, address.version, port), [])
        if taker := next((each for each in others if _meet(each, transport)), None):
            yield Fault(
                problem=f"the transport {taker.id!r} listens on {taker.bind} already, by {taker.protocol} too",
                remedy="write another port, or remove one of the two",
                obj=transport,
                option="bind",
                value=transport.bind.text,
            )
        else:
            others.append(transport)


def _order(system: System, transport: Transport) -> tuple[str, int, str]:
    """Return where a transport stands: of one file the first comes first."""
    place = system.place(transport)
    return (place.source, place.line or 0, transport.id) if place else ("", 0, transport.id)


def _meet(one: Transport, other: Transport) -> bool:
    """Tell whether two transports of one protocol and port cannot both listen."""
    addresses = one.bind.address, other.bind.address
    return addresses[0] == addresses[1] or (
        one.protocol == "udp" and any(address is not None and address.is_unspecified for address in addresses)
    )


RULES = (address_taken,)
