"""A row as one text that the database makes: drivers take as long for one value as for one of a hundred and fifty.

What they do per column, its description included, costs more than the row itself; and most columns are NULL.
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from json import JSONDecoder
from typing import Any, Final, Protocol

import attrs
from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    String,
    TableClause,
    bindparam,
    column,
    false,
    func,
    literal_column,
    select,
    table,
    tuple_,
)
from sqlalchemy.sql.selectable import FromClause, NamedFromClause

from sorcery_realtime.databases import Database, Parameters
from sorcery_realtime.rowreader import Field, Fields, Told
from sorcery_realtime.tables import TableName

__all__ = ["Packed", "Packing", "Question", "Unpacked", "packing"]

Condition = ColumnElement[bool]
Packed = Sequence[Any]
"""A row as the database packs it."""

ALIAS: Final = "sorcery row"
"""What stands for the row in a statement, and is no column's name."""
PER_CALL: Final = 100
"""Values that SQLite puts into one array: a function of it takes 127."""
ALIKE: Final = (
    *("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"),
    *("tinyint", "smallint", "mediumint", "int", "bigint"),
)
"""The types of MySQL whose values are the same in JSON as its driver gives them."""
SQLITE_REAL: Final = ("REAL", "FLOA", "DOUB")
"""What makes a type of SQLite one of fractions."""
SQLITE_COLUMNS: Final = "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden <> 1"
MYSQL_COLUMNS: Final = (
    "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = coalesce(%s, database()) "
    "AND table_name = %s AND extra NOT LIKE '%%INVISIBLE%%' ORDER BY ordinal_position"
)

_decode: Final = JSONDecoder(parse_int=str).raw_decode
_decode_exactly: Final = JSONDecoder(parse_int=str, parse_float=int).raw_decode  # `int` refuses a fraction


class Unpacked(Exception):
    """The database does not pack rows, or not these, or not now: they have to be read column by column."""


class Question(Protocol):
    """A statement with texts for parameters, whose rows are packed."""

    def ask(self, connection: Any, texts: Sequence[str]) -> Sequence[Packed]:
        """Return the rows, asked of a connection of the driver's own; raises its errors."""


class Packing(abc.ABC):
    """How rows of one table are asked for in packed form, and read."""

    def __init__(self, dialect: Dialect, row: FromClause, columns: Iterable[Any], *conditions: Condition) -> None:
        """Take what the row is in statements, what makes the packed row of it, and what has to hold for that."""
        self._dialect = dialect
        self._all: Select[Any] = select(*columns).select_from(row).where(*conditions)
        self._questions: dict[Hashable, Question] = {}
        self.by_id = self._asking([column("id", String()) == bindparam("key", type_=String())])

    def question(self, shape: Hashable, conditions: Callable[[], Iterable[Condition]]) -> Question:
        """Return the question for rows that fulfil some conditions, made once for all that have one shape."""
        known = self._questions.get(shape)
        if known is None:
            known = self._questions[shape] = self._asking(conditions())
        return known

    def _asking(self, conditions: Iterable[Condition]) -> Question:
        compiled = self._all.where(*conditions).compile(dialect=self._dialect)
        return self._worded(compiled.string, compiled.positiontup, list(compiled.params))

    @abc.abstractmethod
    def _worded(self, statement: str, positions: Sequence[str] | None, names: Sequence[str]) -> Question:
        """Return the question of a statement whose parameters have these names, in the order of their texts.

        `positions` is None where it takes its parameters by name.
        """

    @abc.abstractmethod
    def unpacked(self, packed: Packed) -> tuple[Any, Told]:
        """Return the id as it is stored, and what the row tells; raises `Unpacked`."""


def packing(database: Database, name: TableName, fields: Fields) -> Packing | None:
    """Return how rows of a table are packed, or None where they cannot be.

    Blocks on the database; raises `Lost`. `fields` knows which columns are options.
    """
    if database.kind == "postgresql":
        return PostgresqlPacking(database.engine.dialect, name, fields)
    is_sqlite = database.kind == "sqlite"
    if is_sqlite and name.schema is not None:
        return None
    statement, texts = (SQLITE_COLUMNS, (name.name,)) if is_sqlite else (MYSQL_COLUMNS, (name.schema, name.name))
    kinds: dict[str, str] = {str(each): str(kind) for each, kind in database.fetch(str(name), statement, texts)[1]}
    if "id" not in kinds:
        return None
    return ArrayPacking(database.engine.dialect, name, kinds, fields)


