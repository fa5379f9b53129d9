"""Asking a system for objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Table
from itertools import chain
from typing import Any, TypeVar, overload

from sorcery.binding import Binding, Generation
from sorcery.chain import pages, retrieve_many
from sorcery.errors import InvalidObject, Unavailable, untraced
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.query import ALL, Criterion, Ordered, Query
from sorcery.standing import Standing, TypeName

__all__ = ["Retrieval"]

T = TypeVar("T", bound=Object)


class Retrieval:
    """The part of a system that answers: from whatever generation is in force.

    Every retrieval has three answers: the object, None (or an empty list) when the stores say that there is none,
    and `Unavailable` raised when they could not say.
    """

    def __init__(self) -> None:
        self._standing = Standing()

    @property
    def types(self) -> Table[str, type[Object]]:
        """The object types by name."""
        return dict(self._standing.generation.types)

    def mappings(self, type: TypeName) -> tuple[Mapping, ...]:
        """Return the mappings of a type, in the order in which they are asked."""
        return self._binding(type).mappings

    @overload
    def retrieve_by_id(self, type: type[T], id: str) -> T | None: ...
    @overload
    def retrieve_by_id(self, type: str, id: str) -> Any: ...
    def retrieve_by_id(self, type: TypeName, id: str) -> Any:
        """Return the object of that id, or None; raises `Unavailable`."""
        retrieve = self._standing.retrieve.get(type)
        try:
            return retrieve(id) if retrieve else self._binding(type).front.retrieve(id)
        except InvalidObject as error:
            raise untraced(error)  # noqa: B904 - it is the same error
        except Unavailable:
            if retrieve is None or retrieve == self._standing.retrieve.get(type):
                raise
        return self.retrieve_by_id(type, id)  # the store was let go meanwhile, and others are in its place

    @overload
    def retrieve_many(self, type: type[T], ids: Iterable[str]) -> dict[str, T]: ...
    @overload
    def retrieve_many(self, type: str, ids: Iterable[str]) -> dict[str, Any]: ...
    def retrieve_many(self, type: TypeName, ids: Iterable[str]) -> dict[str, Any]:
        """Return the objects of these ids, by id, in the order given: of a database in one question per 500.

        An id that is not in the answer is absent, or what is stored under it is bad: `retrieve_by_id` tells. Raises
        `Unavailable` where a store that is asked cannot say, though a later one may have it.
        """
        binding, wanted = self._binding(type), list(dict.fromkeys(ids))
        try:
            found = retrieve_many(binding.front, wanted)
        except Unavailable:
            if binding is self._binding(type):
                raise
            return self.retrieve_many(type, wanted)
        return {id: found[id] for id in wanted if id in found}

    @overload
    def iterate(self, type: type[T], *, size: int = 500, **fields: Any) -> Iterator[T]: ...
    @overload
    def iterate(self, type: str, *, size: int = 500, **fields: Any) -> Iterator[Any]: ...
    def iterate(self, type: TypeName, *, size: int = 500, **fields: Any) -> Iterator[Any]:
        """Yield all objects of a type, or those whose fields match, each id once: of a database `size` rows at a time.

        For what is too much to hold at once. Stores come one after the other, each in an order of its own. What is
        created or deleted meanwhile may be found or not, all else is; an object is as it was when its page was read.
        Blocks at each page; raises `Unavailable` there, and the errors of `retrieve_by_fields` at once.
        """
        binding = self._binding(type)
        return chain.from_iterable(pages(binding.front, _fields_query(binding, fields), size))

    @overload
    def retrieve_all(self, type: type[T]) -> list[T]: ...
    @overload
    def retrieve_all(self, type: str) -> list[Any]: ...
    def retrieve_all(self, type: TypeName) -> list[Any]:
        """Return all objects of a type, sorted by id; raises `Unavailable`."""
        return self._search(type, ALL)

    @overload
    def retrieve_by_fields(self, type: type[T], **fields: Any) -> list[T]: ...
    @overload
    def retrieve_by_fields(self, type: str, **fields: Any) -> list[Any]: ...
    def retrieve_by_fields(self, type: TypeName, **fields: Any) -> list[Any]:
        """Return the objects whose fields all match, sorted by id.

        A field's name may carry an operator, as in `**{"max_contacts >=": 2}`: `= != < <= > >= LIKE regex`, and
        `names` for the ids that a field refers to; without one it is equality, or a regular expression where the text
        is written `/…/`. Raises `ValueError` for an unknown field or operator, and `Unavailable`.
        """
        return self._search(type, _fields_query(self._binding(type), fields))

    @overload
    def retrieve_by_regex(self, type: type[T], regex: str) -> list[T]: ...
    @overload
    def retrieve_by_regex(self, type: str, regex: str) -> list[Any]: ...
    def retrieve_by_regex(self, type: TypeName, regex: str) -> list[Any]:
        """Return the objects whose id a POSIX extended expression finds, sorted by id; an empty one finds all.

        Raises `ValueError` for an expression that does not compile, and `Unavailable`.
        """
        return self._search(type, Query(regex=regex))

    @overload
    def retrieve_by_prefix(self, type: type[T], prefix: str) -> list[T]: ...
    @overload
    def retrieve_by_prefix(self, type: str, prefix: str) -> list[Any]: ...
    def retrieve_by_prefix(self, type: TypeName, prefix: str) -> list[Any]:
        """Return the objects whose id starts with the prefix, sorted by id; raises `Unavailable`."""
        return self._search(type, Query(prefix=prefix))

    def _search(self, type: TypeName, query: Query) -> list[Any]:
        binding = self._binding(type)
        try:
            return Ordered.of(binding.front.search(query))
        except Unavailable:
            if binding is self._binding(type):
                raise
        return self._search(type, query)

    def _binding(self, type: TypeName) -> Binding:
        return self._standing.binding(type)

    @property
    def _in_force(self) -> Generation:
        return self._standing.in_force


def _fields_query(binding: Binding, fields: Table[str, Any]) -> Query:
    """Return the query of what a caller wrote for fields; raises `ValueError`."""
    return Query(criteria=tuple(Criterion.parse(name, value, binding.object_type) for name, value in fields.items()))
