"""What stands between a database and the schema that Asterisk expects, as findings.

| rule | the fault |
|---|---|
| `missing-table` | no table or view of that name |
| `missing-column` | an option that cannot be stored; where Asterisk inserts, the INSERT fails |
| `column-too-short` | a text or number that Asterisk may write does not fit |
| `wrong-kind` | a column of another kind: numbers as text compare as text |
| `missing-value` | an enumeration without a value that Asterisk writes |
| `not-null` | an INSERT that leaves the column out, or writes "not set", fails |
| `not-unique` | two rows may have the same id |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

import attrs
from sqlalchemy import (
    URL,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Enum,
    Float,
    Inspector,
    Integer,
    Numeric,
    String,
    Table,
    inspect,
)
from sqlalchemy.types import TypeEngine

from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery_migrations.engine import reading
from sorcery_migrations.remedies import Remedies
from sorcery_migrations.runner import schema

__all__ = ["check", "check_table"]

INSERTED: Final = frozenset({"ps_contacts", "ps_subscription_persistence"})
"""The tables that Asterisk itself inserts into while it runs, always naming every column."""


def check(target: str | URL | Engine, role: str = "config") -> list[Finding]:
    """Compare the tables of a role with those of the newest schema; change nothing.

    What is there besides (tables, columns, wider columns) is no fault.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role.
    """
    with reading(target) as connection:
        tables = schema(role, connection.dialect.name).tables.values()
        inspector = inspect(connection)
        views = frozenset(inspector.get_view_names())
        return [finding for table in tables for finding in _findings(table, inspector, views)]


def check_table(target: str | URL | Engine, name: str, like: str, role: str = "config") -> list[Finding] | None:
    """Compare one table, of whatever name and schema (`schema.table`), with the table `like` of the newest schema.

    Change nothing. Return None where the schema has no such table.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role.
    """
    with reading(target) as connection:
        wanted = schema(role, connection.dialect.name).tables.get(like)
        if wanted is None:
            return None
        inspector = inspect(connection)
        place, _, table = name.rpartition(".")
        views = frozenset(inspector.get_view_names(schema=place or None))
        return list(_findings(wanted, inspector, views, table, place or None))


def _findings(
    wanted: Table, inspector: Inspector, views: frozenset[str], name: str = "", place: str | None = None
) -> Iterator[Finding]:
    """Reflect one table, of the wanted name or another one, and yield what is wrong with it."""
    name = name or wanted.name
    is_view = name in views
    if not is_view and not inspector.has_table(name, schema=place):
        return iter([_missing(name)])
    return _Comparison(
        wanted=wanted,
        columns={column["name"]: column for column in inspector.get_columns(name, schema=place)},
        unique=is_view or _is_unique(inspector, name, place),
        remedies=Remedies(inspector.dialect, name, is_view, place),
    ).findings()


def _missing(table: str) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        rule="missing-table",
        message=f"the table {table} does not exist",
        remedy="run `sorcery db adopt` on this database",
        place=Place(table),
    )


@attrs.frozen(kw_only=True)
class _Comparison:
    """A table as it should be, and what it is."""

    wanted: Table
    columns: Mapping[str, Mapping[str, Any]]
    unique: bool
    remedies: Remedies

    def findings(self) -> Iterator[Finding]:
        """Yield the faults in the order of the schema's columns, then those of columns beside it."""
        for column in self.wanted.columns:
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
        yield from self._not_null()

    def _type(self, column: Column[Any], there: TypeEngine[Any]) -> Iterator[Finding]:
        fault = partial(self._finding, option=column.name, value=str(there))
        match _mismatch(column.type, there, sqlite=self.remedies.dialect.name == "sqlite"):
            case "wrong-kind":
                message = f"the column {column.name} is {there} where {column.type} is expected"
                yield fault("wrong-kind", message=message, remedy=self.remedies.retype(column))
            case "column-too-short":
                message = f"the column {column.name} is {there}, and {column.type} may be written"
                yield fault("column-too-short", message=message, remedy=self.remedies.retype(column))
            case "missing-value":
                lacking = sorted(set(column.type.enums) - set(there.enums))  # type: ignore[attr-defined]
                message = f"the column {column.name} does not take {', '.join(map(repr, lacking))}"
                yield fault("missing-value", message=message, remedy=self.remedies.values(column, there, lacking))

    def _not_null(self) -> Iterator[Finding]:
        required = {column.name for column in self.wanted.columns if not column.nullable} | {"id"}
        for name, there in self.columns.items():
            if name in required or there["nullable"] or there["default"] is not None or _filled(there):
                continue
            message = f"the column {name} is NOT NULL without a default: an INSERT without it fails"
            yield self._finding("not-null", name, message, self.remedies.nullable(name, there["type"]), fatal=True)

    def _finding(
        self, rule: str, option: str, message: str, remedy: str, *, value: str = "", fatal: bool = False
    ) -> Finding:
        fatal = fatal or self.wanted.name in INSERTED or option == "id"
        return Finding(
            severity=Severity.ERROR if fatal else Severity.WARNING,
            rule=rule,
            message=message,
            remedy=remedy,
            place=Place(self.wanted.name),
            option=option,
            value=value,
        )


def _mismatch(wanted: TypeEngine[Any], there: TypeEngine[Any], *, sqlite: bool) -> str:
    """Name the rule that the type of a column breaks, or return an empty text."""
    match wanted, there:
        case Enum(), Enum():
            return "" if set(wanted.enums) <= set(there.enums) else "missing-value"
        case String(), String() if not isinstance(there, Enum):
            return "column-too-short" if _length(there) < _length(wanted) else ""
        case BigInteger(), Integer() if not isinstance(there, BigInteger) and not sqlite:
            return "column-too-short"
        case (Integer(), Integer()) | (Float() | Numeric(), Float() | Numeric()) | (Boolean(), Boolean() | Integer()):
            return ""
    return "wrong-kind"


def _length(text: String) -> float:
    """Return how many characters fit; an enumeration needs room for its longest value."""
    return text.length or float("inf")


def _filled(column: Mapping[str, Any]) -> bool:
    """Tell whether the database itself supplies the column's value."""
    integer_key = column.get("primary_key") and isinstance(column["type"], Integer)  # SQLite's rowid
    return bool(column.get("autoincrement") is True or column.get("identity") or column.get("computed") or integer_key)


def _is_unique(inspector: Inspector, table: str, place: str | None) -> bool:
    # SQLite keeps `id VARCHAR(255) UNIQUE` as an index of its own making, which is listed only on demand.
    indexes = inspector.get_indexes(table, schema=place, include_auto_indexes=True)
    return (
        inspector.get_pk_constraint(table, schema=place)["constrained_columns"] == ["id"]
        or any(key["column_names"] == ["id"] for key in inspector.get_unique_constraints(table, schema=place))
        or any(index["column_names"] == ["id"] and index["unique"] for index in indexes)
    )
