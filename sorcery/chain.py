"""Several stores asked as one."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from sorcery.errors import InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.query import Query
from sorcery.wizard import Batched, Reader

__all__ = ["Chain", "retrieve_many"]


class Chain:
    """Readers in the order of a type's mappings.

    The first hit wins. An object is absent only if every reader says so; if one that could hold it does not
    answer, neither does the chain: it raises that reader's `Unavailable`.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self.readers = tuple(readers)

    def retrieve(self, id: str) -> Object | None:
        """Return the object, or None if all readers say that it is absent; raises `Unavailable`."""
        silent: Unavailable | None = None
        for reader in self.readers:
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

    def search(self, query: Query) -> list[Object]:
        """Return the objects that match; an earlier reader's object shadows a later one's.

        Raises `Unavailable` if any reader does: half a list would pass for the whole.
        """
        found: dict[str, Object] = {}
        for position, reader in enumerate(self.readers):
            for obj in reader.search(query):
                if obj.id not in found and not (query.criteria and self._shadowed(obj.id, position)):
                    found[obj.id] = obj
        return list(found.values())

    def _shadowed(self, id: str, position: int) -> bool:
        """Tell whether a reader before that position holds an object of that id, which did not match or is bad."""
        try:
            return any(reader.retrieve(id) is not None for reader in self.readers[:position])
        except InvalidObject:
            return True

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises `Unavailable`."""
        found: dict[str, Object] = {}
        for reader in self.readers:
            missing = [id for id in ids if id not in found]
            if not missing:
                break
            found.update(retrieve_many(reader, missing))
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
