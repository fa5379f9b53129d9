"""PostgreSQL's copy-in: many new rows as one text.

It stores rows several times as quickly as an INSERT does, and calls the table's triggers all the same. It does not
follow rules, nor the policies of row level security, so a table that has some is written by INSERT.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.exc import DBAPIError

from sorcery_realtime.rowwriter import Row

__all__ = ["CopyIn"]

NULL: Final = r"\N"
SPECIAL: Final = re.compile(r"[\\\n\r\t]")
ESCAPES: Final = {ord("\\"): r"\\", ord("\n"): r"\n", ord("\r"): r"\r", ord("\t"): r"\t"}
TAKES: Final = """\
SELECT relkind IN ('r', 'p') AND NOT relhasrules AND NOT relrowsecurity
  FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass(%s)"""


class CopyIn:
    """Sends new rows to one table; their columns hold texts, numbers and booleans."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def send(self, connection: Connection, rows: Sequence[Row]) -> bool:
        """Store rows with the same columns, or tell that this table takes none so.

        Raises what SQLAlchemy raises; nothing of what was sent is stored then, and the transaction is broken.
        """
        quoted = connection.dialect.identifier_preparer
        name = quoted.format_table(self._table)
        if not connection.exec_driver_sql(TAKES, (name,)).scalar():
            return False
        columns = ", ".join(quoted.format_column(self._table.columns[each]) for each in rows[0])
        held = connection.connection.dbapi_connection
        assert isinstance(held, psycopg.Connection)
        try:
            with held.cursor() as cursor, cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                copy.write(_text(rows))
        except psycopg.Error as error:
            raise _told(connection, error) from error
        return True


def _text(rows: Sequence[Row]) -> str:
    """Return rows as COPY reads them: a line for each, and tabulators between the values."""
    columns = [_cells([row[name] for row in rows]) for name in rows[0]]
    return "".join(["\t".join(cells) + "\n" for cells in zip(*columns, strict=True)])


def _cells(values: Sequence[Any]) -> Sequence[str]:
    """Return the values of a column as they are sent; that there is something to escape is rare."""
    texts = [value if value.__class__ is str else _printed(value) for value in values]
    if not SPECIAL.search("".join([text for text in texts if text is not NULL])):
        return texts
    return [text if text is NULL else text.translate(ESCAPES) for text in texts]


def _printed(value: Any) -> str:
    match value:
        case None:
            return NULL
        case bool():
            return "t" if value else "f"
    return str(value)


def _told(connection: Connection, error: psycopg.Error) -> DBAPIError:
    """Return the driver's error as SQLAlchemy would raise it, and let go of a connection that has ended.

    PostgreSQL adds the line that it could not store, secrets included: only what it says first is kept.
    """
    error.args = (error.diag.message_primary or str(error).partition("\n")[0],)
    dialect = connection.dialect
    is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    if is_lost:
        connection.invalidate(error)
    made = DBAPIError.instance(
        "COPY",
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
    assert isinstance(made, DBAPIError)
    return made
