"""Where each trigger writes its entries itself, MariaDB, MySQL and SQLite: what they have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from sqlalchemy import Connection, TextClause

from sorcery_database.outbox import CHANGES, STATE
from sorcery_migrations.notices.trigger import Standing, Trigger, keeps

__all__ = ["INSERT", "PREFIX", "WritingTriggers"]

PREFIX: Final = "sorcery_"
INSERT: Final = f"INSERT INTO {CHANGES} (at, name, id, op, origin) VALUES"
"""How a trigger of ours begins to write, and by what it is known."""


class WritingTriggers(ABC):
    """What a database needs whose triggers write entries themselves."""

    TABLES: ClassVar[Mapping[str, str]]
    """The columns of the tables, by name."""
    SUFFIX: ClassVar[str] = ""
    """What follows them."""
    FOUND: ClassVar[TextClause]
    """Finds (table, name, what it does) of the triggers in whose text `ours` stands."""

    @abstractmethod
    def triggers(self, connection: Connection, table: str, columns: Sequence[str]) -> Sequence[Trigger]:
        """Return the triggers of a table: an update counts if a byte of a column is another."""

    @abstractmethod
    def entry(self, table: str, id: str, op: str) -> str:
        """Return the values of an entry, of a table and an expression for the id."""

    def outbox(self, connection: Connection) -> Sequence[str]:
        """Return what makes the tables that are missing."""
        return [
            f"CREATE TABLE {name} ({columns}){self.SUFFIX}"
            for name, columns in self.TABLES.items()
            if not keeps(connection, name)
        ]

    def announcement(self, table: str) -> str:
        """Return what leaves word that anything in a table may be another now."""
        return f"{INSERT} " + self.entry(table, "''", "update")

    def standing(self, connection: Connection) -> Standing:
        """Return the triggers that fill the outbox."""
        found: dict[str, dict[str, str]] = {}
        for table, name, body in connection.execute(self.FOUND, {"ours": f"%INSERT INTO {CHANGES} %"}):
            found.setdefault(table, {})[name] = body
        return found

    def drop(self, connection: Connection, table: str, name: str) -> str:
        """Return what takes a trigger away."""
        return f"DROP TRIGGER {connection.dialect.identifier_preparer.quote(name)}"

    def removal(self, connection: Connection) -> Sequence[str]:
        """Return what takes the tables away."""
        return [f"DROP TABLE IF EXISTS {name}" for name in (CHANGES, STATE)]
