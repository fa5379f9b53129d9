"""What is wrong beyond what the loading of one object can see: mappings, references, stored rows."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from collections.abc import Mapping as Table

from sorcery.binding import Binding, Bound
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, SorceryError, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.image.file import image_types
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.policy import unread_policies
from sorcery.references import dangling
from sorcery.snapshot import SnapshotStore
from sorcery.survey import Survey, side_by_side, survey
from sorcery.wizard import Auditable, ManagedCache, Store
from sorcery.writing.queueing import queue_without_folder

__all__ = [
    "Audit",
    "around",
    "dangling_references",
    "lone_caches",
    "refusal",
    "unknown_image_types",
    "unread_cache_lines",
    "unread_mappings",
]

Bindings = Table[str, Binding]


def around(environment: Environment, bindings: Bindings) -> Iterator[Finding]:
    """Yield what is wrong with the files around the objects, and with what they map."""
    types = {name: binding.object_type for name, binding in bindings.items()}
    yield from environment.findings
    yield from unread_mappings(environment, types)
    yield from unread_policies(environment.policies, types)
    yield from queue_without_folder(environment, types)
    yield from unknown_image_types(environment, types)
    yield from unread_cache_lines(environment, bindings.values())
    yield from lone_caches(bindings.values())


def unread_mappings(environment: Environment, types: Table[str, ObjectType]) -> Iterator[Finding]:
    """Yield a finding for each mapping that has no effect: of an unknown type, or in another type's section."""
    places: dict[str, set[str]] = {}
    for object_type in types.values():
        places.setdefault(object_type.plain_name, set()).add(object_type.section)
    sections = {section.lower() for found in places.values() for section in found}
    for section, mappings in environment.mappings.items():
        for mapping in mappings:
            known = places.get(mapping.type_name)
            if known is None and section in sections:
                near = difflib.get_close_matches(mapping.type_name, places, 1)
                remedy = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(sorted(places))}"
                yield _unread(mapping, "unknown-type", f"no object type {mapping.type_name!r} is known here", remedy)
            elif known is not None and section not in map(str.lower, known):
                names = " or ".join(f"[{name}]" for name in sorted(known) if name)
                remedy = f"move the line to section {names}" if names else "remove the line: Asterisk maps it nowhere"
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


