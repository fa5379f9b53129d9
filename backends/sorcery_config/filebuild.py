"""Building all types of one file in one go: a section is read, made an object, and let go of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import Any

from sorcery.conf import Category, Outline
from sorcery.pace import paced
from sorcery_config.sections import Selection
from sorcery_config.store import Built, ConfigStore
from sorcery_config.typebuild import TypeBuild

__all__ = ["FileBuild", "outdated"]


class FileBuild:
    """The objects of some stores, built from the sections of their file.

    Where a section says what it said, its former object stays, unread and unbuilt. That can be told of a section of
    one store alone, and only of stores that were built together the last time, too.
    """

    def __init__(self, outline: Outline, stores: Collection[ConfigStore], siblings: Iterable[ConfigStore]) -> None:
        """Build the stores; `siblings` are those whose objects may have something to bequeath."""
        self._outline, self._siblings = outline, siblings
        self._selection = Selection(stores)
        self._tellings: dict[int, Sequence[ConfigStore] | None] = {}
        """Stores of sections that begin with some copies, by the identity of these."""
        self.built: dict[ConfigStore, Built] = {}
        self.untaken: list[Category] = []
        """The sections that none of the stores takes."""
        names = {store.object_type.name for store in siblings}
        heirs = [store for store in stores if store.object_type.inherits in names]
        reading = next(iter(stores)).source.reading
        self._is_again = reading is not None and reading.stores >= set(stores)
        unread = {each for heir in heirs for each in paced(heir.fingerprints) if each} if self._is_again else set()
        later = self._build([store for store in stores if store not in heirs], outline.sections(), unread)
        self._build(heirs, later, set())

    def _build(
        self,
        stores: Iterable[ConfigStore],
        entries: Iterable[Category | int],
        unread: Set[int],
    ) -> list[Category | int]:
        """Build some of the stores; return the entries that others take, or may take: those left `unread`."""
        builds = {store: self._open(store) for store in stores}
        knowing = [build for build in builds.values() if build.known]
        later = []
        for entry in paced(entries):
            fingerprint = self._outline.fingerprint(entry) if isinstance(entry, int) else 0
            takers = self._told(entry) if isinstance(entry, int) else None
            if fingerprint in unread or (takers and self._are_others(takers, builds, entry)):
                later.append(entry)
                continue
            for build in knowing:
                if build.take_known(fingerprint):
                    break
            else:
                section = self._outline.read(entry)
                if takers is None or self._selection.may_name(section.name):
                    takers = self._selection.of(section)
                for store in takers:
                    if store in builds:
                        builds[store].take(section, fingerprint if len(takers) == 1 else 0)
                if not takers:
                    self.untaken.append(section)
                elif not all(store in builds for store in takers):
                    later.append(entry)
        self.built |= {store: build.built() for store, build in builds.items()}
        return later

    def _told(self, entry: int) -> Sequence[ConfigStore] | None:
        """Return the stores that a plain section is for as far as its copies tell, unless its name counts."""
        copied = self._outline.copied(entry)
        if id(copied) not in self._tellings:  # which last as long as the outline
            self._tellings[id(copied)] = self._selection.of_copied(copied)
        return self._tellings[id(copied)]

    def _are_others(
        self, takers: Iterable[ConfigStore], builds: Mapping[ConfigStore, TypeBuild], entry: Category | int
    ) -> bool:
        """Tell whether a section, unread, is for stores that are built later."""
        return builds.keys().isdisjoint(takers) and not self._selection.may_name(self._outline.name(entry))

    def _open(self, store: ConfigStore) -> TypeBuild:
        inherited = _inherited(store, self._siblings, self.built)
        known = store.known(inherited) if self._is_again else {}

        def same_name(name: str) -> Iterable[Category]:
            return (each for each in self._outline.named(name) if store in self._selection.of(each))

        return TypeBuild(store, self._outline, same_name, inherited=inherited, known=known)


def outdated(stores: Collection[ConfigStore]) -> list[ConfigStore]:
    """Return the stores that have to be built though their file is as it was: new ones, and heirs of other stores."""
    new = {store.object_type.name for store in stores if not store.is_current}
    return [
        store
        for store in stores
        if not store.is_current
        or store.object_type.inherits in new
        or (store.object_type.inherits and _inherited(store, stores, {}) != store.inherited)
    ]


def _inherited(
    heir: ConfigStore, siblings: Iterable[ConfigStore], built: Mapping[ConfigStore, Built]
) -> Mapping[str, Any]:
    """Return what the last object of the type that another one inherits from says in the same file."""
    for store in siblings:
        if store.object_type.name == heir.object_type.inherits:
            newer = built[store].snapshot if store in built else None
            snapshot = newer or store.in_force
            if snapshot is not None and snapshot.objects:
                return list(snapshot.objects.values())[-1].bequest
    return {}
