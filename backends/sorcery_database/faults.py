"""What a driver's error means: a database that could not answer, or one that refused what it was given."""

from __future__ import annotations

import enum
import sqlite3
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

__all__ = ["Fault", "fault_of", "lacks_privilege", "reason_of", "told_of"]


class Fault(enum.Enum):
    """What is wrong, as far as somebody acts on it."""

    SILENT = enum.auto()
    """No answer: not reached, lost on the way, shutting down, starting up, damaged. It cannot serve anybody."""
    CROWDED = enum.auto()
    """The server takes no more connections."""
    EXHAUSTED = enum.auto()
    """All of this process's connections are in use."""
    LOCKED = enum.auto()
    """Somebody holds for too long what is needed."""
    RIVAL = enum.auto()
    """A deadlock, or transactions that cannot be put in an order: this one was undone, and may be begun again."""
    READ_ONLY = enum.auto()
    """It takes no changes: a replica, or a server or file that somebody has set so."""
    FULL = enum.auto()
    """It has no room for changes."""
    FAILING = enum.auto()
    """It cannot do this now, and may do something else: broken off, out of memory."""
    REFUSED = enum.auto()
    """An answer, and it is no: a statement that this user may not send, or that makes no sense there."""
    NO_TABLE = enum.auto()
    NO_COLUMN = enum.auto()
    TAKEN = enum.auto()
    """A unique key holds the value already."""
    CONTENT = enum.auto()
    """A value that the table does not take."""

    @property
    def is_silence(self) -> bool:
        """Whether the same request may be granted later: the database, not what was sent, is to blame."""
        return self in SILENCES


SILENCES: Final = frozenset(
    {
        Fault.SILENT,
        Fault.CROWDED,
        Fault.EXHAUSTED,
        Fault.LOCKED,
        Fault.RIVAL,
        Fault.READ_ONLY,
        Fault.FULL,
        Fault.FAILING,
    }
)
REMEDIES: Final = {
    Fault.CROWDED: "raise its limit of connections, or let fewer programs connect",
    Fault.EXHAUSTED: "too much is asked at once, or it answers too slowly",
    Fault.LOCKED: "another program keeps a lock there",
    Fault.RIVAL: "it was undone for the sake of another transaction",
    Fault.READ_ONLY: "it is a replica, or was set read-only: changes need the primary",
    Fault.FULL: "make room on its disk",
}
"""What an operator makes of it, where what the driver says leaves that open."""

DAMAGED: Final = "put a backup in its place"
SQLITE_REMEDIES: Final = {
    sqlite3.SQLITE_READONLY: "let this user write the file and its folder; the disk may be read-only",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
}
"""The same by the primary code, where a file is no server."""

PRIVILEGES: Final = frozenset({"42501", 1044, 1142, 1143, 1227, 1370})
"""The states of PostgreSQL and the numbers of MariaDB that say: this user may not do that."""
GRANT: Final = "let the owner grant this user what it asks for, or name another user in the address"

SQLITE_TAKEN: Final = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
SQLITE_NO_COLUMN: Final = ("has no column named", "no such column")
SQLITE: Final = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_FULL: Fault.FULL,
    sqlite3.SQLITE_NOMEM: Fault.FAILING,
    sqlite3.SQLITE_INTERRUPT: Fault.FAILING,
    sqlite3.SQLITE_ERROR: Fault.REFUSED,  # "a wrong statement"
}
"""By the primary code; the others tell of disks and damage."""
POSTGRESQL: Final = {
    "42P01": Fault.NO_TABLE,
    "42703": Fault.NO_COLUMN,
    "23505": Fault.TAKEN,
    "42804": Fault.CONTENT,  # a value of another kind than the column's
    "25006": Fault.READ_ONLY,
    "40001": Fault.RIVAL,
    "40P01": Fault.RIVAL,
    "53100": Fault.FULL,
    "53300": Fault.CROWDED,
    "55P03": Fault.LOCKED,
    "57014": Fault.FAILING,
    "58030": Fault.SILENT,  # its disk fails
    **dict.fromkeys(("57P01", "57P02", "57P03", "57P04", "57P05"), Fault.SILENT),  # it ends, starts, or drops this
}
"""By SQLSTATE, where the class of the error does not tell."""
POSTGRESQL_CROWDED: Final = ("too many clients", "remaining connection slots", "too many connections")
"""A refused connection comes without its SQLSTATE."""
MYSQL: Final = (
    {1146: Fault.NO_TABLE, 1054: Fault.NO_COLUMN, 1062: Fault.TAKEN, 1205: Fault.LOCKED}
    | dict.fromkeys((1048, 1264, 1265, 1292, 1364, 1366, 1406, 1452, 3819, 4025), Fault.CONTENT)
    | dict.fromkeys((1040, 1203, 1226), Fault.CROWDED)
    | dict.fromkeys((1021, 1114), Fault.FULL)
    | dict.fromkeys((1020, 1213, 1614), Fault.RIVAL)
    | dict.fromkeys((1792, 1836), Fault.READ_ONLY)
    | dict.fromkeys((1037, 1038, 1041, 1317, 1969, 3024), Fault.FAILING)
    | dict.fromkeys((1053, 1077, 1927), Fault.SILENT)
)
"""By number: the classes of PyMySQL do not tell, most refusals are operational to it."""
MYSQL_CLIENT: Final = range(2000, 3000)
"""What the client says: the server was not reached, or is gone."""
MYSQL_OPTION_PREVENTS: Final = 1290
"""Some option of the server prevents a statement; the text says which."""


