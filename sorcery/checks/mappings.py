"""Mappings that open, and put types where they do not belong."""

from __future__ import annotations

from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.mapping import Mapping

__all__ = ["RULES"]

WRITTEN = frozenset({"contact", "subscription_persistence"})
"""The types whose objects Asterisk makes while it runs."""
UNMAPPED = ("res_geolocation", "res_stir_shaken")
"""The sections, and modules, with a type that cannot be mapped."""
READ_ONLY = frozenset({"config", "pjsip_wizard"})


@rule(
    "unfit-mapping",
    Severity.ERROR,
    what="A type whose objects come and go while Asterisk runs is mapped to files alone; or a type is mapped that "
    "cannot be, as `location` and `eprofile`.",
    why="No registration or subscription can be stored: REGISTER is answered, and the phone is not reached. Of the "
    "others the module does not load, nor what depends on it, which is all of PJSIP, or Asterisk aborts.",
    mending="Map it to `astdb`, `realtime` or `memory`; remove the line of a type that cannot be mapped.",
)
def unfit_mapping(system: System) -> Iterator[Fault]:
    for cls, mappings in system.mappings():
        stores = [mapping for mapping in mappings if not mapping.caching]
        if cls.__sorcery__.name in WRITTEN and stores and all(each.wizard in READ_ONLY for each in stores):
            problem = f"{stores[0]} can store no {cls.__sorcery__.name}"
            yield _fault(stores[0], problem, "map it to astdb, realtime or memory, or remove the line")
    unmapped = {cls.__sorcery__.plain_name for cls, _ in system.mappings() if not cls.__sorcery__.section}
    for mapping in (each for section in UNMAPPED for each in system.environment.mappings.get(section, ())):
        if mapping.type_name in unmapped:
            yield _fault(mapping, f"{mapping.type_name} cannot be mapped: its module does not load", "remove the line")


@rule(
    "family-of-another-type",
    Severity.WARNING,
    what="A type is mapped to the realtime family, or the table, that another type lies in.",
    why="Columns that the type does not know are passed over, so each row of the other type becomes an object of "
    "this one, with nothing but an id.",
    mending="Map it to its own family.",
)
def family_of_another_type(system: System) -> Iterator[Fault]:
    owners = {cls.__sorcery__.family: cls.__sorcery__.name for cls, _ in system.mappings() if cls.__sorcery__.family}
    for cls, mappings in system.mappings():
        own = cls.__sorcery__
        for mapping in mappings:
            if mapping.wizard != "realtime":
                continue
            name = mapping.arguments.partition(",")[0].lower()
            tables = (name, *(line.table for line in system.environment.families.get(name, ())))
            other = next((table for table in tables if owners.get(table, own.name) != own.name), None)
            if other is not None:
                problem = f"{mapping}: {other} holds objects of the type {owners[other]}"
                yield _fault(mapping, problem, f"map {own.plain_name} to {own.family or 'another wizard'}")


@rule(
    "cache-behind-store",
    Severity.WARNING,
    what="A cache stands behind a store of its type.",
    why="The store in front of it is asked first each time, so the cache saves nothing.",
    mending="Move the line of the cache above the others.",
)
def cache_behind_store(system: System) -> Iterator[Fault]:
    for _, mappings in system.mappings():
        for position, mapping in enumerate(mappings[:-1]):  # behind the last one there is none to ask, as is told
            if mapping.caching and any(not before.caching for before in mappings[:position]):
                yield _fault(mapping, f"{mapping} stands behind a store, which is asked first", "move the line up")


@rule(
    "cache-without-options",
    Severity.ERROR,
    what="A cache is mapped without a single option.",
    why="Asterisk 22 crashes at the start: `memory_cache` reads the list of its options without looking whether "
    "there is one.",
    mending="Write one, for instance `object_lifetime_stale=600`.",
)
def cache_without_options(system: System) -> Iterator[Fault]:
    for _, mappings in system.mappings():
        for mapping in mappings:
            if mapping.wizard == "memory_cache" and not mapping.arguments:
                remedy = f"write {mapping},object_lifetime_stale=600"
                yield _fault(mapping, f"{mapping}: Asterisk crashes where there is no option at all", remedy)


def _fault(mapping: Mapping, problem: str, remedy: str) -> Fault:
    return Fault(problem=problem, remedy=remedy, place=mapping.place, type_name=mapping.type_name)


RULES = (unfit_mapping, family_of_another_type, cache_behind_store, cache_without_options)
