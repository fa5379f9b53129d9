"""Making and removing what Kamailio needs: each object carries a comment that says whose it is, and which edition."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import URL, Connection, Engine, Index, Table, inspect
from sqlalchemy.schema import CreateIndex, CreateTable

from sorcery_migrations.completion import script
from sorcery_migrations.engine import reading, writing
from sorcery_migrations.kamailio import inventory, lookup, mirror, subscriber
from sorcery_migrations.kamailio.inventory import MARK, REALM, STACKS
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
        inventory.require_postgresql(connection)
        if is_upgraded:
            inventory.require_asterisk(connection)
        return list(_missing(connection, destinations, realm, both_ways))


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
    are on, they tell of the dispatcher from now on. All or nothing.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: it is no PostgreSQL, lacks Asterisk's tables, or has tables of a Kamailio that are others.
    """
    with writing(target) as connection:
        inventory.require_postgresql(connection)
        inventory.require_asterisk(connection)
        statements = list(_missing(connection, destinations, realm, both_ways))
        _execute(connection, statements)
        if statements:
            renew(connection)
        return statements


def remove(target: str | URL | Engine) -> list[str]:
    """Take away what `create` made, and return the statements; what others made stays.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: phones are registered, or the dispatcher has rows of others; nothing was removed.
    """
    with writing(target) as connection:
        inventory.require_postgresql(connection)
        ours = [name for name in VERSIONS if inventory.comment_on(connection, name).startswith(MARK)]
        inventory.require_unused(connection, ours)
        statements = list(_removal(connection, ours))
        _execute(connection, statements)
        return statements


def _missing(
    connection: Connection, destinations: Collection[str], realm: str | None, both_ways: bool | None
) -> Iterator[str]:
    """Yield what has to be executed, in order."""
    realm = realm or inventory.realm_of(connection) or REALM
    had_both = bool(inventory.comment_on(connection, lookup.TRIGGER))
    inventory.require_fitting(connection)
    there = {*inspect(connection).get_table_names(), *inspect(connection).get_view_names()}
    for table in SCHEMA.tables.values():
        if table.name not in there:
            yield from script([CreateTable(table), *map(CreateIndex, _indexes(table))], connection.dialect)
            yield _marked(f"TABLE {table.name}", f"{MARK}: as Kamailio's modules expect it")
    versions = inventory.versions(connection) if "version" in there else {}
    for name, number in VERSIONS.items():
        if name not in versions or (versions[name] != number and name not in there):
            yield f"DELETE FROM version WHERE table_name = '{name}'"
            yield f"INSERT INTO version (table_name, table_version) VALUES ('{name}', {number})"
    if had_both and both_ways is False:
        yield from (*lookup.REMOVE, lookup.CLEAR)
    for name, made in inventory.editions(realm, had_both if both_ways is None else both_ways).items():
        comment = inventory.comment_of(name, made, realm)
        if inventory.comment_on(connection, name) != comment:
            yield from made
            yield _marked(f"VIEW {name}" if name in subscriber.VIEWS else f"FUNCTION {name}()", comment)
            yield from (lookup.FILL,) if name == lookup.TRIGGER else ()
    known = inventory.destinations(connection) if "dispatcher" in there else ()
    for destination in destinations:
        if destination not in known:
            yield (
                "INSERT INTO dispatcher (setid, destination, description) "
                f"VALUES ({STACKS}, {_quoted(destination)}, '{MARK}')"
            )


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _removal(connection: Connection, ours: Collection[str]) -> Iterator[str]:
    there = inspect(connection).get_table_names()
    yield from lookup.REMOVE if inventory.comment_on(connection, lookup.TRIGGER) else ()
    yield from mirror.REMOVE if "location" in there else ()
    yield from subscriber.REMOVE if set(subscriber.VIEWS) & set(ours) else ()
    if "location" in there and "location" not in ours:
        yield lookup.CLEAR
    for name in ours:
        if name != "version" and name not in subscriber.VIEWS:
            yield f"DROP TABLE {name}"
    if "version" in ours and set(inventory.versions(connection)) <= set(VERSIONS):
        yield "DROP TABLE version"
    elif inspect(connection).has_table("version"):
        yield from (f"DELETE FROM version WHERE table_name = '{name}'" for name in ours if name != "version")


def _marked(object_: str, comment: str) -> str:
    return f"COMMENT ON {object_} IS {_quoted(comment)}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _execute(connection: Connection, statements: Collection[str]) -> None:
    plain = connection.execution_options(no_parameters=True)  # a % is a % then
    for statement in statements:
        plain.exec_driver_sql(statement)
