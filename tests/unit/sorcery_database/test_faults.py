from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sorcery_database import Fault, fault_of, reason_of

pymysql: Any = pytest.importorskip("pymysql", reason="PyMySQL is not installed: pip install pysorcery[mysql]")


def wrapped(driver: Exception, *, statement: str | None = "SELECT 1", lost: bool = False) -> DBAPIError:
    """Return what SQLAlchemy makes of a driver's error."""
    made = DBAPIError.instance(statement, {"password": "hush"}, driver, type(driver), connection_invalidated=lost)
    assert isinstance(made, DBAPIError)
    return made


def sqlite_error(statement: str) -> sqlite3.Error:
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        database.execute("CREATE TABLE t (id TEXT UNIQUE, n TEXT NOT NULL)")
        database.execute("INSERT INTO t VALUES ('a', 'x')")
        with pytest.raises(sqlite3.Error) as error:
            database.execute(statement)
        return error.value
    finally:
        database.close()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("SELECT * FROM none", Fault.NO_TABLE),
        ("INSERT INTO t (m) VALUES (1)", Fault.NO_COLUMN),
        ("SELECT * FROM t WHERE m = 1", Fault.NO_COLUMN),
        ("INSERT INTO t VALUES ('a', 'y')", Fault.TAKEN),
        ("INSERT INTO t (id) VALUES ('b')", Fault.CONTENT),
        ("ATTACH '/none/none.db' AS x", Fault.SILENT),
        ("CREATE TABLE t (id TEXT)", Fault.REFUSED),
    ],
)
def test_errors_of_sqlite(statement: str, fault: Fault) -> None:
    assert fault_of(wrapped(sqlite_error(statement))) is fault


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (psycopg.errors.UndefinedTable(), Fault.NO_TABLE),
        (psycopg.errors.UndefinedColumn(), Fault.NO_COLUMN),
        (psycopg.errors.UniqueViolation(), Fault.TAKEN),
        (psycopg.errors.NotNullViolation(), Fault.CONTENT),
        (psycopg.errors.StringDataRightTruncation(), Fault.CONTENT),
        (psycopg.errors.DatatypeMismatch(), Fault.CONTENT),
        (psycopg.errors.DuplicateTable(), Fault.REFUSED),
        (psycopg.errors.InsufficientPrivilege(), Fault.REFUSED),
        (psycopg.errors.ReadOnlySqlTransaction(), Fault.REFUSED),
        (psycopg.errors.LockNotAvailable(), Fault.SILENT),
        (psycopg.errors.DiskFull(), Fault.SILENT),
        (psycopg.errors.DeadlockDetected(), Fault.SILENT),
        (psycopg.OperationalError("no route"), Fault.SILENT),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL bytes"), Fault.CONTENT),
        (pymysql.ProgrammingError(1146, "no table"), Fault.NO_TABLE),
        (pymysql.OperationalError(1054, "no column"), Fault.NO_COLUMN),
        (pymysql.IntegrityError(1062, "twice"), Fault.TAKEN),
        (pymysql.DataError(1406, "too long"), Fault.CONTENT),
        (pymysql.OperationalError(2003, "cannot connect"), Fault.SILENT),
        (pymysql.OperationalError(1205, "lock wait"), Fault.SILENT),
        (pymysql.OperationalError(1021, "disk full"), Fault.SILENT),
        (pymysql.OperationalError(1040, "too many connections"), Fault.SILENT),
        (pymysql.OperationalError(1053, "shutdown in progress"), Fault.SILENT),
        (pymysql.OperationalError(1114, "table full"), Fault.SILENT),
        (pymysql.OperationalError(1213, "deadlock"), Fault.SILENT),
        (pymysql.OperationalError(1050, "table exists"), Fault.REFUSED),
        (pymysql.OperationalError(1142, "forbidden"), Fault.REFUSED),
    ],
)
def test_errors_of_servers(error: Exception, fault: Fault) -> None:
    assert fault_of(wrapped(error)) is fault


def test_a_lost_connection_is_silence_whatever_was_said() -> None:
    assert fault_of(wrapped(psycopg.errors.UniqueViolation(), lost=True)) is Fault.SILENT
    assert fault_of(SQLAlchemyError("confused")) is Fault.SILENT


def test_a_refusal_before_any_statement_is_silence() -> None:
    assert fault_of(wrapped(pymysql.OperationalError(1045, "access denied"), statement=None)) is Fault.SILENT


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (wrapped(psycopg.OperationalError("refused\nDETAIL: row (hush)")), "refused"),
        (wrapped(pymysql.OperationalError(2003, "cannot connect")), "cannot connect"),
        (PoolTimeout("QueuePool limit of size 1"), "all connections are in use"),
        (SQLAlchemyError("confused"), "confused"),
    ],
)
def test_a_reason_is_one_line_of_the_driver(error: SQLAlchemyError, reason: str) -> None:
    assert reason_of(error) == reason
