"""What another release of Asterisk does not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity

__all__ = ["RULES", "TYPES_SINCE"]

_STIR = ("18.22.0", "20.7.0", "21.2.0")
_OUTBOUND = ("20.15.0", "21.10.0", "22.5.0")
TYPES_SINCE: Mapping[str, tuple[str, ...]] = {
    "stir_shaken/attestation": _STIR,
    "stir_shaken/verification": _STIR,
    "stir_shaken/profile": _STIR,
    "stir_shaken/tn": _STIR,
    "ari/outbound_websocket": _OUTBOUND,
    "websocket_client": _OUTBOUND,
    "chan_websocket/global": ("20.18.0", "22.8.0", "23.2.0"),
}
"""The first release of each branch that has a type, for types that came after Asterisk 20.0."""


@rule(
    "type-unknown-to-target",
    Severity.ERROR,
    what="A section is of a type that the release named by `--target` does not have.",
    why="That release makes nothing of it.",
    mending="Remove the section, or run a release that knows it.",
)
def type_unknown_to_target(system: System) -> Iterator[Fault]:
    if system.target is None:
        return
    for name, since in TYPES_SINCE.items():
        if system.target.knows(since):
            continue
        for obj in system.all(system.sorcery.types[name]):
            yield Fault(
                problem=f"{system.target} has no type {name}: it came with {_releases(since)}",
                remedy="remove it, or run a release that knows it",
                obj=obj,
            )


@rule(
    "unknown-to-target",
    Severity.ERROR,
    what="A line has an option that the release named by `--target` does not know.",
    why="That release refuses the whole object for it.",
    mending="Remove the line, or run a release that knows it.",
)
def unknown_to_target(system: System) -> Iterator[Fault]:
    if system.target is None:
        return
    for line in system.lines():
        option = line.object_type.option(line.variable.key)
        if option is None or system.target.knows(option.since):
            continue
        if not system.target.knows(TYPES_SINCE.get(line.object_type.name, ())):
            continue  # that is told of the object
        yield Fault(
            problem=f"{line.object_type.name} {line.section.name!r}, option {option.name}: {system.target} does not "
            f"know it and refuses the object; it came with {_releases(option.since)}",
            remedy="remove the line, or run a release that knows it",
            place=line.place,
            type_name=line.object_type.name,
            id=line.section.name,
            option=line.variable.key,
        )


def _releases(since: tuple[str, ...]) -> str:
    return ", ".join(since)


RULES = (type_unknown_to_target, unknown_to_target)
