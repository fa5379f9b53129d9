"""Systems that recipes are cooked in, and what is wrong with them afterwards."""

from __future__ import annotations

from pathlib import Path

from sorcery import Finding, Sorcery
from sorcery.checks.checking import apply_rules
from sorcery.checks.system import System
from sorcery.recipes import Bundle, create, transport

CERTIFICATES = Path(__file__).parents[2] / "data/certificates"
CERTIFICATE, KEY = str(CERTIFICATES / "long.pem"), str(CERTIFICATES / "long.key")
SOCKETS = (
    transport("udp"),
    transport("tls", protocol="tls", certificate=CERTIFICATE, key=KEY),
    transport("wss", protocol="wss"),
)


def system_with(*bundles: Bundle) -> Sorcery:
    """Return a system in memory with a transport of each kind, and bundles."""
    made = Sorcery.open("memory:")
    create(made, *SOCKETS, *bundles)
    return made


def findings(system: Sorcery) -> list[Finding]:
    """Return what `sorcery check` finds in the objects of a system."""
    audit = system.audit()
    return [*audit.faults(), *audit.dangling(), *apply_rules(System(sorcery=system, audit=audit))]
