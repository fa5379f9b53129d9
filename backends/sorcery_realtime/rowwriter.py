"""Objects as rows.

Many objects have most of their values in common, so what these come to is remembered: the columns of a template's
values, and those of the last values of each option, unless it is a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Column, Enum, String, Table

from sorcery.kinds import Choice, Kind
from sorcery.objects import Object, ObjectSet
from sorcery.objecttype import ObjectType
from sorcery.values import Prototype, parts
from sorcery_realtime.escape import Codec
from sorcery_realtime.tables import Misfit, Value, fit

__all__ = ["Row", "RowWriter"]

Row = dict[str, Value]
"""What a statement is given, by column."""

WRITTEN_WHOLE: Final = frozenset({"contact"})
"""The types of which Asterisk itself writes every option, "not set" as an empty text."""

REMEMBERED: Final = 256
"""The values of an option whose columns are remembered, and the templates, at most."""


@attrs.frozen(slots=True, eq=False)
class Cells:
    """What one value of an option comes to."""

    row: Row
    cleared: Sequence[str]
    """The columns of the option's default that this value says nothing of."""


@attrs.frozen(slots=True, eq=False)
class TextColumn:
    """The one column of an option whose values mostly are one text, which is stored as it is."""

    name: str
    limit: int
    start: Any
    """The value that is the option's default."""
    texts: Callable[[Any], Sequence[str]]


class RowWriter:
    """Makes rows for one table from objects of one type; what the two have in common is looked up once.

    Safe to use from many threads.
    """

    def __init__(self, object_type: ObjectType, codec: Codec, table: Table) -> None:
        self.table = table
        self._type, self._codec = object_type.whole, codec
        self._columns: Mapping[str, Column[Any]] = dict(table.columns.items())
        is_known = {name: object_type.has_field(name) for name in self._columns}
        self._unset: Row = {name: None for name, known in is_known.items() if known}
        self._limits = {name: each for name, column in self._columns.items() if (each := _limit(column)) is not None}
        # Asterisk's driver sqlite3 reads NULL as an empty text when it reads many rows, and then refuses the rows
        is_whole = not codec.splits or object_type.name in WRITTEN_WHOLE
        self._defaults = _grouped([pair for _, pairs in self._type.written for pair in pairs]) if is_whole else {}
        """The texts of what is written though it is at its default."""
        self._standing: Row = {
            name: self._default(name, texts) for name, texts in self._defaults.items() if is_known.get(name)
        }
        texts = {attribute: self._text_column(attribute) for attribute in self._type.writing}
        self._texts = {attribute: column for attribute, column in texts.items() if column is not None}
        secrets = {option.attribute for option in self._type.options.values() if option.secret}
        self._made: dict[str, dict[Any, Cells]] = {name: {} for name in self._type.writing if name not in secrets}
        self._shared: dict[Prototype, Row] = {}

    def row(self, obj: Object) -> Row:
        """Return the columns that the object sets, with its id, and those of its defaults where they are written too.

        Raises `Misfit` for what the table has no column or no room for.
        """
        prototype, own = parts(obj)
        if own.keys().isdisjoint(prototype.changed):
            row = dict(self._common(prototype))
        else:
            row, own = dict(self._standing), self._values(prototype) | own
        row["id"] = self._fitted("id", self._codec.key(obj.id))
        self._put(row, own)
        for name, text in obj.extended:
            row[name] = self._value(name, [text])
        return row

    def replacement(self, obj: Object) -> Row:
        """Return every column of the type, NULL where the object has nothing to say; raises `Misfit`."""
        return self._unset | self.row(obj)

    def _common(self, prototype: Prototype) -> Row:
        """Return the columns of an object that has the values of a prototype."""
        found = self._shared.get(prototype)
        if found is None:
            found = dict(self._standing)
            self._put(found, self._values(prototype))
            if len(self._shared) >= REMEMBERED:
                self._shared.clear()
            self._shared[prototype] = found
        return found

    def _values(self, prototype: Prototype) -> dict[str, Any]:
        positions = self._type.positions
        return {name: prototype.values[positions[name]] for name in prototype.changed}

    def _put(self, row: Row, values: Mapping[str, Any]) -> None:
        """Put the columns of values into a row that holds the defaults."""
        is_simple = self._codec.is_simple
        for attribute, value in values.items():
            if (column := self._texts.get(attribute)) is not None and value != column.start:
                texts = column.texts(value)
                text = texts[0] if len(texts) == 1 else ""
                if text and len(text) <= column.limit and text.isascii() and "\0" not in text and is_simple(text):
                    row[column.name] = text  # what nearly every value comes down to
                    continue
            cells = self._remembered(attribute, value)
            row.update(cells.row)
            for name in cells.cleared:
                row.pop(name, None)

    def _text_column(self, attribute: str) -> TextColumn | None:
        """Return the column of texts that an attribute alone fills, if there is one."""
        fields = [option for _, option in self._type.writing[attribute]]
        limit = self._limits.get(fields[0].name)
        if len(fields) > 1 or limit is None or type(fields[0].kind).lines is not Kind.lines:
            return None
        return TextColumn(fields[0].name, limit, self._type.start[attribute], fields[0].kind.texts)

    def _remembered(self, attribute: str, value: Any) -> Cells:
        made = self._made.get(attribute)
        if made is None:
            return self._cells(attribute, value)
        try:
            found = made.get(value)
        except TypeError:  # a value without a hash, of a kind of somebody's own
            return self._cells(attribute, value)
        if found is None:
            found = self._cells(attribute, value)
            if len(made) >= REMEMBERED:
                made.clear()
            made[value] = found
        return found

    def _cells(self, attribute: str, value: Any) -> Cells:
        """Return what a value comes to in a row that holds the defaults; raises `Misfit`."""
        if value == self._type.start[attribute]:
            return Cells({}, ())
        fields = self._type.writing.get(attribute, ())
        grouped = _grouped([pair for _, each in fields for pair in each.kind.lines(each.name, value)])
        row = {
            name: self._standing.get(name) if texts == self._defaults.get(name) else self._value(name, texts)
            for name, texts in grouped.items()
            if texts != self._defaults.get(name) or name in self._standing
        }
        of_default = [name for place, _ in fields for name, _ in self._type.written[place][1]]
        return Cells(row, [name for name in of_default if name in self._standing and name not in row])

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
            return stored
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
