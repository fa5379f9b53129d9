"""From a database to the rows of one table: whether it is there, and what this user may do with it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Final

import attrs
from sqlalchemy import URL, Connection, Row, text

from sorcery.checks.mappings import WRITTEN
from sorcery.objecttype import ObjectType
from sorcery.steps import Broken, Limited, Step
from sorcery_database import argument
from sorcery_realtime.links.server import PATIENCE, asked, is_read_only, login_name, quoted
from sorcery_realtime.tables import TableName

__all__ = ["steps"]

RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")

POSTGRESQL: Final = text(
    "SELECT n.nspname, c.relname, pg_table_is_visible(c.oid), has_schema_privilege(n.oid, 'USAGE') "
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE lower(c.relname) = lower(:name) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND (:schema = '' OR n.nspname = :schema) ORDER BY c.relname = :name DESC, pg_table_is_visible(c.oid) DESC"
)
MYSQL: Final = text(
    "SELECT table_schema, table_name, table_schema = COALESCE(NULLIF(:schema, ''), DATABASE()), 1 "
    "FROM information_schema.tables WHERE LOWER(table_name) = LOWER(:name) "
    "AND (:schema = '' OR table_schema = :schema) "
    "ORDER BY table_schema = DATABASE() DESC, BINARY table_name = BINARY :name DESC"
)
SQLITE: Final = text(
    "SELECT '', name, 1, 1 FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(:name) "
    "AND :schema = :schema"
)
CATALOGUES: Final = {"postgresql": POSTGRESQL, "mysql": MYSQL, "mariadb": MYSQL, "sqlite": SQLITE}
GRANT: Final = re.compile(r"GRANT (?P<rights>.+?) ON (?:TABLE )?(?P<schema>\S+)\.(?P<table>\S+) TO ")


def steps(object_type: ObjectType, url: URL, table: TableName) -> Iterator[Step]:
    """Yield the steps to a table that objects of a type lie in."""
    yield Step("table", functools.partial(_there, url, table, object_type.family), patience=PATIENCE)
    if url.get_backend_name() != "sqlite":  # which knows no users
        is_written = object_type.name in WRITTEN
        yield Step("privileges", functools.partial(_allowed, url, table, is_written), patience=PATIENCE)


def _there(url: URL, table: TableName, family: str | None) -> str:
    kind = url.get_backend_name()
    values = {"name": table.name, "schema": table.schema or ""}
    found = asked(url, lambda connection: connection.execute(CATALOGUES[kind], values).all())
    if not found:
        hidden = " (or this user has no right to it at all)" if kind in ("mysql", "mariadb") else ""
        raise Broken(f"there is no table {table}{hidden}", _making(url, table, family))
    schema, name, is_visible, is_usable = found[0]
    if not is_usable:
        user = quoted(url, login_name(url))
        raise Broken(
            f"{name} lies in the schema {schema}, which this user may not use",
            f"run on the server: GRANT USAGE ON SCHEMA {quoted(url, schema)} TO {user}",
        )
    if name != table.name and kind == "postgresql":
        old, new = quoted(url, name), quoted(url, table.name)
        raise Broken(f"the table is called {name} there", f"run on the server: ALTER TABLE {old} RENAME TO {new}")
    if not is_visible and table.schema is None:
        raise Broken(_elsewhere(found, table), _way_to(url, schema, table))
    return str(table)


def _making(url: URL, table: TableName, family: str | None) -> str:
    """Say how a table comes about: the command makes those of Asterisk, by their own names."""
    if str(table) == family:
        return f"run: sorcery db adopt --db {argument(url)}"
    like = f", or create it like {family}, which `sorcery db adopt` makes" if family else ", or create it"
    return f"correct the table's name in extconfig.conf{like}"


def _elsewhere(found: object, table: TableName) -> str:
    schemas = ", ".join(str(row[0]) for row in found)  # type: ignore[attr-defined]
    return f"{table} lies in {schemas}, where it is not looked for"


def _way_to(url: URL, schema: str, table: TableName) -> str:
    written = f"write {schema}.{table.name} for the table in extconfig.conf"
    if url.get_backend_name() != "postgresql":
        return written
    user = quoted(url, login_name(url))
    path = ", ".join(dict.fromkeys((quoted(url, schema), "public")))
    return f"run on the server: ALTER ROLE {user} SET search_path = {path}; or {written}"


@attrs.frozen
class _Rights:
    """What this user may do with a table."""

    held: frozenset[str]
    user: str
    """His name as a GRANT writes it."""
    table: str
    """The table's, likewise."""
    is_read_only: bool


