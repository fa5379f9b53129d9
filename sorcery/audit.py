"""What is wrong beyond what the loading of one object can see: mappings, references, stored rows."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator, Set
from collections.abc import Mapping as Table

from sorcery.binding import Binding
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, SorceryError, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.references import dangling
from sorcery.snapshot import SnapshotStore
from sorcery.wizard import Auditable, Locating, ManagedCache

__all__ = [
    "dangling_references",
    "faulty_rows",
    "lone_caches",
    "refusal",
    "unread_cache_lines",
    "unread_mappings",
]

Bindings = Table[str, Binding]


def unread_mappings(environment: Environment, types: Table[str, ObjectType]) -> Iterator[Finding]:
    """Yield a finding for each mapping that has no effect: of an unknown type, or in another type's section."""
    sections = {object_type.section.lower() for object_type in types.values()}
    for section, mappings in environment.mappings.items():
        for mapping in mappings:
            known = types.get(mapping.type_name)
            if known is None and section in sections:
                near = difflib.get_close_matches(mapping.type_name, types, 1)
                remedy = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(sorted(types))}"
                yield _unread(mapping, "unknown-type", f"no object type {mapping.type_name!r} is known here", remedy)
            elif known is not None and known.section.lower() != section:
                remedy = f"move the line to section [{known.section}]"
                yield _unread(mapping, "wrong-section", f"{mapping} has no effect in [{section}]", remedy)


def _unread(mapping: Mapping, rule: str, message: str, remedy: str) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        rule=rule,
        message=message,
        remedy=remedy,
        place=mapping.place,
        type_name=mapping.type_name,
    )


def unread_cache_lines(environment: Environment, bindings: Iterable[Binding]) -> Iterator[Finding]:
    """Yield a finding for each line of `[memory_cache]` that names no cache there is."""
    names = {cache.name for binding in bindings for cache in binding.caches if isinstance(cache, ManagedCache)}
    for line in environment.sections.get("memory_cache", ()):
        if line.name not in {*names, "*"}:
            near = difflib.get_close_matches(line.name, names, 1)
            yield Finding(
                severity=Severity.WARNING,
                rule="unknown-cache",
                message=f"no cache is named {line.name!r}, so the line has no effect",
                remedy=f"did you mean {near[0]}?" if near else f"use one of: {', '.join(sorted(names)) or 'none'}, *",
                place=line.place,
            )


def lone_caches(bindings: Iterable[Binding]) -> Iterator[Finding]:
    """Yield a finding for each type whose last mapping is a cache: it has nobody to ask."""
    for binding in bindings:
        mapping = binding.mappings[-1]
        if mapping.caching:
            message = f"{mapping} has no store behind it, so there is no {mapping.type_name}"
            remedy = f"map {mapping.type_name} to a store in a line below it"
            yield _unread(mapping, "lone-cache", message, remedy)


def faulty_rows(bindings: Iterable[Binding]) -> list[Finding]:
    """Return what is wrong with stored rows; a store that does not answer is a finding of its own.

    Reads the stores whole.
    """
    found: list[Finding] = []
    for binding in bindings:
        if binding.object_type.single:
            found.extend(_several(binding))
        for bound in binding.bound:
            if isinstance(bound.store, Auditable):
                try:
                    found.extend(bound.store.faults())
                except Unavailable as error:
                    found.append(_silent(bound.mapping, error))
    return found


def _several(binding: Binding) -> Iterator[Finding]:
    """Yield a finding for each object of a type of which one counts, but for that one: the first by id."""
    objects = _objects(binding, deep=True) or {}
    for id in sorted(objects)[1:]:
        name = binding.object_type.name
        yield Finding(
            severity=Severity.WARNING,
            rule="single-object",
            message=f"{name} {id!r} is not the only one, and {min(objects)!r} is the one that counts",
            remedy=f"remove all but one {name}",
            place=_place(binding, objects[id], ""),
            type_name=name,
            id=id,
        )


def _silent(mapping: Mapping, error: Unavailable) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        rule="unavailable",
        message=str(error),
        remedy="what it holds was not checked",
        place=mapping.place,
        type_name=mapping.type_name,
    )


def dangling_references(bindings: Bindings, *, deep: bool = False) -> list[Finding]:
    """Return a finding for each reference to an object that does not exist.

    Looks at the types that are held in memory; `deep` reads every store. Of stores that do not answer nothing is
    said, and a row that holds no object is there all the same.
    """
    read = functools.cache(lambda name: _objects(bindings.get(name), deep=deep))
    bad: dict[str, set[str]] = {}
    for fault in faulty_rows(bindings.values()) if deep else ():
        bad.setdefault(fault.type_name, set()).add(fault.id)

    @functools.cache
    def ids(name: str) -> Set[str] | None:
        objects = read(name)
        return None if objects is None else objects.keys() | bad.get(name, set())

    found: list[Finding] = []
    for name, binding in bindings.items():
        if binding.object_type.referring:
            found.extend(dangling((read(name) or {}).values(), ids, functools.partial(_place, binding)))
    return found


def _objects(binding: Binding | None, *, deep: bool) -> Table[str, Object] | None:
    """Return all objects of a type by id, or None where they cannot be told (cheaply, unless `deep`)."""
    if binding is None or not (deep or all(isinstance(bound.store, SnapshotStore) for bound in binding.bound)):
        return None
    try:
        return {obj.id: obj for obj in binding.everything()}
    except Unavailable:
        return None


def _place(binding: Binding, obj: Object, option: str) -> Place | None:
    for bound in binding.bound:
        if isinstance(bound.store, Locating) and (place := bound.store.place(obj.id, option)):
            return place
    return None


def refusal(error: SorceryError, outcome: str) -> Finding:
    """Return the finding for a configuration that was refused as a whole, and what that leads to."""
    if isinstance(error, ConfigurationError):
        place, reason, remedy = error.place, error.reason, error.remedy
    else:
        place, reason, remedy = None, str(error), ""
    message = f"{reason}; {outcome}"
    return Finding(severity=Severity.ERROR, rule="configuration", message=message, remedy=remedy, place=place)
