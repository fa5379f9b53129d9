"""Values in tables that Asterisk's drivers take for something else."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.pjsip import Aor, Contact

__all__ = ["RULES"]

WILDCARDS = "%_"


@rule(
    "wildcard-id",
    Severity.WARNING,
    what="The id of an AOR holds `_` or `%`, and contacts lie in a database.",
    why="Asterisk looks contacts up with LIKE and does not escape the id: those of `axb` ring when `a_b` is called.",
    mending="Give the AOR an id without them.",
)
def wildcard_id(system: System) -> Iterator[Fault]:
    if all(mapping.wizard != "realtime" for mapping in system.sorcery.mappings(Contact)):
        return
    for aor in system.all(Aor):
        if any(char in aor.id for char in WILDCARDS):
            yield Fault(
                problem="its contacts are looked up with LIKE, and those of others are found too",
                remedy="give it an id without _ and %",
                obj=aor,
            )


RULES = (wildcard_id,)
