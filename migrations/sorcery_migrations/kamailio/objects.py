"""Making and removing what Kamailio needs: each object carries a comment that says whose it is, and which edition."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from typing import Final

from sqlalchemy import URL, BigInteger, Connection, Engine, Index, Table, inspect, text
from sqlalchemy.schema import CreateIndex, CreateTable

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery_migrations.completion import script
from sorcery_migrations.engine import reading, writing
from sorcery_migrations.kamailio import mirror, subscriber
from sorcery_migrations.kamailio.schema import SCHEMA, VERSIONS

__all__ = ["REALM", "STACKS", "create", "lacking", "remove"]

REALM: Final = "asterisk"
"""The realm of Asterisk where nothing says another."""
STACKS: Final = 1
"""The dispatcher's set of those that take calls."""
MARK: Final = "pysorcery"
"""Begins the comment of what is ours, and describes the rows that are."""


def lacking(
    target: str | URL | Engine, destinations: Collection[str] = (), *, realm: str = REALM, is_upgraded: bool = True
) -> list[str]:
    """Return the statements that `create` would execute; change nothing. Raises what that does.

    Without `is_upgraded` Asterisk's tables may be missing yet: they will be there when it is executed.
    """
    with reading(target) as connection:
        _require_postgresql(connection)
        if is_upgraded:
            _require_asterisk(connection)
        return list(_missing(connection, destinations, realm))


def create(target: str | URL | Engine, destinations: Collection[str] = (), *, realm: str = REALM) -> list[str]:
    """Make what is missing in a database that has Asterisk's tables, and return the statements; safe to repeat.

    `destinations` are the SIP addresses of those that take calls, such as `sip:192.0.2.10:5080`; `realm` is the one
    that Kamailio challenges with. All or nothing.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: it is no PostgreSQL, lacks Asterisk's tables, or has tables of a Kamailio that are others.
    """
    with writing(target) as connection:
        _require_postgresql(connection)
        _require_asterisk(connection)
        statements = list(_missing(connection, destinations, realm))
        _execute(connection, statements)
        return statements


def remove(target: str | URL | Engine) -> list[str]:
    """Take away what `create` made, and return the statements; what others made stays.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: phones are registered, or the dispatcher has rows of others; nothing was removed.
    """
    with writing(target) as connection:
        _require_postgresql(connection)
        ours = [name for name in VERSIONS if _comment(connection, name).startswith(MARK)]
        _require_unused(connection, ours)
        statements = list(_removal(connection, ours))
        _execute(connection, statements)
        return statements


def _missing(connection: Connection, destinations: Collection[str], realm: str) -> Iterator[str]:
    """Yield what has to be executed, in order."""
    _require_fitting(connection)
    there = {*inspect(connection).get_table_names(), *inspect(connection).get_view_names()}
    for table in SCHEMA.tables.values():
        if table.name not in there:
            yield from script([CreateTable(table), *map(CreateIndex, _indexes(table))], connection.dialect)
            yield _marked(f"TABLE {table.name}", f"{MARK}: as Kamailio's modules expect it")
    versions = _versions(connection) if "version" in there else {}
    for name, number in VERSIONS.items():
        if name not in versions or (versions[name] != number and name not in there):
            yield f"DELETE FROM version WHERE table_name = '{name}'"
            yield f"INSERT INTO version (table_name, table_version) VALUES ('{name}', {number})"
    yield from _edition(connection, "subscriber", "VIEW subscriber", [subscriber.subscriber(realm)])
    trigger = f"FUNCTION {mirror.TRIGGER}()"
    yield from _edition(connection, mirror.TRIGGER, trigger, mirror.CREATE)
    known = _destinations(connection) if "dispatcher" in there else ()
    for destination in destinations:
        if destination not in known:
            yield (
                "INSERT INTO dispatcher (setid, destination, description) "
                f"VALUES ({STACKS}, {_quoted(destination)}, '{MARK}')"
            )


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _edition(connection: Connection, name: str, object_: str, statements: Collection[str]) -> Iterator[str]:
    """Yield statements, unless the object is of the edition that they make."""
    edition = hashlib.sha256("\n".join(statements).encode()).hexdigest()[:16]
    comment = f"{MARK}: edition {edition}"
    if _comment(connection, name) != comment:
        yield from statements
        yield _marked(object_, comment)


