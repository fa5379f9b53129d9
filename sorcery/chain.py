"""Several stores asked as one."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Mapping, Sequence

from sorcery.errors import InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.query import Query
from sorcery.wizard import PENDING, Batched, Holding, Immediate, Pending, Reader

__all__ = ["Chain", "retrieve_many"]


class Chain:
    """Readers in the order of a type's mappings.

    The first hit wins, also a bad one: what a reader holds hides what later ones hold under that id, from every
    question. An object is absent only if every reader says so; if one that could hold it does not answer, neither
    does the chain: it raises that reader's `Unavailable`.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.readers = tuple(readers)
        self._impatient = tuple(map(_Impatient, self.readers))

    def retrieve(self, id: str) -> Object | None:
        """Return the object, or None if all readers say that it is absent; raises `Unavailable`."""
        return _first(self.readers, id)

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Answer as `retrieve`, or `PENDING` where a reader whose turn it is would have to wait."""
        try:
            return _first(self._impatient, id)
        except _Waiting:
            return PENDING

    def search(self, query: Query) -> list[Object]:
        """Return the objects that match; raises `Unavailable` if any reader does: half a list is no list."""
        return _all(self.readers, query)

    def search_now(self, query: Query) -> list[Object] | Pending:
        """Answer as `search`, or `PENDING` where a reader would have to wait."""
        try:
            return _all(self._impatient, query)
        except _Waiting:
            return PENDING

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist, without those that are bad; raises `Unavailable`."""
        found: dict[str, Object] = {}
        for position, reader in enumerate(self.readers):
            missing = [id for id in ids if id not in found]
            if not missing:
                break
            found.update(_visible(self.readers[:position], retrieve_many(reader, missing)))
        return found


def retrieve_many(reader: Reader, ids: Sequence[str]) -> Mapping[str, Object]:
    """Ask a reader for many ids: in one question where it can, else one by one. Leaves out what is bad, as a search."""
    if isinstance(reader, Batched):
        return reader.retrieve_many(ids)
    found: dict[str, Object] = {}
    for id in ids:
        with contextlib.suppress(InvalidObject):
            obj = reader.retrieve(id)
            if obj is not None:
                found[id] = obj
    return found


def _first(readers: Iterable[Reader], id: str) -> Object | None:
    silent: Unavailable | None = None
    for reader in readers:
        try:
            found = reader.retrieve(id)
        except Unavailable as error:
            silent = silent or error
            continue
        if found is not None:
            return found
    if silent is not None:
        raise silent
    return None


def _all(readers: Sequence[Reader], query: Query) -> list[Object]:
    found: dict[str, Object] = {}
    matches = query.predicate()
    for position, reader in enumerate(readers):
        new = {obj.id: obj for obj in reader.search(query) if obj.id not in found}
        visible = _visible(readers[:position], new)
        found.update((id, obj) for id, obj in visible.items() if obj is new[id] or matches(obj))
    return list(found.values())


def _visible(earlier: Iterable[Reader], objects: Mapping[str, Object]) -> Mapping[str, Object]:
    """Return the objects that no earlier reader hides and, in the place of others, what hides them if it is good.

    The earlier readers did not answer with these ids: what they hold there is bad, or does not match, or came since.
    """
    left, visible = dict(objects), dict[str, Object]()
    for reader in earlier:
        for id, obj in _held(reader, left.keys()).items():
            del left[id]
            if obj is not None:
                visible[id] = obj
    return visible | left


def _held(reader: Reader, ids: Collection[str]) -> Mapping[str, Object | None]:
    """Return what a reader holds of the ids; None stands for what is bad. Asks nothing for no ids."""
    if isinstance(reader, Holding) and ids:
        held = reader.held(ids)
        good = retrieve_many(reader, list(held)) if held else {}
        return {id: good.get(id) for id in held}
    found: dict[str, Object | None] = {}
    for id in ids:
        try:
            obj = reader.retrieve(id)
        except InvalidObject:
            found[id] = None
        else:
            if obj is not None:
                found[id] = obj
    return found


class _Waiting(Exception):
    """The answer would have to be waited for."""


class _Impatient:
    """A reader that answers at once or raises `_Waiting`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader if isinstance(reader, Immediate) else None

    def retrieve(self, id: str) -> Object | None:
        found = PENDING if self._reader is None else self._reader.retrieve_now(id)
        if found is PENDING:
            raise _Waiting
        return found

    def search(self, query: Query) -> Iterable[Object]:
        found = PENDING if self._reader is None else self._reader.search_now(query)
        if found is PENDING:
            raise _Waiting
        return found
