"""What a configuration makes a server do all the time."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import MOST_QUALIFIES, System
from sorcery.findings import Severity
from sorcery.pjsip import Aor

__all__ = ["RULES"]


@rule(
    "qualify-load",
    Severity.WARNING,
    what="All AORs together ask for more OPTIONS requests a second than a stated rate, "
    f"{MOST_QUALIFIES:g} unless `--qualify-rate` says another.",
    why="Each is a transaction with a timer, and an answer that is looked up; a server that only just keeps up falls "
    "behind when a network breaks and all of them are repeated.",
    mending="Raise `qualify_frequency`, or leave it out where phones keep their NAT open themselves.",
)
def qualify_load(system: System) -> Iterator[Fault]:
    rates = {aor.id: _rate(aor) for aor in system.all(Aor) if aor.qualify_frequency}
    total = sum(rates.values())
    if total <= system.most_qualifies:
        return
    hungriest = max(rates, key=lambda id: rates[id])
    yield Fault(
        problem=f"{len(rates)} AORs ask for {total:.0f} OPTIONS requests a second when all their contacts are there, "
        f"more than {system.most_qualifies:g}; this one asks for {rates[hungriest]:.3g}",
        remedy="raise qualify_frequency",
        obj=system.by_id(Aor)[hungriest],
        option="qualify_frequency",
    )


def _rate(aor: Aor) -> float:
    """Return the requests a second of an AOR whose contacts are all there."""
    return (len(aor.contact) + aor.max_contacts) / aor.qualify_frequency


RULES = (qualify_load,)
