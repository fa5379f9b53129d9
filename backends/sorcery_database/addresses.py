"""Addresses of databases: which driver or file they select, and how they are named without a password."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sorcery.errors import ConfigurationError

__all__ = ["address", "argument", "database_name", "file_of", "identity_of", "lacks_file", "masked"]

DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""The driver that an address without one selects."""

FORMS: Final = "write sqlite:///path, postgresql://user@host/database or mysql://user@host/database"
PORTS: Final = range(1, 65536)
HARMLESS: Final = ("host", "port", "unix_socket")
"""The parameters of an address that hold no secret."""


def address(url: str | URL) -> URL:
    """Parse the address of a database and select its driver.

    Raises:
        ConfigurationError: the text is no address, or of a kind of database that is not supported.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # what either says may quote a piece of the password
        raise ConfigurationError("a database address cannot be read", remedy=FORMS) from None
    if any("\udc80" <= each <= "\udcff" for each in str(url)):  # a byte of a file that is no UTF-8
        raise ConfigurationError(
            "a database address is not in UTF-8", remedy="save the file that it stands in as UTF-8"
        )
    if "@" in (parsed.host or ""):  # what stands before it is a piece of the password
        raise ConfigurationError("a database address has more than one @", remedy="write %40 for @ in a password")
    if parsed.port is not None and parsed.port not in PORTS:
        raise ConfigurationError(f"a database address has the port {parsed.port}", remedy="write one from 1 to 65535")
    kind = parsed.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise ConfigurationError(f"databases of the kind {kind!r} are not supported", remedy=FORMS)
    if kind == "sqlite" and (parsed.host or parsed.port or parsed.username or parsed.password):
        raise ConfigurationError(
            "the address of an SQLite database names no host", remedy="write three slashes: sqlite:///pbx.db"
        )
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def database_name(url: URL) -> str:
    """Name a database by kind and file or host; nothing else of its address, which may hold passwords."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return f"sqlite database {url.database or ':memory:'}"
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{kind} database {url.database!r} at {host}{port}"


def file_of(url: URL) -> Path | None:
    """Return the file of an SQLite database; None for one in memory, one named by a URI of SQLite's, and any other."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:") or "uri" in url.query:
        return None
    return Path(url.database or "")


def lacks_file(url: URL) -> bool:
    """Tell whether an SQLite database has no file yet; not of one that cannot be looked at, SQLite says why."""
    file = file_of(url)
    try:
        if file is not None:
            file.stat()
    except OSError as error:
        return isinstance(error, (FileNotFoundError, NotADirectoryError))
    return False


def identity_of(url: URL) -> tuple[int, int] | None:
    """Return what tells the file of an SQLite database from another one in its place; None where there is none."""
    file = file_of(url)
    try:
        found = None if file is None else file.stat()
    except OSError:
        return None
    return found and (found.st_dev, found.st_ino)


def masked(url: URL) -> str:
    """Return the address without secrets, as one would type it."""
    shown = {key: value for key, value in url.query.items() if key in HARMLESS}
    plain = url.set(drivername=url.get_backend_name(), query=shown)
    return plain.render_as_string(hide_password=True)


def argument(url: URL) -> str:
    """Return the address without secrets, as a shell takes it for one word."""
    return shlex.quote(masked(url))
