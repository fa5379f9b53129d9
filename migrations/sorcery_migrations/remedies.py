"""The statement that mends a column, in the words of each engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
from sqlalchemy import Column, Dialect, Enum
from sqlalchemy.types import TypeEngine

__all__ = ["Remedies"]


@attrs.frozen
class Remedies:
    """What to do about the columns of one table, as text for a finding."""

    dialect: Dialect
    table: str
    is_view: bool = False
    schema: str | None = None
    """The schema that the table lies in, where it is named."""

    def add(self, column: Column[Any]) -> str:
        """Say how to add a column."""
        if self.is_view:
            return f"add the column to the view {self.table}"
        statement = self._alter(f"ADD COLUMN {self._quote(column.name)} {self._type(column.type)}")
        return f"run `sorcery db adopt` on this database, or: {statement}"

    def retype(self, column: Column[Any]) -> str:
        """Say how to give a column the type of the schema, keeping its values."""
        name, type_ = self._quote(column.name), self._type(column.type)
        return self._change(
            postgresql=f"ALTER COLUMN {name} TYPE {type_} USING {name}::text::{type_}",
            mysql=f"MODIFY {name} {type_}" + ("" if column.nullable else " NOT NULL"),
        )

    def values(self, column: Column[Any], there: TypeEngine[Any], lacking: Iterable[str]) -> str:
        """Say how to let an enumeration take more values."""
        if self.dialect.name != "postgresql" or not isinstance(there, Enum) or there.name != column.type.name:  # type: ignore[attr-defined]
            return self.retype(column)
        return "; ".join(f"ALTER TYPE {there.name} ADD VALUE '{value}'" for value in lacking)

    def nullable(self, name: str, type_: TypeEngine[Any]) -> str:
        """Say how to let a column be left out."""
        quoted = self._quote(name)
        return self._change(
            postgresql=f"ALTER COLUMN {quoted} DROP NOT NULL",
            mysql=f"MODIFY {quoted} {type_} NULL",
        )

    def unique(self, name: str) -> str:
        """Say how to forbid a second row with the same value."""
        statement = f"CREATE UNIQUE INDEX {self._quote(f'{self.table}_{name}_key')} ON {self._named()}"
        return f"remove the double rows, then: {statement} ({self._quote(name)})"

    def _change(self, *, postgresql: str, mysql: str) -> str:
        if self.is_view:
            return f"change the view {self.table}"
        match self.dialect.name:
            case "postgresql":
                return self._alter(postgresql)
            case "mysql" | "mariadb":
                return self._alter(mysql)
        return "SQLite cannot change a column: `sorcery db upgrade` a new file, then `sorcery copy` into it"

    def _alter(self, change: str) -> str:
        return f"ALTER TABLE {self._named()} {change}"

    def _named(self) -> str:
        return ".".join(self._quote(part) for part in (self.schema, self.table) if part)

    def _quote(self, name: str) -> str:
        return self.dialect.identifier_preparer.quote(name)

    def _type(self, type_: TypeEngine[Any]) -> str:
        return type_.compile(dialect=self.dialect)
