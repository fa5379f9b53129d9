"""Objects as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Column, Enum, Table

from sorcery.kinds import Choice
from sorcery.objects import Object, ObjectSet
from sorcery.objecttype import ObjectType
from sorcery_realtime.escape import Codec
from sorcery_realtime.tables import Misfit, Value, fit

__all__ = ["RowWriter"]

WRITTEN_WHOLE: Final = frozenset({"contact"})
"""The types of which Asterisk itself writes every option, "not set" as an empty text."""


@attrs.frozen(slots=True)
class RowWriter:
    """Makes rows for one table from objects of one type."""

    object_type: ObjectType
    codec: Codec

    @property
    def is_whole(self) -> bool:
        """Tell whether options at their default are written too.

        Asterisk's driver sqlite3 reads NULL as an empty text when it reads many rows, and then refuses the rows.
        """
        return not self.codec.splits or self.object_type.name in WRITTEN_WHOLE

    def row(self, obj: Object, table: Table) -> dict[str, Value]:
        """Return the columns that the object sets, with its id.

        Raises `Misfit` for what the table has no column or no room for.
        """
        given = _grouped(obj.settings())
        row = dict(self._defaults(obj, table, given)) if self.is_whole else {}
        row["id"] = fit(_column(table, "id"), self.codec.key(obj.id))
        for name, texts in given.items():
            column = _column(table, name)
            try:
                stored = self.codec.join(texts)
            except ValueError as error:
                raise Misfit(f"option {name} cannot be stored: {error}") from None
            row[name] = fit(column, self._spelled(name, column, stored))
        return row

    def _spelled(self, name: str, column: Column[Any], text: str) -> str:
        """Return the text, or its synonym where a column has its own words: `forced` is `always`."""
        option = self.object_type.option(name)
        if not isinstance(column.type, Enum) or option is None or not isinstance(option.kind, Choice):
            return text
        words = column.type.enums
        return text if text in words else next((word for word in words if option.kind.means(word) == text), text)

    def replacement(self, obj: Object, table: Table) -> dict[str, Value]:
        """Return every column of the type, NULL where the object has nothing to say; raises `Misfit`."""
        known = (name for name in table.columns.keys() if self.object_type.has_field(name))  # noqa: SIM118
        return dict.fromkeys(known) | self.row(obj, table)

    def _defaults(self, obj: Object, table: Table, given: Mapping[str, Sequence[str]]) -> Iterable[tuple[str, Value]]:
        for name, texts in _grouped(obj.settings(every=True)).items():
            column = table.columns.get(name)
            if column is not None and name not in given and self.object_type.has_field(name):
                yield name, _default(column, texts, self.codec)


def _column(table: Table, name: str) -> Column[Any]:
    column = table.columns.get(name)
    if column is None:
        adopt = "run: sorcery db adopt, or leave the option at its default"
        remedy = "add it, or leave the field out" if name.startswith("@") else adopt
        raise Misfit(f"table {table.name} has no column {name}", remedy)
    return column


def _default(column: Column[Any], texts: Sequence[str], codec: Codec) -> Value:
    """Return what stands for an option at its default: its text, or NULL where the column has no room for it."""
    try:
        return fit(column, codec.join(texts) if any(texts) else "")
    except ValueError:
        return None


def _grouped(pairs: ObjectSet) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, text in pairs:
        grouped.setdefault(name, []).append(text)
    return grouped
