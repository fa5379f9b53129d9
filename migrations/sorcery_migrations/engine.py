"""Open a database by its address, and name it in errors without its password."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError

from sorcery.errors import ConfigurationError, Unavailable

__all__ = ["address", "database_name", "reading", "writing"]

DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""The driver that an address without one selects."""

EXTRAS: Final = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""The extra of this distribution that installs the driver of a kind of database."""

FORMS: Final = "use sqlite:///path, postgresql://user@host/database or mysql://user@host/database"


def address(url: str | URL) -> URL:
    """Parse a database address and select the driver for it.

    Raises:
        ConfigurationError: the text is no address, or of a kind of database that is not supported.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # what either says may quote a piece of the password
        raise ConfigurationError("a database address cannot be read", remedy=FORMS) from None
    if "@" in (parsed.host or ""):  # what stands before it is a piece of the password
        raise ConfigurationError("a database address has more than one @", remedy="write %40 for @ in a password")
    kind = parsed.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise ConfigurationError(f"databases of the kind {kind!r} are not supported", remedy=FORMS)
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def database_name(url: URL) -> str:
    """Name a database by kind, file or host; nothing else of the address, which may hold passwords."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return f"sqlite database {url.database or ':memory:'}"
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{kind} database {url.database!r} at {host}{port}"


@contextmanager
def writing(target: str | URL | Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other migration runs beside; commit at the end.

    MariaDB commits each schema statement by itself: there a run that breaks off is completed by the next.

    Raises:
        Unavailable: the database cannot be reached, or was lost on the way.
        ConfigurationError: the database refused a statement.
    """
    with _engine(target) as engine, engine.begin() as connection:
        match connection.dialect.name:
            case "sqlite" if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
                # Left to itself the driver begins only before rows change, not before tables do.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            case "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('sorcery_migrations'))")
        yield connection


@contextmanager
def reading(target: str | URL | Engine) -> Iterator[Connection]:
    """Yield a connection that nothing is written through; a missing SQLite file is not made.

    Raises:
        Unavailable: the database cannot be reached, or was lost on the way.
    """
    with _engine(target) as engine:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        if file and ":memory:" not in file and "uri" not in engine.url.query and not Path(file).exists():
            raise Unavailable(database_name(engine.url), "there is no such file")
        with engine.connect() as connection:
            yield connection


@contextmanager
def _engine(target: str | URL | Engine) -> Iterator[Engine]:
    """Yield an engine, the caller's own or one for this use, and translate what the driver raises."""
    engine = target if isinstance(target, Engine) else _create(address(target))
    try:
        yield engine
    except DBAPIError as error:
        if _is_unavailable(error, engine.dialect.name):
            raise Unavailable(database_name(engine.url), _reason(error)) from error
        raise ConfigurationError(f"{database_name(engine.url)} refused: {_reason(error)}") from error
    finally:
        if engine is not target:
            engine.dispose()


def _create(url: URL) -> Engine:
    try:
        return create_engine(url, poolclass=NullPool)
    except (ImportError, NoSuchModuleError) as error:
        extra = EXTRAS.get(url.get_backend_name(), "realtime")
        raise ConfigurationError(
            f"the driver of {url.drivername} is not installed", remedy=f"install pysorcery[{extra}]"
        ) from error


def _is_unavailable(error: DBAPIError, kind: str) -> bool:
    """Tell a database that could not answer from one that refused a statement."""
    if error.statement is None or error.connection_invalidated:
        return True
    match kind:
        case "postgresql":
            return isinstance(error, OperationalError)
        case "sqlite":  # its code for "a wrong statement"; others tell of locks, disks and damage
            return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR
    return False  # PyMySQL calls most refusals operational


def _reason(error: DBAPIError) -> str:
    """Return the first line of what the driver said; the statement and its values stay out."""
    told = error.orig.args if error.orig else ()
    text = str(*told[-1:])  # PyMySQL puts a number before the text
    return text.strip().partition("\n")[0]
