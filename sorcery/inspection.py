"""Looking at a system as a whole: what refers to what, and what is wrong in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, overload

from sorcery.audit import Audit
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.report import Report
from sorcery.retrieval import Retrieval
from sorcery.standing import TypeName, name_of

if TYPE_CHECKING:  # else only where it is used: most programs ask for no relations, and start sooner
    from sorcery.relations.graph import Graph
    from sorcery.relations.links import Link, Relations

__all__ = ["Inspection"]


class Inspection(Retrieval):
    """The part of a system that tells how what its stores hold hangs together, and what is wrong with it."""

    @property
    def report(self) -> Report:
        """What the last load did and found."""
        return self._standing.report

    # What refers to what

    def references(self, type: TypeName, id: str) -> list[Link]:
        """Return what an object refers to, in the order of its options; a `Link` tells whether that exists.

        Blocks on the stores; raises `NotFound`, `InvalidObject` for an object that cannot be read, `Unavailable`.
        """
        relations = self._relations
        return relations.references(relations.get(name_of(type, relations.bindings), id))

    def referrers(self, type: TypeName, id: str) -> list[Link]:
        """Return who refers to an object, whether it exists or not; what cannot be read refers to nothing.

        Stores in memory answer it by their indexes. Blocks on the stores; raises `Unavailable`.
        """
        relations = self._relations
        return relations.referrers(name_of(type, relations.bindings), id)

    @overload
    def graph(self) -> Graph: ...
    @overload
    def graph(self, type: TypeName, id: str, *, depth: int = 3, width: int = 12) -> Graph: ...
    def graph(self, type: TypeName | None = None, id: str = "", *, depth: int = 3, width: int = 12) -> Graph:
        """Return the picture of an object, `depth` references far in either direction, or of everything.

        At most `width` of those that refer to one object by one option are in it, and how many more there are. For
        everything each store is read once, and asked for each id that it did not list. Raises what `references`
        does, and `NotListed`.
        """
        from sorcery.relations.graph import around, whole
        from sorcery.relations.links import Relations

        relations = self._relations
        if type is not None:
            obj = relations.get(name_of(type, relations.bindings), id)
            return around(relations, obj, depth=depth, width=width)
        objects: dict[str, dict[str, Object]] = {
            name: {obj.id: obj for obj in binding.everything()} for name, binding in relations.bindings.items()
        }
        known = Relations(relations.bindings, objects)
        return whole(known, (obj for found in objects.values() for obj in found.values()))

    @property
    def _relations(self) -> Relations:
        from sorcery.relations.links import Relations

        return Relations(self._in_force.bindings)

    # What is wrong

    def dangling(self, *, deep: bool = False) -> list[Finding]:
        """Return a finding for each reference to an object that does not exist.

        Looks at the types that are held in memory; `deep` reads every store, which may take long on a large database.
        Of stores that do not answer nothing is said.
        """
        return self.audit().dangling() if deep else self._standing.dangling()

    def faults(self, types: Iterable[TypeName] | None = None) -> list[Finding]:
        """Return what is wrong with stored rows that hold no object, of all types or those named.

        Reads the stores whole. A store that does not answer is a finding of the rule `unavailable`.
        """
        return self.audit(types).faults()

    def audit(self, types: Iterable[TypeName] | None = None) -> Audit:
        """Return a look at all types, or those named, that reads each store once, whatever it is asked for."""
        bindings = self._in_force.bindings
        return Audit(bindings if types is None else {(n := name_of(each, bindings)): bindings[n] for each in types})

    def unreadable(self, types: Iterable[TypeName] | None = None) -> list[Finding]:
        """Return what keeps objects from being read, of all types or those named: they are neither here nor absent.

        Reads the stores whole, a database page by page: what is held at once are the findings.
        """
        names = {name_of(type, self._in_force.types) for type in (self._in_force.types if types is None else types)}
        loading = (finding for finding in self.report.errors if finding.type_name in names)
        return list(dict.fromkeys((*loading, *self.audit(names).errors())))
