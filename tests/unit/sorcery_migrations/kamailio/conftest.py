"""Databases that a Kamailio can share with Asterisk; what has its tables is copied, as making them takes longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import new_mariadb_database, new_postgresql_database
from tests.unit.sorcery_migrations.kamailio.shared import TABLES, Shared, opened

KINDS = ("postgresql", "mariadb")


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest) -> Iterator[Shared]:
    """Yield a database without a table, of either kind in turn."""
    with opened(request.getfixturevalue(f"{request.param}_url")) as shared:
        yield shared


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Shared:
    """Return one with Asterisk's tables, of either kind in turn."""
    shared: Shared = request.getfixturevalue(request.param)
    return shared


@pytest.fixture
def postgresql(postgresql_server: str, postgresql_tables: str) -> Iterator[Shared]:
    """Yield one with Asterisk's tables that is PostgreSQL's."""
    with new_postgresql_database(postgresql_server, postgresql_tables) as url, opened(url) as shared:
        yield shared


@pytest.fixture
def mariadb(mariadb_url: str, mariadb_tables: str) -> Iterator[Shared]:
    """Yield one with Asterisk's tables that is MariaDB's."""
    with opened(mariadb_url) as shared:
        shared.execute(*(f"CREATE TABLE {name} LIKE {mariadb_tables}.{name}" for name in TABLES))
        yield shared


@pytest.fixture(scope="session")
def postgresql_tables(postgresql_server: str) -> Iterator[str]:
    """Yield the name of a database that others are copied from."""
    with new_postgresql_database(postgresql_server) as url, opened(url) as shared:
        shared.make_tables()
        yield shared.name


@pytest.fixture(scope="session")
def mariadb_tables(mariadb_socket: Path) -> Iterator[str]:
    """Yield the name of a database whose tables are copied."""
    with new_mariadb_database(mariadb_socket) as url, opened(url) as shared:
        shared.make_tables()
        yield shared.name
