"""A row as one text that the database makes: drivers take as long for one value as for one of a hundred and fifty.

What they do per column, its description included, costs more than the row itself; and most columns are NULL.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from json import JSONDecoder
from typing import Any, Final, Protocol

from sqlalchemy import Dialect, String, bindparam, column, func, literal_column, select, table
from sqlalchemy.sql.selectable import NamedFromClause

from sorcery_realtime.databases import Database, Rows
from sorcery_realtime.rowreader import Fields, Told
from sorcery_realtime.tables import TableName

__all__ = ["Packed", "Packing", "packing"]

Packed = Sequence[Any]
"""A row as the database packs it."""

_decode: Final = JSONDecoder(parse_int=str).raw_decode
ALIAS: Final = "sorcery row"
"""What stands for the row in a statement, and is no column's name."""
PER_CALL: Final = 100
"""Values that SQLite puts into one array: a function of it takes 127."""


class Packing(Protocol):
    """How rows of one table are asked for in packed form, and read."""

    def rows(self, connection: Any, stored: str) -> Sequence[Packed]:
        """Return the rows of an id as it is stored, asked of a connection of the driver's own; raises its errors."""

    def unpacked(self, packed: Packed) -> tuple[Any, Told] | None:
        """Return the id as it is stored, and what the row tells; None where the table is another since.

        Raises `ValueError` for what is no JSON.
        """


def packing(database: Database, name: TableName, fields: Fields) -> Packing | None:
    """Return how rows of a table are packed, or None where they cannot be.

    Blocks on the database; raises `Lost`. `fields` knows which columns are options.
    """
    if database.kind == "postgresql":
        return PostgresqlPacking(database.engine.dialect, name, fields)
    if database.kind == "sqlite":
        return _of_sqlite(database, name, fields)
    return None


class PostgresqlPacking:
    """A JSON object of the columns that are not NULL, whatever columns there are."""

    def __init__(self, dialect: Dialect, name: TableName, fields: Fields) -> None:
        from sorcery_realtime.exchange import Question  # the driver is an extra

        row: Any = literal_column(dialect.identifier_preparer.quote(ALIAS))
        text = func.json_strip_nulls(func.row_to_json(row)).op("::")(literal_column("text"))
        statement = _by_id(dialect, _alias(name), [text])
        self._fields = fields
        self._question = Question((statement % {"key": "$1"}).encode())

    def rows(self, connection: Any, stored: str) -> Sequence[Packed]:
        return self._question.ask(connection, stored)

    def unpacked(self, packed: Packed) -> tuple[Any, Told]:
        values, fields = _decode(packed[0])[0], self._fields
        told = [(field, value) for name, value in values.items() if (field := fields[name]) is not None]
        return values.get("id"), told


class SqlitePacking:
    """JSON arrays of the columns that were there, and the version of the schema, which tells whether they still are."""

    def __init__(self, dialect: Dialect, name: TableName, version: int, names: Sequence[str], fields: Fields) -> None:
        self._version, self._id = version, names.index("id")
        self._fields = tuple([fields[each] for each in names])
        self._defaults = tuple([field.default if field else "" for field in self._fields])
        row = _alias(name)
        columns: list[Any] = [column(each, _selectable=row) for each in names]
        arrays: list[Any] = [func.json_array(*some) for some in _chunks(columns)]
        now: Any = literal_column("(SELECT schema_version FROM pragma_schema_version)")
        self._statement = _by_id(dialect, row, [*arrays, now])

    def rows(self, connection: Any, stored: str) -> Sequence[Packed]:
        found: Sequence[Packed] = connection.execute(self._statement, (stored,)).fetchall()
        return found

    def unpacked(self, packed: Packed) -> tuple[Any, Told] | None:
        *arrays, version = packed
        if version != self._version:
            return None
        values = list(chain.from_iterable([_decode(array)[0] for array in arrays]))
        told = [
            (field, value)
            for field, default, value in zip(self._fields, self._defaults, values, strict=True)
            if value is not None and value != default and field is not None
        ]
        return values[self._id], told


def _of_sqlite(database: Database, name: TableName, fields: Fields) -> SqlitePacking | None:
    def ask(statement: str, *parameters: str) -> Rows:
        return database.fetch(str(name), statement, parameters)[1]

    ((version,),) = ask("PRAGMA schema_version")  # first: one that rises meanwhile is noticed with the first row
    names = [each for (each,) in ask("SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1", name.name)]
    if "id" not in names or name.schema is not None:
        return None
    return SqlitePacking(database.engine.dialect, name, version, names, fields)


def _alias(name: TableName) -> NamedFromClause:
    return table(name.name, schema=name.schema).alias(ALIAS)


def _by_id(dialect: Dialect, row: NamedFromClause, columns: Sequence[Any]) -> str:
    key = column("id", String(), _selectable=row) == bindparam("key", type_=String())
    return select(*columns).select_from(row).where(key).compile(dialect=dialect).string


def _chunks(columns: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (columns[start : start + PER_CALL] for start in range(0, len(columns), PER_CALL))
