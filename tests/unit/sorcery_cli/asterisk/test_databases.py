"""Whether an Asterisk reaches its databases, by what its drivers say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pytest

from sorcery.environment import Family
from sorcery.steps import Broken
from sorcery_cli.asterisk.databases import databases
from sorcery_cli.asterisk.visit import Visit

POOL = """\

ODBC DSN Settings
-----------------

  Name:   pbx
  DSN:    pbx-dsn
    Number of active connections: {} (out of 1)
"""


class Told:
    """A visit to an Asterisk that says the same each time."""

    def __init__(self, driver: str, answers: Mapping[str, str]) -> None:
        self.line, self.answers, self.asked = Family("ps_aors", driver, "pbx", "ps_aors"), answers, list[str]()

    def families(self) -> list[tuple[str, Family]]:
        return [("ps_aors", self.line), ("ps_auths", self.line)]

    def command(self, text: str) -> list[str]:
        self.asked.append(text)
        return self.answers.get(text, "").split("\n")


def look(driver: str, **answers: str) -> str:
    return databases(cast("Visit", Told(driver, {name.replace("_", " "): text for name, text in answers.items()})))


def test_a_database_is_asked_before_its_connections_are_counted() -> None:
    told = Told("odbc", {"odbc show all": POOL.format(1)})
    assert databases(cast("Visit", told)) == "connected to [pbx]"
    assert told.asked == ["realtime load ps_aors id sorcery-doctor", "odbc show all"]


def test_no_connection_and_no_section_of_odbc_are_told() -> None:
    with pytest.raises(Broken, match=r"no connection to \[pbx\]"):
        look("odbc", odbc_show_all=POOL.format(0))
    with pytest.raises(Broken, match=r"has no \[pbx\] that is enabled"):
        look("odbc", odbc_show_all="")


def test_postgresql_says_whether_it_is_connected() -> None:
    said = "Connected to pbx@127.0.0.1, port 5432 with username ann for 5 seconds"
    assert look("pgsql", realtime_show_pgsql_status=said) == "connected to pbx@127.0.0.1, port 5432"
    with pytest.raises(Broken, match="no connection to PostgreSQL: Not connected"):
        look("pgsql", realtime_show_pgsql_status="Not connected")


def test_a_driver_that_does_not_tell_is_no_fault() -> None:
    assert look("sqlite3") == "pbx: the driver sqlite3 does not tell"
