"""From a server that listens to a database that does what it is asked."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeVar

import attrs
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from sorcery.doctor.files import user_name
from sorcery.steps import Broken, Limited, Step
from sorcery_database import argument
from sorcery_realtime.databases import Database
from sorcery_realtime.failures import Lost

__all__ = ["asked", "is_read_only", "login_name", "quoted", "steps"]

T = TypeVar("T")

PATIENCE: Final = 25.0
"""Seconds for a connection and a few questions; they have time limits of their own, which tell more."""
ENOUGH: Final = 16
"""Connections that one process may come to use."""

POSTGRESQL: Final = text(
    "SELECT current_setting('server_version'), pg_is_in_recovery() OR current_setting('transaction_read_only')::bool, "
    "current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int, "
    "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'), "
    "array_to_string(current_schemas(false), ', ')"
)
MYSQL: Final = text("SELECT VERSION(), @@global.read_only, @@max_connections, 0, DATABASE()")
MYSQL_USED: Final = text("SHOW GLOBAL STATUS LIKE 'Threads_connected'")


class _NoDatabase(Broken):
    """A login that the server accepted, to a database that it does not let this user into."""


@attrs.frozen
class _State:
    """What a server says of itself."""

    version: str
    read_only: bool
    most: int
    used: int
    schemas: str


def steps(url: URL) -> Iterator[Step]:
    """Yield the steps behind the server's port."""
    for name, look in (("login", _login), ("database", _database), ("server", _server)):
        yield Step(name, functools.partial(look, url), key=url, patience=PATIENCE)


def asked(url: URL, ask: Callable[[Connection], T]) -> T:
    """Return what `ask` makes of a connection; raises `Broken` for a connection that does not come about."""
    database = Database(url.render_as_string(hide_password=False))
    try:
        return database.read("", ask)
    except Lost as lost:
        raise refusal(url, lost) from lost
    finally:
        database.close()


def quoted(url: URL, name: str) -> str:
    """Write a name as that kind of database does."""
    return url.get_dialect()().identifier_preparer.quote(name)


def login_name(url: URL) -> str:
    """Return whom an address logs in as; who names nobody is himself."""
    said = url.query.get("user", url.username)
    return said if isinstance(said, str) and said else user_name()


def is_read_only(connection: Connection) -> bool:
    """Tell whether the server takes no changes."""
    return _state(connection).read_only


def _state(connection: Connection) -> _State:
    if connection.dialect.name == "postgresql":
        return _State(*connection.execute(POSTGRESQL).one())
    found = _State(*connection.execute(MYSQL).one())
    return attrs.evolve(found, used=int(connection.execute(MYSQL_USED).one()[1]))


def _login(url: URL) -> str:
    who = f"as {login_name(url)}"
    with contextlib.suppress(_NoDatabase):  # the next step tells of it
        asked(url, lambda connection: None)
    return who


def _database(url: URL) -> str:
    asked(url, lambda connection: None)
    return url.database or "the one of that user"


def _server(url: URL) -> str | Limited:
    found = asked(url, _state)
    left = found.most - found.used
    seen = f"version {found.version}, {left} of {found.most} connections left, schema {found.schemas}"
    if not found.schemas:
        raise Broken(
            "the search_path of this user names no schema that there is",
            f"run on the server: ALTER ROLE {quoted(url, login_name(url))} SET search_path = public",
        )
    if found.read_only:
        return Limited(
            f"{seen}; it takes no changes", "if this is a standby, name the primary server in databases.conf"
        )
    if left < ENOUGH:
        return Limited(f"{seen}: one process may use {ENOUGH}", "raise max_connections, or put a pooler in front of it")
    return seen


def refusal(url: URL, lost: Lost) -> Broken:
    """Return what keeps a connection from coming about, by what the server or its client says."""
    cause = lost.__cause__
    driver = cause.orig if isinstance(cause, DBAPIError) else None
    number = driver.args[0] if driver is not None and driver.args else None
    words = {
        "user": quoted(url, login_name(url)) if url.get_backend_name() == "postgresql" else login_name(url),
        "database": quoted(url, url.database or ""),
        "url": argument(url),
    }
    for kind, pattern, mending in REFUSALS:
        if number == pattern or (isinstance(pattern, str) and re.search(pattern, lost.reason)):
            made = _NoDatabase if kind == "database" else Broken
            return made(_short(lost.reason), mending.format(**words), silent=kind == "silent")
    return Broken(_short(lost.reason), "see the log of the server", silent=lost.fault.is_silence)


def _short(reason: str) -> str:
    """Return what a server said, without the way to it that stands before it."""
    return reason.rpartition("FATAL: ")[2].strip()


REFUSALS: Final[Sequence[tuple[str, str | int, str]]] = (
    (
        "login",
        "password authentication failed",
        "correct the password in the address, or on the server: ALTER ROLE {user} PASSWORD '…'",
    ),
    ("login", "no password supplied", "write the password into the address, or into ~/.pgpass"),
    ("login", 'role ".*" does not exist', "run on the server: CREATE ROLE {user} LOGIN PASSWORD '…'"),
    ("login", "is not permitted to log in", "run on the server: ALTER ROLE {user} LOGIN"),
    (
        "login",
        "[Pp]eer authentication failed|Ident authentication failed",
        "connect as a system user of that name, or name a host in the address so that the password counts",
    ),
    (
        "login",
        "no pg_hba.conf entry|rejects connection",
        "add a line for this host, user and database to pg_hba.conf, and run: SELECT pg_reload_conf()",
    ),
    (
        "login",
        r"invalid connection option|bad value for|invalid \w+ value",
        "correct what stands behind the ? of the address",
    ),
    ("login", "certificate|SSL|TLS", "see to the certificates: sslrootcert, sslcert and sslkey in the address"),
    (
        "database",
        'database ".*" does not exist',
        "run on the server: CREATE DATABASE {database} OWNER {user}; then: sorcery db upgrade {url}",
    ),
    ("database", "permission denied for database", "run on the server: GRANT CONNECT ON DATABASE {database} TO {user}"),
    (
        "silent",
        "too many clients|connection slots|too many connections",
        "end connections that nobody needs, or raise max_connections",
    ),
    (
        "silent",
        "starting up|shutting down|in recovery|not currently accepting",
        "wait until it is up; see its log if it does not come",
    ),
    (
        "silent",
        "No such file or directory|Connection refused|could not translate host name|failed to resolve host",
        "start the server (systemctl start postgresql), or name its host in the address: postgresql://user@host/database",
    ),
    (
        "silent",
        "timeout expired|did not answer",
        "see that the server hangs on nothing: its log, its disk, the network between",
    ),
    (
        "login",
        1045,
        "correct the password in the address, or on the server: ALTER USER '{user}'@'HOST' IDENTIFIED BY '…'",
    ),
    ("login", 1698, "let the user log in by password: ALTER USER '{user}'@'HOST' IDENTIFIED BY '…'"),
    ("login", 1130, "run on the server: CREATE USER '{user}'@'HOST' IDENTIFIED BY '…', with the name of this host"),
    (
        "database",
        1049,
        "run on the server: CREATE DATABASE {database} CHARACTER SET utf8mb4; then: sorcery db upgrade {url}",
    ),
    ("database", 1044, "run on the server: GRANT ALL ON {database}.* TO '{user}'@'HOST'"),
    ("silent", 1040, "end connections that nobody needs, or raise max_connections"),
    ("silent", 1203, "end connections of that user, or raise max_user_connections"),
)
"""What a refusal is about, the words or the number that tell it, and what to do."""
