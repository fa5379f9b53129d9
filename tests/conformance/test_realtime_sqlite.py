"""The wizard `realtime` on SQLite does what every wizard does."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.testing.conformance import NOT_UNICODE, TYPES, Outage, OutageConformance, WizardConformance
from sorcery_migrations import upgrade


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database with Asterisk's tables and the suite's own."""
    path = tmp_path_factory.mktemp("realtime") / "template.db"
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection, connection:
        for cls in TYPES:
            columns = "".join(f', "{option.name}" TEXT' for option in cls.__sorcery__.fields())
            connection.execute(f'CREATE TABLE {cls.__sorcery__.family} (id TEXT PRIMARY KEY{columns}, "@note" TEXT)')
    return path


class TestRealtimeOnSqlite(WizardConformance, OutageConformance):
    takes_repeated = False
    refused_texts = NOT_UNICODE | {" "}

    @pytest.fixture
    def sorcery(self, template: Path, tmp_path: Path) -> Iterator[Sorcery]:
        shutil.copy(template, tmp_path / "pbx.db")
        with Sorcery.open(f"sqlite:///{tmp_path}/pbx.db", types=TYPES) as sorcery:
            yield sorcery

    @pytest.fixture
    def outage(self, tmp_path: Path) -> Outage:
        file = tmp_path / "pbx.db"

        @contextmanager
        def outage() -> Iterator[None]:
            good = file.read_bytes()
            file.write_bytes(b"no database any more" * 1000)
            yield
            file.write_bytes(good)

        return outage
