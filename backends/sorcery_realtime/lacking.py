"""Columns that a table lacks: their options stay at their defaults, and whoever runs the database is told so, once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import Connection, inspect

from sorcery.objecttype import ObjectType
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost
from sorcery_realtime.tables import TableName

__all__ = ["Lacking"]

log = logging.getLogger("sorcery.realtime")

WITHOUT_COLUMN: Final = {
    "transport": ("ca_list_path", "websocket_write_timeout"),
    "stir_shaken/tn": ("check_tn_cert_public_url",),
}
"""The options, by type, that no table of Asterisk's has a column for."""


class Lacking:
    """The columns that one table lacks. Safe to use from many threads."""

    def __init__(self, object_type: ObjectType, database: Database, name: TableName) -> None:
        self._database, self._name = database, name
        without = WITHOUT_COLUMN.get(object_type.name, ())
        fields = (each for each in object_type.fields() if not (each.is_alias or each.is_family))
        self._expected = sorted(each.name for each in fields if each.name not in without)
        self._untold: Sequence[str] = ()
        self._told: set[str] = set()
        self._telling = threading.Lock()
        self.is_known = False
        """Whether the columns were seen."""

    def note(self, columns: Collection[str]) -> None:
        """Take note of the columns that there are; asks nothing, so whoever has a connection may call it."""
        there = frozenset(columns)
        self._untold = [name for name in self._expected if name not in there and name not in self._told]
        self.is_known = True

    def tell(self) -> None:
        """Log what is missing and was not told before, but not of a view: that leaves out what it means to.

        Asks the database whether it is one; whoever calls it holds no connection.
        """
        if not self._untold:
            return
        with self._telling:
            names, self._untold = [name for name in self._untold if name not in self._told], ()
            self._told.update(names)
        if names and not self._is_view():
            columns = f"column{'s' if len(names) > 1 else ''} {', '.join(names)}"
            outcome = "what they would set stays at its default" if len(names) > 1 else "its option keeps its default"
            remedy = self._database.remedy if self._name.is_asterisks else "add them; a view may leave them out"
            log.warning(
                "table %s in %s lacks the %s: %s; %s", self._name, self._database.name, columns, outcome, remedy
            )

    def _is_view(self) -> bool:
        def ask(connection: Connection) -> bool:
            found = inspect(connection)
            views = found.get_view_names(self._name.schema)
            if connection.dialect.name == "postgresql":
                views += found.get_materialized_view_names(self._name.schema)
            return self._name.name in views

        try:
            return self._database.read(str(self._name), ask)
        except Lost:  # whoever asks next is told why
            return False
