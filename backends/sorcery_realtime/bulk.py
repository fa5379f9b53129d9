"""Statements for many rows of one table at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, Dialect, Enum, Executable, Float, Integer, Numeric, String, Table

from sorcery.wizard import Op
from sorcery_realtime.rowwriter import Row
from sorcery_realtime.tables import Value, has_unique_id, same_id

__all__ = ["MOST", "Bulk"]

MOST: Final = 1000
"""Rows per statement: of more, none would be quicker, and a refused one is longer to find."""

MANY: Final = 100
"""New rows that PostgreSQL stores sooner by a copy-in, which is three exchanges in the place of one."""

EXACT: Final = (String, Enum, Boolean, Integer)
"""The types of columns that hold what is sent to them, and no other number that is near it."""
PLAIN: Final = (*EXACT, Float, Numeric)


class Bulk:
    """Sends the changes of many rows in few exchanges; the rows are distinct by id.

    PostgreSQL gets one statement with an array per column, and tells which rows it met; many new rows it copies in.
    The other drivers get the same statement again for each row, MariaDB's folds INSERTs into one; they tell how many
    rows were met.
    """

    def __init__(self, table: Table, kind: str) -> None:
        self._table, self._kind = table, kind
        self._is_sure = has_unique_id(table)
        self._texts: dict[tuple[Op, tuple[str, ...]], str] = {}

    def send(self, connection: Connection, op: Op, rows: Sequence[Row]) -> Collection[str] | None:
        """Create, update or delete rows with the same columns; return the ids that were met, as they are stored.

        None where some were not met and nobody can tell which, or the table is none for this: what was sent has to
        be undone, and sent row by row. Raises what SQLAlchemy raises.
        """
        if not self._is_sure:
            return None
        if self._kind == "postgresql":
            if op is Op.CREATE and self._is_copied_in(connection, rows):
                return [str(row["id"]) for row in rows]
            return self._arrays(connection, op, rows)
        result = connection.execute(self._statement(op), [{**row, "sought": row["id"]} for row in rows])
        ids = [str(row["id"]) for row in rows]
        return ids if op is Op.CREATE or result.rowcount == len(ids) else None

    def _is_copied_in(self, connection: Connection, rows: Sequence[Row]) -> bool:
        """Copy new rows in where that is worth it and the table takes it; tell whether it did."""
        columns = self._table.columns
        if len(rows) < MANY or not all(isinstance(columns[name].type, EXACT) for name in rows[0]):
            return False
        from sorcery_realtime.copyin import CopyIn  # the driver is an extra

        return CopyIn(self._table).send(connection, rows)

    def _statement(self, op: Op) -> Executable:
        """Return the statement for one row, whose id is bound as `sought`."""
        table, found = self._table, same_id(self._table.columns["id"], self._kind)
        if op is Op.CREATE:
            return table.insert()
        return table.update().where(found) if op is Op.UPDATE else table.delete().where(found)

    def _arrays(self, connection: Connection, op: Op, rows: Sequence[Row]) -> Collection[str] | None:
        names = tuple(rows[0])
        if not all(isinstance(self._table.columns[name].type, PLAIN) for name in names):
            return None  # a domain or an array of its owner's
        if (op, names) not in self._texts:
            self._texts[op, names] = self._text(op, names, connection.dialect)
        arrays = tuple(_array([row[name] for row in rows]) for name in names)
        result = connection.exec_driver_sql(self._texts[op, names], arrays)
        return [str(row["id"]) for row in rows] if op is Op.CREATE else result.scalars().all()

    def _text(self, op: Op, names: Sequence[str], dialect: Dialect) -> str:
        """Return PostgreSQL's statement for rows given as an array per column, in the driver's spelling."""
        quoted = dialect.identifier_preparer
        table = quoted.format_table(self._table)
        columns = {name: quoted.format_column(self._table.columns[name]) for name in names}
        arrays = ", ".join(f"%s::{_element(self._table.columns[name], dialect)}[]" for name in names)
        given, listed = f"unnest({arrays})", ", ".join(columns.values())
        if op is Op.CREATE:
            return f"INSERT INTO {table} ({listed}) SELECT * FROM {given}"
        met = "WHERE held.id = given.id RETURNING given.id"
        if op is Op.DELETE:
            return f"DELETE FROM {table} AS held USING {given} AS given (id) {met}"
        others = [each for name, each in columns.items() if name != "id"]
        values = ", ".join(f"{each} = given.{each}" for each in others or columns.values())
        return f"UPDATE {table} AS held SET {values} FROM {given} AS given ({listed}) {met}"


def _array(values: Iterable[Value]) -> str:
    """Return values as the text of PostgreSQL's array: the driver would look at each of them several times."""
    return "{" + ",".join([_quoted(value) if isinstance(value, str) else _bare(value) for value in values]) + "}"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _bare(value: Value) -> str:
    return "NULL" if value is None else str(value)


def _element(column: Column[Any], dialect: Dialect) -> str:
    """Return the type of an array's elements; texts have no length here: a cast would cut them in silence."""
    is_text = isinstance(column.type, String) and not isinstance(column.type, Enum)
    return "text" if is_text else column.type.compile(dialect=dialect)
