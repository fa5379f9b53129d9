"""The rows of tables `sippeers` and `sipusers`, as `sorcery import` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from sorcery import ConfigurationError, Unavailable
from sorcery.environment import Environment, read_environment
from sorcery_cli.exits import Misuse

__all__ = ["Table", "families_of", "read_rows"]

PEERS, USERS = "sippeers", "sipusers"


@attrs.frozen
class Table:
    """Where rows lie."""

    url: str = attrs.field(repr=False)
    name: str
    splits: bool = attrs.field()
    """Whether Asterisk's driver takes columns apart: sqlite3 alone takes them as they are."""

    @splits.default
    def _splits(self) -> bool:
        return not self.url.startswith("sqlite")


def families_of(directory: Path) -> tuple[Table | None, Table | None]:
    """Return the tables that `extconfig.conf` of a directory names for `sippeers`, and for `sipusers` if another.

    Raises `Misuse` where it names neither, or a database without an address.
    """
    environment = read_environment(directory)
    peers, users = (_table(environment, family) for family in (PEERS, USERS))
    if peers is None and users is None:
        raise Misuse(
            f"{directory / 'extconfig.conf'}: there is no line {PEERS} => …; name the database with --sippeers"
        )
    if peers and users and peers.splits != users.splits:
        raise Misuse(
            f"{directory / 'extconfig.conf'}: Asterisk reads the columns of {PEERS} and {USERS} in two ways; "
            "import each by itself, with an extconfig.conf that names it alone"
        )
    return peers, users if users != peers else None


def _table(environment: Environment, name: str) -> Table | None:
    families = environment.families.get(name, ())
    if not families:
        return None
    url = environment.databases.get(families[0].database)
    if url is None:
        raise Misuse(
            f"{families[0].place}: no address of {families[0].database!r} is known; write it into databases.conf"
        )
    return Table(url, families[0].table, splits=families[0].driver != "sqlite3")


def read_rows(source: Table) -> list[dict[str, Any]]:
    """Return all rows of a table, by name; blocks on the database.

    Raises `Unavailable`, and `ConfigurationError` for an address, a table or a right that is not there.
    """
    from sqlalchemy import select, text
    from sqlalchemy import table as named
    from sqlalchemy.exc import SQLAlchemyError

    from sorcery_database import Fault, address, database_name, fault_of, lacks_file, new_engine, reason_of

    parsed, table = address(source.url), source.name
    store = database_name(parsed)
    if lacks_file(parsed):
        raise Unavailable(store, "there is no such file")
    engine = new_engine(parsed)
    try:
        with engine.connect() as connection:
            rows = connection.execute(select(text("*")).select_from(named(table))).mappings()
            return sorted(map(dict, rows), key=lambda row: str(row.get("name") or ""))
    except SQLAlchemyError as error:
        fault = fault_of(error)
        if fault.is_silence:
            raise Unavailable(store, reason_of(error)) from error
        remedy = "name the table with --table, or --users-table" if fault is Fault.NO_TABLE else ""
        raise ConfigurationError(f"{store}, table {table}: {reason_of(error)}", remedy=remedy) from error
    finally:
        engine.dispose()
