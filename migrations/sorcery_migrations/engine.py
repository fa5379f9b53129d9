"""Connections to the database that is migrated or looked at, and what its errors come down to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool
from sqlalchemy.exc import DBAPIError

from sorcery.errors import ConfigurationError, Unavailable
from sorcery_database import (
    address,
    database_name,
    fault_of,
    file_of,
    lacks_file,
    lacks_privilege,
    new_engine,
    reason_of,
    told_of,
)

__all__ = ["reading", "require_triggers", "writing"]

PATIENCE: Final = 60
"""Seconds that a migration of a MariaDB database waits for another one."""
TABLE_PATIENCE: Final = 5
"""Seconds to wait for a table that others use: everybody else who needs it waits behind us."""

DEPENDED_ON: Final = ("2BP01", "0A000")
"""The states in which PostgreSQL refuses to drop or change what others need."""
UNTRUSTED: Final = 1419
"""The number by which MariaDB refuses triggers to who might spoil its binary log."""
OWNER: Final = "name the owner of the tables in the address, or a user who may create and alter them there"
TRIAL: Final = "DROP TRIGGER IF EXISTS sorcery_trial"
"""Is refused to whom a trigger would be, and does nothing."""
MARIADB: Final = ("mysql", "mariadb")
MARIADB_LOCK: Final = "CONCAT('sorcery_migrations ', MD5(COALESCE(DATABASE(), '')))"
"""The name of its lock. Names are the whole server's, so the database is in it, digested because it may be long."""


@contextmanager
def writing(target: str | URL | Engine, *, makes_file: bool = True) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other migration runs beside; commit at the end.

    MariaDB commits each schema statement by itself: there a run that breaks off is completed by the next. An SQLite
    file that a run makes and cannot fill goes again; without `makes_file` it has to be there.

    Raises:
        Unavailable: the database cannot be reached, or was lost on the way.
        ConfigurationError: the database refused a statement.
    """
    with _engine(target) as engine:
        if not makes_file:
            _demand_file(engine)
        with (
            _no_new_file(engine, target),
            engine.connect() as connection,
            _following_no_keys(connection),
            _alone(connection),
        ):
            yield connection


@contextmanager
def reading(target: str | URL | Engine) -> Iterator[Connection]:
    """Yield a connection that nothing is written through; a missing SQLite file is not made.

    Raises:
        Unavailable: the database cannot be reached, or was lost on the way.
    """
    with _engine(target) as engine:
        _demand_file(engine)
        with engine.connect() as connection:
            yield connection


def require_triggers(connection: Connection) -> None:
    """Ask before anything is made whether MariaDB lets this user make triggers: it would keep what came before them.

    Raises:
        DBAPIError: it does not; `writing` says what helps.
    """
    if connection.dialect.name in MARIADB:
        connection.exec_driver_sql(TRIAL)


def _demand_file(engine: Engine) -> None:
    if lacks_file(engine.url):
        raise Unavailable(database_name(engine.url), "there is no such file")


@contextmanager
def _engine(target: str | URL | Engine) -> Iterator[Engine]:
    """Yield an engine, the caller's own or one for this use, and translate what the driver raises."""
    engine = target if isinstance(target, Engine) else new_engine(address(target), poolclass=NullPool)
    try:
        yield engine
    except DBAPIError as error:
        name = database_name(engine.url)
        if fault_of(error).is_silence:
            raise Unavailable(name, told_of(error)) from error
        dependents = _dependents(error)
        raise ConfigurationError(
            f"{name} refused: {reason_of(error)}{dependents}", remedy=_remedy(error, dependents)
        ) from error
    finally:
        if engine is not target:
            engine.dispose()


def _remedy(error: DBAPIError, dependents: str) -> str:
    """Return what helps where that is known."""
    if dependents:
        return "drop that first; `sorcery db kamailio off` does where it is Kamailio's"
    if lacks_privilege(error):
        return OWNER
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    if number == UNTRUSTED:
        return "set log_bin_trust_function_creators = 1 there, or start this as a user with the privilege SUPER"
    return ""


def _dependents(error: DBAPIError) -> str:
    """Return what PostgreSQL says of others that need what would go or change; other details may hold secrets."""
    if getattr(error.orig, "sqlstate", None) not in DEPENDED_ON:
        return ""
    detail: str | None = getattr(getattr(error.orig, "diag", None), "message_detail", None)
    return f": {', '.join(detail.splitlines())}" if detail else ""


@contextmanager
def _following_no_keys(connection: Connection) -> Iterator[None]:
    """Keep SQLite from following foreign keys: with a table that a copy takes the place of, rows of others would go."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite" or not driver.execute("PRAGMA foreign_keys").fetchone()[0]:
        yield
        return
    if driver.in_transaction:
        raise ConfigurationError(
            "SQLite follows foreign keys, which a transaction that is under way cannot change",
            remedy="end the transaction first, or begin it after PRAGMA foreign_keys = OFF",
        )
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Hold a transaction, and keep every other migration of the database out until it has ended."""
    try:
        with connection.begin():
            _lock(connection)
            yield
    finally:
        if connection.dialect.name in MARIADB and not connection.invalidated:  # the others let go by themselves
            connection.exec_driver_sql("SET SESSION lock_wait_timeout = DEFAULT")
            connection.exec_driver_sql(f"DO RELEASE_LOCK({MARIADB_LOCK})")


def _lock(connection: Connection) -> None:
    match connection.dialect.name:
        case "sqlite" if not connection.connection.dbapi_connection.in_transaction:  # type: ignore[union-attr]
            # Left to itself the driver begins only before rows change, not before tables do.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        case "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('sorcery_migrations'))")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{TABLE_PATIENCE}s'")
        case kind if kind in MARIADB:
            if connection.exec_driver_sql(f"SELECT GET_LOCK({MARIADB_LOCK}, {PATIENCE})").scalar() != 1:
                name = database_name(connection.engine.url)
                raise Unavailable(name, f"another migration has not ended for {PATIENCE} s")
            connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {TABLE_PATIENCE}")


@contextmanager
def _no_new_file(engine: Engine, target: str | URL | Engine) -> Iterator[None]:
    """Where nothing comes of a run, remove the SQLite file that came into being by connecting.

    Not with the caller's own engine: it keeps its connection to the file.
    """
    file = file_of(engine.url) if engine is not target and lacks_file(engine.url) else None
    try:
        yield
    except BaseException:
        if file is not None and file.exists() and file.stat().st_size == 0:
            file.unlink()
        raise