def _removal(connection: Connection, ours: Collection[str]) -> Iterator[str]:
    yield from mirror.REMOVE if inspect(connection).has_table("location") else ()
    if "subscriber" in ours:
        yield subscriber.REMOVE
    for name in ours:
        if name not in ("version", "subscriber"):
            yield f"DROP TABLE {name}"
    if "version" in ours and set(_versions(connection)) <= set(VERSIONS):
        yield "DROP TABLE version"
    elif inspect(connection).has_table("version"):
        yield from (f"DELETE FROM version WHERE table_name = '{name}'" for name in ours if name != "version")


# What is there


def _require_postgresql(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        raise ConfigurationError(
            "Kamailio shares tables with Asterisk in PostgreSQL only", remedy="write postgresql://user@host/database"
        )


def _require_asterisk(connection: Connection) -> None:
    inspector = inspect(connection)
    for name in ("ps_auths", "ps_aors", "ps_contacts", "ps_endpoints"):
        if not inspector.has_table(name):
            raise ConfigurationError(
                f"the table {name} does not exist", place=Place(name), remedy="run `sorcery db upgrade` first"
            )


def _require_fitting(connection: Connection) -> None:
    """Refuse a database that has others of the names that are needed."""
    inspector = inspect(connection)
    if "subscriber" in inspector.get_table_names() or _is_others_view(connection):
        raise ConfigurationError(
            "subscriber holds users of Kamailio's own, and has to be a view of those in ps_auths",
            place=Place("subscriber"),
            remedy="rename it and start again",
        )
    if inspector.has_table("location"):
        types = {each["name"]: each["type"] for each in inspector.get_columns("location")}
        if not isinstance(types.get("expires"), BigInteger):
            raise ConfigurationError(
                "location keeps times as timestamps, without a time zone",
                place=Place("location"),
                remedy="stop Kamailio, drop the table, and let it be made anew; phones register again by themselves",
            )


def _is_others_view(connection: Connection) -> bool:
    views = inspect(connection).get_view_names()
    return "subscriber" in views and not _comment(connection, "subscriber").startswith(MARK)


def _require_unused(connection: Connection, ours: Collection[str]) -> None:
    for name, others, remedy in (
        ("location", "true", "stop Kamailio, and delete the rows"),
        ("dispatcher", f"description <> '{MARK}'", "copy them elsewhere, and delete them"),
    ):
        if name in ours and connection.scalar(text(f"SELECT count(*) FROM {name} WHERE {others}")):
            raise ConfigurationError(f"the table {name} holds rows", place=Place(name), remedy=remedy)


def _comment(connection: Connection, name: str) -> str:
    """Return the comment of a table, a view or a function of the schema in use."""
    query = text(
        "SELECT obj_description(coalesce(to_regclass(:name)::oid, to_regproc(:name)::oid), CASE WHEN to_regclass(:name)"
        " IS NULL THEN 'pg_proc' ELSE 'pg_class' END)"
    )
    return connection.scalar(query, {"name": name}) or ""


def _versions(connection: Connection) -> dict[str, int]:
    rows = connection.execute(text("SELECT table_name, table_version FROM version"))
    return {row.table_name: row.table_version for row in rows}


def _destinations(connection: Connection) -> set[str]:
    query = text("SELECT destination FROM dispatcher WHERE setid = :setid")
    return set(connection.scalars(query, {"setid": STACKS}))


def _marked(object_: str, comment: str) -> str:
    return f"COMMENT ON {object_} IS {_quoted(comment)}"


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _execute(connection: Connection, statements: Collection[str]) -> None:
    plain = connection.execution_options(no_parameters=True)  # a % is a % then
    for statement in statements:
        plain.exec_driver_sql(statement)
