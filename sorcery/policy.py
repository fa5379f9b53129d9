"""Which stores of a type take a change, and which files: `[writes]` in `sorcery.conf`, which Asterisk never reads."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table

import attrs

from sorcery.errors import ConfigurationError
from sorcery.findings import Finding, Severity
from sorcery.kinds import FALSE_WORDS, TRUE_WORDS, is_true
from sorcery.place import Place

__all__ = ["Policy", "Scope", "names_file", "parse_permission", "parse_policy", "unread_policies"]

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


def names_file(name: str) -> bool:
    """Tell whether a line of `[writes]` is about a file, as in `pjsip.conf = yes`: no object type has a dot."""
    return "." in name


def parse_permission(file: str, text: str, place: Place | None = None) -> bool:
    """Return whether a line `file = yes|no` lets the file's objects be written; raises `ConfigurationError`."""
    if text.lower() not in TRUE_WORDS | FALSE_WORDS:
        reason = f"[writes] {file}={text}: {text!r} is neither yes nor no"
        raise ConfigurationError(reason, place=place, remedy=f"write {file} = yes, or remove the line")
    return is_true(text)


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
