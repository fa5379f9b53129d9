"""SQLite: four triggers per table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, text

from sorcery_database.outbox import CHANGES, NOW, STATE
from sorcery_migrations.notices.inline import INSERT, PREFIX, WritingTriggers
from sorcery_migrations.notices.trigger import Trigger

__all__ = ["SQLite"]


class SQLite(WritingTriggers):
    """What SQLite needs."""

    TABLES = {
        # The newest entry is never deleted, so no number comes twice; AUTOINCREMENT would leave a table behind.
        CHANGES: "seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, name TEXT NOT NULL, id TEXT, op TEXT NOT NULL, "
        "origin TEXT NOT NULL",
        STATE: "era TEXT NOT NULL, trimmed INTEGER NOT NULL, tables TEXT NOT NULL",
    }
    FOUND = text("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE :ours")

    def triggers(self, connection: Connection, table: str, columns: Sequence[str]) -> Sequence[Trigger]:
        """Return the triggers of a table: an update counts if a byte of a column is another."""
        quote = connection.dialect.identifier_preparer.quote
        changed = " OR ".join(f"OLD.{quote(column)} COLLATE BINARY IS NOT NEW.{quote(column)}" for column in columns)
        same_id = "OLD.id COLLATE BINARY IS NEW.id"
        new, old = self.entry(table, "NEW.id", "create"), self.entry(table, "OLD.id", "delete")
        events = {
            "create": ("INSERT", "", new),
            "delete": ("DELETE", "", old),
            "update": ("UPDATE", f" WHEN {same_id} AND ({changed})", self.entry(table, "NEW.id", "update")),
            "rename": ("UPDATE", f" WHEN NOT {same_id}", f"{old}, {new}"),
        }
        return [
            Trigger(
                name := f"{PREFIX}{event}_{table}",
                statement := f"CREATE TRIGGER {quote(name)} AFTER {verb} ON {quote(table)} FOR EACH ROW{when} "
                f"BEGIN {INSERT} {entry}; END",
                statement,
            )
            for event, (verb, when, entry) in events.items()
        ]

    def entry(self, table: str, id: str, op: str) -> str:
        """Return the values of an entry; nobody can say who writes."""
        name = table.replace("'", "''")
        return f"({NOW['sqlite']}, '{name}', {id}, '{op}', '')"
