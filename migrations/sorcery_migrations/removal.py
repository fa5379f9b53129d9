"""Taking a schema away again, without taking anything that somebody may miss."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, column, inspect, select, table
from sqlalchemy.dialects.postgresql import ENUM, DropEnumType
from sqlalchemy.schema import DropTable

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery_migrations.completion import enums, present

__all__ = ["remove"]

OWNERS = frozenset({"alembic_version", "alembic_version_config"})
"""Version tables of Asterisk's own migrations: where one stands, the tables are theirs."""


def remove(connection: Connection, metadata: MetaData) -> None:
    """Drop the schema's tables and the named types that nothing uses any more.

    Where Asterisk's own migrations keep a version table, nothing is dropped.

    Raises:
        ConfigurationError: a table holds rows; nothing was dropped.
    """
    if OWNERS & set(inspect(connection).get_table_names()):
        return
    tables = [metadata.tables[name] for name in present(connection, metadata).tables]
    for each in tables:
        if connection.execute(select(1).select_from(each).limit(1)).first():
            raise ConfigurationError(
                f"the table {each.name} holds rows, which a downgrade would delete",
                place=Place(each.name),
                remedy="copy them elsewhere and empty the table first",
            )
    for each in tables:
        connection.execute(DropTable(each))
    if connection.dialect.name == "postgresql":
        _drop_types(connection, metadata)


def _drop_types(connection: Connection, metadata: MetaData) -> None:
    catalogue = table("columns", column("udt_name"), schema="information_schema")
    used = set(connection.scalars(select(catalogue.c.udt_name)))
    gone = present(connection, metadata).types - used
    for name, enum in enums(metadata.tables.values()).items():
        if name in gone:
            connection.execute(DropEnumType(ENUM(*enum.enums, name=name)))
