"""The reader of a type whose answers are compared with those of a second store."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from sorcery.chain import pages, retrieve_many
from sorcery.errors import InvalidObject
from sorcery.objects import Object
from sorcery.query import Query
from sorcery.wizard import PENDING, Immediate, Pending, Reader

__all__ = ["Answer", "Ask", "Shadowed"]

Answer = Mapping[str, Object]
"""Objects by id."""
Ask = Callable[[Reader], Answer]
"""Asks a reader the same question again."""


class Shadowed:
    """Asks a reader, and lets whoever compares know of the question, the answer, and how long it took.

    A question that is not answered is not compared. Whether one of several is, the comparer says before it is asked.
    """

    def __init__(self, reader: Reader, chooses: Callable[[], bool], tell: Callable[[Ask, Answer, float], None]) -> None:
        self._reader, self._chooses, self._tell = reader, chooses, tell
        self._immediate = reader if isinstance(reader, Immediate) else None

    def retrieve(self, id: str) -> Object | None:
        """Answer as the reader."""
        if not self._chooses():
            return self._reader.retrieve(id)
        begun = time.perf_counter()
        found = self._reader.retrieve(id)
        self._tell(lambda reader: _one(reader, id), _by_id(found), time.perf_counter() - begun)
        return found

    def search(self, query: Query) -> Iterable[Object]:
        """Answer as the reader."""
        if not self._chooses():
            return self._reader.search(query)
        begun = time.perf_counter()
        found = self._reader.search(query)
        if not isinstance(found, Collection):
            found = list(found)
        self._tell_of_search(query, found, begun)
        return found

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Answer as the reader, in one question where it can."""
        if not self._chooses():
            return retrieve_many(self._reader, ids)
        begun = time.perf_counter()
        found = retrieve_many(self._reader, ids)
        self._tell(lambda reader: retrieve_many(reader, ids), found, time.perf_counter() - begun)
        return found

    def pages(self, query: Query, size: int) -> Iterator[Sequence[Object]]:
        """Answer as the reader; of each page the objects are compared, so what the other store has more is not seen."""
        if not self._chooses():
            yield from pages(self._reader, query, size)
            return
        begun = time.perf_counter()
        for page in pages(self._reader, query, size):
            ids = [obj.id for obj in page]
            seconds = time.perf_counter() - begun
            self._tell(functools.partial(retrieve_many, ids=ids), {obj.id: obj for obj in page}, seconds)
            yield page
            begun = time.perf_counter()

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Answer as the reader, if it can at once."""
        if self._immediate is None:
            return PENDING
        if not self._chooses():
            return self._immediate.retrieve_now(id)
        begun = time.perf_counter()
        found = self._immediate.retrieve_now(id)
        if found is not PENDING:
            self._tell(lambda reader: _one(reader, id), _by_id(found), time.perf_counter() - begun)
        return found

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        """Answer as the reader, if it can at once."""
        if self._immediate is None:
            return PENDING
        if not self._chooses():
            return self._immediate.search_now(query)
        begun = time.perf_counter()
        found = self._immediate.search_now(query)
        if isinstance(found, Collection):
            self._tell_of_search(query, found, begun)
        return found

    def _tell_of_search(self, query: Query, found: Collection[Object], begun: float) -> None:
        def ask(reader: Reader) -> Answer:
            return {obj.id: obj for obj in reader.search(query)}

        self._tell(ask, {obj.id: obj for obj in found}, time.perf_counter() - begun)


def _one(reader: Reader, id: str) -> Answer:
    try:
        return _by_id(reader.retrieve(id))
    except InvalidObject:
        return {}


def _by_id(found: Object | None) -> Answer:
    return {} if found is None else {found.id: found}
