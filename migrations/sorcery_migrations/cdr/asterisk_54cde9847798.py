"""Describe Asterisk's table of the role `cdr` as it stands at its Alembic head 54cde9847798; it never changes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table

__all__ = ["schema"]

_TABLES: Final = MetaData()


Table(
    "cdr",
    _TABLES,
    Column("accountcode", String(80)),
    Column("src", String(80)),
    Column("dst", String(80)),
    Column("dcontext", String(80)),
    Column("clid", String(80)),
    Column("channel", String(80)),
    Column("dstchannel", String(80)),
    Column("lastapp", String(80)),
    Column("lastdata", String(80)),
    Column("start", DateTime),
    Column("answer", DateTime),
    Column("end", DateTime),
    Column("duration", Integer),
    Column("billsec", Integer),
    Column("disposition", String(45)),
    Column("amaflags", String(45)),
    Column("userfield", String(256)),
    Column("uniqueid", String(150)),
    Column("linkedid", String(150)),
    Column("peeraccount", String(80)),
    Column("sequence", Integer),
)


def schema(dialect_name: str) -> MetaData:
    """Return the table, in a copy that the caller owns."""
    metadata = MetaData()
    _TABLES.tables["cdr"].to_metadata(metadata)
    return metadata
