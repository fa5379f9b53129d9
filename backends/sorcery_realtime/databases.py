"""One database: its connections, shared by everything that lies in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Final, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from sorcery.errors import untraced
from sorcery_database import (
    Fault,
    address,
    database_name,
    fault_of,
    file_of,
    lacks_file,
    masked,
    new_engine,
    reason_of,
)
from sorcery_realtime.failures import Lost

__all__ = ["Columns", "Database"]

T = TypeVar("T")
Columns = tuple[str, ...]
Rows = Sequence[Sequence[Any]]

WAIT: Final = 5
"""Seconds to wait for a connection, for a lock, and for a free place in the pool."""

SILENCE: Final = 2 * WAIT
"""Seconds after which a server that says nothing is given up; it tells of a lock before that."""

POOL: Final = {"pool_size": 8, "max_overflow": 8, "pool_timeout": WAIT, "pool_use_lifo": True}

MARIADB: Final = {
    "connect_timeout": WAIT,
    "read_timeout": SILENCE,
    "write_timeout": SILENCE,
    "init_command": f"SET SESSION innodb_lock_wait_timeout = {WAIT}, lock_wait_timeout = {WAIT}",
}
OPTIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "sqlite": {"timeout": WAIT},
    # Statements prepared on the server would break when a migration adds a column: they read `*`.
    "postgresql": {"connect_timeout": WAIT, "tcp_user_timeout": 1000 * SILENCE, "prepare_threshold": None},
    "mysql": MARIADB,
    "mariadb": MARIADB,
}
BEGIN: Final = {
    "sqlite": "BEGIN IMMEDIATE",
    # Said again in each transaction: behind a pooler the connection may be another than the one that was prepared.
    "postgresql": f"BEGIN; SET LOCAL lock_timeout = '{WAIT}s'",
}


def _read_any_text(connection: Any, _: object) -> None:
    """Let SQLite return a text that is no UTF-8: it would refuse all rows for it, and print it."""
    connection.text_factory = _decoded


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")


def _bound_waiting(connection: Any, _: object) -> None:
    """Bound how long PostgreSQL lets a read wait for a table that is being altered.

    A statement, and no start-up option: PgBouncer refuses connections that bring options.
    """
    connection.execute(f"SET lock_timeout = '{WAIT}s'")


def _close(_: object, record: Any) -> None:
    """Keep no connection in a pool that nobody will use any more: it would stay open until it is collected."""
    record.invalidate()


def _connect_patiently(_: object, __: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """Connect to PostgreSQL in the driver's place."""
    from sorcery_realtime.postgresql import PatientConnection  # the driver is an extra

    connection = PatientConnection.connect(*arguments, **options)
    connection.patience = SILENCE
    return connection


PREPARE: Final = {"sqlite": _read_any_text, "postgresql": _bound_waiting}
"""What is done to each new connection."""


