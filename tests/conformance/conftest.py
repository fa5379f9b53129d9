"""Databases for the conformance suite."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sorcery.testing.conformance import TYPES
from sorcery_migrations import upgrade


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite database with Asterisk's tables and the suite's own."""
    path = tmp_path_factory.mktemp("realtime") / "template.db"
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection, connection:
        for cls in TYPES:
            columns = "".join(f', "{option.name}" TEXT' for option in cls.__sorcery__.fields())
            connection.execute(f'CREATE TABLE {cls.__sorcery__.family} (id TEXT PRIMARY KEY{columns}, "@note" TEXT)')
    return path


@pytest.fixture
def database(template: Path, tmp_path: Path) -> Path:
    """Return an empty SQLite database with those tables."""
    return Path(shutil.copy(template, tmp_path / "pbx.db"))
