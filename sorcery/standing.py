"""What is in force in a system: read without a lock, and replaced as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection
from collections.abc import Mapping as Table
from typing import Final

from sorcery.audit import dangling_references
from sorcery.binding import Binding, Generation
from sorcery.environment import Environment
from sorcery.errors import Unavailable, UnknownType
from sorcery.findings import Finding
from sorcery.layout import Layout
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.policy import Policy
from sorcery.report import Report

__all__ = ["Standing", "TypeName", "name_of"]

BY_DEFAULT: Final = Policy()

TypeName = str | type[Object]
"""A type is named by its class or by its name."""


class Standing:
    """The configuration of a system, and the stores that came of it, until another takes its place."""

    layout: Layout
    generation: Generation
    """What was in force last, also once all is closed."""
    report: Report
    """What the last load did and found."""

    def __init__(self) -> None:
        self.retrieve: Table[object, Callable[[str], Object | None]] = {}
        """The quickest way to an object by id, of the generation in force."""
        self.is_closed = False
        self._stored = object()
        """Another one after every change to what is stored."""
        self._dangling: tuple[object, list[Finding]] = (None, [])
        """What was found of references, and what `_stored` was then."""

    def put_in_force(self, layout: Layout, generation: Generation) -> None:
        """Let a generation take the place of the one before it; call it while all stripes are held."""
        self.layout, self.generation, self.retrieve = layout, generation, generation.retrieve

    def close(self) -> None:
        """Let nothing be in force any more; call it while all stripes are held."""
        self.is_closed, self.retrieve = True, {}

    @property
    def in_force(self) -> Generation:
        """The generation in force; raises `Unavailable` once all is closed."""
        if self.is_closed:
            raise Unavailable("sorcery", "it was closed")
        return self.generation

    @property
    def environment(self) -> Environment:
        """What surrounds the objects."""
        return self.layout.environment

    @property
    def schemas(self) -> Table[str, ObjectType]:
        """The declarations of all types by name."""
        return {name: binding.object_type for name, binding in self.in_force.bindings.items()}

    def binding(self, type: TypeName) -> Binding:
        """Return what a type is bound to; raises `UnknownType`, `Unavailable`."""
        bindings = self.in_force.bindings
        return bindings[name_of(type, bindings)]

    def policy(self, binding: Binding) -> Policy:
        """Return which of its stores take the changes of a type."""
        return self.environment.policies.get(binding.object_type.name, BY_DEFAULT)

    def note_change(self) -> None:
        """Take down that the stores may hold something else now."""
        self._stored = object()

    def dangling(self) -> list[Finding]:
        """Return a finding for each reference to nothing, of the types that are held in memory."""
        stored, (known, found) = self._stored, self._dangling  # first: what is stored meanwhile is looked at next time
        bindings = self.in_force.bindings
        if known is not stored:
            found = dangling_references(bindings)
            self._dangling = stored, found
        return list(found)


def name_of(type: TypeName, known: Collection[str]) -> str:
    """Return the name of a type; raises `UnknownType` for one that is not known."""
    declared = getattr(type, "__sorcery__", None)
    name = declared.name if declared is not None else str(type)
    if name not in known:
        raise UnknownType(name, known)
    return name
