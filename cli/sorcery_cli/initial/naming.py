"""What a directory calls the database already: an Asterisk that runs on it goes on as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sorcery.conf import read_conf
from sorcery_cli.initial.provisioned import PROVISIONED

__all__ = ["DATABASE", "DRIVERS", "naming"]

DATABASE: Final = "pbx"
"""The name of a database that has none yet."""
DRIVERS: Final = {"sqlite": "sqlite3", "postgresql": "pgsql", "mysql": "odbc", "mariadb": "odbc"}
"""Asterisk's driver for each kind of database."""


def naming(kind: str, directory: Path) -> tuple[str, str]:
    """Return driver and name that extconfig.conf gives the families of phones and trunks; else those of a new system.

    Where it has several for them, or a driver that does not reach such a database, those of a new one: they differ
    from what it says then, which is told.
    """
    new, path = (DRIVERS[kind], DATABASE), directory / "extconfig.conf"
    if not path.exists():
        return new
    settings = read_conf(path, directory=directory).category("settings")
    families = {each.family for each in PROVISIONED}
    lines = [each.value.split(",") for each in (settings.variables if settings else ()) if each.key in families]
    found = {(driver.lower(), name) for driver, name, *_ in (line for line in lines if len(line) > 1)}
    if len(found) != 1:
        return new
    driver, name = found.pop()
    return (driver, name) if driver in ("odbc", DRIVERS[kind]) else new