def unknown_image_types(environment: Environment, types: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each name in `[image]` that is no object type here."""
    for line in environment.sections.get("image", ()):
        for name in image_types(line) if line.name.lower() == "types" else ():
            if name not in types:
                near = difflib.get_close_matches(name, types, 1)
                yield Finding(
                    severity=Severity.WARNING,
                    rule="unknown-type",
                    message=f"[image] {line.name}={line.value}: no object type {name!r} is known here",
                    remedy=f"did you mean {near[0]}?" if near else f"use one of: {', '.join(sorted(types))}",
                    place=line.place,
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


class Audit:
    """One look at types in all their stores, each of which is read once, when it is first needed.

    Blocks on the stores; what lies in caches is not looked at.
    """

    def __init__(self, bindings: Bindings) -> None:
        self._bindings = bindings

    @functools.cached_property
    def _read(self) -> Table[str, list[tuple[Bound, Survey | Unavailable]]]:
        """What the stores of each type hold, or why they do not say."""
        entries = [bound for binding in self._bindings.values() for bound in binding.bound]
        found: dict[str, list[tuple[Bound, Survey | Unavailable]]] = {name: [] for name in self._bindings}
        surveys = side_by_side([functools.partial(_surveyed, bound) for bound in entries])
        for bound, read in zip(entries, surveys, strict=True):
            found[bound.mapping.type_name].append((bound, read))
        return found

    @property
    def silent(self) -> frozenset[Mapping]:
        """The mappings whose stores do not answer."""
        read = (entry for entries in self._read.values() for entry in entries)
        return frozenset(bound.mapping for bound, found in read if isinstance(found, Unavailable))

    def stores(self) -> Iterator[tuple[str, Store]]:
        """Yield each store that is no cache, with the name of its type."""
        for name, binding in self._bindings.items():
            yield from ((name, bound.store) for bound in binding.bound if not bound.mapping.caching)

    def faults(self) -> list[Finding]:
        """Return what is wrong with stored rows; stores that do not answer are one finding for each reason."""
        found: list[Finding] = []
        silences: dict[str, list[tuple[Bound, Unavailable]]] = {}
        for name, entries in self._read.items():
            if self._bindings[name].object_type.single:
                found.extend(_several(self._bindings[name], self.objects(name) or {}))
            for bound, read in entries:
                if isinstance(read, Survey):
                    found.extend(read.faults)
                elif isinstance(bound.store, Auditable):  # of others the report of the load has told
                    silences.setdefault(read.reason, []).append((bound, read))
        return found + [_silence(same) for same in silences.values()]

    def errors(self) -> list[Finding]:
        """Return what keeps stored rows from being objects, as `faults` does, without holding a single object."""
        entries = [bound for binding in self._bindings.values() for bound in binding.bound]
        asked = [bound for bound in entries if isinstance(bound.store, Auditable)]
        found: list[Finding] = []
        silences: dict[str, list[tuple[Bound, Unavailable]]] = {}
        read = side_by_side([functools.partial(_faults, bound) for bound in asked])
        for bound, faults in zip(asked, read, strict=True):
            if isinstance(faults, Unavailable):
                silences.setdefault(faults.reason, []).append((bound, faults))
            else:
                found.extend(fault for fault in faults if fault.severity is Severity.ERROR)
        return found + [_silence(same) for same in silences.values()]

    def objects(self, name: str) -> Table[str, Object] | None:
        """Return all objects of a type by id, as its stores shadow each other, or None where they cannot be told."""
        known: dict[str, Object] = {}
        bad: set[str] = set()
        for bound, read in self._read.get(name, ()):
            if bound.mapping.caching:
                continue
            if isinstance(read, Unavailable) or read.objects is None:
                return None
            known.update((id, obj) for id, obj in read.objects.items() if id not in known and id not in bad)
            bad |= read.bad - known.keys()
        return known if name in self._read else None

    def partial(self, name: str) -> Table[str, Object]:
        """Return what is left of refused objects of a type, where no good one has their id."""
        known = self.objects(name) or {}
        read = (found.partial for _, found in self._read.get(name, ()) if isinstance(found, Survey))
        return {obj.id: obj for objects in read for obj in objects if obj.id not in known}

    def ids(self, name: str) -> Set[str] | None:
        """Return the ids of a type, those whose row holds no object included, or None where they cannot be told."""
        objects = self.objects(name)
        if objects is None:
            return None
        bad = (read.bad for _, read in self._read[name] if isinstance(read, Survey))
        return objects.keys() | frozenset().union(*bad)

    def place(self, obj: Object, option: str = "") -> Place | None:
        """Return where an object stands, or one of its options; raises `Unavailable`."""
        return self._bindings[obj.__sorcery__.name].place(obj.id, option)

    def dangling(self) -> list[Finding]:
        """Return a finding for each reference to an object that does not exist; of silent stores nothing is said."""
        return _dangling(self._bindings, self._referring, self.ids)

    def _referring(self, name: str) -> Table[str, Object] | None:
        """Return the objects of a type, and what is left of refused ones: that refers to others, too."""
        objects = self.objects(name)
        return None if objects is None else {**objects, **self.partial(name)}


def _surveyed(bound: Bound) -> Survey | Unavailable:
    try:
        return survey(bound.store)
    except Unavailable as error:
        return error


def _faults(bound: Bound) -> Sequence[Finding] | Unavailable:
    try:
        return tuple(bound.store.faults()) if isinstance(bound.store, Auditable) else ()
    except Unavailable as error:
        return error


def _several(binding: Binding, objects: Table[str, Object]) -> Iterator[Finding]:
    """Yield a finding for each object of a type of which one counts, but for that one: the first by id."""
    for id in sorted(objects)[1:]:
        name = binding.object_type.name
        yield Finding(
            severity=Severity.WARNING,
            rule="single-object",
            message=f"{name} {id!r} is not the only one, and {min(objects)!r} is the one that counts",
            remedy=f"remove all but one {name}",
            place=binding.place(id),
            type_name=name,
            id=id,
        )


def _silence(same: Sequence[tuple[Bound, Unavailable]]) -> Finding:
    """Return the finding for stores that do not answer for the same reason: they lie in one database."""
    bound, error = same[0]
    labels = list(dict.fromkeys(each.store for _, each in same))
    return Finding(
        severity=Severity.ERROR,
        rule="unavailable",
        message=str(error) if len(labels) == 1 else f"{', '.join(labels)} are unavailable: {error.reason}",
        remedy=f"what {'it holds' if len(labels) == 1 else 'they hold'} was not checked",
        place=bound.mapping.place,
        type_name=bound.mapping.type_name,
    )


def dangling_references(bindings: Bindings) -> list[Finding]:
    """Return a finding for each reference to an object that does not exist, of types that are held in memory."""
    read = functools.cache(lambda name: _in_memory(bindings.get(name)))
    return _dangling(bindings, read, lambda name: None if (objects := read(name)) is None else objects.keys())


def _dangling(
    bindings: Bindings,
    objects: Callable[[str], Table[str, Object] | None],
    ids: Callable[[str], Set[str] | None],
) -> list[Finding]:
    found: list[Finding] = []
    known = functools.cache(ids)
    kept = functools.cache(lambda name: None if name in bindings and bindings[name].is_volatile else known(name))
    for name, binding in bindings.items():
        if binding.object_type.referring:
            there = known if binding.is_volatile else kept
            bad = dangling((objects(name) or {}).values(), there, binding.place)
            found.extend(sorted(bad, key=lambda finding: finding.id))
    return found


def _in_memory(binding: Binding | None) -> Table[str, Object] | None:
    """Return all objects of a type by id, or None where only stores elsewhere can tell."""
    if binding is None or not all(isinstance(bound.store, SnapshotStore) for bound in binding.bound):
        return None
    try:
        if len(binding.bound) == 1 and isinstance(store := binding.bound[0].store, SnapshotStore):
            return store.snapshot.objects
        return {obj.id: obj for obj in binding.everything()}
    except Unavailable:
        return None


def refusal(error: SorceryError, outcome: str) -> Finding:
    """Return the finding for a configuration that was refused as a whole, and what that leads to."""
    if isinstance(error, ConfigurationError):
        place, reason, remedy = error.place, error.reason, error.remedy
    else:
        place, reason, remedy = None, str(error), ""
    message = f"{reason}; {outcome}"
    return Finding(severity=Severity.ERROR, rule="configuration", message=message, remedy=remedy, place=place)
