"""What a driver's error means: a database that could not answer, or one that refused what it was given."""

from __future__ import annotations

import enum
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

__all__ = ["Fault", "Lost", "Rejected", "fault_of", "reason_of"]


class Fault(enum.Enum):
    """What is wrong, as far as somebody acts on it."""

    SILENT = enum.auto()
    """No answer: not reached, lost on the way, locked, forbidden."""
    NO_TABLE = enum.auto()
    NO_COLUMN = enum.auto()
    TAKEN = enum.auto()
    """A unique key holds the value already."""
    CONTENT = enum.auto()
    """A value that the table does not take."""


class Lost(Exception):
    """A database that could not answer; stores turn it into `Unavailable`, or ask the next one."""

    def __init__(self, database: object, reason: str, fault: Fault = Fault.SILENT) -> None:
        self.database, self.reason, self.fault = database, reason, fault
        super().__init__(reason)


class Rejected(Exception):
    """A database that answered, and took offence at the content of a statement."""

    def __init__(self, fault: Fault, reason: str) -> None:
        self.fault, self.reason = fault, reason
        super().__init__(reason)


SQLITE_TAKEN: Final = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
SQLITE_NO_COLUMN: Final = ("has no column named", "no such column")
POSTGRESQL: Final = {"42P01": Fault.NO_TABLE, "42703": Fault.NO_COLUMN, "23505": Fault.TAKEN}
POSTGRESQL_CONTENT: Final = ("22", "23", "42804")
"""Beginnings of SQLSTATE: data, integrity, type mismatch."""
MYSQL: Final = {1146: Fault.NO_TABLE, 1054: Fault.NO_COLUMN, 1062: Fault.TAKEN} | dict.fromkeys(
    (1048, 1264, 1265, 1292, 1364, 1366, 1406, 1452, 3819, 4025), Fault.CONTENT
)


def fault_of(error: SQLAlchemyError) -> Fault:
    """Tell what an error means."""
    if not isinstance(error, DBAPIError) or error.orig is None or error.connection_invalidated:
        return Fault.SILENT
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _sqlite(driver)
    number = driver.args[0] if driver.args else None
    if isinstance(number, int):
        return MYSQL.get(number, Fault.SILENT)
    state = getattr(driver, "sqlstate", None)
    if isinstance(state, str):
        return POSTGRESQL.get(state, Fault.CONTENT if state.startswith(POSTGRESQL_CONTENT) else Fault.SILENT)
    # psycopg refuses some values by itself, a NUL character for instance, and then there is no SQLSTATE
    return Fault.CONTENT if type(driver).__name__ == "DataError" else Fault.SILENT


def _sqlite(driver: sqlite3.Error) -> Fault:
    code, text = getattr(driver, "sqlite_errorcode", None), str(driver)
    if code in SQLITE_TAKEN:
        return Fault.TAKEN
    if text.startswith("no such table"):
        return Fault.NO_TABLE
    if any(words in text for words in SQLITE_NO_COLUMN):
        return Fault.NO_COLUMN
    if isinstance(driver, (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError)):
        return Fault.CONTENT
    return Fault.SILENT


def reason_of(error: SQLAlchemyError) -> str:
    """Return the first line of what the driver said; the statement and its values stay out."""
    if isinstance(error, PoolTimeout):
        return "all connections are in use"
    told = error.orig.args if isinstance(error, DBAPIError) and error.orig else error.args
    text = str(*told[-1:])  # PyMySQL puts a number before the text
    return text.strip().partition("\n")[0]
