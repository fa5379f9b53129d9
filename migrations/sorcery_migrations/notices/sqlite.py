"""SQLite: four triggers per table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from sorcery_database.outbox import CHANGES, STATE
from sorcery_migrations.notices.trigger import Standing, Trigger, keeps

__all__ = ["SQLite"]

PREFIX: Final = "sorcery_"

_NOW: Final = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
_INSERT: Final = f"INSERT INTO {CHANGES} (at, name, id, op, origin) VALUES"
_TABLES: Final = {
    # The newest entry is never deleted, so no number comes twice; AUTOINCREMENT would leave a table behind.
    CHANGES: "seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, id TEXT, op TEXT NOT NULL, "
    "origin TEXT NOT NULL",
    STATE: "era TEXT NOT NULL, trimmed INTEGER NOT NULL, tables TEXT NOT NULL",
}
_TRIGGERS: Final = text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE :ours")


class SQLite:
    """What SQLite needs."""

    def outbox(self, connection: Connection) -> Sequence[str]:
        """Return what makes the tables that are missing."""
        return [f"CREATE TABLE {name} ({columns})" for name, columns in _TABLES.items() if not keeps(connection, name)]

    def triggers(self, connection: Connection, table: str, columns: Sequence[str]) -> Sequence[Trigger]:
        """Return the triggers of a table: an update counts if a byte of a column is another."""
        quote = connection.dialect.identifier_preparer.quote
        changed = " OR ".join(f"OLD.{quote(column)} COLLATE BINARY IS NOT NEW.{quote(column)}" for column in columns)
        same_id = "OLD.id COLLATE BINARY IS NEW.id"
        new, old = _entry(table, "NEW.id", "create"), _entry(table, "OLD.id", "delete")
        events = {
            "create": ("INSERT", "", new),
            "delete": ("DELETE", "", old),
            "update": ("UPDATE", f" WHEN {same_id} AND ({changed})", _entry(table, "NEW.id", "update")),
            "rename": ("UPDATE", f" WHEN NOT {same_id}", f"{old}, {new}"),
        }
        return [
            Trigger(
                name := f"{PREFIX}{event}_{table}",
                statement := f"CREATE TRIGGER {quote(name)} AFTER {verb} ON {quote(table)} FOR EACH ROW{when} "
                f"BEGIN {_INSERT} {entry}; END",
                statement,
            )
            for event, (verb, when, entry) in events.items()
        ]

    def announcement(self, table: str) -> str:
        """Return what leaves word that anything in a table may be another now."""
        return f"{_INSERT} " + _entry(table, "''", "update")

    def standing(self, connection: Connection) -> Standing:
        """Return the triggers that fill the outbox."""
        found: dict[str, dict[str, str]] = {}
        for table, name, sql in connection.execute(_TRIGGERS, {"ours": f"%INSERT INTO {CHANGES} %"}):
            found.setdefault(table, {})[name] = sql
        return found

    def drop(self, connection: Connection, table: str, name: str) -> str:
        """Return what takes a trigger away."""
        return f"DROP TRIGGER {connection.dialect.identifier_preparer.quote(name)}"

    def removal(self, connection: Connection) -> Sequence[str]:
        """Return what takes the tables away."""
        return [f"DROP TABLE IF EXISTS {name}" for name in (CHANGES, STATE)]


def _entry(table: str, id: str, op: str) -> str:
    name = table.replace("'", "''")
    return f"({_NOW}, '{name}', {id}, '{op}', '')"
