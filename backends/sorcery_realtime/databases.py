"""One database: its connections, shared by everything that lies in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

from sqlalchemy import URL, Connection, Dialect, Engine, NullPool, PoolProxiedConnection, QueuePool, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError

from sorcery.errors import ConfigurationError, untraced
from sorcery_database import (
    Fault,
    address,
    argument,
    database_name,
    fault_of,
    file_of,
    identity_of,
    lacks_file,
    masked,
    new_engine,
    told_of,
)
from sorcery_realtime.failures import Lost, Unheard
from sorcery_realtime.filelock import FileLock, Patience
from sorcery_realtime.health import Health
from sorcery_realtime.kept import Kept
from sorcery_realtime.rerun import Rerun

if TYPE_CHECKING:
    from sorcery_realtime.watching.signing import Signature

__all__ = ["Columns", "Database", "Rows"]

T = TypeVar("T")
Columns = tuple[str, ...]
Rows = Sequence[Sequence[Any]]
Parameters = Sequence[Any] | Mapping[str, Any]

WAIT: Final = 5
"""Seconds to wait for a connection, for a lock, and for a free place in the pool."""

LONGEST: Final = 86400
"""Seconds that an address may let one wait for the lock of an SQLite file."""

SILENCE: Final = 2 * WAIT
"""Seconds after which a server that says nothing is given up; it tells of a lock before that."""

LOOK: Final = 0.05
"""Seconds for which readers trust that an SQLite file is still the one that they have open; who writes looks."""

PROBE: Final = 2
"""Seconds that a probe waits for a connection, and for its answer."""

POOL: Final[dict[str, Any]] = {
    "pool_size": 8,
    "max_overflow": 8,
    "pool_timeout": WAIT,
    "pool_use_lifo": True,
    "pool_reset_on_return": None,  # a question leaves nothing to undo, and a transaction is ended by who began it
}

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
PROBE_OPTIONS: Final[Mapping[str, Mapping[str, object]]] = {
    "mysql": {"read_timeout": PROBE, "write_timeout": PROBE},
    "mariadb": {"read_timeout": PROBE, "write_timeout": PROBE},
}
BEGIN: Final = {
    "sqlite": "BEGIN IMMEDIATE",
    # Said again in each transaction: behind a pooler the connection may be another than the one that was prepared.
    "postgresql": f"BEGIN; SET LOCAL lock_timeout = '{WAIT}s'",
}
HASTY: Final = "; SET LOCAL lock_timeout = '250ms'"
"""Ends what begins a transaction on PostgreSQL that many wait for."""
HASTY_SECONDS: Final = 1
"""The same on MariaDB: there are no shorter times."""


def _begin(kind: str, origin: str) -> str:
    """Return what begins a transaction that is told from those of others."""
    begin = BEGIN.get(kind, "BEGIN")
    return f"{begin}; SET LOCAL sorcery.origin = '{origin}'" if kind == "postgresql" else begin


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


def _connect_patiently(engine: Engine, patience: float, is_given_up: Callable[[], bool]) -> None:
    """Let an engine connect to PostgreSQL by connections that give up a silent server."""

    def connect(_: object, __: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        from sorcery_realtime.postgresql import PatientConnection  # the driver is an extra

        connection = PatientConnection.connect(*arguments, **options)
        connection.patience, connection.is_given_up, connection.prepared = patience, is_given_up, set()
        return connection

    event.listen(engine, "do_connect", connect)


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
        self.remedy = f"run: sorcery db adopt --db {argument(self.url)}"
        """What makes a missing file or table, at whatever revision the database is."""
        self.origin = uuid4().hex
        """Marks the entries that this process leaves in an outbox."""
        self.signature: Signature | None = None
        """Puts the mark to what is written to a watched SQLite file."""
        self._is_closed = False
        self._writer: Connection | None = None
        """Writes to an SQLite file that is watched without an outbox: what this connection sees others have changed."""
        self._begin = _begin(self.kind, self.origin)
        self._file_lock = FileLock(self, self.name, _patience(self.url), WAIT)
        self._places = int(POOL["pool_size"] + POOL["max_overflow"])
        self.health = Health(self, self.name, self._places, self._probe, self._doubt_idle)
        self.engine = new_engine(
            _existing(self.url), isolation_level="AUTOCOMMIT", hide_parameters=True, connect_args=self._given(), **POOL
        )
        self._kept = Kept(self.engine.raw_connection)
        if self.kind in PREPARE:
            event.listen(self.engine, "connect", PREPARE[self.kind])
        self._doubts_idle = False
        self._file = identity_of(self.url)
        """Which SQLite file the connections have open."""
        self._had_file = self._file is not None
        self._looks_at = 0.0 if self.kind == "sqlite" else float("inf")
        """When a reader looks again whether it is still there."""
        if self.kind != "sqlite":
            event.listen(self.engine, "checkout", self._replace_doubted)
        if self.kind == "postgresql":
            _connect_patiently(self.engine, SILENCE, self.health.is_given_up)

    def _given(self, **others: object) -> dict[str, object]:
        """Return the driver's options; those that the address names stand as they are there."""
        options = {**OPTIONS[self.kind], **others}
        if "init_command" in options:
            options["init_command"] = f"{options['init_command']}, @sorcery_origin = '{self.origin}'"
        return {key: value for key, value in options.items() if key not in self.url.query}

    def read(self, table: str, ask: Callable[[Connection], T]) -> T:
        """Return what `ask` makes of a connection; `table` is what it reads, for messages.

        Raises `Lost` for whatever keeps the database from answering, at once where it is known not to.
        """

        def asked() -> T:
            self.health.enter(WAIT)
            try:
                if time.monotonic() >= self._looks_at:
                    self._look_at_file()
                with self._from_pool() as connection:
                    if self._file_lock.is_held:
                        with self._file_lock.looking(connection.connection.dbapi_connection):
                            return ask(connection)
                    return ask(connection)
            finally:
                self.health.leave()

        return self._again(table, asked, self._file_lock.reading)

    def fetch(self, table: str, statement: str, parameters: Parameters) -> tuple[Columns, Rows]:
        """Return the columns and all rows of a statement in the driver's own spelling; raises `Lost`."""

        def ask(connection: Any) -> tuple[Columns, Rows]:
            cursor = connection.cursor()
            cursor.execute(statement, parameters)
            return tuple([column[0] for column in cursor.description]), cursor.fetchall()

        return self.ask_driver(table, ask)

    def ask_driver(self, table: str, ask: Callable[[Any], T]) -> T:
        """Return what `ask` makes of a connection of the driver's own; raises `Lost` as `read` does.

        What SQLAlchemy does around a question would double the time of a short one.
        """
        return self._again(table, lambda: self._told(table, ask), self._file_lock.reading)

    def _told(self, statement: str, ask: Callable[[Any], T]) -> T:
        self.health.enter(WAIT)
        lent = None
        try:
            if time.monotonic() >= self._looks_at:
                self._look_at_file()
            lent = self._kept.lend()
            connection = lent.connection.dbapi_connection
            if self._file_lock.is_held:
                with self._file_lock.looking(connection):
                    return ask(connection)
            return ask(connection)
        except self.engine.dialect.loaded_dbapi.Error as error:
            raise self._wrapped(error, statement, None if lent is None else lent.connection) from error
        except BaseException as error:
            if lent is not None and not isinstance(error, Exception):
                lent.connection.invalidate()  # interrupted: the answer may still come
            raise
        finally:
            if lent is not None:
                self._kept.take(lent, has_room=not self._is_closed and self._surplus <= 0)
            self.health.leave()

    @property
    def _surplus(self) -> int:
        """How many connections there would be too many, if all who have entered had one beside those that are kept."""
        return self.health.used + len(self._kept) + (self._writer is not None) - self._places

    @property
    def _pool(self) -> QueuePool:
        return cast("QueuePool", self.engine.pool)

    def _from_pool(self) -> Connection:
        """Return a connection of the pool, one that was kept rather than a new one; raises what SQLAlchemy raises."""
        if self._surplus > 0 or self._pool.checkedin() == 0:
            self._kept.make_room()
        return self.engine.connect()

    def _wrapped(self, error: Exception, statement: str, held: PoolProxiedConnection | None) -> DBAPIError:
        """Return a driver's error as SQLAlchemy would raise it, and let go of connections that have ended."""
        dialect = self.engine.dialect
        is_stale = held is not None and dialect.is_disconnect(cast(Any, error), held.dbapi_connection, None)
        if held is not None and is_stale:
            self._doubt_idle()  # the other connections are as old
            held.invalidate(error)
        made = DBAPIError.instance(
            None if held is None else statement,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=is_stale,
            dialect=dialect,
        )
        assert isinstance(made, DBAPIError)
        return made

    def admit(self) -> None:
        """Raise `Lost` where an SQLite file is known to be locked, and somebody looks at that; never blocks."""
        self._file_lock.admit()

    def begin(self, *, is_hasty: bool = False, since: float | None = None) -> Connection:
        """Return a connection on which a transaction has begun; hand it to `end`. Raises `Lost`.

        One that is hasty is to keep many waiting: it is soon lost to a row that somebody else holds. Who waits
        `since` a moment, in seconds of the monotonic clock, waits as much shorter for the lock of an SQLite file.
        """
        self.health.admit_writer()
        left = self._file_lock.enter(since) if self.kind == "sqlite" else float(WAIT)
        try:
            return self._again("", lambda: self._begun(is_hasty, left), self._file_lock.writing)
        except BaseException:
            self._release()
            raise

    def end(self, connection: Connection, verb: str) -> None:
        """Carry out `COMMIT` or `ROLLBACK` and give the connection back; raises `Lost`."""
        try:
            if verb == "COMMIT" and self.signature is not None:
                self.signature.sign(connection)
            connection.exec_driver_sql(verb)
            if verb == "COMMIT":
                self.health.wrote()
            self._file_lock.writing.served()
        except SQLAlchemyError as error:
            self._note_wait(error, self._file_lock.writing)
            connection.invalidate()
            raise self.lost(error) from untraced(error)
        finally:
            self._give_back(connection)
            self.health.leave()
            self._release()

    def undoes(self, lost: Lost) -> bool:
        """Tell whether a commit that was lost so has stored nothing: the database has undone all of it, or will."""
        return lost.fault is Fault.RIVAL or (self.kind == "sqlite" and lost.fault in (Fault.LOCKED, Fault.FULL))

    def _begun(self, is_hasty: bool, seconds: float) -> Connection:
        self.health.enter(WAIT)
        try:
            connection = self._kept_writer() or self._from_pool()
            try:
                if self.kind in ("mysql", "mariadb"):
                    _set_haste(connection, is_hasty)
                begin = self._begin + (HASTY if is_hasty and self.kind == "postgresql" else "")
                if self.kind == "sqlite":
                    driver = connection.connection.dbapi_connection
                    self._file_lock.begin(driver, lambda: connection.exec_driver_sql(begin), seconds)
                else:
                    connection.exec_driver_sql(begin)
                if self.signature is not None:
                    self.signature.begin(connection)
            except BaseException:
                self._give_back(connection)
                raise
        except BaseException:
            self.health.leave()
            raise
        return connection

    def _give_back(self, connection: Connection) -> None:
        if connection.invalidated:
            self._writer = None
        elif self.kind == "sqlite":
            self._file_lock.end(connection.connection.dbapi_connection)
        if connection is not self._writer:
            connection.close()

    def _kept_writer(self) -> Connection | None:
        """Return the one connection that writes to a watched SQLite file, if it has that open which is there now."""
        if self.kind == "sqlite":
            self._look_at_file()
        if self._writer is not None and self._writer.info["file"] != self._file:
            self._writer.close()
            self._writer = None
        return self._writer

    def version_of_others(self) -> object:
        """Return what is another value as soon as somebody else has changed the SQLite file; raises `Lost`.

        From the first call on one connection makes all changes: what it does not know of, others did.
        """
        self._file_lock.enter_to_look()
        try:
            if self._is_closed:
                raise Lost(self, f"{self.name}: it was closed")
            if (writer := self._kept_writer()) is None:
                writer = self._writer = self._from_pool()
                writer.info["file"] = self._file
            return writer, writer.exec_driver_sql("PRAGMA data_version").scalar_one()
        except SQLAlchemyError as error:
            self._writer = None
            raise self.lost(error) from untraced(error)
        finally:
            self._release()

    def aside(self) -> Engine:
        """Return an engine for a connection outside the pool; whoever keeps one takes no place from others.

        It does not connect to a database that is known to be down.
        """
        engine = new_engine(self.url, poolclass=NullPool, hide_parameters=True, connect_args=self._given())
        event.listen(engine, "do_connect", self._refuse_while_down)
        if self.kind == "postgresql":
            _connect_patiently(engine, SILENCE, self.health.is_given_up)
        return engine

    def _refuse_while_down(self, dialect: Dialect, *_: object) -> None:
        if self.health.serving.outage is not None:
            raise dialect.loaded_dbapi.OperationalError(str(self.health.serving.outage))

    def _release(self) -> None:
        """Let the next one write; that is nobody where the database was closed."""
        if self.kind != "sqlite":
            return
        if self._is_closed and self._writer is not None:
            self._writer.close()
            self._writer = None
        self._file_lock.leave()

    def _again(self, table: str, attempt: Callable[[], T], patience: Patience) -> T:
        """Try again where a connection went stale in the pool, as its server was restarted, and for a rival's sake."""
        rerun, was_stale = None, False
        while True:
            try:
                return attempt()
            except SQLAlchemyError as error:
                rerun = rerun or Rerun()
                if _is_stale(error) and not was_stale:
                    was_stale = True
                elif not rerun.begins(fault_of(error)):
                    self._note_wait(error, patience)
                    raise self.lost(error, table) from untraced(error)

    def _note_wait(self, error: SQLAlchemyError, patience: Patience) -> None:
        """Let the next ones not wait for the lock of an SQLite file that somebody has just waited for in vain."""
        if self.kind == "sqlite" and fault_of(error) is Fault.LOCKED:
            patience.failed()

    def lost(self, error: SQLAlchemyError, table: str = "") -> Lost:
        """Say why the database did not answer, and how to mend it if we know; the next ones are told at once."""
        fault = fault_of(error)
        if fault is Fault.NO_TABLE:
            return self.without(table)
        reason = told_of(error)
        if reason == "unable to open database file" and lacks_file(self.url):
            gone = "there is no such file any more; mount its disk, or put it back"
            reason = gone if self._had_file else f"there is no such file; {self.remedy}"
        lost = Lost(self, f"{self.name}: {reason}", fault)
        if self.kind != "sqlite" and isinstance(error, DBAPIError):
            self._note(lost, is_connecting=error.statement is None)
        return lost

    def _note(self, lost: Lost, *, is_connecting: bool) -> None:
        """Let the next ones be told at once, if it is not just one connection that ended or one question that hangs."""
        if lost.fault is Fault.SILENT and not is_connecting:
            self.health.doubt()
        elif not (lost.fault is Fault.CROWDED and self._has_others):
            self.health.note(lost)

    @property
    def _has_others(self) -> bool:
        """Whether there are connections beside the one that was not to be had: with these it serves."""
        return len(self._kept) + self._pool.checkedin() > 0 or self.health.used > 1

    def _probe(self) -> None:
        """Connect, ask something, and leave; raises `Lost`. Blocks for two seconds, or twice that."""
        given = self._given(connect_timeout=PROBE, **PROBE_OPTIONS.get(self.kind, {}))
        engine = new_engine(self.url, poolclass=NullPool, hide_parameters=True, connect_args=given)
        if self.kind == "postgresql":
            _connect_patiently(engine, PROBE, lambda: False)
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError as error:
            fault = fault_of(error)
            if not (fault is Fault.CROWDED and self._has_others):
                raise Lost(self, f"{self.name}: {told_of(error)}", fault) from untraced(error)

    def _doubt_idle(self) -> None:
        """Let no connection be used again that was made before now."""
        self._doubts_idle = True
        self._kept.renew()

    def _look_at_file(self) -> None:
        """Let no connection be used again to an SQLite file that is gone, or in whose place another one lies.

        SQLite would go on with the file that it has open, as if nothing were amiss.
        """
        self._looks_at = time.monotonic() + LOOK
        found = identity_of(self.url)
        if found == self._file:
            return
        if not event.contains(self.engine, "checkout", self._replace_doubted):
            event.listen(self.engine, "checkout", self._replace_doubted)
        self._doubt_idle()
        self._file, self._had_file = found, self._had_file or found is not None

    def _replace_doubted(self, *_: object) -> None:
        """Called whenever a connection leaves the pool."""
        if self._doubts_idle:
            self._doubts_idle = False
            raise InvalidatePoolError

    def without(self, table: str) -> Lost:
        """Say that a table is missing; the command makes those of Asterisk alone."""
        is_made = table.rpartition(".")[2].startswith(("ps_", "stir_"))
        remedy = self.remedy if is_made else "correct its name in extconfig.conf, or create it like ps_…"
        return Lost(self, f"table {table} does not exist in {self.name}; {remedy}")

    def close(self) -> None:
        """Close the connections: those that are idle now, those in use as soon as they are not."""
        self.health.close()
        event.listen(self.engine, "checkin", _close)
        self._is_closed = True
        if self.kind == "sqlite" and self._file_lock.is_free():
            self._release()  # else whoever writes lets go of his connection himself
        self._kept.renew()
        self.engine.dispose()


