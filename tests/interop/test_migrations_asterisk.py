"""Databases that Asterisk's own migrations made, from its first tables of PJSIP to the newest, become ours whole."""

import math
import os
import subprocess
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    Enum,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    NullPool,
    Numeric,
    String,
    Table,
    create_engine,
    inspect,
    select,
)
from sqlalchemy.types import TypeEngine

from sorcery_database import address
from sorcery_migrations import ROLES, adopt, check, current, downgrade, head, upgrade
from sorcery_migrations.history import FORMER_NAMES
from tests.conftest import new_mariadb_database
from tests.interop.migrations import PROJECTS, Migrations

OLDEST = {"voicemail": "a2e9769475e", "cdr": "210693f3123d", "queue_log": "4105ee839f58"}
POSTGRESQL = {
    "43956d550a44": "the first tables of PJSIP",
    "d39508cb8d8": "queues, and columns whose names were misspelt",
    "a845e4d8ade8": "the last one that keeps expiration_time as text",
    "bd335bae5d33": "the last one that keeps most truth values as yes and no",
    "655054a68ad5": "Asterisk 22.0",
    "bb6d54e22913": "Asterisk 22.8",
    "head": "the newest one of the installed Asterisk",
}
"""In the order of the chain: one database walks along it, and is copied at each of these."""
MARIADB = {"a845e4d8ade8": "expiration_time is text", "bd335bae5d33": "ids may be NULL"}
ODD = "ä;^3B'\"\\%s:x {}$ "
"""Begins the texts: what escaping, quoting and trimming may stumble over."""


@pytest.fixture(scope="module")
def migrations(tmp_path_factory: pytest.TempPathFactory) -> Migrations:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "pysorcery/ast-db-manage"
    if not (folder / "config/versions").is_dir():
        pytest.skip(f"no migrations of Asterisk in {folder}: run tests/interop/install as root on Debian 12")
    return Migrations(folder, tmp_path_factory.mktemp("migrations"))


@pytest.fixture(scope="module")
def copies(migrations: Migrations, postgresql_server: str) -> Iterator[dict[str, str]]:
    """Yield the addresses of databases at each of the revisions, as Asterisk's migrations leave them."""
    run = uuid4().hex[:8]
    walker = f"walk_{run}"
    found = {}
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {walker}".encode())
        for project, revision in OLDEST.items():
            migrations.upgrade(at(postgresql_server, walker), revision, project)
        for revision in POSTGRESQL:
            migrations.upgrade(at(postgresql_server, walker), revision)
            copy = f"walk_{run}_{revision}"
            admin.execute(f"CREATE DATABASE {copy} TEMPLATE {walker}".encode())
            found[revision] = at(postgresql_server, copy)
        yield found
        for name in (walker, *(f"walk_{run}_{revision}" for revision in POSTGRESQL)):
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def at(server: str, database: str) -> str:
    return server.replace("postgresql://", "postgresql+psycopg://").replace("/postgres?", f"/{database}?")


@pytest.mark.parametrize("revision", POSTGRESQL)
def test_a_postgresql_of_that_age_becomes_the_newest_schema_and_keeps_its_values(
    copies: dict[str, str], postgresql_url: str, revision: str
) -> None:
    becomes_ours(copies[revision], like=postgresql_url)


@pytest.mark.parametrize("revision", MARIADB)
def test_a_mariadb_of_that_age_becomes_the_newest_schema_and_keeps_its_values(
    migrations: Migrations, mariadb_socket: Path, mariadb_url: str, revision: str
) -> None:
    with new_mariadb_database(mariadb_socket) as url:
        for project, first in OLDEST.items():
            migrations.upgrade(url, first, project)
        migrations.upgrade(url, revision)
        becomes_ours(url, like=mariadb_url)


def becomes_ours(url: str, like: str) -> None:
    engine, fresh = (create_engine(address(each), poolclass=NullPool) for each in (url, like))
    with engine.begin() as connection:
        before = fill(connection)
        stamped = versions(connection)
    for role in ROLES:
        adopt(url, role)
        assert upgrade(url, role) == []
        assert (current(url, role), check(url, role)) == (head(role), [])
        upgrade(like, role)
    assert described(engine) == described(fresh)
    with engine.connect() as connection:
        assert intact(connection, before) == []
        assert versions(connection) == stamped
    for role in ROLES:
        downgrade(url, role)
    with engine.connect() as connection:
        assert intact(connection, before) == []
    assert [current(url, role) for role in ROLES] == [None] * len(ROLES)


def versions(connection: Connection) -> dict[str, str]:
    """Return what Asterisk's tool believes."""
    query = "SELECT version_num FROM alembic_version_{}"
    return {project: str(connection.exec_driver_sql(query.format(project)).scalar()) for project in PROJECTS}


# Rows with a value in every column, and what becomes of them


Rows = dict[str, list[dict[str, Any]]]


def fill(connection: Connection) -> Rows:
    """Put four rows into each table: odd texts as long as fits, other values, empty texts, and as little as may be."""
    metadata = MetaData()
    metadata.reflect(connection)
    tables = [table for table in metadata.sorted_tables if not table.name.startswith("alembic_")]
    rows = {table.name: [{c.name: value(c, number) for c in table.columns} for number in range(4)] for table in tables}
    for table in tables:
        connection.execute(table.insert(), rows[table.name])
    return {table.name: [dict(row) for row in read(connection, table).values()] for table in tables}


