"""Describe Asterisk's table of the role `voicemail` as it stands at its Alembic head 64fae6bbe7fb; it never changes.

It holds messages, where voicemail keeps them by ODBC. Mailboxes are the table `voicemail` of the role `config`.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, String, Table
from sqlalchemy.dialects.mysql import LONGBLOB

__all__ = ["schema"]

_TABLES: Final = MetaData()

RECORDING: Final = LargeBinary().with_variant(LONGBLOB(), "mysql", "mariadb")


Table(
    "voicemail_messages",
    _TABLES,
    Column("dir", String(255), nullable=False),
    Column("msgnum", Integer, nullable=False),
    Column("context", String(80)),
    Column("callerid", String(80)),
    Column("origtime", Integer),
    Column("duration", Integer),
    Column("recording", RECORDING),
    Column("flag", String(30)),
    Column("category", String(30)),
    Column("mailboxuser", String(30)),
    Column("mailboxcontext", String(30)),
    Column("msg_id", String(40)),
    PrimaryKeyConstraint("dir", "msgnum", name="voicemail_messages_dir_msgnum"),
)


def schema(dialect_name: str) -> MetaData:
    """Return the table, in a copy that the caller owns."""
    metadata = MetaData()
    _TABLES.tables["voicemail_messages"].to_metadata(metadata)
    return metadata
