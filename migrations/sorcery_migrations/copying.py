"""An SQLite table in another form: a copy that takes its place, inside the transaction that is under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Column, Dialect, Enum, MetaData, String, Table
from sqlalchemy.schema import CreateTable

from sorcery_migrations.altering import quoted
from sorcery_migrations.comparison import Differences

__all__ = ["copying"]


def copying(there: Table, found: Differences, dialect: Dialect, attached: Iterable[str]) -> Iterator[str]:
    """Yield what gives columns another type, or another word on NULL, and keeps rows, columns, indexes and triggers.

    The columns that were missing have been added before. Other tables and views go on to mean this one by its name:
    the old way of renaming leaves them alone.
    """
    copy = _copy(there, found)
    old, new = quoted(dialect, there.name), quoted(dialect, copy.name)
    filled = [column for column in copy.columns if column.computed is None]
    names = ", ".join(quoted(dialect, column.name) for column in filled)
    retyped = {column.name for column, _ in found.retyped}
    values = ", ".join(_value(column, quoted(dialect, column.name), column.name in retyped) for column in filled)
    yield str(CreateTable(copy).compile(dialect=dialect)).strip().expandtabs(4)
    yield f"INSERT INTO {new} ({names}) SELECT {values} FROM {old}"
    yield "PRAGMA legacy_alter_table = ON"
    yield f"DROP TABLE {old}"
    yield f"ALTER TABLE {new} RENAME TO {old}"
    yield "PRAGMA legacy_alter_table = OFF"
    yield from attached


def _copy(there: Table, found: Differences) -> Table:
    """Return the table as it is to be, under a name of its own."""
    metadata = MetaData()
    for key in there.foreign_keys:  # what they refer to has to be known
        referred, _, name = key.target_fullname.rpartition(".")
        if referred != there.name and referred not in metadata.tables:
            Table(referred, metadata, Column(name))
    copy = there.to_metadata(metadata, name=f"sorcery_copy_of_{there.name}")
    for column, old in found.renamed:
        copy.columns[old.name].name = column.name
    retyped = {column.name for column, _ in found.retyped}
    for column, old in found.altered().values():
        copied = copy.columns[old.name]
        copied.nullable = column.nullable
        copied.type = column.type if column.name in retyped else old.type
    for column in found.added:
        copy.append_column(Column(column.name, column.type, nullable=column.nullable))
    return copy


def _value(column: Column[Any], name: str, is_retyped: bool) -> str:
    """Return what is copied: an empty text is "not set" where no text is kept."""
    is_text = isinstance(column.type, String) and not isinstance(column.type, Enum)
    return f"NULLIF(TRIM({name}), '')" if is_retyped and not is_text else name
