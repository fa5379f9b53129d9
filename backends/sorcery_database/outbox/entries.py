"""What a reader of the outbox gets, and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, Protocol, Self

import attrs
from sqlalchemy import Connection

__all__ = ["CHANGES", "CHANNEL", "NOW", "STATE", "Batch", "Entry", "Op", "Position", "Reading", "entry_of"]

CHANGES: Final = "sorcery_changes"
"""The table of entries."""
STATE: Final = "sorcery_changes_state"
"""The table of one row: which outbox this is, and up to where it was trimmed."""
CHANNEL: Final = "sorcery_changes"
"""Where PostgreSQL says that there is something new."""

_MARIADB: Final = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)"
NOW: Final = {
    "postgresql": "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    "mariadb": _MARIADB,
    "mysql": _MARIADB,
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
}
"""The clock of each kind of database, in SQL: microseconds since the epoch, whatever transaction it is asked in."""

Op = Literal["create", "update", "delete"]


@attrs.frozen(slots=True)
class Entry:
    """One change of one row."""

    table: str
    """With its schema, `schema.table`, where that is not the outbox's own."""
    id: str
    """As it is stored; empty where a table was emptied as a whole, or the row has no id."""
    op: Op
    origin: str
    """Who wrote, where he said it; else empty."""
    at: float
    """Seconds since the epoch by the clock of the database."""


@attrs.frozen(slots=True)
class Position:
    """Where a reader of one outbox stands. Keep it anywhere as its text, which says nothing else."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take back what `str` gave. A text that means nothing to an outbox makes its next batch incomplete."""
        return cls(text)

    def __str__(self) -> str:
        return self.text


@attrs.frozen(slots=True)
class Batch:
    """What there is after a position."""

    entries: tuple[Entry, ...]
    after: Position
    """Where to go on."""
    is_complete: bool
    """False: there may have been more than anybody can tell, so anything may be another now."""


class Reading(Protocol):
    """How one kind of database is read without losing an entry."""

    def end(self, connection: Connection) -> Position:
        """Return where the newest entry ends."""

    def read(self, connection: Connection, after: Position, most: int) -> Batch:
        """Return at most so many entries after a position, each once however often it is called."""

    def trim(self, connection: Connection, before: Position, keep: float, most: int) -> int:
        """Delete at most so many entries that lie before a position and are older than `keep` seconds."""


def entry_of(row: Sequence[Any]) -> Entry:
    """Return an entry of (name, id, op, origin, microseconds)."""
    name, id, op, origin, at = row
    return Entry(str(name), str(id or ""), op, str(origin or ""), at / 1e6)
