"""Where the objects lie: tables that the stores of several wizards may show."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from sorcery.errors import ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery.wizard import Notice, Op
from sorcery_memory.watch import MemoryWatch

__all__ = ["MemorySpace", "MemoryStore", "MemoryTable", "Revision"]


class MemoryTable:
    """The objects of one type under one label."""

    def __init__(self, object_type: ObjectType, label: str) -> None:
        self.object_type, self.label = object_type, label
        self.snapshot = Snapshot({})
        self.writing = threading.Lock()
        """Held from the preparation of a change to its end."""
        self.stores: list[MemoryStore] = []
        """Those that show it: one for each wizard that has it open."""

    @property
    def key(self) -> tuple[str, str]:
        """What the table is found by."""
        return self.object_type.name, self.label


class MemoryStore(SnapshotStore):
    """A table as one wizard shows it."""

    def __init__(self, table: MemoryTable, owner: object, snapshots: SnapshotSet) -> None:
        super().__init__(" ".join(filter(None, ("memory", *table.key))), snapshots)
        self.table, self.owner = table, owner


@attrs.frozen(slots=True)
class Revision:
    """The next state of a table."""

    table: MemoryTable
    snapshot: Snapshot
    ops: Mapping[str, Op]
    """What becomes of each object, by id."""


class MemorySpace:
    """Objects by type and label, the same for every wizard that is given this space. Safe to use from many threads.

    They last as long as any of the wizards has their store open.
    """

    def __init__(self) -> None:
        self._snapshots = SnapshotSet()
        self._tables: dict[tuple[str, str], MemoryTable] = {}
        self._watches: list[MemoryWatch] = []
        self._lock = threading.Lock()

    def open(self, owner: object, object_type: ObjectType, label: str) -> MemoryStore:
        """Return a store of a wizard; raises `ConfigurationError` where a class of that name is in use already."""
        with self._lock:
            self._check(object_type)
            table = self._tables.setdefault((object_type.name, label), MemoryTable(object_type, label))
            store = MemoryStore(table, owner, self._snapshots)
            table.stores.append(store)
            self._snapshots.swap({store: table.snapshot})
        return store

    def _check(self, object_type: ObjectType) -> None:
        name = object_type.name
        if any(
            known.object_type is not object_type for known in self._tables.values() if known.object_type.name == name
        ):
            reason = f"{name} is the name of another class in this memory"
            raise ConfigurationError(reason, remedy="declare the type once, and use that class in every system")

    def close(self, store: MemoryStore) -> None:
        """Close a store; the last one of a table takes the objects with it."""
        with self._lock:
            self._close([store])

    def leave(self, owner: object) -> None:
        """Close everything that a wizard opened; waits for a call of its watches that is under way."""
        with self._lock:
            self._close([store for table in self._tables.values() for store in table.stores if store.owner is owner])
            watches = [watch for watch in self._watches if watch.owner is owner]
        for watch in watches:
            watch.close()

    def _close(self, stores: Iterable[MemoryStore]) -> None:
        for store in stores:
            store.table.stores.remove(store)
            if not store.table.stores:
                del self._tables[store.table.key]
        self._snapshots.swap(dict.fromkeys(stores))

    def publish(self, owner: object, revisions: Sequence[Revision]) -> None:
        """Put the next states of some tables in force together, and tell the watches of other wizards; cannot fail."""
        with self._lock:
            self._snapshots.swap(
                {store: revision.snapshot for revision in revisions for store in revision.table.stores}
            )
            for revision in revisions:
                revision.table.snapshot = revision.snapshot
            for watch in self._watches:
                if watch.owner is not owner:
                    watch.tell([notice for revision in revisions for notice in _notices(revision, watch.owner)])

    def watch(self, owner: object, notify: Callable[[Sequence[Notice]], None]) -> MemoryWatch:
        """Tell a wizard of what the others publish from now on."""
        with self._lock:
            watch = MemoryWatch(owner, notify, self._forget)
            self._watches.append(watch)
        return watch

    def _forget(self, watch: MemoryWatch) -> None:
        with self._lock:
            if watch in self._watches:
                self._watches.remove(watch)


def _notices(revision: Revision, owner: object) -> Iterable[Notice]:
    stores = (store for store in revision.table.stores if store.owner is owner)
    return [Notice(store, id, op) for store in stores for id, op in revision.ops.items()]
