"""What a check would say of new objects, told while whoever makes them is there."""

from __future__ import annotations

from collections.abc import Iterable

from sorcery import Finding, InvalidObject, Mapping, Object, Sorcery
from sorcery.checks import tables
from sorcery.checks.checking import apply_rules
from sorcery.checks.system import System
from sorcery.environment import Environment
from sorcery.references import references

__all__ = ["advice"]


def advice(system: Sorcery, objects: Iterable[Object]) -> list[Finding]:
    """Return what rules find in objects by themselves: weak passwords, options that do not go together; ids for tables.

    Looks at nothing else but what they refer to, so the size of the system does not count. Blocks on its stores;
    raises `Unavailable`.
    """
    known = {(obj.__sorcery__.name, obj.id): obj for obj in objects}
    for obj in tuple(known.values()):
        for _, type_name, id in references(obj):
            found = None if (type_name, id) in known else _readable(system, type_name, id)
            if found is not None:
                known[type_name, id] = found
    around = Environment(secrets=system.environment.secrets)
    with Sorcery(around, types=system.types.values(), fallback=_in_memory) as alone:
        with alone.transaction() as transaction:
            for obj in known.values():
                transaction.create(obj)
        audit = alone.audit()
        told = list(apply_rules(System(sorcery=alone, audit=audit)))
        return told + list(apply_rules(System(sorcery=system, audit=audit), tables.RULES))


def _in_memory(type: type[Object]) -> Mapping:
    return Mapping(type.__sorcery__.name, "memory")


def _readable(system: Sorcery, type_name: str, id: str) -> Object | None:
    try:
        found: Object | None = system.retrieve_by_id(type_name, id)
    except InvalidObject:
        return None  # of what is stored there a check tells, not this
    return found
