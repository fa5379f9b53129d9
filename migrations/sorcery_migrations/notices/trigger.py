"""A trigger as it should be, and what a kind of database has to say for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import attrs
from sqlalchemy import Connection, inspect

__all__ = ["Kind", "Standing", "Trigger", "keeps"]

Standing = Mapping[str, Mapping[str, str]]
"""Our triggers that are there: of each table, by name, what they do."""


@attrs.frozen(slots=True)
class Trigger:
    """One trigger of one table."""

    name: str
    create: str
    """The statement that makes it."""
    body: str = ""
    """What it does, as the database tells it; empty where that is the same for all tables."""


def keeps(connection: Connection, table: str) -> bool:
    """Tell whether a table of the outbox is there; one in another schema is that of somebody else."""
    inspector = inspect(connection)
    return inspector.has_table(table, schema=inspector.default_schema_name)


class Kind(Protocol):
    """What one kind of database needs. Names of tables are `table` or `schema.table`."""

    def outbox(self, connection: Connection) -> Sequence[str]:
        """Return what makes the tables and functions that are missing or of another edition."""

    def triggers(self, connection: Connection, table: str, columns: Sequence[str]) -> Sequence[Trigger]:
        """Return the triggers that a table with these columns should have."""

    def announcement(self, table: str) -> str:
        """Return what leaves word that anything in a table may be another now."""

    def standing(self, connection: Connection) -> Standing:
        """Return those that are there."""

    def drop(self, connection: Connection, table: str, name: str) -> str:
        """Return what takes a trigger away."""

    def removal(self, connection: Connection) -> Sequence[str]:
        """Return what takes away the rest, when no trigger is left."""
