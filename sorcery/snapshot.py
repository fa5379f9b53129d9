"""Immutable sets of objects that readers use without a lock, swapped as a whole.

A snapshot begins with the dictionary that it is given, so that an object by id costs one look into it; what a search
needs is made when the first one asks. `replace` goes over to maps in pieces: the next snapshot shares with this one all
but the few pieces that hold changed objects, in its order and indexes too. So a write costs microseconds among any
number of objects, and no search after it has to build an index anew.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Mapping

import attrs

from sorcery.errors import Unavailable
from sorcery.objects import Object
from sorcery.persistent import HashMap, SortedMap
from sorcery.query import PENDING, Key, Ordered, Pending, Query, sorts_by_byte, texts

__all__ = ["Difference", "Snapshot", "SnapshotSet", "SnapshotStore"]

LAST = chr(sys.maxunicode)
FEW = 1000
"""Objects among which any search is short work."""

Index = SortedMap[tuple[str, str], Object]
"""Objects by a field's text and their id."""


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
    """The objects of one type at one moment: by id, in order, and indexed by each field that anybody ever asked for."""

    __slots__ = ("_fields", "_indexes", "_is_by_byte", "_order", "objects")

    def __init__(self, objects: Mapping[str, Object]) -> None:
        self.objects = objects
        self._order: SortedMap[str, Object] | None = None
        self._is_by_byte = True
        self._fields: set[Key] = set()
        """The indexes that were asked for, in this snapshot or one that it was made from."""
        self._indexes: dict[Key, Index] = {}

    def search(self, query: Query) -> Ordered:
        """Return the objects that match, in order."""
        order = self._ordered()
        found = order.values() if query.is_all else filter(query.predicate(), self._candidates(query, order))
        return Ordered(found) if self._is_by_byte else Ordered.of(found)

    def search_now(self, query: Query) -> Ordered | Pending:
        """Answer as `search` where that is short work, and not the first question that needs an order or an index."""
        return self.search(query) if self._is_ready_for(query) else PENDING

    def _is_ready_for(self, query: Query) -> bool:
        if len(self.objects) <= FEW:
            return True
        key = next(filter(None, (criterion.key for criterion in query.criteria)), None)
        is_narrow = query.is_all or bool(query.prefix) or key in self._indexes
        return is_narrow and self._order is not None

    def _candidates(self, query: Query, order: SortedMap[str, Object]) -> Iterable[Object]:
        if query.prefix and query.prefix[-1] < LAST:
            return order.between(query.prefix, query.prefix[:-1] + chr(ord(query.prefix[-1]) + 1))
        for criterion in query.criteria:
            if (key := criterion.key) is not None:
                return self._index(key).between((criterion.text, ""), (criterion.text + "\0", ""))
        return order.values()

    def _ordered(self) -> SortedMap[str, Object]:
        """Return the objects by id, sorted at first use; two threads may sort twice, alike."""
        if self._order is None:
            self._is_by_byte = sorts_by_byte(self.objects)
            self._order = SortedMap.of(self.objects)
        return self._order

    def _index(self, key: Key) -> Index:
        """Return an index, made at its first use; two threads may make it twice, alike."""
        index = self._indexes.get(key)
        if index is None:
            self._fields.add(key)
            index = self._indexes[key] = SortedMap.of(_entries(key, self._ordered().values()))
        return index

    def replace(self, changes: Mapping[str, Object | None]) -> Snapshot:
        """Return the next snapshot: ids set to an object, or removed where it is None.

        Costs little, however many objects there are, save for the first time and the first time after a new field
        was asked for.
        """
        if not changes:
            return self
        objects = self.objects if isinstance(self.objects, HashMap) else HashMap.of(self.objects)
        old = [obj for obj in map(objects.get, changes) if obj is not None]
        new = [obj for obj in changes.values() if obj is not None]
        newer = Snapshot(objects.replaced(changes))
        self._hand_on(newer, changes, old, new)
        return newer

    def followed_by(self, objects: Mapping[str, Object], difference: Difference) -> Snapshot:
        """Return the snapshot of all objects that a difference leads to.

        If it is small, order and indexes are brought up to date; else they are made anew when a search needs them.
        """
        newer = Snapshot(objects)
        new = [*difference.created, *(obj for obj, _ in difference.updated)]
        old = [*difference.deleted, *(obj for _, obj in difference.updated)]
        if self._order is not None and 8 * (len(new) + len(old)) < len(objects):
            changes = {**dict.fromkeys(obj.id for obj in difference.deleted), **{obj.id: obj for obj in new}}
            self._hand_on(newer, changes, old, new)
        return newer

    def _hand_on(
        self, newer: Snapshot, changes: Mapping[str, Object | None], old: Iterable[Object], new: Iterable[Object]
    ) -> None:
        """Give order and indexes to a newer snapshot, as they are after some changes."""
        newer._order = self._ordered().replaced(changes)
        newer._is_by_byte = self._is_by_byte and sorts_by_byte(changes)
        newer._fields = self._fields
        for key in tuple(self._fields):
            moves = {**dict.fromkeys(_entries(key, old)), **_entries(key, new)}
            newer._indexes[key] = self._index(key).replaced(moves)

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


def _entries(key: Key, objects: Iterable[Object]) -> dict[tuple[str, str], Object]:
    """Return the objects by each text that an index holds and their id; those without a text are left out."""
    return {(text, obj.id): obj for obj in objects for text in texts(obj, *key)}


class SnapshotSet:
    """The snapshots of several stores under one reference, so that they change together."""

    __slots__ = ("_swapping", "current")

    def __init__(self) -> None:
        self.current: Mapping[object, Snapshot] = {}
        self._swapping = threading.Lock()

    def swap(self, changes: Mapping[object, Snapshot | None]) -> None:
        """Make the new snapshots visible at once; None removes a store's."""
        with self._swapping:
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

    def search(self, query: Query) -> Ordered:
        """Return the objects that match, in order; takes no lock. Raises `Unavailable` as `snapshot` does."""
        return self.snapshot.search(query)

    retrieve_now = retrieve

    def search_now(self, query: Query) -> Ordered | Pending:
        """Answer as `search` where that is short work."""
        return self.snapshot.search_now(query)
