from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sorcery_database import Fault, fault_of, lacks_privilege, reason_of, told_of

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
        (psycopg.errors.ReadOnlySqlTransaction(), Fault.READ_ONLY),
        (psycopg.errors.LockNotAvailable(), Fault.LOCKED),
        (psycopg.errors.DiskFull(), Fault.FULL),
        (psycopg.errors.DeadlockDetected(), Fault.RIVAL),
        (psycopg.errors.SerializationFailure(), Fault.RIVAL),
        (psycopg.errors.AdminShutdown(), Fault.SILENT),
        (psycopg.errors.CannotConnectNow(), Fault.SILENT),
        (psycopg.errors.TooManyConnections(), Fault.CROWDED),
        (psycopg.errors.QueryCanceled(), Fault.FAILING),
        (psycopg.errors.OutOfMemory(), Fault.FAILING),
        (psycopg.OperationalError("no route"), Fault.SILENT),
        (psycopg.DataError("PostgreSQL text fields cannot contain NUL bytes"), Fault.CONTENT),
        (pymysql.ProgrammingError(1146, "no table"), Fault.NO_TABLE),
        (pymysql.OperationalError(1054, "no column"), Fault.NO_COLUMN),
        (pymysql.IntegrityError(1062, "twice"), Fault.TAKEN),
        (pymysql.DataError(1406, "too long"), Fault.CONTENT),
        (pymysql.OperationalError(2003, "cannot connect"), Fault.SILENT),
        (pymysql.OperationalError(1205, "lock wait"), Fault.LOCKED),
        (pymysql.OperationalError(1021, "disk full"), Fault.FULL),
        (pymysql.OperationalError(1040, "too many connections"), Fault.CROWDED),
        (pymysql.OperationalError(1053, "shutdown in progress"), Fault.SILENT),
        (pymysql.OperationalError(1114, "table full"), Fault.FULL),
        (pymysql.OperationalError(1213, "deadlock"), Fault.RIVAL),
        (pymysql.OperationalError(1290, "running with the --read-only option"), Fault.READ_ONLY),
        (pymysql.OperationalError(1290, "running with the --secure-file-priv option"), Fault.REFUSED),
        (pymysql.InternalError(1792, "in a READ ONLY transaction"), Fault.READ_ONLY),
        (pymysql.OperationalError(1317, "interrupted"), Fault.FAILING),
        (pymysql.OperationalError(1050, "table exists"), Fault.REFUSED),
        (pymysql.OperationalError(1142, "forbidden"), Fault.REFUSED),
    ],
)
def test_errors_of_servers(error: Exception, fault: Fault) -> None:
    assert fault_of(wrapped(error)) is fault


def test_a_lost_connection_is_silence_whatever_was_said() -> None:
    assert fault_of(wrapped(psycopg.errors.UniqueViolation(), lost=True)) is Fault.SILENT
    assert fault_of(SQLAlchemyError("confused")) is Fault.SILENT


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("connection failed: FATAL:  sorry, too many clients already"),
        psycopg.OperationalError("connection failed: FATAL:  remaining connection slots are reserved for …"),
        pymysql.OperationalError(1040, "Too many connections"),
    ],
)
def test_a_connection_that_is_refused_for_their_number_is_told_from_a_server_that_is_down(error: Exception) -> None:
    assert fault_of(wrapped(error, statement=None)) is Fault.CROWDED


def test_an_exhausted_pool_is_silence_and_no_outage_of_the_database() -> None:
    assert fault_of(PoolTimeout("QueuePool limit of size 1")) is Fault.EXHAUSTED
    assert Fault.EXHAUSTED.is_silence


def test_the_faults_of_what_was_sent_are_no_silence() -> None:
    of_content = {Fault.REFUSED, Fault.NO_TABLE, Fault.NO_COLUMN, Fault.TAKEN, Fault.CONTENT}
    assert {fault for fault in Fault if not fault.is_silence} == of_content


def test_a_busy_a_full_and_a_read_only_sqlite_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "pbx.db"
    one, other = (sqlite3.connect(file, isolation_level=None, timeout=0) for _ in range(2))
    one.execute("CREATE TABLE t (id TEXT)")
    one.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.Error) as busy:
        other.execute("INSERT INTO t VALUES ('a')")
    one.execute("COMMIT")
    other.execute("PRAGMA max_page_count = 1")
    with pytest.raises(sqlite3.Error) as full:
        other.execute("INSERT INTO t VALUES (hex(randomblob(100000)))")
    other.execute("PRAGMA query_only = 1")
    with pytest.raises(sqlite3.Error) as read_only:
        other.execute("INSERT INTO t VALUES ('a')")
    one.close()
    other.close()
    found = [fault_of(wrapped(each.value)) for each in (busy, full, read_only)]
    assert found == [Fault.LOCKED, Fault.FULL, Fault.READ_ONLY]


def test_what_is_told_of_an_outage_says_what_an_operator_makes_of_it() -> None:
    told = told_of(wrapped(psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction")))
    assert told == (
        "cannot execute INSERT in a read-only transaction; "
        "it is a replica, or was set read-only: changes need the primary"
    )
    assert told_of(wrapped(psycopg.OperationalError("no route"))) == "no route"


def test_what_is_told_of_an_sqlite_file_speaks_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "none.db").write_bytes(b"no database" * 100)
    with closing(sqlite3.connect(tmp_path / "none.db")) as connection, pytest.raises(sqlite3.Error) as damaged:
        connection.execute("SELECT * FROM sqlite_master")
    assert told_of(wrapped(damaged.value)) == "file is not a database; put a backup in its place"
    with closing(sqlite3.connect(tmp_path / "some.db")) as connection:
        connection.execute("PRAGMA query_only = 1")
        with pytest.raises(sqlite3.Error) as read_only:
            connection.execute("CREATE TABLE t (id TEXT)")
    assert told_of(wrapped(read_only.value)) == (
        "attempt to write a readonly database; let this user write the file and its folder; the disk may be read-only"
    )


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


@pytest.mark.parametrize(
    "error",
    [
        psycopg.errors.InsufficientPrivilege("permission denied for table ps_auths"),
        pymysql.err.OperationalError(1142, "SELECT command denied to user"),
        pymysql.err.OperationalError(1044, "Access denied for user"),
    ],
)
def test_who_may_not_do_something_is_told_who_can_help(error: Exception) -> None:
    assert lacks_privilege(wrapped(error))
    assert told_of(wrapped(error)).endswith(
        "; let the owner grant this user what it asks for, or name another user in the address"
    )


def test_another_refusal_is_no_lack_of_a_privilege() -> None:
    assert not lacks_privilege(wrapped(psycopg.errors.UndefinedTable("no such table")))
    assert not lacks_privilege(wrapped(pymysql.err.ProgrammingError(1146, "no such table")))
    assert not lacks_privilege(wrapped(sqlite_error("SELECT * FROM none")))
