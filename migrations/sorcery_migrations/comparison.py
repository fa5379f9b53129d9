"""How a table differs from what a schema says of it, in what matters: one value, whatever the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
from sqlalchemy import Column, Dialect, Index, PrimaryKeyConstraint, Table, UniqueConstraint

from sorcery_migrations.history import FORMER_INDEXES, FORMER_NAMES
from sorcery_migrations.kinds import MARIADB, type_fault

__all__ = ["OURS", "Columns", "Differences", "Key", "counts", "differences", "lacking_indexes"]

OURS: Final = "sorcery_"
"""Begins the names of what is not Asterisk's."""

Columns = tuple[str, ...]
Key = UniqueConstraint | PrimaryKeyConstraint
"""Columns that no two rows have the same values in."""


@attrs.frozen
class Differences:
    """What has to be done to a table; of columns that exist, `Pair`s of what is wanted and what is there."""

    added: list[Column[Any]] = attrs.field(factory=list)
    renamed: list[tuple[Column[Any], Column[Any]]] = attrs.field(factory=list)
    retyped: list[tuple[Column[Any], Column[Any]]] = attrs.field(factory=list)
    required: list[tuple[Column[Any], Column[Any]]] = attrs.field(factory=list)
    """May be NULL, and must not."""
    freed: list[tuple[Column[Any], Column[Any]]] = attrs.field(factory=list)
    """Must not be NULL, and may."""
    counted: list[tuple[Column[Any], Column[Any]]] = attrs.field(factory=list)
    """MariaDB has to number the rows."""
    unique: list[Key] = attrs.field(factory=list)
    indexes: list[Index] = attrs.field(factory=list)
    needless: list[str] = attrs.field(factory=list)
    """Indexes that the newest schema has no more."""

    def altered(self) -> dict[str, tuple[Column[Any], Column[Any]]]:
        """Return the columns whose definition changes, by their name, in the order of the schema."""
        return {
            wanted.name: (wanted, there)
            for wanted, there in [*self.retyped, *self.required, *self.freed, *self.counted]
        }


def differences(wanted: Table, there: Table, dialect: Dialect) -> Differences:
    """Compare two tables; columns, keys and indexes that are there besides are no difference."""
    found = Differences()
    former = FORMER_NAMES.get(wanted.name, {})
    key = {column.name for column in there.primary_key.columns}
    for column in wanted.columns:
        old = there.columns.get(column.name)
        if old is None and (old := there.columns.get(former.get(column.name, ""))) is not None:
            found.renamed.append((column, old))
        if old is None:
            found.added.append(column)
            continue
        if type_fault(column.type, old.type, dialect):
            found.retyped.append((column, old))
        if old.nullable and not column.nullable:
            found.required.append((column, old))
        elif not old.nullable and column.nullable and not _filled(old) and column.name not in {"id", *key}:
            found.freed.append((column, old))
        if counts(column, dialect) and old.autoincrement is not True:
            found.counted.append((column, old))
    indexed = dict(_indexed(there))
    unique = {frozenset(columns) for columns, is_unique in indexed.values() if is_unique}
    found.unique.extend(each for each in _keys(wanted) if frozenset(each.columns.keys()) not in unique)
    found.indexes.extend(lacking_indexes(wanted, indexed))
    if (needless := FORMER_INDEXES.get(wanted.name)) in indexed:
        found.needless.append(str(needless))
    return found


def counts(column: Column[Any], dialect: Dialect) -> bool:
    """Tell whether MariaDB numbers the rows by a column that is not the key; for keys SQLAlchemy sees to it."""
    return dialect.name in MARIADB and column.autoincrement is True


def lacking_indexes(wanted: Table, indexed: Mapping[str, tuple[Columns, bool]]) -> list[Index]:
    """Return the indexes that a table should have and does not, of what it has by name: columns, and whether unique."""
    return [index for index in _indexes(wanted) if not _is_there(index, indexed)]


def _filled(column: Column[Any]) -> bool:
    """Tell whether the database itself supplies the column's value."""
    return bool(column.server_default is not None or column.identity or column.computed)


def _keys(table: Table) -> list[Key]:
    keys = (each for each in table.constraints if isinstance(each, Key) and len(each.columns))
    return sorted(keys, key=lambda key: key.columns.keys())


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _indexed(table: Table) -> Iterator[tuple[str, tuple[Columns, bool]]]:
    """Yield each index and key of a table: its name, its columns in order, and whether it is unique."""
    for constraint in table.constraints:
        if isinstance(constraint, Key):
            columns = tuple(column.name for column in constraint.columns)
            yield str(constraint.name or columns), (columns, True)
    for index in table.indexes:
        yield str(index.name), (tuple(column.name for column in index.columns), bool(index.unique))


def _is_there(index: Index, indexed: Mapping[str, tuple[Columns, bool]]) -> bool:
    """Tell whether an index is there; one of Asterisk's may have another name, one of ours is more than its columns."""
    if str(index.name).startswith(OURS):
        return index.name in indexed
    columns = tuple(column.name for column in index.columns)
    return any(columns == there for name, (there, _) in indexed.items() if not name.startswith(OURS))
