"""The row of one id, read in packed form: what every request of a phone asks, several times."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from sorcery.objects import Object
from sorcery_database import Fault
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.packing import Packed, Packing, packing
from sorcery_realtime.rowreader import RowReader
from sorcery_realtime.tables import TableName

__all__ = ["PackedRows", "Unpacked"]

REMEMBERED: Final = 1024
"""The rows of a table whose objects are remembered, at most."""
ATTEMPTS: Final = 3
"""How often a table is looked at anew for one question, while somebody alters it."""


class Unpacked(Exception):
    """The database does not pack this row, or does not pack rows at all: it has to be read column by column."""


class PackedRows:
    """The rows of one table by id. Its methods block on the database and raise `Lost`, and `Unpacked`.

    The database is asked each time. A row that says what it said when it was read last is the object that it was then.
    """

    def __init__(self, database: Database, name: TableName, reader: RowReader) -> None:
        self._database, self._name, self._reader = database, name, reader
        self._label = str(name)
        self._packing: Packing | None = None
        self._known: dict[str, tuple[Packed, Object]] = {}
        self._remembering = threading.Lock()

    def retrieve(self, stored: str) -> Object | None:
        """Return the object of an id as it is stored, or None; raises `InvalidObject` for a row that cannot be one."""
        for _ in range(ATTEMPTS):
            ask = self._packing or self._learned()
            known = self._known.get(stored)
            for packed in self._rows(ask, stored):
                if known is not None and packed == known[0]:
                    return known[1]
                try:
                    row = ask.unpacked(packed)
                except ValueError:  # SQLite writes an infinite number as JSON has none
                    raise Unpacked from None
                if row is None:
                    self._packing = None
                    break
                if row[0] == stored:  # a collation may find others beside it
                    return self._remembered(stored, packed, self._reader.read(stored, row[1]))
            else:
                return None
        raise Unpacked

    def _rows(self, ask: Packing, stored: str) -> Sequence[Packed]:
        try:
            return self._database.ask_driver(self._label, lambda connection: ask.rows(connection, stored))
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

    def _remembered(self, stored: str, packed: Packed, obj: Object) -> Object:
        """Keep the object, unless more than its row made it."""
        if not obj.is_dynamic:
            with self._remembering:
                self._known.pop(stored, None)
                self._known[stored] = packed, obj
                if len(self._known) > REMEMBERED:
                    del self._known[next(iter(self._known))]
        return obj
