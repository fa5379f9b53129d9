"""MariaDB and MySQL: three triggers per table. They write as the user who made them, whoever changes the row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from sorcery_database.outbox import CHANGES, STATE
from sorcery_migrations.notices.trigger import Standing, Trigger, keeps

__all__ = ["MySQL"]

PREFIX: Final = "sorcery_"
LONGEST: Final = 64
"""Characters of a name."""

_SUFFIX: Final = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
_INSERT: Final = f"INSERT INTO {CHANGES} (at, name, id, op, origin) VALUES"
_TRIGGERS: Final = text(
    "SELECT event_object_table, trigger_name, action_statement FROM information_schema.triggers "
    "WHERE trigger_schema = DATABASE() AND action_statement LIKE :ours"
)


class MySQL:
    """What MariaDB and MySQL need."""

    def outbox(self, connection: Connection) -> Sequence[str]:
        """Return what makes the tables that are missing."""
        tables = {
            CHANGES: "seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, at BIGINT NOT NULL, name VARCHAR(255) NOT NULL, "
            "id TEXT, op VARCHAR(6) NOT NULL, origin TEXT NOT NULL",
            STATE: "era VARCHAR(36) NOT NULL, trimmed BIGINT NOT NULL, tables TEXT NOT NULL",
        }
        return [
            f"CREATE TABLE {name} ({columns}) {_SUFFIX}"
            for name, columns in tables.items()
            if not keeps(connection, name)
        ]

    def triggers(self, connection: Connection, table: str, columns: Sequence[str]) -> Sequence[Trigger]:
        """Return the triggers of a table: an update counts if a byte of a column is another."""
        quote = connection.dialect.identifier_preparer.quote
        same = " AND ".join(_same(quote(column)) for column in columns)
        update = (
            f"BEGIN IF NOT ({_same('id')}) THEN {_INSERT} {_entry(table, 'OLD.id', 'delete')}, "
            f"{_entry(table, 'NEW.id', 'create')}; "
            f"ELSEIF NOT ({same}) THEN {_INSERT} {_entry(table, 'NEW.id', 'update')}; END IF; END"
        )
        bodies = {
            "create": ("INSERT", f"{_INSERT} {_entry(table, 'NEW.id', 'create')}"),
            "delete": ("DELETE", f"{_INSERT} {_entry(table, 'OLD.id', 'delete')}"),
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

    def announcement(self, table: str) -> str:
        """Return what leaves word that anything in a table may be another now."""
        return f"{_INSERT} " + _entry(table, "''", "update")

    def standing(self, connection: Connection) -> Standing:
        """Return the triggers that fill the outbox."""
        found: dict[str, dict[str, str]] = {}
        for table, name, body in connection.execute(_TRIGGERS, {"ours": f"%INSERT INTO {CHANGES} %"}):
            found.setdefault(table, {})[name] = body
        return found

    def drop(self, connection: Connection, table: str, name: str) -> str:
        """Return what takes a trigger away."""
        return f"DROP TRIGGER {connection.dialect.identifier_preparer.quote(name)}"

    def removal(self, connection: Connection) -> Sequence[str]:
        """Return what takes the tables away."""
        return [f"DROP TABLE IF EXISTS {name}" for name in (CHANGES, STATE)]


def _entry(table: str, id: str, op: str) -> str:
    name = table.replace("'", "''")
    return f"(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000, '{name}', {id}, '{op}', COALESCE(@sorcery_origin, ''))"


def _same(column: str) -> str:
    return f"CAST(NEW.{column} AS BINARY) <=> CAST(OLD.{column} AS BINARY)"
