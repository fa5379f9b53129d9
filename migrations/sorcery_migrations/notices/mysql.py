"""MariaDB and MySQL: three triggers per table. They write as the user who made them, whoever changes the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from sorcery_database.outbox import CHANGES, STATE
from sorcery_migrations.notices.inline import INSERT, PREFIX, WritingTriggers
from sorcery_migrations.notices.trigger import Trigger

__all__ = ["MySQL"]

LONGEST: Final = 64
"""Characters of a name."""


class MySQL(WritingTriggers):
    """What MariaDB and MySQL need."""

    TABLES = {
        CHANGES: "seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, at BIGINT NOT NULL, name VARCHAR(255) NOT NULL, "
        "id TEXT, op VARCHAR(6) NOT NULL, origin TEXT NOT NULL",
        STATE: "era VARCHAR(36) NOT NULL, trimmed BIGINT NOT NULL, tables TEXT NOT NULL",
    }
    SUFFIX = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
    FOUND = text(
        "SELECT event_object_table, trigger_name, action_statement FROM information_schema.triggers "
        "WHERE trigger_schema = DATABASE() AND action_statement LIKE :ours"
    )

    def triggers(self, connection: Connection, table: str, columns: Sequence[str]) -> Sequence[Trigger]:
        """Return the triggers of a table: an update counts if a byte of a column is another."""
        quote = connection.dialect.identifier_preparer.quote
        same = " AND ".join(_same(quote(column)) for column in columns)
        update = (
            f"BEGIN IF NOT ({_same('id')}) THEN {INSERT} {self.entry(table, 'OLD.id', 'delete')}, "
            f"{self.entry(table, 'NEW.id', 'create')}; "
            f"ELSEIF NOT ({same}) THEN {INSERT} {self.entry(table, 'NEW.id', 'update')}; END IF; END"
        )
        bodies = {
            "create": ("INSERT", f"{INSERT} {self.entry(table, 'NEW.id', 'create')}"),
            "delete": ("DELETE", f"{INSERT} {self.entry(table, 'OLD.id', 'delete')}"),
            "update": ("UPDATE", update),
        }
        # MySQL has no OR REPLACE here; switching then drops what stands before
        create = "CREATE OR REPLACE TRIGGER" if getattr(connection.dialect, "is_mariadb", False) else "CREATE TRIGGER"
        return [
            Trigger(
                name := f"{PREFIX}{event}_{table}"[:LONGEST],
                f"{create} {quote(name)} AFTER {verb} ON {quote(table)} FOR EACH ROW {body}",
                body,
            )
            for event, (verb, body) in bodies.items()
        ]

    def entry(self, table: str, id: str, op: str) -> str:
        """Return the values of an entry: who writes says so in a variable of his session."""
        name = table.replace("'", "''")
        return f"(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000, '{name}', {id}, '{op}', COALESCE(@sorcery_origin, ''))"


def _same(column: str) -> str:
    return f"CAST(NEW.{column} AS BINARY) <=> CAST(OLD.{column} AS BINARY)"
