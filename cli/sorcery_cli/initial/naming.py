"""What a directory calls the database already: an Asterisk that runs on it goes on as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sorcery.environment import read_environment
from sorcery_cli.initial.provisioned import PROVISIONED

__all__ = ["DATABASE", "DRIVERS", "naming"]

DATABASE: Final = "pbx"
"""The name of a database that has none yet."""
DRIVERS: Final = {"sqlite": "sqlite3", "postgresql": "pgsql", "mysql": "odbc", "mariadb": "odbc"}
"""Asterisk's driver for each kind of database."""


def naming(kind: str, directory: Path) -> tuple[str, str]:
    """Return driver and name that extconfig.conf gives the families of phones and trunks; else those of a new system.

    Where it has several for them, or a driver that does not reach such a database, those of a new one: they differ
    from what it says then, which is told. Raises `ConfigurationError` for files around the objects that are refused.
    """
    new = DRIVERS[kind], DATABASE
    if not (directory / "extconfig.conf").exists():
        return new
    known = read_environment(directory).families
    lines = [line for each in PROVISIONED for line in known.get((each.family or "").lower(), ())]
    found = {(line.driver, line.database) for line in lines}
    if len(found) != 1:
        return new
    driver, name = found.pop()
    return (driver, name) if driver in ("odbc", DRIVERS[kind]) else new
