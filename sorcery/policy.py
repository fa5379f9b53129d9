"""Which stores of a type take a change: `[writes]` in `sorcery.conf` says it, a section that Asterisk never reads."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table

import attrs

from sorcery.errors import ConfigurationError
from sorcery.findings import Finding, Severity
from sorcery.place import Place

__all__ = ["Policy", "Scope", "parse_policy", "unread_policies"]

REMEDY = "write all, first, or one of them with ,repair"


class Scope(enum.Enum):
    """How many of the writable stores a change goes to."""

    ALL = "all"
    """Every one, as in Asterisk."""
    FIRST = "first"
    """The first one; what exists is changed in the first one that holds it."""


@attrs.frozen(slots=True)
class Policy:
    """How the changes of one type are spread over its writable stores."""

    scope: Scope = Scope.ALL
    repair: bool = False
    """A store that is asked for an update and lacks the object, which another one holds, gets it created."""
    place: Place | None = attrs.field(default=None, eq=False)

    def __str__(self) -> str:
        return f"{self.scope.value},repair" if self.repair else self.scope.value


def parse_policy(type_name: str, text: str, place: Place | None = None) -> Policy:
    """Return the policy of a line `type = all|first[,repair]`; raises `ConfigurationError`."""
    scope, *options = (word.strip() for word in text.split(","))
    if scope not in (known.value for known in Scope):
        raise ConfigurationError(f"[writes] {type_name}={text}: {scope!r} is no policy", place=place, remedy=REMEDY)
    if options not in ([], ["repair"]):
        raise ConfigurationError(
            f"[writes] {type_name}={text}: {','.join(options)!r} is no option of a policy", place=place, remedy=REMEDY
        )
    return Policy(Scope(scope), bool(options), place)


def unread_policies(policies: Table[str, Policy], types: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each policy of a name that is no object type here."""
    for name, policy in policies.items():
        if name not in types:
            yield Finding(
                severity=Severity.WARNING,
                rule="policy-without-type",
                message=f"[writes] {name}={policy}: there is no object type {name!r}, so nothing is written by it",
                remedy=f"use one of: {', '.join(sorted(types))}",
                place=policy.place,
            )
