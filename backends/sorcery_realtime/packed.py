"""Rows read in packed form: what every request of a phone asks, several times."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement

from sorcery.objects import Object
from sorcery.query import Query
from sorcery_database import Fault
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.lookups import Lookup
from sorcery_realtime.packing import Packed, Packing, Question, Unpacked, packing
from sorcery_realtime.rowreader import RowReader, good
from sorcery_realtime.tables import TableName

__all__ = ["PackedRows"]

REMEMBERED: Final = 1024
"""The rows of a table whose objects are remembered, at most."""


class Known(NamedTuple):
    """What was found when something was asked last."""

    packing: Packing
    """What says which value of the row is which: another one may hold the same values for other columns."""
    packed: Packed
    obj: Object


class PackedRows:
    """The rows of one table. Its methods block on the database and raise `Lost`, and `Unpacked`.

    The database is asked each time. A row that says what it said when the same was asked last is the object that it
    was then.
    """

    def __init__(self, database: Database, name: TableName, reader: RowReader) -> None:
        self._database, self._name, self._reader = database, name, reader
        self._label = str(name)
        self._packing: Packing | None = None
        self._known: dict[str | Lookup, Known] = {}
        self._remembering = threading.Lock()

    def retrieve(self, stored: str) -> Object | None:
        """Return the object of an id as it is stored, or None; raises `InvalidObject` for a row that cannot be one."""
        packing = self._packing or self._learned()
        known = self._known.get(stored)
        for packed in self._rows(packing.by_id, (stored,)):
            if known is not None and known.packing is packing and packed == known.packed:
                return known.obj
            found, told = packing.unpacked(packed)
            if found == stored:  # a collation may find others beside it
                return self._remembered(stored, Known(packing, packed, self._reader.read(stored, told)))
        return None

    def search(
        self, lookup: Lookup, query: Query, conditions: Callable[[], Iterable[ColumnElement[bool]]]
    ) -> Iterable[Object]:
        """Return the objects that answer a query, of the rows that its lookup finds; a bad row is logged.

        `conditions` says what the lookup is in SQL.
        """
        packing = self._packing or self._learned()
        rows = self._rows(packing.question(lookup.shape, conditions), lookup.texts)
        known = self._known.get(lookup)
        if known is not None and known.packing is packing and len(rows) == 1 and rows[0] == known.packed:
            return (known.obj,)
        found = good(rows, lambda packed: self._reader.read(*packing.unpacked(packed)), query.predicate()).values()
        if len(found) == len(rows) == 1:
            self._remembered(lookup, Known(packing, rows[0], *found))
        return found

    def _rows(self, question: Question, texts: Sequence[str]) -> Sequence[Packed]:
        try:
            return self._database.ask_driver(self._label, lambda connection: question.ask(connection, texts))
        except Lost as lost:
            self._packing = None  # the table may be another now
            if lost.fault in (Fault.NO_COLUMN, Fault.REFUSED, Fault.CONTENT):
                raise Unpacked from lost
            raise

    def _learned(self) -> Packing:
        found = self._packing = packing(self._database, self._name, self._reader.fields)
        if found is None:
            raise Unpacked
        return found

    def _remembered(self, asked: str | Lookup, known: Known) -> Object:
        """Keep the object, unless more than its row made it."""
        if not known.obj.is_dynamic:
            with self._remembering:
                self._known.pop(asked, None)
                self._known[asked] = known
                if len(self._known) > REMEMBERED:
                    del self._known[next(iter(self._known))]
        return known.obj
