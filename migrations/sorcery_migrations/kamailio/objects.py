"""Making and removing what Kamailio needs: each object carries a comment that says whose it is, and which edition.

On MariaDB each statement counts by itself: a run that broke off is completed by the next one, either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import URL, Connection, Engine, Table, inspect
from sqlalchemy.schema import CreateIndex, CreateTable

from sorcery_migrations.completion import script
from sorcery_migrations.engine import reading, require_triggers, writing
from sorcery_migrations.kamailio import inventory, lookup, mirror, subscriber
from sorcery_migrations.kamailio.inventory import REALM, STACKS
from sorcery_migrations.kamailio.kind import MARK, Kind
from sorcery_migrations.kamailio.schema import SCHEMA, VERSIONS
from sorcery_migrations.notices.switching import renew

__all__ = ["create", "lacking", "remove"]


def lacking(
    target: str | URL | Engine,
    destinations: Collection[str] = (),
    *,
    realm: str | None = None,
    both_ways: bool | None = None,
    is_upgraded: bool = True,
) -> list[str]:
    """Return the statements that `create` would execute; change nothing. Raises what that does.

    Without `is_upgraded` Asterisk's tables may be missing yet: they will be there when it is executed.
    """
    with reading(target) as connection:
        kind = inventory.kind_of(connection)
        if is_upgraded:
            inventory.require_asterisk(connection)
        return list(_missing(kind, connection, destinations, realm, both_ways))


def create(
    target: str | URL | Engine,
    destinations: Collection[str] = (),
    *,
    realm: str | None = None,
    both_ways: bool | None = None,
) -> list[str]:
    """Make what is missing in a database that has Asterisk's tables, and return the statements; safe to repeat.

    `destinations` are the SIP addresses of those that take calls, such as `sip:192.0.2.10:5080`; `realm` is the one
    that Kamailio challenges with, by default the one that it has, or else `REALM`. With `both_ways` Kamailio finds by
    `lookup("location")` what registers elsewhere, without it no longer; by default that stays as it is. Where notices
    are on, they tell of the dispatcher from now on. All or nothing, except on MariaDB, where the next run completes it.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: it is neither PostgreSQL nor MariaDB, lacks Asterisk's tables, or has others of a Kamailio.
    """
    with writing(target) as connection:
        kind = inventory.kind_of(connection)
        inventory.require_asterisk(connection)
        statements = list(_missing(kind, connection, destinations, realm, both_ways))
        if any(" TRIGGER " in each for each in statements):
            require_triggers(connection)
        _execute(connection, statements)
        if statements:
            renew(connection)
        return statements


def remove(target: str | URL | Engine) -> list[str]:
    """Take away what `create` made, and return the statements; what others made stays.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: phones are registered, the dispatcher has rows of others, or Asterisk's tables are gone;
            nothing was removed.
    """
    with writing(target) as connection:
        kind = inventory.kind_of(connection)
        ours = [name for name in VERSIONS if kind.comment(connection, name).startswith(MARK)]
        if ours:
            inventory.require_asterisk(connection)
        inventory.require_unused(kind, connection, ours)
        statements = list(_removal(kind, connection, ours))
        _execute(connection, statements)
        return statements


def _missing(
    kind: Kind, connection: Connection, destinations: Collection[str], realm: str | None, both_ways: bool | None
) -> Iterator[str]:
    """Yield what has to be executed, in order."""
    realm = realm or inventory.realm_of(kind, connection) or REALM
    had_both = bool(kind.comment(connection, lookup.TRIGGER))
    inventory.require_fitting(kind, connection)
    there = {*inspect(connection).get_table_names(), *inspect(connection).get_view_names()}
    for table in SCHEMA.tables.values():
        yield from _table(kind, connection, table, is_there=table.name in there)
    versions = inventory.versions(connection) if "version" in there else {}
    for name, number in VERSIONS.items():
        if name not in versions or (versions[name] != number and name not in there):
            yield f"DELETE FROM version WHERE table_name = '{name}'"
            yield f"INSERT INTO version (table_name, table_version) VALUES ('{name}', {number})"
    if had_both and both_ways is False:
        yield from kind.removal(lookup.way(kind))
    for name, made in inventory.editions(kind, realm, had_both if both_ways is None else both_ways).items():
        comment = inventory.comment_of(name, made, realm)
        if kind.comment(connection, name) != comment:
            yield from made(comment)
    known = inventory.destinations(connection) if "dispatcher" in there else ()
    for destination in destinations:
        if destination not in known:
            yield (
                "INSERT INTO dispatcher (setid, destination, description) "
                f"VALUES ({STACKS}, {kind.literal(destination)}, '{MARK}')"
            )


def _table(kind: Kind, connection: Connection, table: Table, *, is_there: bool) -> Iterator[str]:
    """Yield what makes a table, or the indexes that ours lacks."""
    indexes: set[str | None] = set()
    if not is_there:
        (made,) = script([CreateTable(table)], connection.dialect)
        yield from kind.table(table.name, made, f"{MARK}: as Kamailio's modules expect it")
    elif kind.comment(connection, table.name).startswith(MARK):
        indexes = {index["name"] for index in inspect(connection).get_indexes(table.name)}
    else:
        return
    wanted = sorted(table.indexes, key=lambda index: str(index.name))
    yield from script([CreateIndex(index) for index in wanted if index.name not in indexes], connection.dialect)


def _removal(kind: Kind, connection: Connection, ours: Collection[str]) -> Iterator[str]:
    there = inspect(connection).get_table_names()
    if "location" in there:
        yield from kind.removal(lookup.way(kind)) if kind.comment(connection, lookup.TRIGGER) else ()
        yield from kind.removal(mirror.way(kind)) if kind.comment(connection, mirror.TRIGGER) else ()
    yield from (f"DROP VIEW {name}" for name in subscriber.NAMES if name in ours)
    yield from (f"DROP TABLE {name}" for name in ours if name != "version" and name not in subscriber.NAMES)
    if "version" in ours and set(inventory.versions(connection)) <= set(VERSIONS):
        yield "DROP TABLE version"
    elif "version" in there:
        yield from (f"DELETE FROM version WHERE table_name = '{name}'" for name in ours if name != "version")


def _execute(connection: Connection, statements: Collection[str]) -> None:
    plain = connection.execution_options(no_parameters=True)  # a % is a % then
    for statement in statements:
        plain.exec_driver_sql(statement)
