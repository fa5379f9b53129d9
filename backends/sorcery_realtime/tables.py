"""What a table's columns are, and what fits into them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    and_,
    bindparam,
    cast,
)

from sorcery.kinds import is_true

__all__ = ["Misfit", "TableName", "Value", "fit", "has_unique_id", "is_storable", "reflect", "same_id"]

Value = str | int | float | bool | None


class Misfit(ValueError):
    """A value that a table has no room for."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        self.reason, self.remedy = reason, remedy
        super().__init__(reason)


@attrs.frozen(slots=True)
class TableName:
    """A table's name, with its schema where the configuration writes `schema.table`."""

    name: str
    schema: str | None = None

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Split at the last dot."""
        schema, _, name = text.rpartition(".")
        return cls(name, schema or None)

    @property
    def is_asterisks(self) -> bool:
        """Whether it has a name of the tables that Asterisk's migrations make, and ours."""
        return self.name.startswith(("ps_", "stir_"))

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


def reflect(connection: Connection, name: TableName) -> Table:
    """Return the table or view as the database has it; raises what SQLAlchemy raises."""
    return Table(
        name.name,
        MetaData(),
        schema=name.schema,
        autoload_with=connection,
        resolve_fks=False,
        implicit_returning=False,
    )


def has_unique_id(table: Table) -> bool:
    """Tell whether the table itself keeps two rows from having one id."""
    keys = [constraint.columns for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
    keys += [index.columns for index in table.indexes if index.unique]
    return any(list(key.keys()) == ["id"] for key in (table.primary_key.columns, *keys))


def same_id(column: ColumnElement[Any], kind: str) -> ColumnElement[bool]:
    """Return the condition that a row has the id bound as `sought`; collations of MySQL would ignore case."""
    key = bindparam("sought", type_=String())
    if kind in ("mysql", "mariadb"):
        return and_(column == key, cast(column, LargeBinary) == cast(key, LargeBinary))
    return column == key


def fit(column: Column[Any], text: str) -> Value:
    """Return the text as a value of the column, NULL where it has no empty text.

    Raises `Misfit`, naming the column and its limit.
    """
    match column.type:
        case Enum() | Boolean() | Integer() | Float() | Numeric() if not text:
            return None
        case Boolean():
            return is_true(text)
        case Enum(enums=words):
            if text not in words:
                raise Misfit(f"column {column.name} does not take {text!r}", f"use one of: {', '.join(words)}")
        case Integer():
            return _number(column, text, _whole)
        case Float() | Numeric():
            return _number(column, text, float)
        case _ if not is_storable(text):
            raise Misfit(f"column {column.name} takes text, and the value holds characters that are none")
        case String(length=int(limit)) if len(text) > limit:
            raise Misfit(
                f"column {column.name} takes {limit} characters and the value has {len(text)}, escapes included",
                "shorten the value, or widen the column",
            )
    return text


def is_storable(text: str) -> bool:
    """Tell whether a database could hold the text at all: what comes from a network may be anything."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _number(column: Column[Any], text: str, read: Callable[[str], int | float]) -> int | float:
    try:
        return read(text)
    except ValueError:
        raise Misfit(f"column {column.name} takes numbers, not {text!r}") from None


def _whole(text: str) -> int:
    """Read a number, or a word of a boolean that the table's owner keeps as 0 and 1."""
    number = int(is_true(text)) if text in ("yes", "no") else int(text)
    if number.bit_length() > 63:  # no database has wider integers
        raise ValueError(text)
    return number
