"""Which stores of a type take a change, and which files: `[writes]` in `sorcery.conf`, which Asterisk never reads."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table
from typing import Final

import attrs

from sorcery.errors import ConfigurationError
from sorcery.findings import Finding, Severity
from sorcery.kinds import FALSE_WORDS, TRUE_WORDS, is_true
from sorcery.place import Place

__all__ = ["Policy", "Scope", "names_file", "parse_permission", "parse_policy", "unread_policies"]

REMEDY = "write all, first, or one of them with ,repair and with one of ,fail ,wait=SECONDS ,queue"
CONFIRMED: Final = ("contact",)
"""Types whose changes somebody is told of as done: a phone that hears 200 OK is registered."""
WAIT: Final = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?", re.ASCII)


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
    wait: float = 0.0
    """Seconds for which a change waits for stores that do not answer; then it is `Unavailable`."""
    queue: bool = False
    """A change whose stores do not answer is kept in a file, and carried out when they do."""
    place: Place | None = attrs.field(default=None, eq=False)

    def __str__(self) -> str:
        words = [self.scope.value, "repair" if self.repair else "", "queue" if self.queue else ""]
        return ",".join(filter(None, [*words, f"wait={self.wait:g}" if self.wait else ""]))


def parse_policy(type_name: str, text: str, place: Place | None = None) -> Policy:
    """Return the policy of `type = all|first[,repair][,fail|wait=SECONDS|queue]`; raises `ConfigurationError`."""
    scope, *options = (word.strip() for word in text.split(","))

    def refused(reason: str, remedy: str = REMEDY) -> ConfigurationError:
        return ConfigurationError(f"[writes] {type_name}={text}: {reason}", place=place, remedy=remedy)

    if scope not in (known.value for known in Scope):
        raise refused(f"{scope!r} is no policy")
    outages = [each for each in options if each in ("fail", "queue") or each.startswith("wait=")]
    rest = [each for each in options if each not in outages]
    if rest not in ([], ["repair"]):
        raise refused(f"{','.join(rest)!r} is no option of a policy")
    if len(outages) > 1:
        raise refused(f"{' and '.join(outages)} exclude one another")
    if "queue" in outages and type_name in CONFIRMED:
        reason = "a registration is confirmed when it is stored, and not before"
        raise refused(reason, "write wait=SECONDS, or nothing")
    wait = outages[0].removeprefix("wait=") if outages and outages[0].startswith("wait=") else "0"
    if not WAIT.fullmatch(wait):
        raise refused(f"{wait!r} is no number of seconds", "write wait=2, or wait=0.5")
    return Policy(Scope(scope), bool(rest), float(wait), "queue" in outages, place)


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
