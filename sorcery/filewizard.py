"""What wizards that read files have in common: which stores are open, and from which file each is read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar, cast

from sorcery.environment import Environment
from sorcery.filewatch import FileStore, FileWatch
from sorcery.snapshot import SnapshotSet
from sorcery.source import Source
from sorcery.wizard import Notice, Store

__all__ = ["FileWizard"]

S = TypeVar("S", bound=FileStore)


class FileWizard(Generic[S]):
    """Base of wizards whose stores hold what they read from files; each file is read once for all of its stores."""

    def __init__(self) -> None:
        self._snapshots = SnapshotSet()
        self._sources: dict[Hashable, Source] = {}
        self._stores: frozenset[S] = frozenset()

    def _source(self, name: str, environment: Environment) -> Source:
        """Return the file of that name: the same for every store that is read from it."""
        source = Source(name, environment)
        return self._sources.setdefault((source.path, environment.exec_includes, environment.secrets), source)

    def _opened(self, store: S) -> S:
        """Keep a store until it is released."""
        self._stores |= {store}
        return store

    def _by_source(self, stores: Sequence[Store]) -> Mapping[Source, Sequence[S]]:
        """Return some of the stores by the file that they are read from."""
        found: dict[Source, list[S]] = {}
        for store in cast("Sequence[S]", stores):
            found.setdefault(store.source, []).append(store)
        return found

    def watch(self, notify: Callable[[Sequence[Notice]], None]) -> FileWatch:
        """Tell of the stores whose files are others than those they were read from, within about a second.

        Raises `ConfigurationError` if watchfiles, which the extra `watch` installs, is missing.
        """
        return FileWatch(lambda: self._stores, notify)

    def release(self, store: Store) -> None:
        """Forget the store's objects, and its file with the last store that was read from it."""
        self._snapshots.swap({store: None})
        self._stores = frozenset(each for each in self._stores if each is not store)
        used = {each.source for each in self._stores}
        self._sources = {key: source for key, source in self._sources.items() if source in used}

    def close(self) -> None:
        """Forget everything."""
        self._snapshots.current = {}
        self._sources, self._stores = {}, frozenset()
