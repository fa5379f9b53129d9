"""What stands between a database and the schema that Asterisk expects, as findings.

| rule | the fault |
|---|---|
| `missing-table` | no table or view of that name |
| `missing-column` | an option that cannot be stored; where Asterisk inserts, the INSERT fails |
| `column-too-short` | a text or number that Asterisk may write does not fit |
| `wrong-kind` | a column of another kind: numbers as text compare as text |
| `missing-value` | an enumeration without a value that Asterisk writes |
| `nullable` | a row may be without what each row needs |
| `not-null` | an INSERT that leaves the column out, or writes "not set", fails |
| `not-unique` | two rows may have the same id, or have it |
| `missing-index` | searches that Asterisk makes read the whole table |
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from functools import partial
from typing import Any, Final

import attrs
from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Inspector,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    inspect,
)
from sqlalchemy.types import TypeEngine

from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery.release import Release
from sorcery_database import argument
from sorcery_migrations.comparison import OURS, Columns, lacking_indexes
from sorcery_migrations.engine import reading
from sorcery_migrations.kinds import type_fault
from sorcery_migrations.obstacles import repeated
from sorcery_migrations.releases import columns_for
from sorcery_migrations.remedies import Remedies
from sorcery_migrations.roles import schema

__all__ = ["check", "check_table"]

INSERTED: Final = frozenset({"ps_contacts", "ps_subscription_persistence", "cdr", "queue_log", "voicemail_messages"})
"""The tables that Asterisk itself inserts into while it runs."""


def check(target: str | URL | Engine, role: str = "config", release: Release | None = None) -> list[Finding]:
    """Compare the tables of a role with those that a release expects, or with the newest schema; change nothing.

    What is there besides (tables, columns, wider columns) is no fault.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role.
    """
    with reading(target) as connection:
        tables = schema(role, connection.dialect.name).tables.values()
        views = frozenset(inspect(connection).get_view_names())
        return [found for table in tables for found in _findings(_Subject(connection, table, role, release), views)]


def check_table(
    target: str | URL | Engine, name: str, like: str, role: str = "config", release: Release | None = None
) -> list[Finding] | None:
    """Compare one table, of whatever name and schema (`schema.table`), with the table `like` that a release expects.

    Change nothing. Return None where the schema has no such table.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role.
    """
    with reading(target) as connection:
        wanted = schema(role, connection.dialect.name).tables.get(like)
        if wanted is None:
            return None
        place, _, table = name.rpartition(".")
        views = frozenset(inspect(connection).get_view_names(schema=place or None))
        return list(_findings(_Subject(connection, wanted, role, release, table, place or None), views))


@attrs.frozen
class _Subject:
    """What is compared: the table of a schema, and where the one is that should be it."""

    connection: Connection
    wanted: Table
    role: str
    release: Release | None = None
    own_name: str = ""
    schema: str | None = None

    @property
    def name(self) -> str:
        return self.own_name or self.wanted.name

    @property
    def place(self) -> Place:
        return Place(f"{self.schema}.{self.name}" if self.schema else self.name)


def _findings(subject: _Subject, views: frozenset[str]) -> Iterator[Finding]:
    """Reflect one table, of the wanted name or another one, and yield what is wrong with it."""
    connection, name, place = subject.connection, subject.name, subject.schema
    wanted = columns_for(subject.wanted, subject.release, connection.dialect.name)
    if not wanted:
        return
    database = argument(connection.engine.url)
    is_known = name == subject.wanted.name
    remedies = Remedies(connection.dialect, database, subject.role, name, name in views, place, is_known)
    inspector = inspect(connection)
    if not remedies.is_view and not inspector.has_table(name, schema=place):
        yield _missing(subject.place, remedies)
        return
    columns = {column["name"]: column for column in inspector.get_columns(name, schema=place)}
    unique = remedies.is_view or not any(column.name == "id" for column in wanted) or _is_unique(inspector, name, place)
    doubles = [] if unique or "id" not in columns else list(_repeated(connection, name, place))
    yield from _Comparison(
        table=subject.wanted.name,
        place=subject.place,
        wanted=wanted,
        columns=columns,
        unique=unique or bool(doubles),
        remedies=remedies,
    ).findings()
    yield from doubles
    if not remedies.is_view:
        known = {("id",)} if not unique else set()  # with what makes ids unique there will be an index of them
        yield from _unindexed(subject, inspector, columns, remedies, known)


def _unindexed(
    subject: _Subject, inspector: Inspector, columns: Container[str], remedies: Remedies, known: Container[Columns]
) -> Iterator[Finding]:
    """Yield the indexes that a migration would add, of columns that are there; of those that are `known` it is told."""
    there = _indexed(inspector, subject.name, subject.schema)
    for index in lacking_indexes(subject.wanted, there):
        names = tuple(column.name for column in index.columns)
        is_ours = str(index.name).startswith(OURS)
        if any(name not in columns for name in names) or (names in known and not is_ours):
            continue
        if is_ours and not remedies.is_asterisks:  # they are told by their names, which another table has not
            continue
        what = f"the beginnings of {names[0]}" if is_ours else ", ".join(names)
        by = "it" if len(names) == 1 and not is_ours else "them"
        yield Finding(
            severity=Severity.NOTE if is_ours else Severity.WARNING,  # Asterisk's own tables are not at fault
            rule="missing-index",
            message=f"there is no index of {what}: each search by {by} reads the whole table",
            remedy=remedies.index(index),
            place=subject.place,
        )


def _indexed(inspector: Inspector, table: str, place: str | None) -> dict[str, tuple[Columns, bool]]:
    """Return the columns of each index and key of a table, and whether they are unique."""
    key = tuple(inspector.get_pk_constraint(table, schema=place)["constrained_columns"])
    found = {f"key {table}": (key, True)}
    for unique in inspector.get_unique_constraints(table, schema=place):
        names = tuple(unique["column_names"])
        found[f"unique {names}"] = names, True
    # SQLite keeps `id VARCHAR(255) UNIQUE` as an index of its own making, which is listed only on demand.
    for index in inspector.get_indexes(table, schema=place, include_auto_indexes=True):
        found[str(index["name"])] = tuple(map(str, index["column_names"])), bool(index["unique"])
    return found


def _repeated(connection: Connection, name: str, place: str | None) -> Iterator[Finding]:
    there = Table(name, MetaData(), Column("id"), schema=place)
    yield from repeated(connection, there, there, UniqueConstraint(there.columns["id"]))


def _missing(place: Place, remedies: Remedies) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        rule="missing-table",
        message=f"the table {place.source} does not exist",
        remedy=remedies.command if remedies.is_asterisks else "correct its name in extconfig.conf, or create it",
        place=place,
    )


@attrs.frozen(kw_only=True)
class _Comparison:
    """A table as it should be, and what it is."""

    table: str
    """What it is called in the schema."""
    place: Place
    wanted: list[Column[Any]]
    columns: Mapping[str, Mapping[str, Any]]
    unique: bool
    remedies: Remedies

    def findings(self) -> Iterator[Finding]:
        """Yield the faults in the order of the schema's columns, then those of columns beside it."""
        for column in self.wanted:
            there = self.columns.get(column.name)
            if there is None:
                yield self._finding(
                    "missing-column",
                    column.name,
                    f"the column {column.name} does not exist",
                    self.remedies.add(column),
                )
            else:
                yield from self._type(column, there["type"])
        if "id" in self.columns and not self.unique:
            yield self._finding("not-unique", "id", "two rows may have the same id", self.remedies.unique("id"))
        yield from self._null()

    def _type(self, column: Column[Any], there: TypeEngine[Any]) -> Iterator[Finding]:
        fault = partial(self._finding, option=column.name, value=str(there))
        match type_fault(column.type, there, self.remedies.dialect):
            case "wrong-kind":
                message = f"the column {column.name} is {there} where {column.type} is expected"
                yield fault("wrong-kind", message=message, remedy=self.remedies.retype(column, there))
            case "column-too-short":
                message = f"the column {column.name} is {there}, and {column.type} may be written"
                yield fault("column-too-short", message=message, remedy=self.remedies.retype(column, there))
            case "missing-value":
                lacking = sorted(set(column.type.enums) - set(there.enums))  # type: ignore[attr-defined]
                message = f"the column {column.name} does not take {', '.join(map(repr, lacking))}"
                yield fault("missing-value", message=message, remedy=self.remedies.values(column, there, lacking))

    def _null(self) -> Iterator[Finding]:
        required = {column.name: column for column in self.wanted if not column.nullable}
        expected = {column.name for column in self.wanted}
        for name, there in self.columns.items():
            if name in required and there["nullable"] and not self.remedies.is_view:
                message = f"the column {name} may be NULL, and each row needs a value there"
                yield self._finding("nullable", name, message, self.remedies.required(required[name], there["type"]))
            if name in {*required, "id"} or there["nullable"] or there["default"] is not None or _filled(there):
                continue
            message = f"the column {name} is NOT NULL without a default: an INSERT without it fails"
            remedy = self.remedies.nullable(name, there["type"], is_ours=name not in expected)
            yield self._finding("not-null", name, message, remedy, fatal=True)

    def _finding(
        self, rule: str, option: str, message: str, remedy: str, *, value: str = "", fatal: bool = False
    ) -> Finding:
        fatal = fatal or self.table in INSERTED or option == "id"
        return Finding(
            severity=Severity.ERROR if fatal else Severity.WARNING,
            rule=rule,
            message=message,
            remedy=remedy,
            place=self.place,
            option=option,
            value=value,
        )


def _filled(column: Mapping[str, Any]) -> bool:
    """Tell whether the database itself supplies the column's value."""
    integer_key = column.get("primary_key") and isinstance(column["type"], Integer)  # SQLite's rowid
    return bool(column.get("autoincrement") is True or column.get("identity") or column.get("computed") or integer_key)


def _is_unique(inspector: Inspector, table: str, place: str | None) -> bool:
    return (("id",), True) in _indexed(inspector, table, place).values()
