"""A database with Asterisk's tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from sorcery_migrations import upgrade


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Return the address of an empty database."""
    url = f"sqlite:///{tmp_path / 'pbx.db'}"
    upgrade(url)
    return url


@pytest.fixture
def sql() -> Callable[[str, str], None]:
    """Return what carries out one statement in a database."""

    def run(url: str, statement: str) -> None:
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            connection.execute(statement)

    return run
