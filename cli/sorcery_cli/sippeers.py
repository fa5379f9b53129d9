"""The rows of a `sippeers` table, as `sorcery import` reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sorcery import ConfigurationError, Unavailable
from sorcery.environment import read_environment
from sorcery_cli.exits import Misuse

__all__ = ["family_of", "read_rows"]

FAMILY = "sippeers"


def family_of(directory: Path) -> tuple[str, str]:
    """Return the database address and the table that `extconfig.conf` of a directory names for `sippeers`.

    Raises `Misuse` where it names none, or a database without an address.
    """
    environment = read_environment(directory)
    families = environment.families.get(FAMILY, ())
    if not families:
        raise Misuse(
            f"{directory / 'extconfig.conf'}: there is no line {FAMILY} => …; name the database with --sippeers"
        )
    family = families[0]
    url = environment.databases.get(family.database)
    if url is None:
        raise Misuse(f"{family.place}: no address of {family.database!r} is known; write it into databases.conf")
    return url, family.table


def read_rows(url: str, table: str) -> list[dict[str, Any]]:
    """Return all rows of a table, by name; blocks on the database.

    Raises `Unavailable`, and `ConfigurationError` for an address, a table or a right that is not there.
    """
    from sqlalchemy import select, text
    from sqlalchemy import table as named
    from sqlalchemy.exc import SQLAlchemyError

    from sorcery_database import Fault, address, database_name, fault_of, lacks_file, new_engine, reason_of

    parsed = address(url)
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
        remedy = "name the table of peers with --table" if fault is Fault.NO_TABLE else ""
        raise ConfigurationError(f"{store}, table {table}: {reason_of(error)}", remedy=remedy) from error
    finally:
        engine.dispose()