class Database:
    """One database by its address; connects when it is first asked.

    Safe to use from many threads. Connections commit by themselves, except between `begin` and `end`.
    """

    def __init__(self, url: str) -> None:
        """Take the address; raises `ConfigurationError` for one that nothing can be kept at."""
        self.url = address(url)
        self.kind = self.url.get_backend_name()
        self.name = database_name(self.url)
        self.remedy = f"run: sorcery db adopt --db {masked(self.url)}"
        """What makes a missing file or table, at whatever revision the database is."""
        self._writing = threading.Lock()  # of an SQLite file: queueing here is fairer than its busy waiting
        given = {key: value for key, value in OPTIONS[self.kind].items() if key not in self.url.query}
        self.engine = new_engine(
            _existing(self.url), isolation_level="AUTOCOMMIT", hide_parameters=True, connect_args=given, **POOL
        )
        if self.kind in PREPARE:
            event.listen(self.engine, "connect", PREPARE[self.kind])
        if self.kind == "postgresql":
            event.listen(self.engine, "do_connect", _connect_patiently)

    def read(self, table: str, ask: Callable[[Connection], T]) -> T:
        """Return what `ask` makes of a connection; `table` is what it reads, for messages.

        Raises `Lost` for whatever keeps the database from answering.
        """

        def asked() -> T:
            with self.engine.connect() as connection:
                return ask(connection)

        return self._twice(table, asked)

    def fetch(self, table: str, statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> tuple[Columns, Rows]:
        """Return the columns and all rows of a statement in the driver's own spelling; raises `Lost`.

        Goes to the driver: of tables with many columns SQLAlchemy's description of a result costs more than the rows.
        """
        return self.read(table, lambda connection: self._fetched(connection, statement, parameters))

    def _fetched(
        self, connection: Connection, statement: str, parameters: Sequence[Any] | Mapping[str, Any]
    ) -> tuple[Columns, Rows]:
        dialect, held = self.engine.dialect, connection.connection
        driver = dialect.loaded_dbapi
        try:
            with closing(held.cursor()) as cursor:
                cursor.execute(statement, parameters)
                return tuple([column[0] for column in cursor.description]), cursor.fetchall()
        except driver.Error as error:
            stale = dialect.is_disconnect(error, held.dbapi_connection, None)
            if stale:
                connection.invalidate(error)
                self.engine.dispose()  # the other connections are as old
            raise DBAPIError.instance(
                statement,
                None,
                error,
                driver.Error,
                hide_parameters=True,
                connection_invalidated=stale,
                dialect=dialect,
            ) from error

    def begin(self) -> Connection:
        """Return a connection on which a transaction has begun; hand it to `end`. Raises `Lost`."""
        if self.kind == "sqlite" and not self._writing.acquire(timeout=WAIT):
            raise Lost(self, f"{self.name}: another writer does not finish")
        try:
            return self._twice("", self._begun)
        except BaseException:
            self._release()
            raise

    def end(self, connection: Connection, verb: str) -> None:
        """Carry out `COMMIT` or `ROLLBACK` and give the connection back; raises `Lost`."""
        try:
            connection.exec_driver_sql(verb)
        except SQLAlchemyError as error:
            connection.invalidate()
            raise self.lost(error) from untraced(error)
        finally:
            connection.close()
            self._release()

    def _begun(self) -> Connection:
        connection = self.engine.connect()
        try:
            connection.exec_driver_sql(BEGIN.get(self.kind, "BEGIN"))
        except BaseException:
            connection.close()
            raise
        return connection

    def _release(self) -> None:
        if self.kind == "sqlite":
            self._writing.release()

    def _twice(self, table: str, attempt: Callable[[], T]) -> T:
        """Try again where a connection went stale in the pool: its server was restarted meanwhile."""
        try:
            return attempt()
        except SQLAlchemyError as error:
            if not (isinstance(error, DBAPIError) and error.connection_invalidated):
                raise self.lost(error, table) from untraced(error)
        try:
            return attempt()
        except SQLAlchemyError as error:
            raise self.lost(error, table) from untraced(error)

    def lost(self, error: SQLAlchemyError, table: str = "") -> Lost:
        """Say why the database did not answer, and how to mend it if we know."""
        fault = fault_of(error)
        if fault is Fault.NO_TABLE:
            return self.without(table)
        reason = reason_of(error)
        if reason == "unable to open database file" and lacks_file(self.url):
            reason = f"there is no such file; {self.remedy}"
        return Lost(self, f"{self.name}: {reason}", fault)

    def without(self, table: str) -> Lost:
        """Say that a table is missing; the command makes those of Asterisk alone."""
        is_made = table.rpartition(".")[2].startswith(("ps_", "stir_"))
        remedy = self.remedy if is_made else "correct its name in extconfig.conf, or create it like ps_…"
        return Lost(self, f"table {table} does not exist in {self.name}; {remedy}")

    def close(self) -> None:
        """Close the connections: those that are idle now, those in use as soon as they are not."""
        event.listen(self.engine, "checkin", _close)
        self.engine.dispose()


def _existing(url: URL) -> URL:
    """Return what to connect to: an SQLite file is opened only if it is there, never made."""
    file = file_of(url)
    if file is None:
        return url
    return url.set(database=f"file:{quote(str(file))}", query={**url.query, "mode": "rw", "uri": "true"})
