"""What mends a column: the command that does, or the statement, in the words of each engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
from sqlalchemy import Column, Dialect, Enum, Index
from sqlalchemy.schema import CreateIndex
from sqlalchemy.types import TypeEngine

from sorcery_migrations.altering import definition, quoted, retyping

__all__ = ["Remedies"]


@attrs.frozen
class Remedies:
    """What to do about the columns of one table, as text for a finding."""

    dialect: Dialect
    database: str
    """Its address, without a password."""
    role: str
    table: str
    is_view: bool = False
    schema: str | None = None
    """The schema that the table lies in, where it is named."""
    is_asterisks: bool = True
    """Whether the table has the name that the migrations know it by."""

    @property
    def command(self) -> str:
        """Say which command mends the tables of the role."""
        role = "" if self.role == "config" else f" --role {self.role}"
        return f"run `sorcery db adopt {self.database}{role}`"

    def add(self, column: Column[Any]) -> str:
        """Say how to add a column."""
        return self._mended(
            f"ADD COLUMN {definition(column, self.dialect)}", f"add the column to the view {self.table}"
        )

    def retype(self, column: Column[Any], there: TypeEngine[Any]) -> str:
        """Say how to give a column the type of the schema, keeping its values."""
        old: Column[Any] = Column(column.name, there)
        return self._mended("" if self._is_sqlite else retyping(column, old, self.dialect))

    def values(self, column: Column[Any], there: TypeEngine[Any], lacking: Iterable[str]) -> str:
        """Say how to let an enumeration take more values."""
        if self.dialect.name != "postgresql" or not isinstance(there, Enum) or there.name != column.type.name:  # type: ignore[attr-defined]
            return self.retype(column, there)
        added = "; ".join(f"ALTER TYPE {there.name} ADD VALUE '{value}'" for value in lacking)
        return f"{self.command}, or: {added}"

    def required(self, column: Column[Any], there: TypeEngine[Any]) -> str:
        """Say how to keep a column from being NULL."""
        name = quoted(self.dialect, column.name)
        kept: Column[Any] = Column(column.name, there, nullable=False)
        return self._mended(
            {"postgresql": f"ALTER COLUMN {name} SET NOT NULL"}.get(self.dialect.name)
            or ("" if self._is_sqlite else f"MODIFY {definition(kept, self.dialect)}")
        )

    def nullable(self, name: str, there: TypeEngine[Any], *, is_ours: bool) -> str:
        """Say how to let a column be left out; one that is not Asterisk's no command touches."""
        kept: Column[Any] = Column(name, there)
        if self.dialect.name == "postgresql":
            change = f"ALTER COLUMN {quoted(self.dialect, name)} DROP NOT NULL"
        else:
            change = "" if self._is_sqlite else f"MODIFY {definition(kept, self.dialect)} NULL"
        if not is_ours or self.is_view:
            return self._mended(change)
        return self._alter(change) if change else "give it a default, or drop it: SQLite cannot change a column"

    def unique(self, name: str) -> str:
        """Say how to forbid a second row with the same value."""
        statement = f"CREATE UNIQUE INDEX {quoted(self.dialect, f'{self.table}_{name}_key')} ON {self._named()}"
        return f"remove the double rows, then: {statement} ({quoted(self.dialect, name)})"

    def index(self, index: Index) -> str:
        """Say how to make an index."""
        if self.is_asterisks and not self.schema:
            statement = str(CreateIndex(index).compile(dialect=self.dialect))
            return f"{self.command}, or: {' '.join(statement.split())}"
        names = [column.name for column in index.columns]
        columns = ", ".join(quoted(self.dialect, name) for name in names)
        return f"CREATE INDEX {quoted(self.dialect, '_'.join((self.table, *names)))} ON {self._named()} ({columns})"

    @property
    def _is_sqlite(self) -> bool:
        return self.dialect.name == "sqlite"

    def _mended(self, change: str, view: str = "") -> str:
        """Name the command, where it knows the table, and the statement, where one does it."""
        if self.is_view:
            return view or f"change the view {self.table}"
        if not self.is_asterisks or self.schema:
            return self._alter(change) if change else "make a table like Asterisk's, and copy the rows into it"
        return f"{self.command}, or: {self._alter(change)}" if change else self.command

    def _alter(self, change: str) -> str:
        return f"ALTER TABLE {self._named()} {change}"

    def _named(self) -> str:
        return ".".join(quoted(self.dialect, part) for part in (self.schema, self.table) if part)
