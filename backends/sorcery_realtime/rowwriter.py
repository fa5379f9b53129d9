"""Objects as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Column, Enum, String, Table

from sorcery.kinds import Choice
from sorcery.objects import Object, ObjectSet
from sorcery.objecttype import ObjectType
from sorcery_realtime.escape import Codec
from sorcery_realtime.tables import Misfit, Value, fit

__all__ = ["Row", "RowWriter"]

Row = dict[str, Value]
"""What a statement is given, by column."""

WRITTEN_WHOLE: Final = frozenset({"contact"})
"""The types of which Asterisk itself writes every option, "not set" as an empty text."""


class RowWriter:
    """Makes rows for one table from objects of one type; what the two have in common is looked up once."""

    def __init__(self, object_type: ObjectType, codec: Codec, table: Table) -> None:
        self.table = table
        self._type, self._codec = object_type, codec
        self._columns: Mapping[str, Column[Any]] = dict(table.columns.items())
        self._is_known = {name: object_type.has_field(name) for name in self._columns}
        self._unset: Row = {name: None for name, known in self._is_known.items() if known}
        self._limits = {name: each for name, column in self._columns.items() if (each := _limit(column)) is not None}
        # Asterisk's driver sqlite3 reads NULL as an empty text when it reads many rows, and then refuses the rows
        self._is_whole = not codec.splits or object_type.name in WRITTEN_WHOLE
        self._defaults = _grouped([pair for _, pairs in object_type.whole.written for pair in pairs])
        self._standing = {name: self._default(name, texts) for name, texts in self._defaults.items()}

    def row(self, obj: Object) -> Row:
        """Return the columns that the object sets, with its id, and those of its defaults where they are written too.

        Raises `Misfit` for what the table has no column or no room for.
        """
        row: Row = {"id": self._fitted("id", self._codec.key(obj.id))}
        if not self._is_whole:
            for name, texts in _grouped(obj.settings()).items():
                row[name] = self._value(name, texts)
            return row
        for name, texts in _grouped(obj.settings(every=True)).items():
            if texts != self._defaults.get(name):
                row[name] = self._value(name, texts)
            elif self._is_known.get(name):
                row[name] = self._standing[name]
        return row

    def replacement(self, obj: Object) -> Row:
        """Return every column of the type, NULL where the object has nothing to say; raises `Misfit`."""
        return self._unset | self.row(obj)

    def _value(self, name: str, texts: Sequence[str]) -> Value:
        """Return what a column is given for an option's texts."""
        codec = self._codec
        if len(texts) == 1 and texts[0] and codec.is_simple(texts[0]):
            return self._fitted(name, texts[0])
        try:
            stored = codec.join(texts)
        except ValueError as error:
            self._column(name)
            raise Misfit(f"option {name} cannot be stored: {error}") from None
        return self._fitted(name, stored)

    def _fitted(self, name: str, stored: str) -> Value:
        if len(stored) <= self._limits.get(name, -1) and stored.isascii() and "\0" not in stored:
            return stored  # what nearly every text comes down to
        column = self._column(name)
        return fit(column, self._spelled(name, column, stored))

    def _spelled(self, name: str, column: Column[Any], text: str) -> str:
        """Return the text, or its synonym where a column has its own words: `forced` is `always`."""
        if not isinstance(column.type, Enum) or text in column.type.enums:
            return text
        option = self._type.option(name)
        if option is None or not isinstance(option.kind, Choice):
            return text
        return next((word for word in column.type.enums if option.kind.means(word) == text), text)

    def _column(self, name: str) -> Column[Any]:
        column = self._columns.get(name)
        if column is None:
            adopt = "run: sorcery db adopt, or leave the option at its default"
            remedy = "add it, or leave the field out" if name.startswith("@") else adopt
            raise Misfit(f"table {self.table.name} has no column {name}", remedy)
        return column

    def _default(self, name: str, texts: Sequence[str]) -> Value:
        """Return what stands for an option at its default: its text, or NULL where the column has no room for it."""
        column = self._columns.get(name)
        try:
            return None if column is None else fit(column, self._codec.join(texts) if any(texts) else "")
        except ValueError:
            return None


def _limit(column: Column[Any]) -> int | None:
    """Return how long a text may be, for a column that takes any text up to there."""
    kind = column.type
    return kind.length if isinstance(kind, String) and not isinstance(kind, Enum) else None


def _grouped(pairs: ObjectSet) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, text in pairs:
        if name in grouped:
            grouped[name].append(text)
        else:
            grouped[name] = [text]
    return grouped
