"""Whether an Asterisk reaches its databases: it is let read a row that there is not, and asked what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from sorcery.plain import plain
from sorcery.steps import Broken
from sorcery_cli.asterisk.visit import Visit

__all__ = ["databases"]

RELOAD_ODBC = "asterisk -rx 'module reload res_odbc.so'"
NOBODY = "sorcery-doctor"
"""An id that no row has."""


def databases(visit: Visit) -> str:
    """Say which databases Asterisk is connected to, as far as their drivers tell; raises `Broken`."""
    told: dict[tuple[str, str], str] = {}
    for family, line in visit.families():
        if (line.driver, line.database) not in told:
            visit.command(f"realtime load {family} id {NOBODY}")
            told[line.driver, line.database] = _state(visit, line.driver, line.database)
    return ", ".join(told.values()) or "none in use"


def _state(visit: Visit, driver: str, database: str) -> str:
    match driver:
        case "odbc":
            return _odbc(visit, database)
        case "pgsql":
            return _pgsql(visit)
    return f"{database}: the driver {driver} does not tell"


def _odbc(visit: Visit, database: str) -> str:
    pools = _pools(visit.command("odbc show all"))
    if database not in pools:
        mending = f"write [{database}] with enabled => yes in res_odbc.conf, and run: {RELOAD_ODBC}"
        raise Broken(f"res_odbc.conf of Asterisk has no [{database}] that is enabled", mending, goes_on=True)
    if pools[database] == 0:
        mending = "see odbc.ini and the log of Asterisk; try: isql -v DSN USER PASSWORD"
        raise Broken(f"Asterisk has no connection to [{database}]", mending, goes_on=True)
    return f"connected to [{database}]"


def _pools(lines: Sequence[str]) -> dict[str, int]:
    """Return the connections of each database of ODBC."""
    pools: dict[str, int] = {}
    name = ""
    for line in lines:
        key, _, value = line.strip().partition(":")
        if key == "Name":
            name = value.strip()
        elif key == "Number of active connections" and name:
            pools[name] = int(value.split()[0])
    return pools


def _pgsql(visit: Visit) -> str:
    said = " ".join(line.strip() for line in visit.command("realtime show pgsql status")).strip()
    if not said.startswith("Connected to "):
        mending = (
            "see that dbhost, dbport, dbuser and dbpass of res_pgsql.conf are right and that the server runs, and "
        )
        reload = "run: asterisk -rx 'module reload res_config_pgsql.so'"
        raise Broken(f"Asterisk has no connection to PostgreSQL: {plain(said)}", mending + reload, goes_on=True)
    return plain(said.partition(" with username ")[0]).replace("Connected", "connected", 1)
