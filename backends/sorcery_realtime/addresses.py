"""Addresses of databases: which driver they select, and how they are named without a password."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from sorcery.errors import ConfigurationError

__all__ = ["address", "database_name", "masked", "target"]

DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
}
"""What an address without a driver selects."""

FORMS: Final = "write sqlite:///path, postgresql://user@host/database or mysql://user@host/database"
HARMLESS: Final = ("host", "port", "unix_socket")


def address(url: str) -> URL:
    """Parse an address and select its driver; raises `ConfigurationError`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # what either says may quote a piece of the password
        raise ConfigurationError("a database address cannot be read", remedy=FORMS) from None
    if "@" in (parsed.host or ""):  # what stands before it is a piece of the password
        raise ConfigurationError("a database address has more than one @", remedy="write %40 for @ in a password")
    kind = parsed.drivername.partition("+")[0]
    if kind not in DRIVERS:
        raise ConfigurationError(f"databases of the kind {kind!r} are not supported", remedy=FORMS)
    if kind == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ConfigurationError("an SQLite database needs a file", remedy="write sqlite:///path, or memory:")
    return parsed.set(drivername=DRIVERS.get(parsed.drivername, parsed.drivername))


def target(url: URL) -> URL:
    """Return what to connect to: an SQLite file is opened only if it is there, never made."""
    if url.get_backend_name() != "sqlite" or "uri" in url.query:
        return url
    return url.set(database=f"file:{quote(url.database or '')}", query={**url.query, "mode": "rw", "uri": "true"})


def database_name(url: URL) -> str:
    """Name a database by kind and file or host."""
    kind = url.get_backend_name()
    if kind == "sqlite":
        return f"sqlite database {url.database}"
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{kind} database {url.database!r} at {host}{port}"


def masked(url: URL) -> str:
    """Return the address without secrets, as one would type it."""
    shown = {key: value for key, value in url.query.items() if key in HARMLESS}
    plain = url.set(drivername=url.get_backend_name(), query=shown)
    return plain.render_as_string(hide_password=True)
