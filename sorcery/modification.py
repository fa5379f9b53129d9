"""Changing a system: single objects, transactions, plans, and copies of other systems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from sorcery.changing import Changes
from sorcery.inspection import Inspection
from sorcery.objects import Object
from sorcery.plan import Plan, changes_between
from sorcery.policy import Policy
from sorcery.standing import TypeName, name_of
from sorcery.wizard import Op
from sorcery.writing.queueing import Queue
from sorcery.writing.transaction import Step, Transaction
from sorcery.writing.written import Written

if TYPE_CHECKING:  # else only where something is copied
    from sorcery.copying.outcome import Copied, Existing, Progress
    from sorcery.copying.selection import Selection

__all__ = ["Modification"]


class Modification(Inspection):
    """The part of a system that takes changes, and plans them."""

    _changes: Changes

    # Objects

    def create(self, obj: Object) -> Written:
        """Store a new object in the stores that its type's policy names, by default every writable one; all or nothing.

        Returns what became of it in each store. Raises `AlreadyExists`, `NotWritable`, `StoreRefused`, `Unavailable`,
        `PartialWrite`, and `InvalidObject` for what the release that is the target does not know. Blocks on the stores.
        """
        return self._write(Step(Op.CREATE, obj))

    def update(self, obj: Object, *, expected: Object | None = None) -> Written:
        """Replace the stored object of that id; raises `NotFound` if there is none, else as `create`.

        With `expected`, the object as it was read: raises `Conflict` if what is stored is not equal to it.
        """
        return self._write(Step(Op.UPDATE, obj, expected))

    def delete(self, obj: Object, *, expected: Object | None = None) -> Written:
        """Delete the stored object of that id; raises `NotFound` if there is none, else as `create`.

        With `expected`, the object as it was read: raises `Conflict` if what is stored is not equal to it.
        """
        return self._write(Step(Op.DELETE, obj, expected))

    def _write(self, step: Step) -> Written:
        (written,) = self._store([step])
        return written

    def transaction(self) -> Transaction:
        """Return a context manager whose changes come true together, in dependency order, or not at all."""
        return Transaction(self._store, self._standing.schemas)

    def policy(self, type: TypeName) -> Policy:
        """Return which of its stores take a type's changes, as `[writes]` in `sorcery.conf` says it."""
        return self._changes.policy(type)

    @property
    def queue(self) -> Queue:
        """The changes that wait for stores which do not answer, where `[writes]` lets them.

        Whoever queues one carries it out later; what a process before this one left, `queue.resume()` does.
        """
        return self._changes.queue

    def _store(self, steps: Sequence[Step]) -> tuple[Written, ...]:
        return self._changes.store(steps)

    # Plans

    def plan_removal(self, type: TypeName, id: str, *, cascade: bool = False) -> Plan:
        """Return the plan that removes an object; `apply` carries it out, all or nothing.

        While others refer to the object, that is `StillReferred`. With `cascade` these go too: what belongs to what
        goes (an AOR's contacts, what must name it, as an identify its endpoint), and the auths and AORs that it alone
        referred to. Elsewhere its name is taken out of lists that name others too; `StillReferred` where nothing
        would be left. Raises also `NotFound`, `NotWritable` for what lies in a store that is read only, `Unavailable`.
        """
        from sorcery.relations.removal import removal

        relations = self._relations
        changes = removal(relations, name_of(type, relations.bindings), id, cascade=cascade)
        return Plan(changes, self._store)

    def plan_rename(self, type: TypeName, id: str, new: str) -> Plan:
        """Return the plan that gives an object another id, everywhere: `apply` carries it out, all or nothing.

        All references to it are changed, and the ids of what it owns, as contacts begin with that of their AOR. Raises
        `NotFound`, `AlreadyExists`, `InvalidObject` for an id that somebody who refers to it cannot name,
        `NotWritable` where something that would have to change lies in a store that is read only, `Unavailable`.
        """
        from sorcery.relations.renaming import renaming

        relations = self._relations
        return Plan(renaming(relations, name_of(type, relations.bindings), id, new), self._store)

    def plan(self, other: Modification, types: Iterable[TypeName] | None = None) -> Plan:
        """Return the changes that make this system hold what `other` holds.

        All types that both know, or those named. An object that `other` holds and that cannot be read is not absent:
        it is in `unreadable`, and stays here as it is. One that cannot be read here is replaced. Reads both systems
        whole; raises `Unavailable`.
        """
        known = self._standing.schemas
        chosen = known if types is None else [name_of(type, known) for type in types]
        names = [name for name in chosen if name in other.types]
        spared, replaced = other.unreadable(names), self.unreadable(names)
        mine, theirs = self._in_force.bindings, other._in_force.bindings
        changes = changes_between(mine, theirs, names, replaced=replaced, spared=spared)
        return Plan(changes, self._store, tuple(spared))

    def copy_from(
        self,
        source: Modification,
        selection: Selection | None = None,
        *,
        existing: Existing | str = "update",
        prune: bool = False,
        emptied: Collection[TypeName] = (),
        batch: int = 1000,
        dry_run: bool = False,
        verify: bool = True,
        progress: Callable[[Progress], object] = lambda progress: None,
    ) -> Copied:
        """Copy objects of another system into this one, what is referred to first, and return what came of each.

        All types that both know, or the `selection`. What is here and the same is left alone, so a copy that was
        interrupted is gone on with by the same call. `existing` says what becomes of an object that differs here:
        `update`, `skip`, or `fail`. At most `batch` objects are read and stored at once, in a transaction of their own;
        if that is refused, the objects that are to blame are found and told, and the others stored. `prune` deletes
        what the source does not hold; all objects of a type only if that is among `emptied`: else its `ValueError`
        names the types of which the source holds none, and nothing was done. `dry_run` changes nothing. `verify` reads
        everything back at the end. `progress` is called after each batch. Blocks on both systems; raises `Unavailable`
        where nothing could be done, `UnknownType`, `NotListed`, and `ValueError` for a selection that means nothing.
        """
        from sorcery.copying.copy import Copying
        from sorcery.copying.outcome import Existing
        from sorcery.copying.selection import Selection

        return Copying(
            source._in_force.bindings,
            self._in_force.bindings,
            self._store,
            selection or Selection(),
            unreadable=source.unreadable,
            existing=Existing(existing),
            prune=prune,
            emptied=emptied,
            batch=batch,
            dry_run=dry_run,
            verify=verify,
            progress=progress,
        ).run()
