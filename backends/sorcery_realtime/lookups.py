"""Rows by the texts that columns hold to the letter, or by how their ids begin: what is asked again and again.

Putting such a question together and reading its answer takes SQLAlchemy ten times as long as the database. So the
statement is made once for all questions that differ in their texts alone, and the driver is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import attrs
from sqlalchemy import Column, Dialect, Select

from sorcery.objecttype import ObjectType
from sorcery.query import Query
from sorcery_realtime.databases import Parameters
from sorcery_realtime.escape import Codec
from sorcery_realtime.patterns import prefix_texts
from sorcery_realtime.queries import exact
from sorcery_realtime.tables import is_storable

__all__ = ["Lookup", "Lookups"]

Shape = tuple[bool, tuple[str, ...]]
"""Whether a prefix is asked for, and of which columns."""


class Lookup(NamedTuple):
    """A question by texts."""

    shape: Shape
    texts: tuple[str, ...]
    """What the parameters of its statement are."""


@attrs.frozen(slots=True)
class Statement:
    """A statement in the driver's own spelling."""

    text: str
    names: Sequence[str] | None
    """The names of its parameters, for a driver that takes them by name."""

    def bound(self, texts: Sequence[str]) -> Parameters:
        """Return the parameters as the driver takes them."""
        return texts if self.names is None else dict(zip(self.names, texts, strict=True))


class Lookups:
    """The questions of that kind to one table, and their statements."""

    def __init__(self, object_type: ObjectType, codec: Codec, dialect: Dialect) -> None:
        self._object_type, self._codec, self._dialect = object_type, codec, dialect
        self._known: dict[Shape, Statement] = {}

    def of(self, query: Query, columns: Mapping[str, Column[Any]]) -> Lookup | None:
        """Return the lookup that finds the rows which may answer a query; None for other queries."""
        texts = self._texts(query, columns)
        if not texts:
            return None
        return Lookup((bool(query.prefix), tuple([each.field for each in query.criteria])), tuple(texts))

    def statement(self, lookup: Lookup, rows: Callable[[], Select[Any]]) -> tuple[str, Parameters]:
        """Return the statement for whole rows, and its parameters; `rows` makes one as SQLAlchemy has it."""
        known = self._known.get(lookup.shape)
        if known is None:
            compiled = rows().compile(dialect=self._dialect)
            order = compiled.positiontup if compiled.positional else None
            assert tuple([compiled.params[name] for name in order or compiled.params]) == lookup.texts
            names = None if compiled.positional else list(compiled.params)
            known = self._known[lookup.shape] = Statement(compiled.string, names)
        return known.text, known.bound(lookup.texts)

    def _texts(self, query: Query, columns: Mapping[str, Column[Any]]) -> list[str] | None:
        """Return what the parameters of the statement are; None where other texts than these may answer."""
        if query.regex or not is_storable(query.prefix):
            return None
        texts = list(prefix_texts(self._codec.key(query.prefix), self._dialect.name)) if query.prefix else []
        for criterion in query.criteria:
            text = exact(criterion, self._object_type, columns, self._codec)
            if text is None:
                return None
            texts.append(text)
        return texts
