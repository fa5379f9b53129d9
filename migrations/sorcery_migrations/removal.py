"""Taking a schema away again, without taking anything that somebody may miss."""

from __future__ import annotations

from collections.abc import Collection

from alembic import context, op
from sqlalchemy import Connection, MetaData, Table, column, inspect, select, table
from sqlalchemy.dialects.postgresql import ENUM, DropEnumType
from sqlalchemy.schema import DropIndex, DropTable

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery_migrations.comparison import OURS
from sorcery_migrations.kamailio.inventory import require_none
from sorcery_migrations.kinds import enums

__all__ = ["remove", "require_removable"]


def remove(role: str, metadata: MetaData, keep: MetaData | None = None) -> None:
    """Drop the schema's tables and the named types that nothing uses any more, as a step of a role's revisions.

    Those of the schema `keep` stay, but lose indexes that only the other one has. Where Asterisk's own migrations
    keep a version table, no table is dropped.

    Raises:
        ConfigurationError: a table holds rows, and nobody said that they may go, or Kamailio needs it; nothing was
            dropped.
    """
    connection = op.get_bind()
    kept = {} if keep is None else keep.tables
    going = [each for each in _present(connection, metadata) if each.name not in kept]
    _require_removable(connection, role, going, with_rows=bool(context.config.attributes.get("with_rows")))
    _drop_indexes(connection, metadata)
    if _is_asterisks(connection, role):
        return
    for each in reversed(going):  # what refers to others stands behind them
        connection.execute(DropTable(each))
    if connection.dialect.name == "postgresql":
        _drop_types(connection, metadata)


def require_removable(connection: Connection, role: str, metadata: MetaData, *, with_rows: bool) -> None:
    """Require that `remove` takes no row, unless they may go, and nothing that Kamailio needs.

    Raises:
        ConfigurationError: a table holds rows, or Kamailio needs it.
    """
    _require_removable(connection, role, _present(connection, metadata), with_rows=with_rows)


def _require_removable(connection: Connection, role: str, tables: Collection[Table], *, with_rows: bool) -> None:
    if _is_asterisks(connection, role):
        return
    require_none(connection, [each.name for each in tables])
    for each in () if with_rows else tables:
        if connection.execute(select(1).select_from(each).limit(1)).first():
            raise ConfigurationError(
                f"the table {each.name} holds rows, which a downgrade would delete",
                place=Place(each.name),
                remedy="copy them elsewhere and empty the table first, or say that they may go: --with-rows",
            )


def _present(connection: Connection, metadata: MetaData) -> list[Table]:
    there = set(inspect(connection).get_table_names())
    return [each for each in metadata.tables.values() if each.name in there]


def _is_asterisks(connection: Connection, role: str) -> bool:
    """Tell whether Asterisk's own migrations keep a version table: then the tables are theirs."""
    owners = {"alembic_version", f"alembic_version_{role}"}
    return not owners.isdisjoint(inspect(connection).get_table_names())


def _drop_indexes(connection: Connection, metadata: MetaData) -> None:
    """Drop the indexes of ours: the table may stay."""
    inspector = inspect(connection)
    for each in _present(connection, metadata):
        names = {index["name"] for index in inspector.get_indexes(each.name)}
        for index in each.indexes:
            if str(index.name).startswith(OURS) and index.name in names:
                connection.execute(DropIndex(index))


def _drop_types(connection: Connection, metadata: MetaData) -> None:
    catalogue = table("columns", column("udt_name"), schema="information_schema")
    used = set(connection.scalars(select(catalogue.c.udt_name)))
    there = {found["name"] for found in inspect(connection).get_enums()}  # type: ignore[attr-defined]
    for name, enum in enums(metadata.tables.values()).items():
        if name in there - used:
            connection.execute(DropEnumType(ENUM(*enum.enums, name=name)))
