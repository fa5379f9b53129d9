"""Kamailio's own tables, as its modules of 5.6 expect them, and the versions that these look for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, String, Table, UniqueConstraint, text

__all__ = ["SCHEMA", "VERSIONS"]

SCHEMA: Final = MetaData()

VERSIONS: Final = {
    "version": 1,
    "subscriber": 7,
    "subscriber_sha256": 7,
    "location": 9,
    "location_attrs": 1,
    "dispatcher": 4,
}
"""By table or view, as Kamailio 5.6 asks for them."""


def _text(name: str, length: int, default: str | None = "") -> Column[str]:
    """Return a text that is never NULL, or, without a default, may be."""
    if default is None:
        return Column(name, String(length))
    return Column(name, String(length), nullable=False, server_default=default)


def _number(name: str, default: int | None = 0) -> Column[int]:
    if default is None:
        return Column(name, Integer)
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def _time(name: str) -> Column[int]:
    """Return a time in seconds since the epoch, which `expires_type` 1 means: it knows no time zone."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


Table(
    "version",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    Column("table_name", String(32), nullable=False, unique=True),
    _number("table_version"),
)

Table(
    "location",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    _text("ruid", 64),
    _text("username", 64),
    _text("domain", 64, None),
    _text("contact", 512),
    _text("received", 128, None),
    _text("path", 512, None),
    _time("expires"),
    Column("q", Float(24), nullable=False, server_default=text("1")),
    _text("callid", 255, "Default-Call-ID"),
    _number("cseq", 1),
    _time("last_modified"),
    _number("flags"),
    _number("cflags"),
    _text("user_agent", 255),
    _text("socket", 64, None),
    _number("methods", None),
    _text("instance", 255, None),
    _number("reg_id"),
    _number("server_id"),
    _number("connection_id"),
    _number("keepalive"),
    _number("partition"),
    UniqueConstraint("ruid", name="location_ruid_idx"),
    Index("location_account_contact_idx", "username", "domain", "contact"),
    Index("location_expires_idx", "expires"),
    Index("location_connection_idx", "server_id", "connection_id"),
)

Table(
    "location_attrs",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    _text("ruid", 64),
    _text("username", 64),
    _text("domain", 64, None),
    _text("aname", 64),
    _number("atype"),
    _text("avalue", 512),
    _time("last_modified"),
    Index("location_attrs_account_record_idx", "username", "domain", "ruid"),
    Index("location_attrs_last_modified_idx", "last_modified"),
)

Table(
    "dispatcher",
    SCHEMA,
    Column("id", Integer, primary_key=True),
    _number("setid"),
    _text("destination", 192),
    _number("flags"),
    _number("priority"),
    _text("attrs", 128),
    _text("description", 64),
)
