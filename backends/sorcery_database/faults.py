"""What a driver's error means: a database that could not answer, or one that refused what it was given."""

from __future__ import annotations

import enum
import sqlite3
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

__all__ = ["Fault", "fault_of", "reason_of"]


class Fault(enum.Enum):
    """What is wrong, as far as somebody acts on it."""

    SILENT = enum.auto()
    """No answer: not reached, lost on the way, locked, damaged, full."""
    REFUSED = enum.auto()
    """An answer, and it is no: a statement that this user may not send, or that makes no sense there."""
    NO_TABLE = enum.auto()
    NO_COLUMN = enum.auto()
    TAKEN = enum.auto()
    """A unique key holds the value already."""
    CONTENT = enum.auto()
    """A value that the table does not take."""


SQLITE_TAKEN: Final = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
SQLITE_NO_COLUMN: Final = ("has no column named", "no such column")
POSTGRESQL: Final = {
    "42P01": Fault.NO_TABLE,
    "42703": Fault.NO_COLUMN,
    "23505": Fault.TAKEN,
    "42804": Fault.CONTENT,  # a value of another kind than the column's
}
"""By SQLSTATE, where the class of the error does not tell."""
MYSQL: Final = (
    {1146: Fault.NO_TABLE, 1054: Fault.NO_COLUMN, 1062: Fault.TAKEN}
    | dict.fromkeys((1048, 1264, 1265, 1292, 1364, 1366, 1406, 1452, 3819, 4025), Fault.CONTENT)
    | dict.fromkeys((1021, 1040, 1053, 1114, 1205, 1213), Fault.SILENT)
)
"""By number: the classes of PyMySQL do not tell, most refusals are operational to it."""
MYSQL_CLIENT: Final = range(2000, 3000)
"""What the client says: the server was not reached, or is gone."""


def fault_of(error: SQLAlchemyError) -> Fault:
    """Tell what an error means."""
    if not isinstance(error, DBAPIError) or error.statement is None or error.connection_invalidated:
        return Fault.SILENT
    driver = error.orig
    if isinstance(driver, sqlite3.Error):
        return _sqlite(driver)
    number = driver.args[0] if driver is not None and driver.args else None
    if isinstance(number, int):
        return MYSQL.get(number, Fault.SILENT if number in MYSQL_CLIENT else Fault.REFUSED)
    known = POSTGRESQL.get(getattr(driver, "sqlstate", None) or "")
    if known is not None:
        return known
    if isinstance(error, (DataError, IntegrityError)):
        return Fault.CONTENT
    return Fault.SILENT if isinstance(error, OperationalError) else Fault.REFUSED


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
    # its code for "a wrong statement"; the others tell of locks, disks and damage
    return Fault.REFUSED if code == sqlite3.SQLITE_ERROR else Fault.SILENT


def reason_of(error: SQLAlchemyError) -> str:
    """Return the first line of what the driver said; the statement and its values stay out."""
    if isinstance(error, PoolTimeout):
        return "all connections are in use"
    told = error.orig.args if isinstance(error, DBAPIError) and error.orig else error.args
    text = str(*told[-1:])  # PyMySQL puts a number before the text
    return text.strip().partition("\n")[0]
