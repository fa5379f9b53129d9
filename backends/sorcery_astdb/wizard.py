"""The wizard: which stores share a file, and changes as one transaction of it."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path

from sorcery.environment import Environment
from sorcery.errors import AlreadyExists, ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.steps import Step
from sorcery.wizard import Change, Op, Store
from sorcery_astdb.file import AstdbFile
from sorcery_astdb.handle import Handle
from sorcery_astdb.store import AstdbStore

__all__ = ["AstdbWizard"]


class AstdbWizard:
    """Keep objects in the AstDB file of the environment; the argument is the prefix of their keys."""

    def __init__(self) -> None:
        self._stores: dict[AstdbFile, set[Store]] = {}
        self._lock = threading.Lock()

    def resolve(self, arguments: str, environment: Environment) -> Hashable:
        """Return the path of the file, and what references to secrets are followed."""
        return environment.secrets.beside(environment.astdb)

    def steps(self, object_type: ObjectType, arguments: str, environment: Environment) -> Iterator[Step]:
        """Return what lies between a mapping and the rows of the file."""
        from sorcery_astdb.links import steps  # a doctor's alone

        return steps(environment.astdb) if environment.astdb is not None else iter(())

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> AstdbStore:
        """Return a store; touches no file. Raises `ConfigurationError` without a prefix or a path."""
        if not arguments:
            raise ConfigurationError("astdb needs a prefix", remedy=f"write {object_type.plain_name} = astdb,registrar")
        if environment.astdb is None:
            raise ConfigurationError(
                "no AstDB file is configured",
                remedy="name it: Sorcery.open(…, astdb=PATH), or astdbdir in asterisk.conf",
            )
        with self._lock:
            file = self._file(environment.astdb)
            own = environment
            store = AstdbStore(file, arguments, object_type, compat=own.compat, secrets=own.secrets)
            self._stores[file].add(store)
        return store

    def _file(self, path: Path) -> AstdbFile:
        for file in self._stores:
            if file.path == path:
                return file
        made = AstdbFile(path)
        self._stores[made] = set()
        return made

    def prepare(self, changes: Sequence[Change]) -> AstdbPrepared:
        """Make the changes in one transaction that is not committed yet; other writers wait up to five seconds.

        Raises `AlreadyExists`, `Conflict`, `StoreRefused`, `Unavailable`.
        """
        return AstdbPrepared(changes)

    def release(self, store: Store) -> None:
        """Let go of a store, and of its file with the last one."""
        with self._lock:
            for file, stores in list(self._stores.items()):
                stores.discard(store)
                if not stores:
                    file.close()
                    del self._stores[file]

    def close(self) -> None:
        """Close every file."""
        with self._lock:
            for file in self._stores:
                file.close()
            self._stores.clear()


class AstdbPrepared:
    """Changes in an open transaction; all stores of one environment share its file."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self.missed: list[Change] = []
        (self._file,) = {_store(change).file for change in changes}
        self._handle = self._file.begin()
        try:
            with self._file.answering():
                for change in changes:
                    self._take(_store(change), change, self._handle)
        except BaseException:
            self.rollback()
            raise

    def _take(self, store: AstdbStore, change: Change, handle: Handle) -> None:
        exists = store.exists(handle, change.obj.id)
        if change.op is Op.CREATE and exists:
            raise AlreadyExists(change.obj.__sorcery__.name, change.obj.id, store.label)
        if exists and change.expected is not None:
            change.check(store.current(handle, change.obj.id))
        if not exists and change.op in (Op.UPDATE, Op.DELETE):
            self.missed.append(change)
        elif change.op is Op.DELETE:
            store.delete(handle, change.obj.id)
        else:
            store.put(handle, change.obj)

    def commit(self) -> None:
        """Commit the transaction; raises `Unavailable`, and then nothing has changed."""
        self._file.commit(self._handle)

    def rollback(self) -> None:
        """Undo the transaction."""
        self._file.rollback(self._handle)


def _store(change: Change) -> AstdbStore:
    assert isinstance(change.store, AstdbStore)
    return change.store
