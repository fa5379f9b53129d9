"""The statements that make a table what a schema says, in the words of each engine; no row is lost by them.

PostgreSQL takes all changes of a table as one statement, and passes over its rows once. MariaDB does too, but reads
numbers and enumerations into each other by position, so such columns go by way of a text. SQLite cannot change a
column: there the table is copied (`sorcery_migrations.copying`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Dialect, Enum, Float, Integer, LargeBinary, String, Table

from sorcery_migrations.comparison import Differences, Key, counts
from sorcery_migrations.kinds import MARIADB, type_fault

__all__ = ["altering", "counting", "definition", "quoted", "retyping"]

BY_TEXT: Final = "VARCHAR(255)"
"""What a column of MariaDB is on its way between a number and an enumeration."""


def altering(table: Table, there: Table, found: Differences, dialect: Dialect) -> Iterator[str]:
    """Yield what has to be executed on PostgreSQL or MariaDB; on SQLite, whatever needs no copy of the table."""
    named = quoted(dialect, table.name)
    for column, old in found.renamed:
        yield f"ALTER TABLE {named} RENAME COLUMN {quoted(dialect, old.name)} TO {quoted(dialect, column.name)}"
    if dialect.name in MARIADB:
        yield from _by_text(table, found, dialect)
    changes = [f"ADD COLUMN {definition(column, dialect)}" for column in found.added]
    if dialect.name == "sqlite":
        yield from (f"ALTER TABLE {named} {change}" for change in changes)
        return
    changes += _postgresql(found, dialect) if dialect.name == "postgresql" else _mariadb(found, there, dialect)
    changes += [f"ADD {_unique(key, dialect)}" for key in found.unique]
    if changes:
        yield f"ALTER TABLE {named} {', '.join(changes)}"


def counting(table: Table, dialect: Dialect) -> Iterator[str]:
    """Yield what lets MariaDB number the rows of a new table by a column that is not its key."""
    for column in table.columns:
        if counts(column, dialect):
            yield f"ALTER TABLE {quoted(dialect, table.name)} MODIFY {definition(column, dialect)} AUTO_INCREMENT"


def definition(column: Column[Any], dialect: Dialect) -> str:
    """Return how a column is declared: its name, its type, and whether it may be NULL."""
    type_ = column.type.compile(dialect=dialect)
    return f"{quoted(dialect, column.name)} {type_}" + ("" if column.nullable else " NOT NULL")


def quoted(dialect: Dialect, name: str) -> str:
    """Return a name as a statement needs it."""
    return dialect.identifier_preparer.quote(name)


def retyping(column: Column[Any], old: Column[Any], dialect: Dialect) -> str:
    """Return the part of an ALTER TABLE that gives a column the type of the schema and keeps its values."""
    name, type_ = quoted(dialect, column.name), column.type.compile(dialect=dialect)
    if dialect.name in MARIADB:
        return f"MODIFY {definition(column, dialect)}{_kept(column, old)}"
    if type_fault(column.type, old.type, dialect) == "column-too-short":
        return f"ALTER COLUMN {name} TYPE {type_}"  # which passes over no row
    return f"ALTER COLUMN {name} TYPE {type_} USING {_converted(column, name, type_)}"


def _converted(column: Column[Any], name: str, type_: str) -> str:
    """Return a value of PostgreSQL in the new type; an empty text is what "not set" is in most others."""
    match column.type:
        case Enum() | Integer() | BigInteger() | Float() | Boolean() | DateTime():
            return f"NULLIF(TRIM({name}::text), '')::{type_}"
        case String():
            return f"{name}::text"  # and not the type itself: that would cut off what is too long
        case LargeBinary():
            return f"convert_to({name}::text, 'UTF8')"
    return f"{name}::text::{type_}"


def _kept(column: Column[Any], old: Column[Any]) -> str:
    """Return what MariaDB would forget of a column whose definition does not name it."""
    collation = getattr(old.type, "collation", None) if isinstance(column.type, String) else None
    default = getattr(old.server_default, "arg", None)
    return (f" COLLATE {collation}" if collation else "") + (f" DEFAULT {default}" if default is not None else "")


def _postgresql(found: Differences, dialect: Dialect) -> Iterator[str]:
    yield from (retyping(column, old, dialect) for column, old in found.retyped)
    for column, _ in found.required:
        yield f"ALTER COLUMN {quoted(dialect, column.name)} SET NOT NULL"
    for column, _ in found.freed:
        yield f"ALTER COLUMN {quoted(dialect, column.name)} DROP NOT NULL"


def _mariadb(found: Differences, there: Table, dialect: Dialect) -> Iterator[str]:
    key = {"id", *(column.name for column in there.primary_key.columns)}
    retyped, counted = ({column.name for column, _ in each} for each in (found.retyped, found.counted))
    for name, (column, old) in found.altered().items():
        type_ = column.type if name in retyped else old.type
        nullable = column.nullable and not (name in key and not old.nullable)
        whole: Column[Any] = Column(name, type_, nullable=nullable)
        yield retyping(whole, old, dialect) + (" AUTO_INCREMENT" if name in counted else "")


def _by_text(table: Table, found: Differences, dialect: Dialect) -> Iterator[str]:
    """Yield what makes texts of the columns that are numbers or enumerations and become the other, or lose blanks."""
    named = quoted(dialect, table.name)
    wrong = [each for each in found.retyped if type_fault(each[0].type, each[1].type, dialect) == "wrong-kind"]
    texts = [column for column, old in wrong if isinstance(old.type, Enum) or isinstance(column.type, Enum)]
    if texts:
        yield f"ALTER TABLE {named} " + ", ".join(f"MODIFY {quoted(dialect, each.name)} {BY_TEXT}" for each in texts)
    for column, old in wrong:
        if isinstance(old.type, String) and (isinstance(column.type, Enum) or not isinstance(column.type, String)):
            name = quoted(dialect, column.name)
            yield f"UPDATE {named} SET {name} = NULL WHERE TRIM({name}) = ''"


def _unique(key: Key, dialect: Dialect) -> str:
    name = f"CONSTRAINT {quoted(dialect, str(key.name))} " if key.name else ""
    return f"{name}UNIQUE ({', '.join(quoted(dialect, column.name) for column in key.columns)})"
