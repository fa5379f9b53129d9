"""Rows that would not survive a change of their table: found before anything is executed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Enum,
    Float,
    Integer,
    Numeric,
    String,
    Table,
    func,
    select,
    text,
)
from sqlalchemy.types import TypeEngine

from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery_migrations.comparison import Differences, Key
from sorcery_migrations.kinds import MARIADB, type_fault

__all__ = ["obstacles", "repeated"]

FOREIGN_KEYS: Final = text(
    "SELECT constraint_name, table_name, column_name FROM information_schema.key_column_usage"
    " WHERE table_schema = DATABASE() AND table_name = :table AND referenced_table_name IS NOT NULL"
    " UNION SELECT constraint_name, table_name, referenced_column_name FROM information_schema.key_column_usage"
    " WHERE referenced_table_schema = DATABASE() AND referenced_table_name = :table ORDER BY 1, 2, 3"
)
"""Those that a table of MariaDB has, and those of others that refer to it."""
SHOWN: Final = 5
"""The rows that a finding names."""
TRUTHS: Final = frozenset({"0", "1", "f", "t", "n", "y", "no", "yes", "off", "on", "false", "true"})


def obstacles(connection: Connection, table: Table, there: Table, found: Differences) -> Iterator[Finding]:
    """Yield what is in the way of the changes of one table, and in which rows; read columns that get another kind."""
    if connection.dialect.name in MARIADB:
        yield from _tied(connection, table, found)
    for column, old in found.retyped:
        if _may_be_lost(column, old, connection):
            yield from _unfitting(connection, there, column, old)
    for column, old in found.required:
        if count := connection.scalar(select(func.count()).select_from(there).where(old.is_(None))):
            message = f"{_rows(count)} without {column.name}, which has to have a value"
            yield _finding("nullable", table, column.name, message, "write a value into each, or delete them")
    for key in found.unique:
        yield from repeated(connection, table, there, key)


def repeated(connection: Connection, table: Table, there: Table, key: Key) -> Iterator[Finding]:
    """Yield a finding where rows have the same values in columns that have to be unique."""
    names = key.columns.keys()
    if any(name not in there.columns for name in names):
        return
    known = [there.columns[name] for name in names]
    query = (
        select(*known, func.count())
        .where(*(column.is_not(None) for column in known))
        .group_by(*known)
        .having(func.count() > 1)
        .order_by(*known)
        .limit(SHOWN + 1)
    )
    rows = connection.execute(query).all()
    if rows:
        texts = [f"{', '.join(repr(value) for value in row[:-1])} {row[-1]} times" for row in rows]
        listed = ", ".join(names)
        message = f"the same {listed} in several rows: {_listed(texts)}"
        yield _finding("not-unique", table, listed, message, "keep one row of each, and delete the others")


def _tied(connection: Connection, table: Table, found: Differences) -> Iterator[Finding]:
    """Yield a finding for each foreign key, to the table or of its own, by which MariaDB refuses another type."""
    retyped = {old.name for _, old in found.retyped}
    for key, owner, column in connection.execute(FOREIGN_KEYS, {"table": table.name}):
        if column in retyped:
            message = f"the foreign key {key} of {owner} keeps {column} from getting another type"
            yield _finding("wrong-kind", table, column, message, "drop the key, start again, and add it anew")


def _may_be_lost(column: Column[Any], old: Column[Any], connection: Connection) -> bool:
    """Tell whether a value of the old type may not fit the new one."""
    if type_fault(column.type, old.type, connection.dialect) == "column-too-short":
        return False
    if isinstance(column.type, Enum) and isinstance(old.type, Enum):
        return not set(old.type.enums) <= set(column.type.enums)
    return not (isinstance(column.type, (Float, Numeric)) and isinstance(old.type, Integer))


def _unfitting(connection: Connection, there: Table, column: Column[Any], old: Column[Any]) -> Iterator[Finding]:
    first = next(iter(there.columns))
    query = select(first, old).where(old.is_not(None)).order_by(first)
    bad = [(key, value) for key, value in connection.execute(query) if not _fits(column, value)]
    if bad:
        message = f"{_rows(len(bad))} whose {column.name} cannot become {column.type}: " + _listed(
            [f"{value!r} of {first.name} {key!r}" for key, value in bad]
        )
        yield _finding("wrong-kind", there, column.name, message, 'write what fits, or NULL, which is "not set"')


def _fits(column: Column[Any], value: object) -> bool:
    text = f"{value:.0f}" if isinstance(value, float) and value % 1 == 0 else str(value).strip()
    if not text and not (isinstance(column.type, String) and not isinstance(column.type, Enum)):
        return bool(column.nullable)
    return _is_of(column.type, text)


def _is_of(type_: TypeEngine[Any], text: str) -> bool:
    match type_:
        case Enum():
            return text in type_.enums
        case Boolean():
            return text.lower() in TRUTHS
        case Integer():
            most = 2**63 if isinstance(type_, BigInteger) else 2**31
            return re.fullmatch(r"[-+]?[0-9]{1,40}", text) is not None and -most <= int(text) < most
        case Float() | Numeric():
            return re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", text) is not None
        case String():
            return type_.length is None or len(text) <= type_.length
    return True  # the database will say


def _rows(count: int) -> str:
    return "one row" if count == 1 else f"{count} rows"


def _listed(texts: list[str]) -> str:
    return ", ".join(texts[:SHOWN]) + (", …" if len(texts) > SHOWN else "")


def _finding(rule: str, table: Table, option: str, message: str, remedy: str) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        rule=rule,
        message=message,
        remedy=remedy,
        place=Place(table.name),
        option=option,
    )
