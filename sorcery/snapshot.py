"""Immutable sets of objects that readers use without a lock, swapped as a whole."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping

import attrs

from sorcery.errors import Unavailable
from sorcery.objects import Object
from sorcery.query import Query

__all__ = ["Difference", "Snapshot", "SnapshotSet", "SnapshotStore"]


@attrs.frozen(slots=True)
class Difference:
    """What changed between two states of a type."""

    created: tuple[Object, ...] = ()
    updated: tuple[tuple[Object, Object], ...] = ()
    """(new, old)"""
    deleted: tuple[Object, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.deleted)


class Snapshot:
    """The objects of one type at one moment: by id, and indexed by each field that anybody ever asked for."""

    __slots__ = ("_ids", "_indexes", "objects")

    def __init__(self, objects: Mapping[str, Object], ids: list[str] | None = None) -> None:
        self.objects = objects
        self._ids = ids
        self._indexes: dict[str, dict[str | None, list[Object]]] = {}

    def search(self, query: Query) -> list[Object]:
        """Return the objects that match, in no particular order."""
        if query.is_all:
            return list(self.objects.values())
        candidates = self._candidates(query)
        matches = query.predicate()
        return [obj for obj in candidates if matches(obj)]

    def _candidates(self, query: Query) -> Iterable[Object]:
        if query.prefix:
            return self._with_prefix(query.prefix)
        equal = next((criterion for criterion in query.criteria if criterion.is_equality), None)
        return self.objects.values() if equal is None else self._index(equal.field).get(equal.text, ())

    def _with_prefix(self, prefix: str) -> Iterable[Object]:
        ids = self._ids
        if ids is None:
            ids = self._ids = sorted(self.objects)
        start = bisect.bisect_left(ids, prefix)
        for position in range(start, len(ids)):
            if not ids[position].startswith(prefix):
                return
            yield self.objects[ids[position]]

    def _index(self, field: str) -> dict[str | None, list[Object]]:
        """Return the index of a field, made at its first use; two threads may make it twice, alike."""
        index = self._indexes.get(field)
        if index is None:
            index = {}
            for obj in self.objects.values():
                index.setdefault(obj.text(field), []).append(obj)
            self._indexes[field] = index
        return index

    def replace(self, changes: Mapping[str, Object | None]) -> Snapshot:
        """Return the next snapshot: ids set to an object, or removed where it is None."""
        objects = dict(self.objects)
        ids = None if self._ids is None else list(self._ids)
        for key, obj in changes.items():
            if ids is not None and (obj is None) == (key in objects):
                _toggle(ids, key)
            if obj is None:
                objects.pop(key, None)
            else:
                objects[key] = obj
        return Snapshot(objects, ids)

    def difference(self, newer: Snapshot) -> Difference:
        """Return what leads from this snapshot to a newer one."""
        before, after = self.objects, newer.objects
        return Difference(
            tuple(obj for key, obj in after.items() if key not in before),
            tuple(
                (obj, before[key])
                for key, obj in after.items()
                if key in before and before[key] is not obj and before[key] != obj
            ),
            tuple(obj for key, obj in before.items() if key not in after),
        )


def _toggle(ids: list[str], key: str) -> None:
    position = bisect.bisect_left(ids, key)
    if position < len(ids) and ids[position] == key:
        del ids[position]
    else:
        ids.insert(position, key)


class SnapshotSet:
    """The snapshots of several stores under one reference, so that they change together."""

    __slots__ = ("current",)

    def __init__(self) -> None:
        self.current: Mapping[object, Snapshot] = {}

    def swap(self, changes: Mapping[object, Snapshot | None]) -> None:
        """Make the new snapshots visible at once; None removes a store's. Callers serialise their swaps."""
        merged = {**self.current, **changes}
        self.current = {key: snapshot for key, snapshot in merged.items() if snapshot is not None}


class SnapshotStore:
    """A store that holds all of its objects in memory, as one entry of a snapshot set."""

    trouble = "it is not in use any more"
    """Why there is nothing to answer from, when there is not."""

    def __init__(self, label: str, snapshots: SnapshotSet) -> None:
        self.label = label
        self._snapshots = snapshots

    @property
    def in_force(self) -> Snapshot | None:
        """The objects as they are now, or None where there is nothing to answer from."""
        return self._snapshots.current.get(self)

    @property
    def snapshot(self) -> Snapshot:
        """The objects as they are now; raises `Unavailable` where there is nothing to answer from."""
        snapshot = self._snapshots.current.get(self)
        if snapshot is None:
            raise Unavailable(self.label, self.trouble)
        return snapshot

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; takes no lock. Raises `Unavailable` as `snapshot` does."""
        snapshot = self._snapshots.current.get(self)
        if snapshot is None:
            raise Unavailable(self.label, self.trouble)
        return snapshot.objects.get(id)

    def search(self, query: Query) -> list[Object]:
        """Return the objects that match; takes no lock. Raises `Unavailable` as `snapshot` does."""
        return self.snapshot.search(query)
