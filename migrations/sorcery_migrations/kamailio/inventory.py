"""What there is of Kamailio's in a database: whose it is, which edition, and whether it fits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from typing import Final

from sqlalchemy import BigInteger, Connection, inspect, text

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery_migrations.kamailio import lookup, mirror, subscriber

__all__ = [
    "MARK",
    "REALM",
    "STACKS",
    "comment_of",
    "comment_on",
    "destinations",
    "editions",
    "realm_of",
    "require_asterisk",
    "require_fitting",
    "require_postgresql",
    "require_unused",
    "versions",
]

REALM: Final = "asterisk"
"""The realm of Asterisk where nothing says another."""
STACKS: Final = 1
"""The dispatcher's set of those that take calls."""
MARK: Final = "pysorcery"
"""Begins the comment of what is ours, and describes the rows that are."""

_REALM: Final = re.compile(r", realm (.*)", re.DOTALL)


def editions(realm: str, both_ways: bool) -> dict[str, tuple[str, ...]]:
    """Return by name the statements for each view and function."""
    made: dict[str, tuple[str, ...]] = {name: (view(realm),) for name, view in subscriber.VIEWS.items()}
    made[mirror.TRIGGER] = mirror.CREATE
    if both_ways:
        made[lookup.TRIGGER] = lookup.CREATE
    return made


def comment_of(name: str, statements: Collection[str], realm: str) -> str:
    """Return the comment of what the statements make: another comment is of another edition."""
    edition = hashlib.sha256("\n".join(statements).encode()).hexdigest()[:16]
    return f"{MARK}: edition {edition}" + (f", realm {realm}" if name in subscriber.VIEWS else "")


def comment_on(connection: Connection, name: str) -> str:
    """Return the comment of a table, a view or a function of the schema in use; empty if there is none."""
    query = text(
        "SELECT obj_description(coalesce(to_regclass(:name)::oid, to_regproc(:name)::oid), CASE WHEN to_regclass(:name)"
        " IS NULL THEN 'pg_proc' ELSE 'pg_class' END)"
    )
    return connection.scalar(query, {"name": name}) or ""


def realm_of(connection: Connection) -> str | None:
    """Return the realm that the views were made for, if they are there."""
    found = _REALM.search(comment_on(connection, "subscriber"))
    return found[1] if found else None


def versions(connection: Connection) -> dict[str, int]:
    """Return the versions of tables that the table `version` tells."""
    rows = connection.execute(text("SELECT table_name, table_version FROM version"))
    return {row.table_name: row.table_version for row in rows}


def destinations(connection: Connection) -> list[str]:
    """Return the SIP addresses of those that take calls, in order."""
    query = text("SELECT destination FROM dispatcher WHERE setid = :setid ORDER BY destination")
    return list(connection.scalars(query, {"setid": STACKS}))


def require_postgresql(connection: Connection) -> None:
    """Raise `ConfigurationError` for another kind of database."""
    if connection.dialect.name != "postgresql":
        raise ConfigurationError(
            "Kamailio shares tables with Asterisk in PostgreSQL only", remedy="write postgresql://user@host/database"
        )


def require_asterisk(connection: Connection) -> None:
    """Raise `ConfigurationError` unless Asterisk's tables are there."""
    inspector = inspect(connection)
    for name in ("ps_auths", "ps_aors", "ps_contacts", "ps_endpoints"):
        if not inspector.has_table(name):
            raise ConfigurationError(
                f"the table {name} does not exist", place=Place(name), remedy="run `sorcery db upgrade` first"
            )


def require_fitting(connection: Connection) -> None:
    """Raise `ConfigurationError` for a database that has others of the names that are needed."""
    inspector = inspect(connection)
    tables, views = inspector.get_table_names(), inspector.get_view_names()
    for name in subscriber.VIEWS:
        if name in tables or (name in views and not comment_on(connection, name).startswith(MARK)):
            raise ConfigurationError(
                f"{name} holds users of Kamailio's own, and has to be a view of those in ps_auths",
                place=Place(name),
                remedy="rename it and start again",
            )
    if "location" in tables:
        types = {each["name"]: each["type"] for each in inspector.get_columns("location")}
        if not isinstance(types.get("expires"), BigInteger):
            raise ConfigurationError(
                "location keeps times as timestamps, without a time zone",
                place=Place("location"),
                remedy="stop Kamailio, drop the table, and let it be made anew; phones register again by themselves",
            )


def require_unused(connection: Connection, ours: Collection[str]) -> None:
    """Raise `ConfigurationError` where tables that would be dropped hold rows of others."""
    for name, others, remedy in (
        ("location", f"NOT ({lookup.STILL_OWN})", "stop Kamailio, and delete the rows"),
        ("dispatcher", f"description <> '{MARK}'", "copy them elsewhere, and delete them"),
    ):
        if name in ours and connection.scalar(text(f"SELECT count(*) FROM {name} WHERE {others}")):
            raise ConfigurationError(f"the table {name} holds rows", place=Place(name), remedy=remedy)
