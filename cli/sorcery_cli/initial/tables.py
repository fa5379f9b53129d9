"""The tables that the objects lie in: what they lack, and making that."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import attrs

import sorcery_migrations
from sorcery_database import database_name, file_of, lacks_file
from sorcery_migrations import kamailio

if TYPE_CHECKING:
    from sqlalchemy import URL

__all__ = ["Tables", "create", "tables_of"]

_MODE = 0o640
"""Of a new SQLite file: it holds passwords."""


@attrs.frozen
class Tables:
    """The tables of one database, and what there is to do about them."""

    address: URL = attrs.field(repr=False)
    name: str
    """The database, without what may be secret."""
    statements: tuple[str, ...]
    """What has to be executed."""
    is_known: bool
    """Whether the database says that it is at the newest revision."""
    destinations: Sequence[str] | None = None
    """The SIP addresses that a Kamailio in front hands calls to; None without one."""

    @property
    def are_complete(self) -> bool:
        """Whether nothing is to be done."""
        return self.is_known and not self.statements


def tables_of(address: URL, destinations: Sequence[str] | None = None) -> Tables:
    """Look at the tables of a database; raises `Unavailable`, and `ConfigurationError` for what is no such database."""
    is_known = not lacks_file(address) and sorcery_migrations.current(address) == sorcery_migrations.head()
    statements = sorcery_migrations.lacking(address)
    if destinations is not None:
        statements += kamailio.lacking(address, destinations, is_upgraded=not statements)
    return Tables(address, database_name(address), tuple(statements), is_known, destinations)


def create(tables: Tables) -> None:
    """Make what is missing; safe to repeat. All or nothing, except on MariaDB, where the next run completes it.

    What Kamailio needs comes behind Asterisk's tables, and again all or nothing. Raises what `tables_of` does, and
    `OSError` where an SQLite file cannot be made.
    """
    with _new_file(tables.address):
        sorcery_migrations.adopt(tables.address)
    if tables.destinations is not None:
        kamailio.create(tables.address, tables.destinations)


@contextmanager
def _new_file(address: URL) -> Iterator[None]:
    """Let a new SQLite file be closed to others from its first byte; it goes again if nothing comes of it."""
    file = file_of(address) if lacks_file(address) else None
    if file is not None:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
    try:
        yield
    except BaseException:
        if file is not None and file.exists() and file.stat().st_size == 0:
            file.unlink()
        raise
