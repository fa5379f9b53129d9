"""Several stores asked as one."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sorcery.errors import InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.query import ALL, Query
from sorcery.wizard import PENDING, Batched, Holding, Immediate, Paged, Pending, Reader

__all__ = ["Chain", "Swaps", "cut", "pages", "retrieve_many"]


T = TypeVar("T")


class Swaps:
    """Counts the moments in which stores in memory change together, one after another."""

    def __init__(self) -> None:
        self._number = 0
        """Odd while stores are changing."""

    @contextlib.contextmanager
    def swapping(self) -> Iterator[None]:
        """Change stores in this context; it must not take long, for who finds nothing meanwhile waits for its end."""
        self._number += 1
        try:
            yield
        finally:
            self._number += 1

    def at_one_moment(self, ask: Callable[[], T], suffices: Callable[[T], bool]) -> T:
        """Return an answer that suffices anyhow, or for which no store changed between the first asked and the last."""
        while True:
            before = self._number
            answer = ask()
            if suffices(answer) or (self._number == before and before % 2 == 0):
                return answer
            time.sleep(0)  # let the swap go on


class Chain:
    """Readers in the order of a type's mappings.

    The first hit wins, also a bad one: what a reader holds hides what later ones hold under that id, from every
    question. An object is absent only if every reader says so; if one that could hold it does not answer, neither
    does the chain: it raises that reader's `Unavailable`. An object that moves from one reader to another is in one
    of them at any moment, so who meets `swaps` in between asks again.
    """

    def __init__(self, readers: Sequence[Reader], swaps: Swaps | None = None) -> None:
        self.readers = tuple(readers)
        self._impatient = tuple(map(_Impatient, self.readers))
        self._swaps = swaps or Swaps()

    def retrieve(self, id: str) -> Object | None:
        """Return the object, or None if all readers say that it is absent; raises `Unavailable`."""
        return self._swaps.at_one_moment(lambda: _first(self.readers, id), _is_found)

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Answer as `retrieve`, or `PENDING` where a reader whose turn it is would have to wait."""
        try:
            return self._swaps.at_one_moment(lambda: _first(self._impatient, id), _is_found)
        except _Waiting:
            return PENDING

    def search(self, query: Query) -> list[Object]:
        """Return the objects that match; raises `Unavailable` if any reader does: half a list is no list."""
        return self._swaps.at_one_moment(lambda: _all(self.readers, query), _never)

    def search_now(self, query: Query) -> list[Object] | Pending:
        """Answer as `search`, or `PENDING` where a reader would have to wait."""
        try:
            return self._swaps.at_one_moment(lambda: _all(self._impatient, query), _never)
        except _Waiting:
            return PENDING

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist, without those that are bad.

        Raises `Unavailable` if any reader that is asked does, as a search: what a later one has instead may be older.
        """
        return self._swaps.at_one_moment(lambda: self._many(ids), lambda found: len(found) == len(set(ids)))

    def pages(self, query: Query, size: int) -> Iterator[Sequence[Object]]:
        """Yield the objects that match, reader by reader, without those that an earlier reader hides.

        One that moves to an earlier reader meanwhile is not found. Raises `Unavailable` if any reader does.
        """
        for position, reader in enumerate(self.readers):
            for page in pages(reader, query, size):
                new = {obj.id: obj for obj in page}
                visible = _visible(self.readers[:position], new)
                if own := [obj for id, obj in new.items() if visible.get(id) is obj]:
                    yield own

    def _many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        found: dict[str, Object] = {}
        for position, reader in enumerate(self.readers):
            missing = [id for id in ids if id not in found]
            if not missing:
                break
            found.update(_visible(self.readers[:position], retrieve_many(reader, missing)))
        return found


def pages(reader: Reader, query: Query = ALL, size: int = 500) -> Iterator[Sequence[Object]]:
    """Yield the objects that match, each id once: page by page where the reader can, else cut from one answer.

    No page is empty. Blocks on the reader at each page; raises `Unavailable`.
    """
    return reader.pages(query, size) if isinstance(reader, Paged) else cut(reader.search(query), size)


def cut(objects: Iterable[Object], size: int) -> Iterator[Sequence[Object]]:
    """Yield an answer in pages."""
    left = iter(objects)
    while page := list(itertools.islice(left, size)):
        yield page


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


def _is_found(found: Object | None) -> bool:
    return found is not None


def _never(_: object) -> bool:
    return False


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
