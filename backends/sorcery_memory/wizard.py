"""The reference wizard: what every other one does, without a place to keep it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sorcery.environment import Environment
from sorcery.errors import AlreadyExists
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.snapshot import Snapshot, SnapshotSet, SnapshotStore
from sorcery.wizard import Change, Op, Store

__all__ = ["MemoryWizard"]


class MemoryWizard:
    """Keep the very objects that were passed, by type and id; the arguments are a label."""

    def __init__(self) -> None:
        self._snapshots = SnapshotSet()
        self._writing = threading.Lock()

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> SnapshotStore:
        """Return an empty store."""
        store = SnapshotStore(f"memory {object_type.name}", self._snapshots)
        with self._writing:
            self._snapshots.swap({store: Snapshot({})})
        return store

    def prepare(self, changes: Sequence[Change]) -> MemoryPrepared:
        """Build the next snapshots aside; other writers wait until commit or rollback."""
        self._writing.acquire()
        try:
            return MemoryPrepared(self._snapshots, self._writing, changes)
        except BaseException:
            self._writing.release()
            raise

    def release(self, store: Store) -> None:
        """Forget the store's objects."""
        with self._writing:
            self._snapshots.swap({store: None})

    def close(self) -> None:
        """Forget everything."""
        self._snapshots.current = {}


class MemoryPrepared:
    """The next snapshots, waiting to be swapped in."""

    def __init__(self, snapshots: SnapshotSet, writing: threading.Lock, changes: Sequence[Change]) -> None:
        self._snapshots, self._writing = snapshots, writing
        self.missed: list[Change] = []
        self._pending: dict[SnapshotStore, dict[str, Object | None]] = {}
        for change in changes:
            self._take(change)

    def _take(self, change: Change) -> None:
        assert isinstance(change.store, SnapshotStore)
        pending = self._pending.setdefault(change.store, {})
        id = change.obj.id
        exists = (pending[id] if id in pending else change.store.retrieve(id)) is not None
        if change.op is Op.CREATE and exists:
            raise AlreadyExists(change.obj.__sorcery__.name, id, change.store.label)
        if not exists and change.op in (Op.UPDATE, Op.DELETE):
            self.missed.append(change)
        else:
            pending[id] = None if change.op is Op.DELETE else change.obj

    def commit(self) -> None:
        """Swap the snapshots in together."""
        try:
            self._snapshots.swap({store: store.snapshot.replace(pending) for store, pending in self._pending.items()})
        finally:
            self._writing.release()

    def rollback(self) -> None:
        """Forget the snapshots."""
        self._writing.release()
