"""What a rule is: what it looks for, why that is a fault, and how it is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.objects import Object
from sorcery.place import Place

__all__ = ["Fault", "Find", "Rule", "rule"]


@attrs.frozen(slots=True, kw_only=True)
class Fault:
    """What a rule says of one spot; whoever runs the rule makes a finding of it."""

    problem: str
    """What is wrong; the object and the option are named in front of it."""
    remedy: str
    obj: Object | None = None
    option: str = ""
    value: str = ""
    """The offending text; that of the option unless given, and nothing for a secret."""
    place: Place | None = None
    """Where it stands; that of the option unless given."""
    type_name: str = ""
    id: str = ""


Find = Callable[[System], Iterable[Fault]]


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Rule:
    """One entry of the table of rules."""

    id: str
    """Stable across releases: suppressions and other programs name it."""
    severity: Severity
    what: str
    """What is found."""
    why: str
    """What comes of it."""
    mending: str
    find: Find | None = None
    """Finds it in a whole system; None for what reading, building or asking a store tells by itself."""


def rule(id: str, severity: Severity, *, what: str, why: str, mending: str) -> Callable[[Find], Rule]:
    """Make a rule of the function that finds its faults."""

    def make(find: Find) -> Rule:
        return Rule(id=id, severity=severity, what=what, why=why, mending=mending, find=find)

    return make
