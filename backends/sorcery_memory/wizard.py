"""The reference wizard: what every other one does, without a place to keep it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack

from sorcery.environment import Environment
from sorcery.errors import AlreadyExists
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.wizard import Change, Notice, Op, Store
from sorcery_memory.space import MemorySpace, MemoryStore, MemoryTable, Revision
from sorcery_memory.watch import MemoryWatch

__all__ = ["MemoryWizard"]

Pending = dict[str, Object | None]
"""What becomes of objects, by id; None for those that are deleted."""


class MemoryWizard:
    """Keep the very objects that were passed, by type and id; the arguments are a label.

    Wizards that are given the same space hold the same objects, and watch each other.
    """

    commits_surely = True

    def __init__(self, space: MemorySpace | None = None) -> None:
        self._space = MemorySpace() if space is None else space

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> MemoryStore:
        """Return a store: empty, unless another wizard of the space has objects of that type and label.

        Raises `ConfigurationError` where the space knows another class of that name.
        """
        return self._space.open(self, object_type.whole, arguments)  # it is kept, whatever a release knows of it

    def prepare(self, changes: Sequence[Change]) -> MemoryPrepared:
        """Build the next snapshots aside; other writers of the same types wait until commit or rollback."""
        with ExitStack() as held:
            for table in sorted({_table(change) for change in changes}, key=_key):  # nobody waits in a circle
                held.enter_context(table.writing)
            missed, pending = _sorted_out(changes)
            revisions = [_revision(table, after) for table, after in pending.items()]
            return MemoryPrepared(missed, functools.partial(self._space.publish, self, revisions), held.pop_all())

    def watch(self, notify: Callable[[Sequence[Notice]], None]) -> MemoryWatch:
        """Tell of what other wizards of the space commit from now on."""
        return self._space.watch(self, notify)

    def release(self, store: Store) -> None:
        """Forget the store's objects, unless another wizard of the space has them open."""
        assert isinstance(store, MemoryStore)
        self._space.close(store)

    def close(self) -> None:
        """Release all stores and end the watches."""
        self._space.leave(self)


class MemoryPrepared:
    """The next snapshots, waiting to be swapped in."""

    def __init__(self, missed: Sequence[Change], publish: Callable[[], None], held: ExitStack) -> None:
        self.missed, self._publish, self._held = missed, publish, held

    def commit(self) -> None:
        """Swap the snapshots in together; cannot fail."""
        with self._held:
            self._publish()

    def rollback(self) -> None:
        """Forget the snapshots."""
        self._held.close()


def _sorted_out(changes: Sequence[Change]) -> tuple[list[Change], Mapping[MemoryTable, Pending]]:
    """Return the changes that miss their object, and what the others come to; each sees those before it."""
    missed: list[Change] = []
    pending: dict[MemoryTable, Pending] = {}
    for change in changes:
        after = pending.setdefault(_table(change), {})
        id = change.obj.id
        found = after[id] if id in after else change.store.retrieve(id)
        if change.op is Op.CREATE and found is not None:
            raise AlreadyExists(change.obj.__sorcery__.name, id, change.store.label)
        if found is None and change.op in (Op.UPDATE, Op.DELETE):
            missed.append(change)
        else:
            change.check(found)
            after[id] = None if change.op is Op.DELETE else change.obj
    return missed, pending


def _revision(table: MemoryTable, after: Pending) -> Revision:
    before = table.snapshot.objects
    ops = {id: _op(id in before, obj) for id, obj in after.items() if obj is not None or id in before}
    return Revision(table, table.snapshot.replace(after), ops)


def _op(existed: bool, obj: Object | None) -> Op:
    if obj is None:
        return Op.DELETE
    return Op.UPDATE if existed else Op.CREATE


def _table(change: Change) -> MemoryTable:
    assert isinstance(change.store, MemoryStore)
    return change.store.table


def _key(table: MemoryTable) -> tuple[str, str]:
    return table.key
