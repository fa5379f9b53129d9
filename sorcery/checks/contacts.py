"""Addresses of record that lose bindings, or take none."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.pjsip import Aor

__all__ = ["RULES"]


@rule(
    "no-contact-possible",
    Severity.WARNING,
    what="An AOR that an endpoint names has no permanent contact, and `max_contacts` is 0, which is the default.",
    why="Every REGISTER is refused with 403, and calls to the endpoint find nobody.",
    mending="Write `max_contacts=1` or more, or `contact=` for a device that does not register.",
)
def no_contact_possible(system: System) -> Iterator[Fault]:
    used = system.users_of_aors
    for aor in system.all(Aor):
        if aor.max_contacts == 0 and not aor.contact and aor.id in used:
            yield Fault(
                problem="it takes no registration and has no permanent contact",
                remedy="write max_contacts=1 or more, or contact=sip:…",
                obj=aor,
                option="max_contacts",
            )


@rule(
    "locked-out",
    Severity.WARNING,
    what="An AOR takes one contact and neither `remove_existing` nor `remove_unavailable` makes room.",
    why="A phone that restarts, or whose NAT gives it another port, is refused with 403 until the old binding expires.",
    mending="Write `remove_existing=yes`.",
)
def locked_out(system: System) -> Iterator[Fault]:
    for aor in system.all(Aor):
        if aor.max_contacts == 1 and not aor.remove_existing and not aor.remove_unavailable:
            yield Fault(
                problem="a device that comes back from another address is refused until its old contact expires",
                remedy="write remove_existing=yes",
                obj=aor,
                option="max_contacts",
            )


@rule(
    "evicting-aor",
    Severity.WARNING,
    what="More endpoints register at an AOR than it takes contacts, and `remove_existing` drops the oldest.",
    why="Each registration throws another device's binding out without a word, and calls ring at some of them only.",
    mending="Raise `max_contacts` to the number of devices, or give each endpoint its own AOR.",
)
def evicting_aor(system: System) -> Iterator[Fault]:
    for id, users in system.users_of_aors.items():
        aor = system.by_id(Aor).get(id)
        if aor is not None and aor.remove_existing and 0 < aor.max_contacts < len(users):
            yield Fault(
                problem=f"{len(users)} endpoints share it, and each registration drops another one's contact",
                remedy=f"write max_contacts={len(users)}, or give each endpoint its own aor",
                obj=aor,
                option="max_contacts",
            )


@rule(
    "blind-removal",
    Severity.WARNING,
    what="`remove_unavailable` without `qualify_frequency`.",
    why="Nothing tells that a contact is unavailable, so nothing is ever removed, and new devices are refused.",
    mending="Write `qualify_frequency=60`, or `remove_existing=yes`.",
)
def blind_removal(system: System) -> Iterator[Fault]:
    for aor in system.all(Aor):
        if aor.remove_unavailable and not aor.qualify_frequency:
            yield Fault(
                problem="nothing tells which contacts are unavailable: qualify_frequency is 0",
                remedy="write qualify_frequency=60",
                obj=aor,
                option="remove_unavailable",
            )


@rule(
    "crossed-expirations",
    Severity.WARNING,
    what="`minimum_expiration` is above `maximum_expiration`, or `default_expiration` lies outside the two.",
    why="Asterisk does not compare them: what a phone is granted depends on which of the two it meets first.",
    mending="Let minimum, default and maximum grow in this order.",
)
def crossed_expirations(system: System) -> Iterator[Fault]:
    for aor in system.all(Aor):
        least, usual, most = aor.minimum_expiration, aor.default_expiration, aor.maximum_expiration
        if least <= usual <= most:
            continue
        option = "minimum_expiration" if least > most else "default_expiration"
        yield Fault(
            problem=f"minimum {least}, default {usual} and maximum {most} are not in order",
            remedy="write minimum_expiration <= default_expiration <= maximum_expiration",
            obj=aor,
            option=option,
        )


RULES = (no_contact_possible, locked_out, evicting_aor, blind_removal, crossed_expirations)
