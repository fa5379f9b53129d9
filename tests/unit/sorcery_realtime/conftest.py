"""Databases with Asterisk's tables, one per test, and the test's own way into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from sorcery import Sorcery
from sorcery_database import address
from sorcery_migrations import upgrade

ENGINES = ("sqlite", "postgresql", "mariadb")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/pbx.db"


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database with Asterisk's tables, of each engine in turn."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    upgrade(found)
    return found


@pytest.fixture
def pbx(sqlite_url: str) -> str:
    """The address of an SQLite database with Asterisk's tables."""
    upgrade(sqlite_url)
    return sqlite_url


Sql = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def sql() -> Iterator[Callable[[str], Sql]]:
    """Return, for an address, the function that executes a statement as somebody else would."""
    engines: list[Engine] = []

    def into(url: str) -> Sql:
        engine = create_engine(address(url), poolclass=NullPool, isolation_level="AUTOCOMMIT")
        engines.append(engine)

        def execute(statement: str) -> list[dict[str, Any]]:
            with engine.connect() as connection:
                result = connection.exec_driver_sql(statement.replace("%", "%%") if ":///" not in url else statement)
                return [dict(row) for row in result.mappings()] if result.returns_rows else []

        return execute

    yield into
    for engine in engines:
        engine.dispose()


@pytest.fixture
def opened() -> Iterator[Callable[..., Sorcery]]:
    """Return what opens a system that is closed after the test."""
    systems: list[Sorcery] = []

    def open_(target: object, **options: Any) -> Sorcery:
        systems.append(Sorcery.open(str(target), **options))
        return systems[-1]

    yield open_
    for system in systems:
        system.close()
