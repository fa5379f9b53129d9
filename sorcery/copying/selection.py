"""Which objects are meant, and how they are read: page by page, of each type after those that it refers to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Sized
from collections.abc import Mapping as Table
from itertools import islice
from typing import Any, TypeVar

import attrs

from sorcery.binding import Binding
from sorcery.chain import cut, pages, retrieve_many
from sorcery.objects import Object
from sorcery.posix import compile_extended
from sorcery.query import Criterion, Query
from sorcery.references import naming
from sorcery.standing import TypeName, name_of
from sorcery.wizard import Paged
from sorcery.writing.transaction import dependency_order

__all__ = ["Chosen", "Selection"]

T = TypeVar("T")
Bindings = Table[str, Binding]


@attrs.frozen(kw_only=True)
class Selection:
    """Which objects of a system are meant; what is said of ids and fields has to hold together."""

    types: Sequence[TypeName] = ()
    """The types, all without any."""
    prefix: str = ""
    """What ids start with."""
    regex: str = ""
    """A POSIX extended expression that is found in ids."""
    where: Table[str, Table[str, Any]] = attrs.field(factory=dict)
    """By type: fields and values, as `Sorcery.retrieve_by_fields` takes them."""
    with_references: bool = False
    """What the chosen objects refer to is chosen too, of whatever type and id, and what that refers to."""

    def query(self, name: str, binding: Binding) -> Query:
        """Return what to ask for the objects of a type; raises `ValueError` for an unknown field or operator."""
        fields = self.where.get(name, {})
        criteria = tuple(Criterion.parse(field, value, binding.object_type) for field, value in fields.items())
        return Query(criteria=criteria, regex=self.regex, prefix=self.prefix)


class Chosen:
    """The chosen objects of a system. Its methods block on the stores, and raise `Unavailable`."""

    def __init__(self, bindings: Bindings, names: Iterable[str], selection: Selection, size: int) -> None:
        """Look at what is asked for; raises `UnknownType`, `ValueError`, `NotListed` for what gives no list."""
        self._bindings, self._size = bindings, size
        self._finds = compile_extended(selection.regex).search if selection.regex else bool
        wanted = {name_of(each, bindings) for each in selection.types} or set(names)
        conditions = {name_of(each, bindings): each for each in selection.where}
        for name in sorted(conditions.keys() - wanted):
            raise ValueError(f"there is a condition on {name}, which is not among the types that are copied")
        self._queries = {name: selection.query(name, bindings[name]) for name in wanted}
        for name, query in self._queries.items():
            if query.is_all:
                bindings[name].require_list()
        self._totals: dict[str, int | None] = {}
        self._ids = self._closure(set(names)) if selection.with_references else None
        order = dependency_order({name: binding.object_type for name, binding in bindings.items()})
        self.names = [name for name in order if name in (self._queries if self._ids is None else self._ids)]
        """The types that there are objects of, or may be, in dependency order."""

    def pages(self, name: str) -> Iterator[Sequence[Object]]:
        """Yield the objects of a type, a bounded number at once."""
        reader = self._bindings[name].reader
        if self._ids is None:
            query = self._queries[name]
            if isinstance(reader, Paged):
                yield from reader.pages(query, self._size)
                return
            found = reader.search(query)
            self._totals[name] = len(found) if isinstance(found, Sized) else None
            yield from cut(found, self._size)
            return
        for ids in batched(self._ids[name], self._size):
            yield list(retrieve_many(reader, ids).values())

    def total(self, name: str) -> int | None:
        """Return how many objects of a type the pages have that are being read, where that is known."""
        return self._totals.get(name) if self._ids is None else len(self._ids[name])

    def may_hold(self, name: str, id: str) -> bool:
        """Tell whether an object that cannot be read may be meant: of its fields nothing is known."""
        if self._ids is not None:
            return id in self._ids.get(name, ())
        query = self._queries.get(name)
        return query is not None and id.startswith(query.prefix) and bool(self._finds(id))

    def _closure(self, names: Collection[str]) -> dict[str, dict[str, None]]:
        """Return the ids of the chosen objects and of all that these refer to, by type."""
        found: dict[str, dict[str, None]] = {}
        waiting: dict[str, dict[str, None]] = {}
        for name, query in self._queries.items():
            for page in pages(self._bindings[name].reader, query, self._size):
                self._follow(name, page, names, found, waiting)
        while waiting:
            name, ids = waiting.popitem()
            for some in batched([id for id in ids if id not in found.get(name, ())], self._size):
                there = retrieve_many(self._bindings[name].reader, some)
                self._follow(name, there.values(), names, found, waiting)
                found.setdefault(name, {}).update(dict.fromkeys(some))  # a bad one is told of
        return found

    def _follow(
        self,
        name: str,
        objects: Iterable[Object],
        names: Collection[str],
        found: dict[str, dict[str, None]],
        waiting: dict[str, dict[str, None]],
    ) -> None:
        for obj in objects:
            found.setdefault(name, {})[obj.id] = None
            for type_name, id in _referred(obj):
                if type_name in names and id not in found.get(type_name, ()):
                    waiting.setdefault(type_name, {})[id] = None


def _referred(obj: Object) -> Iterator[tuple[str, str]]:
    """Yield the type and id of all that an object refers to, or may, and of its owner."""
    for option, ids in naming(obj):
        for id in ids:
            yield option.refers_to or option.may_refer_to, id
    owner, separator, _ = obj.id.rpartition(";@")
    if separator and obj.__sorcery__.owner:
        yield obj.__sorcery__.owner, owner


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of at most that many items."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
