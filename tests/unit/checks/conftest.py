"""The tables of Asterisk in an SQLite file, for cases whose objects lie in a database."""

from pathlib import Path

import pytest

from sorcery_migrations import upgrade


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an SQLite file with Asterisk's tables, all empty."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    upgrade(f"sqlite:///{path}")
    return path
