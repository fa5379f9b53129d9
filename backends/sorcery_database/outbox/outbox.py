"""One reader of an outbox, with a connection of its own."""

from __future__ import annotations

import contextlib
import functools
import select
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import NoResultFound, SQLAlchemyError

from sorcery.errors import ConfigurationError, Unavailable, untraced
from sorcery_database.addresses import argument, database_name, file_of, lacks_file
from sorcery_database.faults import Fault, fault_of, reason_of
from sorcery_database.outbox.entries import CHANNEL, STATE, Batch, Position, Reading
from sorcery_database.outbox.numbered import NumberedReading
from sorcery_database.outbox.snapshots import SnapshotReading

__all__ = ["KEEP", "NoOutbox", "Outbox"]

T = TypeVar("T")

KEEP: Final = 3600.0
"""Seconds after which an entry may be deleted."""
POLL: Final = 0.04
"""Seconds from one look to the next where the database gives no word."""
SLICE: Final = 1000
"""Entries that are deleted at once: nobody waits for so few."""


class NoOutbox(ConfigurationError):
    """A database that keeps no outbox."""


class Outbox:
    """Reads one outbox. Used by one thread, save `wake`, which any may call; connects when it is first asked.

    What blocks on the database raises `Unavailable` where it does not answer, `NoOutbox` where it keeps no outbox, and
    `ConfigurationError` where this user may not read it. The next call connects again.
    """

    def __init__(self, engine: Engine) -> None:
        """Take the engine that gives the connection; `close` gives it back and leaves the engine alone."""
        self._engine = engine
        self._kind = engine.dialect.name
        self._reading: Reading = (
            SnapshotReading() if self._kind == "postgresql" else NumberedReading(mysql=self._kind != "sqlite")
        )
        self._connection: Connection | None = None
        self._is_told = threading.Event()
        """Whether there may be something new."""
        self._file_version: tuple[object, object] = (None, None)
        self._ears, self._mouth = socket.socketpair()
        self._ears.setblocking(False)
        self._mouth.setblocking(False)

    @property
    def name(self) -> str:
        """The database, for messages."""
        return database_name(self._engine.url)

    def is_installed(self) -> bool:
        """Tell whether the database keeps an outbox."""
        return self._ask(lambda connection: inspect(connection).has_table(STATE))  # a server logs no error for this

    def end(self) -> Position:
        """Return where the newest entry ends; what is committed after this call comes after it."""
        return self._ask(self._reading.end)

    def read(self, after: Position, most: int = 1000) -> Batch:
        """Return at most so many entries after a position: each once, none left out, in order those of one row."""
        self._is_told.clear()  # first: word that comes while we read is of what comes later
        batch = self._ask(lambda connection: self._reading.read(connection, after, most))
        if len(batch.entries) == most:
            self._is_told.set()
        return batch

    def trim(self, before: Position, keep: float = KEEP) -> int:
        """Delete the entries before a position that are older than `keep` seconds; return how many there were.

        Deletes few at a time and blocks nobody who writes. Another reader that stood before them is told.
        """
        total = 0
        while True:
            gone = self._ask(lambda connection: self._reading.trim(connection, before, keep, SLICE))
            total += gone
            if gone < SLICE:
                return total

    def wait(self, seconds: float) -> bool:
        """Wait until there may be something new, at most so long; tell whether there may be.

        PostgreSQL says it at once, an SQLite file shows it; of any other database this returns after a moment. A
        connection that is lost meanwhile raises `Unavailable`.
        """
        deadline = time.monotonic() + seconds
        connection = self._connected()
        while not self._is_told.is_set() and (left := deadline - time.monotonic()) > 0:
            self._guarded(connection, functools.partial(self._listen, seconds=left))
        return self._is_told.is_set()

    def wake(self) -> None:
        """Let `wait` return."""
        self._is_told.set()
        with contextlib.suppress(OSError):  # full: it will wake as it is; closed: nobody waits
            self._mouth.send(b".")

    def close(self) -> None:
        """Give the connection back, closed."""
        self._disconnect()
        self._ears.close()
        self._mouth.close()

    # The connection

    def _ask(self, ask: Callable[[Connection], T]) -> T:
        return self._guarded(self._connected(), ask)

    def _connected(self) -> Connection:
        if self._connection is None:
            if lacks_file(self._engine.url):  # connecting would make it
                raise Unavailable(self.name, "there is no such file")
            try:
                connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            except SQLAlchemyError as error:
                raise self._failure(error) from untraced(error)
            self._connection = connection
            self._is_told.set()  # nobody knows what happened before
            self._guarded(connection, self._begin_listening)
        return self._connection

    def _begin_listening(self, connection: Connection) -> None:
        if self._kind == "postgresql":
            driver = _driver(connection)
            driver.add_notify_handler(lambda _: self._is_told.set())
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        elif self._kind == "sqlite":
            _driver(connection).text_factory = _decoded  # else one id that is no UTF-8 hides all that comes after it
            self._file_version = self._version(connection)

    def _guarded(self, connection: Connection, ask: Callable[[Connection], T]) -> T:
        """Ask, and let go of a connection that fails."""
        try:
            return ask(connection)
        except NoResultFound as error:
            raise self._missing() from error
        except SQLAlchemyError as error:
            failure = self._failure(error)
            if not isinstance(failure, ConfigurationError):
                self._disconnect()
            raise failure from untraced(error)
        except BaseException:
            self._disconnect()
            raise

    def _failure(self, error: SQLAlchemyError) -> Unavailable | ConfigurationError:
        fault = fault_of(error)
        if fault is Fault.NO_TABLE:
            return self._missing()
        if fault.is_silence:
            return Unavailable(self.name, reason_of(error))
        remedy = f"let this user read {STATE} and its neighbour, or run: {self._command}"
        return ConfigurationError(f"{self.name} refuses its changes: {reason_of(error)}", remedy=remedy)

    def _missing(self) -> NoOutbox:
        return NoOutbox(f"{self.name} tells of no changes", remedy=f"run: {self._command}")

    @property
    def _command(self) -> str:
        return f"sorcery db notify on --db {argument(self._engine.url)}"

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):  # it may be broken: that is why it goes
                connection.invalidate()
                connection.close()

    # Waiting

    def _listen(self, connection: Connection, seconds: float) -> None:
        match self._kind:
            case "postgresql":
                self._hear(connection, seconds)
            case "sqlite":
                self._sleep(min(seconds, POLL))
                if (version := self._version(connection)) != self._file_version:
                    self._look_again(version)
            case _:
                self._sleep(min(seconds, POLL))
                self._is_told.set()

    def _hear(self, connection: Connection, seconds: float) -> None:
        """Wait for what PostgreSQL says; raises what tells that it is gone."""
        driver = _driver(connection)
        try:
            server = driver.fileno()
            if server in self._sleep(seconds, server):
                driver.pgconn.consume_input()
                while driver.pgconn.notifies() is not None:
                    self._is_told.set()
        except self._engine.dialect.loaded_dbapi.Error as error:
            self._disconnect()
            raise Unavailable(self.name, str(error).strip().partition("\n")[0]) from untraced(error)

    def _sleep(self, seconds: float, *descriptors: int) -> set[int]:
        """Sleep until `wake`, or until something comes; return from where."""
        waiting = select.poll()
        for descriptor in (self._ears.fileno(), *descriptors):
            waiting.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in waiting.poll(max(1.0, seconds * 1000))}
        if self._ears.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                self._ears.recv(4096)
        return ready

    def _version(self, connection: Connection) -> tuple[object, object]:
        """Return which file an SQLite database is, and what changes with each commit of another connection to it."""
        return self._file(), connection.exec_driver_sql("PRAGMA data_version").scalar_one()

    def _file(self) -> object:
        file = file_of(self._engine.url)
        try:
            status = file.stat() if file is not None else None
        except OSError:
            return None
        return status and (status.st_dev, status.st_ino)

    def _look_again(self, version: tuple[object, object]) -> None:
        if version[0] != self._file_version[0]:
            self._disconnect()  # another file has that name now
        self._file_version = version
        self._is_told.set()


def _driver(connection: Connection) -> Any:
    """Return the driver's own connection."""
    return connection.connection.dbapi_connection


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
