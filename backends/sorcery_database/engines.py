"""Engines: what connects to the database of an address."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.exc import NoSuchModuleError

from sorcery.errors import ConfigurationError
from sorcery_database.addresses import file_of

__all__ = ["new_engine"]

EXTRAS: Final = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
"""The extra of this distribution that installs the driver of a kind of database."""


def new_engine(url: URL, **options: Any) -> Engine:
    """Return an engine for an address, with SQLAlchemy's `options`; it connects when it is first asked.

    Raises:
        ConfigurationError: the driver is not installed, or an SQLite database has no file to last in.
    """
    kind = url.get_backend_name()
    if kind == "sqlite" and file_of(url) is None and "uri" not in url.query:
        raise ConfigurationError("an SQLite database needs a file", remedy="write sqlite:///path")
    try:
        return create_engine(_in_utf8(url), **options)
    except (ImportError, NoSuchModuleError) as error:
        raise ConfigurationError(
            f"the driver of {url.drivername} is not installed",
            remedy=f"install pysorcery[{EXTRAS.get(kind, 'realtime')}]",
        ) from error


def _in_utf8(url: URL) -> URL:
    """Return an address whose texts come as UTF-8, whatever a PostgreSQL keeps them in; else SQL_ASCII sends bytes."""
    if not url.drivername.startswith("postgresql+psycopg") or "client_encoding" in url.query:
        return url
    return url.update_query_dict({"client_encoding": "utf8"})