class PostgresqlPacking(Packing):
    """A JSON object of the columns that are not NULL, whatever columns there are."""

    def __init__(self, dialect: Dialect, name: TableName, fields: Fields) -> None:
        row: Any = literal_column(dialect.identifier_preparer.quote(ALIAS))
        text = func.json_strip_nulls(func.row_to_json(row)).op("::")(literal_column("text"))
        self._fields = fields
        super().__init__(dialect, _alias(_table(name)), [text])

    def _worded(self, statement: str, positions: Sequence[str] | None, names: Sequence[str]) -> Question:
        from sorcery_realtime.exchange import Exchange  # the driver is an extra

        return Exchange((statement % {name: f"${number}" for number, name in enumerate(names, 1)}).encode())

    def unpacked(self, packed: Packed) -> tuple[Any, Told]:
        values, fields = _decode(packed[0])[0], self._fields
        told = [
            (field, value)
            for name, value in values.items()
            if (field := fields[name]) is not None and value != field.default
        ]
        return values.get("id"), told


class ArrayPacking(Packing):
    """JSON arrays of the columns that there were. Where there are others by now, the database refuses the statement.

    What JSON would hold in another form than the driver gives it is left a column of its own, and so is the id.
    """

    def __init__(self, dialect: Dialect, name: TableName, kinds: Mapping[str, str], fields: Fields) -> None:
        whole, is_sqlite = _table(name), dialect.name == "sqlite"
        row = _alias(whole)
        columns: dict[str, Any] = {each: column(each, _selectable=row) for each in kinds}
        options = [field for each in kinds if (field := fields[each]) is not None]
        alone = [each for each in options if not _is_alike(kinds[each.name], is_sqlite)]
        packed = [each for each in options if each not in alone]
        arrays: list[Any] = [
            func.json_array(*[columns[each.name] for each in some])
            for some in _chunks(packed, PER_CALL if is_sqlite else len(packed))
        ]
        self._arrays = len(arrays)
        self._fields = (*packed, *alone)
        self._defaults = tuple([each.default for each in self._fields])
        asked = [*arrays, *[columns[each.name] for each in alone], columns["id"]]
        super().__init__(dialect, row, asked, _has_only(whole, columns.values()))

    def _worded(self, statement: str, positions: Sequence[str] | None, names: Sequence[str]) -> Question:
        return _Statement(statement, None if positions is not None else names)

    def unpacked(self, packed: Packed) -> tuple[Any, Told]:
        values: list[Any] = []
        try:
            for array in packed[: self._arrays]:
                values += _decode_exactly(array)[0]
        except ValueError:  # a fraction, of which SQLite writes 15 digits, infinity, or a number with leading zeros
            raise Unpacked from None
        values += packed[self._arrays : -1]
        told = [
            (field, value)
            for field, default, value in zip(self._fields, self._defaults, values, strict=True)
            if value is not None and value != default
        ]
        return packed[-1], told


@attrs.frozen(slots=True)
class _Statement:
    """A question in the driver's own spelling."""

    text: str
    names: Sequence[str] | None
    """The names of its parameters, for a driver that takes them by name."""

    def ask(self, connection: Any, texts: Sequence[str]) -> Sequence[Packed]:
        cursor = connection.cursor()
        parameters: Parameters = texts if self.names is None else dict(zip(self.names, texts, strict=True))
        cursor.execute(self.text, parameters)
        found: Sequence[Packed] = cursor.fetchall()
        return found


def _is_alike(kind: str, is_sqlite: bool) -> bool:
    """Tell whether values of a column's type are, as a rule, the same in JSON as the driver gives them."""
    return not any(word in kind.upper() for word in SQLITE_REAL) if is_sqlite else kind in ALIKE


def _table(name: TableName) -> TableClause:
    return table(name.name, schema=name.schema)


def _alias(whole: FromClause) -> NamedFromClause:
    return whole.alias(ALIAS)


def _has_only(whole: TableClause, columns: Iterable[Any]) -> Condition:
    """Return a condition that always holds, and is an error where the table has not these columns, and no others.

    A row of theirs is compared with one of the table: nobody does that behind `1 OR`, but everybody counts them.
    """
    any_row = select(literal_column("*")).select_from(whole).where(false()).scalar_subquery()
    found: Condition = literal_column("1").op("OR", is_comparison=True)(any_row == tuple_(*columns))
    return found


def _chunks(fields: Sequence[Field], size: int) -> Iterator[Sequence[Field]]:
    return (fields[start : start + size] for start in range(0, len(fields), size or 1))