def _allowed(url: URL, table: TableName, is_written: bool) -> str | Limited:
    found = asked(url, lambda connection: _rights(connection, table))
    missing = [right for right in RIGHTS if right not in found.held]
    grant = f"run on the server: GRANT {', '.join(missing)} ON {found.table} TO {found.user}"
    if "SELECT" in missing or (missing and is_written):
        why = "" if "SELECT" in missing else ": registrations cannot be kept"
        raise Broken(f"this user may not {', '.join(missing)} on {table}{why}", grant)
    if found.is_read_only and is_written:
        raise Broken(
            "the server takes no changes, so registrations cannot be kept",
            "name the primary server in databases.conf, or map the type elsewhere",
        )
    if missing:
        text = f"{table} can be read, and not changed ({', '.join(missing)})"
        return Limited(text, f"if that is meant, nothing; else {grant}")
    return ", ".join(RIGHTS)


def _rights(connection: Connection, table: TableName) -> _Rights:
    return _postgresql(connection, table) if connection.dialect.name == "postgresql" else _mysql(connection, table)


def _postgresql(connection: Connection, table: TableName) -> _Rights:
    quote = connection.dialect.identifier_preparer.quote
    name = ".".join(quote(part) for part in (table.schema, table.name) if part)
    asking = ", ".join(f"has_table_privilege(:name, '{right}')" for right in RIGHTS)
    schema = "SELECT relnamespace::regnamespace::text FROM pg_class WHERE oid = to_regclass(:name)"
    row = connection.execute(text(f"SELECT {asking}, current_user::text, ({schema})"), {"name": name}).one()
    held = frozenset(right for right, has in zip(RIGHTS, row, strict=False) if has)
    return _Rights(held, quote(row[-2]), f"{row[-1]}.{quote(table.name)}", is_read_only(connection))


def _mysql(connection: Connection, table: TableName) -> _Rights:
    quote = connection.dialect.identifier_preparer.quote
    user, schema = connection.execute(text("SELECT CURRENT_USER(), DATABASE()")).one()
    schema = table.schema or schema
    granted = connection.execute(text("SHOW GRANTS")).all()
    held = frozenset(right for row in granted for right in _granted(row, schema, table.name))
    name, _, host = user.rpartition("@")
    return _Rights(held, f"'{name}'@'{host}'", f"{quote(schema)}.{quote(table.name)}", is_read_only(connection))


def _granted(row: Row[tuple[str]], schema: str, table: str) -> Iterator[str]:
    """Yield the rights of one line of SHOW GRANTS, as far as it is about a table."""
    found = GRANT.match(str(row[0]))
    if found is None or not _covers(found["schema"], schema) or found["table"] not in ("*", f"`{table}`"):
        return
    for right in RIGHTS:
        if re.search(rf"\bALL PRIVILEGES\b|\b{right}\b(?! \()", found["rights"]):
            yield right


def _covers(pattern: str, schema: str) -> bool:
    """Tell whether the database of a grant, where `%` and `_` stand for anything, is that one."""
    if pattern == "*":
        return True
    plain = re.sub(r"\\?.", lambda part: {"%": ".*", "_": "."}.get(part[0], re.escape(part[0][-1])), pattern.strip("`"))
    return re.fullmatch(plain, schema) is not None
