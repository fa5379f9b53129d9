"""Describe Asterisk's table of the role `queue_log` as it stands at its Alembic head 4105ee839f58; it never changes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, UniqueConstraint

__all__ = ["schema"]

_TABLES: Final = MetaData()

COUNTED: Final = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by an INTEGER key only."""


Table(
    "queue_log",
    _TABLES,
    Column("id", COUNTED, primary_key=True),
    Column("time", DateTime),
    Column("callid", String(80)),
    Column("queuename", String(256)),
    Column("agent", String(80)),
    Column("event", String(32)),
    Column("data1", String(100)),
    Column("data2", String(100)),
    Column("data3", String(100)),
    Column("data4", String(100)),
    Column("data5", String(100)),
)


def schema(dialect_name: str) -> MetaData:
    """Return the table as that engine has it, in a copy that the caller owns: MariaDB has a second key over its id."""
    metadata = MetaData()
    _TABLES.tables["queue_log"].to_metadata(metadata)
    if dialect_name in ("mysql", "mariadb"):
        metadata.tables["queue_log"].append_constraint(UniqueConstraint("id"))
    return metadata