def value(column: Column[Any], number: int) -> Any:
    """Return a value for the column in a row of that number."""
    needed = not column.nullable or column.name in ("id", "uniqueid")
    if number == 3 and not needed:
        return None
    if column.name == "expiration_time":
        return known(column, "" if number == 2 else "1893456000")
    if column.name == "uniqueid":
        return known(column, str(number + 1))
    if column.name == "mwi_subscribe_replaces_unsolicited":
        return known(column, str(number % 2))
    if (column.table.name, column.name) in TAKEN_BACK:
        return None
    return typed(column.type, number, needed=needed, name=column.name)


TAKEN_BACK = {("ps_transports", "cos")}
"""Was yes or no once, which a number cannot become."""


def known(column: Column[Any], text: str) -> Any:
    if isinstance(column.type, (Integer, BigInteger)):
        return int(text or 0)
    return text if not isinstance(column.type, Enum) or text in column.type.enums else column.type.enums[0]


def typed(type_: TypeEngine[Any], number: int, *, needed: bool, name: str) -> Any:
    match type_:
        case Enum():
            return type_.enums[-number % len(type_.enums)]
        case String():
            if number == 2 and not needed:
                return ""
            text = f"{number}{ODD if number % 2 else name}" + "x" * 600
            return text[: type_.length or 600]
        case Boolean():
            return number % 2 == 0
        case Integer():
            return number * 1000 + 7
        case Float():
            return number + 0.5
        case Numeric():
            return Decimal(f"{number}.25")
        case DateTime():
            return datetime(2026, 1, 2, 3, 4, number)
        case LargeBinary():
            return bytes(range(256)) * number
    raise AssertionError(f"no value for {type_!r}")


def read(connection: Connection, table: Table) -> dict[Any, dict[str, Any]]:
    key = [*table.primary_key.columns] or [next(iter(table.columns))]
    rows = connection.execute(select(table).order_by(*key)).mappings()
    return {tuple(row[column.name] for column in key): dict(row) for row in rows}


def intact(connection: Connection, before: Rows) -> list[str]:
    """Name each value that is another one than before: column, what it was, what it is."""
    metadata = MetaData()
    metadata.reflect(connection, only=list(before))
    lost = []
    for name, rows in before.items():
        now = {str(next(iter(row.values()))): row for row in read(connection, metadata.tables[name]).values()}
        names = {old: new for new, old in FORMER_NAMES.get(name, {}).items()}
        if len(now) != len(rows):
            lost.append(f"{name}: {len(rows)} rows became {len(now)}")
        for row in rows:
            there = now[str(next(iter(row.values())))]
            for column, old in row.items():
                new = there[names.get(column, column)]
                if not same(old, new):
                    lost.append(f"{name}.{column}: {old!r} became {new!r}")
    return lost


def same(old: Any, new: Any) -> bool:
    """Tell whether two values mean the same; an empty text is nothing where numbers are kept."""
    if old is None or new is None or isinstance(new, bytes):
        return old == new or (old == "" and new is None)
    if isinstance(new, float):
        return math.isclose(float(old), new, rel_tol=1e-6)
    return str(old) == str(new)


def described(engine: Engine) -> dict[str, Any]:
    """Return all that a comparison of two databases looks at; what is not Asterisk's any more, and ours, aside."""
    inspector = inspect(engine)
    found: dict[str, Any] = {}
    for name in inspector.get_table_names():
        if name.startswith(("alembic_", "sorcery_version_")):
            continue
        columns = inspector.get_columns(name)
        found[name] = {
            "columns": {
                each["name"]: (str(each["type"]), getattr(each["type"], "enums", None), each["nullable"])
                for each in columns
                if (name, each["name"]) not in DROPPED
            },
            "counted": [each["name"] for each in columns if each.get("autoincrement") is True or each["default"]],
            "key": inspector.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted((each["name"], each["column_names"]) for each in inspector.get_unique_constraints(name)),
            "indexes": sorted((each["name"], each["column_names"]) for each in inspector.get_indexes(name)),
        }
    if engine.dialect.name == "postgresql":
        enums = inspector.get_enums()  # type: ignore[attr-defined]
        found["named types"] = {each["name"]: each["labels"] for each in enums}
    return found


DROPPED = {("voicemail_messages", "macrocontext")}
"""What Asterisk's migrations take away, rows and all, and ours leave."""


# Asterisk's own tool, on a database that is ours now


def test_asterisks_own_tool_goes_on_once_it_is_told_where_the_database_is(
    migrations: Migrations, copies: dict[str, str]
) -> None:
    url = copies["655054a68ad5"]
    adopt(url)
    with pytest.raises(subprocess.CalledProcessError):
        migrations.upgrade(url, "head")  # it adds a column that is there
    migrations.run(url, "config", "stamp", "head")
    migrations.run(url, "config", "downgrade", "-1")
    migrations.upgrade(url, "head")
    assert check(url) == []