def fault_of(error: SQLAlchemyError) -> Fault:
    """Tell what an error means."""
    if isinstance(error, PoolTimeout):
        return Fault.EXHAUSTED
    if not isinstance(error, DBAPIError) or error.connection_invalidated:
        return Fault.SILENT
    found = _driver(error)
    is_connecting = error.statement is None
    return found if not is_connecting or found is Fault.CROWDED else Fault.SILENT


def _driver(error: DBAPIError) -> Fault:
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _sqlite(driver)
    number = driver.args[0] if driver is not None and driver.args else None
    if isinstance(number, int):
        return _mysql(number, str(driver))
    state = getattr(driver, "sqlstate", None) or ""
    if (known := POSTGRESQL.get(state)) is not None:
        return known
    if isinstance(error, (DataError, IntegrityError)):
        return Fault.CONTENT
    if not isinstance(error, OperationalError):
        return Fault.REFUSED
    if any(words in str(driver) for words in POSTGRESQL_CROWDED):
        return Fault.CROWDED
    return Fault.FAILING if state and not state.startswith("08") else Fault.SILENT


def _mysql(number: int, text: str) -> Fault:
    if number == MYSQL_OPTION_PREVENTS and ("read-only" in text or "read_only" in text):
        return Fault.READ_ONLY
    return MYSQL.get(number, Fault.SILENT if number in MYSQL_CLIENT else Fault.REFUSED)


def _sqlite(driver: sqlite3.Error) -> Fault:
    code, text = getattr(driver, "sqlite_errorcode", sqlite3.SQLITE_ERROR), str(driver)
    if code in SQLITE_TAKEN:
        return Fault.TAKEN
    if text.startswith("no such table"):
        return Fault.NO_TABLE
    if any(words in text for words in SQLITE_NO_COLUMN):
        return Fault.NO_COLUMN
    if isinstance(driver, (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError)):
        return Fault.CONTENT
    return SQLITE.get(code & 0xFF, Fault.SILENT)


def told_of(error: SQLAlchemyError) -> str:
    """Return what the driver said and, where that leaves it open, what an operator makes of it."""
    driver = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(driver, "sqlite_errorcode", 0) & 0xFF
    remedy = GRANT if lacks_privilege(error) else SQLITE_REMEDIES.get(code) or REMEDIES.get(fault_of(error))
    reason = reason_of(error)
    return f"{reason}; {remedy}" if remedy else reason


def lacks_privilege(error: SQLAlchemyError) -> bool:
    """Tell whether the server says that this user may not do what was asked."""
    driver = error.orig if isinstance(error, DBAPIError) else None
    number = driver.args[0] if driver is not None and driver.args else None
    return getattr(driver, "sqlstate", None) in PRIVILEGES or (isinstance(number, int) and number in PRIVILEGES)


def reason_of(error: SQLAlchemyError) -> str:
    """Return the first line of what the driver said; the statement and its values stay out."""
    if isinstance(error, PoolTimeout):
        return "all connections are in use"
    told = error.orig.args if isinstance(error, DBAPIError) and error.orig else error.args
    text = str(*told[-1:])  # PyMySQL puts a number before the text
    return text.strip().partition("\n")[0]
