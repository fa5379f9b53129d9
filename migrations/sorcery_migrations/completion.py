"""What a database lacks of a schema, as the statements that add it.

Decided on what is really there, never on a revision id: one id of Asterisk's own migrations can stand for
different schemas. Only additions: no table, column or type that exists is changed, so no row is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs
from alembic.ddl.base import AddColumn
from sqlalchemy import Column, Connection, Dialect, Enum, MetaData, Table, inspect
from sqlalchemy.dialects.postgresql import ENUM, CreateEnumType
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from sorcery.errors import ConfigurationError
from sorcery.place import Place

__all__ = ["EMPTY", "Present", "additions", "enums", "present", "script"]


@attrs.frozen
class Present:
    """What a database holds: the columns of each table, its views, its named types (PostgreSQL)."""

    tables: Mapping[str, frozenset[str]] = attrs.field(factory=dict)
    views: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()


EMPTY: Final = Present()


def present(connection: Connection, metadata: MetaData) -> Present:
    """Look up what is there of the schema's tables, and every view and named type."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name in metadata.tables]
    return Present(
        tables={name: frozenset(column["name"] for column in inspector.get_columns(name)) for name in names},
        views=frozenset(inspector.get_view_names()),
        types=frozenset(named_types(connection)),
    )


def named_types(connection: Connection) -> list[str]:
    """List the named types of the database; only PostgreSQL has any."""
    if connection.dialect.name != "postgresql":
        return []
    return [found["name"] for found in inspect(connection).get_enums()]  # type: ignore[attr-defined]


def additions(metadata: MetaData, there: Present, dialect: Dialect) -> list[ExecutableDDLElement]:
    """List what must be executed, in order, so that every table and column of the schema exists.

    A view that stands where a table should is left alone.

    Raises:
        ConfigurationError: a table without `id`, which cannot be Asterisk's.
    """
    tables = metadata.tables.values()
    types = _types(tables, there) if dialect.name == "postgresql" else ()
    return [*types, *(statement for table in tables for statement in _table(table, there))]


def enums(tables: Iterable[Table]) -> dict[str, Enum]:
    """Return the enumerations that the tables' columns have, by the name of the type."""
    types = (column.type for table in tables for column in table.columns)
    return {str(type_.name): type_ for type_ in types if isinstance(type_, Enum)}


def script(statements: Iterable[ExecutableDDLElement], dialect: Dialect) -> list[str]:
    """Return the statements' texts, one line each."""
    return [" ".join(str(statement.compile(dialect=dialect)).split()) for statement in statements]


def _types(tables: Iterable[Table], there: Present) -> Iterator[ExecutableDDLElement]:
    for name, enum in sorted(enums(tables).items()):
        if name not in there.types:
            yield CreateEnumType(ENUM(*enum.enums, name=name))


def _table(table: Table, there: Present) -> Iterator[ExecutableDDLElement]:
    if table.name in there.views:
        return
    if table.name not in there.tables:
        yield CreateTable(table)
        yield from (CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name)))
        return
    if "id" not in there.tables[table.name]:
        raise ConfigurationError(
            f"the table {table.name} has no column id, so it is not Asterisk's",
            place=Place(table.name),
            remedy="rename that table and start again",
        )
    yield from (_column(table, column) for column in table.columns if column.name not in there.tables[table.name])


def _column(table: Table, column: Column[object]) -> ExecutableDDLElement:
    # A column that comes later is nullable in Asterisk's schema: only `id` is not, and that is there.
    return AddColumn(table.name, Column(column.name, column.type))
