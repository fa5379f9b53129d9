"""What a database holds, as far as a schema is compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs
from sqlalchemy import CheckConstraint, Connection, MetaData, Table, inspect

from sorcery_migrations.kinds import enums
from sorcery_migrations.views import View, views

__all__ = ["EMPTY", "Present", "described", "present"]

TYPE_USERS: Final = """
SELECT type.typname, class.relname, attribute.attname
FROM pg_attribute AS attribute
JOIN pg_class AS class ON class.oid = attribute.attrelid AND class.relkind IN ('r', 'p', 'v', 'm', 'f')
JOIN pg_type AS named ON named.oid = attribute.atttypid
JOIN pg_type AS type ON type.oid = COALESCE(NULLIF(named.typelem, 0), named.oid)
WHERE type.typtype = 'e' AND NOT attribute.attisdropped
"""
"""Which columns have a named type, or an array of it, in every schema of a PostgreSQL database."""

ATTACHED: Final = "SELECT tbl_name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
"""What an SQLite table loses when it is dropped, and no reflection keeps whole."""


@attrs.frozen
class Present:
    """The tables that a schema is about, as they were reflected, and what lies around them."""

    tables: Mapping[str, Table] = attrs.field(factory=dict)
    views: frozenset[str] = frozenset()
    types: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """The named types and their values; only PostgreSQL has any."""
    users: Mapping[str, frozenset[tuple[str, str]]] = attrs.field(factory=dict)
    """The columns, as table and name, that are of a named type."""
    attached: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """The statements of the indexes and triggers of each table; only of SQLite."""
    readers: tuple[View, ...] = ()
    """The views over the tables, in the order in which they can be made; only of PostgreSQL."""


EMPTY: Final = Present()


def present(connection: Connection, metadata: MetaData) -> Present:
    """Look up what is there of the schema's tables, and every view and named type."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name in metadata.tables]
    reflected = MetaData()
    reflected.reflect(connection, only=names, resolve_fks=False)
    kind = connection.dialect.name
    if kind == "sqlite":  # where a change copies the table
        for name in names:
            for check in inspector.get_check_constraints(name):
                reflected.tables[name].append_constraint(CheckConstraint(check["sqltext"], name=check["name"]))
    return Present(
        tables={name: reflected.tables[name] for name in names},
        views=frozenset(inspector.get_view_names()),
        types=_named_types(connection) if kind == "postgresql" else {},
        users=_type_users(connection) if kind == "postgresql" else {},
        attached=_attached(connection) if kind == "sqlite" else {},
        readers=views(connection) if kind == "postgresql" else (),
    )


def described(metadata: MetaData) -> Present:
    """Return what is there right after a schema was made, for scripts that are written without a database."""
    types = {name: tuple(enum.enums) for name, enum in enums(metadata.tables.values()).items()}
    return Present(tables=metadata.tables, types=types)


def _named_types(connection: Connection) -> dict[str, tuple[str, ...]]:
    found = inspect(connection).get_enums()  # type: ignore[attr-defined]
    return {each["name"]: tuple(each["labels"]) for each in found}


def _type_users(connection: Connection) -> dict[str, frozenset[tuple[str, str]]]:
    users: dict[str, set[tuple[str, str]]] = {}
    for type_, table, column in connection.exec_driver_sql(TYPE_USERS):
        users.setdefault(type_, set()).add((table, column))
    return {name: frozenset(columns) for name, columns in users.items()}


def _attached(connection: Connection) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for table, statement in connection.exec_driver_sql(ATTACHED):
        found[table] = (*found.get(table, ()), statement)
    return found
