"""What there is of Kamailio's in a database: whose it is, which edition, and whether it fits."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Final

from sqlalchemy import BigInteger, Connection, inspect, text

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery_migrations.engine import MARIADB
from sorcery_migrations.kamailio import lookup, mirror, subscriber
from sorcery_migrations.kamailio.kind import MARK, Kind
from sorcery_migrations.kamailio.mariadb import MariaDB
from sorcery_migrations.kamailio.postgresql import PostgreSQL

__all__ = [
    "REALM",
    "STACKS",
    "comment_of",
    "destinations",
    "editions",
    "kind_of",
    "realm_of",
    "require_asterisk",
    "require_fitting",
    "require_none",
    "require_unused",
    "versions",
]

REALM: Final = "asterisk"
"""The realm of Asterisk where nothing says another."""
STACKS: Final = 1
"""The dispatcher's set of those that take calls."""

_REALM: Final = re.compile(r", realm (.*)", re.DOTALL)
_NEEDED: Final[Mapping[str, Collection[str]]] = {
    "ps_auths": ("id", "md5_cred", "password", "password_digest", "realm", "username"),
    "ps_aors": (),
    "ps_contacts": (),
    "ps_endpoints": (),
}
"""Asterisk's tables, with the columns without which no view can be made."""


def kind_of(connection: Connection) -> Kind:
    """Return what the kind of database needs; raises `ConfigurationError` for one that cannot be shared."""
    match connection.dialect.name:
        case "postgresql":
            return PostgreSQL()
        case name if name in MARIADB:
            return MariaDB.of(connection)
    raise ConfigurationError(
        "Kamailio shares tables with Asterisk in PostgreSQL or MariaDB only",
        remedy="write postgresql://user@host/database, or mysql:// for MariaDB",
    )


def editions(kind: Kind, realm: str, both_ways: bool) -> Mapping[str, Callable[[str], Sequence[str]]]:
    """Return by name what makes the statements of each view and trigger, with a comment."""
    ways = (mirror.way(kind), *([lookup.way(kind)] if both_ways else []))
    return {view.name: partial(kind.view, view) for view in subscriber.views(kind, realm)} | {
        way.name: partial(kind.way, way) for way in ways
    }


def comment_of(name: str, made: Callable[[str], Sequence[str]], realm: str) -> str:
    """Return the comment of what the statements make: another comment is of another edition."""
    edition = hashlib.sha256("\n".join(made("")).encode()).hexdigest()[:16]
    return f"{MARK}: edition {edition}" + (f", realm {realm}" if name in subscriber.NAMES else "")


def realm_of(kind: Kind, connection: Connection) -> str | None:
    """Return the realm that the views were made for, if they are there."""
    found = _REALM.search(kind.comment(connection, "subscriber"))
    return found[1] if found else None


def versions(connection: Connection) -> dict[str, int]:
    """Return the versions of tables that the table `version` tells."""
    rows = connection.execute(text("SELECT table_name, table_version FROM version"))
    return {row.table_name: row.table_version for row in rows}


def destinations(connection: Connection) -> list[str]:
    """Return the SIP addresses of those that take calls, in order."""
    query = text("SELECT destination FROM dispatcher WHERE setid = :setid ORDER BY destination")
    return list(connection.scalars(query, {"setid": STACKS}))


def require_asterisk(connection: Connection) -> None:
    """Raise `ConfigurationError` unless Asterisk's tables are there, with the columns that are needed."""
    inspector = inspect(connection)
    for name, needed in _NEEDED.items():
        there = {each["name"] for each in inspector.get_columns(name)} if inspector.has_table(name) else None
        lacking = ", ".join(column for column in needed if there is not None and column not in there)
        if there is None or lacking:
            message = f"the table {name} does not exist" if there is None else f"the table {name} lacks {lacking}"
            raise ConfigurationError(message, place=Place(name), remedy="run `sorcery db upgrade` first")


def require_none(connection: Connection, tables: Collection[str]) -> None:
    """Raise `ConfigurationError` where a view or a trigger of Kamailio's needs one of the tables."""
    needed = [name for name in _NEEDED if name in tables]
    if not needed or connection.dialect.name == "sqlite":
        return
    kind = kind_of(connection)
    names = (*subscriber.NAMES, mirror.TRIGGER, lookup.TRIGGER)
    if standing := [name for name in names if kind.comment(connection, name).startswith(MARK)]:
        raise ConfigurationError(
            f"what Kamailio needs stands on the table {needed[0]}: {', '.join(standing)}",
            place=Place(needed[0]),
            remedy="run `sorcery db kamailio off` first",
        )


def require_fitting(kind: Kind, connection: Connection) -> None:
    """Raise `ConfigurationError` for a database that has others of the names that are needed."""
    inspector = inspect(connection)
    tables, views = inspector.get_table_names(), inspector.get_view_names()
    for name in subscriber.NAMES:
        if name in tables or (name in views and not kind.comment(connection, name).startswith(MARK)):
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


def require_unused(kind: Kind, connection: Connection, ours: Collection[str]) -> None:
    """Raise `ConfigurationError` where tables that would be dropped hold rows of others."""
    for name, others, remedy in (
        ("location", f"NOT ({lookup.still_own(kind)})", "stop Kamailio, and delete the rows"),
        ("dispatcher", f"description <> '{MARK}'", "copy them elsewhere, and delete them"),
    ):
        if name in ours and connection.scalar(text(f"SELECT count(*) FROM {name} WHERE {others}")):
            raise ConfigurationError(f"the table {name} holds rows", place=Place(name), remedy=remedy)