def _patience(url: URL) -> float:
    """Return the seconds that a lock of an SQLite file is waited for; the address may name others than ours.

    Raises `ConfigurationError`.
    """
    given = OPTIONS["sqlite"]["timeout"]
    said = url.query.get("timeout", given) if url.get_backend_name() == "sqlite" else given
    with suppress(ValueError):
        if 0 <= (seconds := float(str(said))) <= LONGEST:
            return seconds
    raise ConfigurationError(
        f"{masked(url)}: timeout={said} is no number of seconds up to {LONGEST}", remedy="write ?timeout=5"
    )


def _set_haste(connection: Connection, is_hasty: bool) -> None:
    """Tell MariaDB how long to wait for a row, where the last transaction of the connection had it otherwise."""
    if connection.info.get("is_hasty", False) is not is_hasty:
        seconds = HASTY_SECONDS if is_hasty else WAIT
        connection.exec_driver_sql(f"SET SESSION innodb_lock_wait_timeout = {seconds}")
        connection.info["is_hasty"] = is_hasty


def _is_unheard(error: SQLAlchemyError) -> bool:
    return isinstance(error, DBAPIError) and isinstance(error.orig, Unheard)


def _is_stale(error: SQLAlchemyError) -> bool:
    """Tell whether a connection was found to have ended while nobody used it, so that a new one may do."""
    return isinstance(error, DBAPIError) and error.connection_invalidated and not _is_unheard(error)


def _existing(url: URL) -> URL:
    """Return what to connect to: an SQLite file is opened only if it is there, never made."""
    file = file_of(url)
    if file is None:
        return url
    return url.set(database=f"file:{quote(str(file))}", query={**url.query, "mode": "rw", "uri": "true"})
