"""Databases that a Kamailio can share with Asterisk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import NullPool, create_engine

from sorcery_database import address
from tests.unit.sorcery_migrations.kamailio.shared import Shared


@pytest.fixture(params=["postgresql", "mariadb"])
def empty(request: pytest.FixtureRequest) -> Iterator[Shared]:
    """Yield a database without a table, of either kind in turn."""
    url = request.getfixturevalue(f"{request.param}_url")
    engine = create_engine(address(url), poolclass=NullPool)
    yield Shared(engine, url)
    engine.dispose()


@pytest.fixture
def database(empty: Shared) -> Shared:
    """Return one with Asterisk's tables."""
    empty.make_tables()
    return empty


@pytest.fixture
def mariadb(mariadb_url: str) -> Iterator[Shared]:
    """Yield one with Asterisk's tables that is MariaDB's."""
    engine = create_engine(address(mariadb_url), poolclass=NullPool)
    shared = Shared(engine, mariadb_url)
    shared.make_tables()
    yield shared
    engine.dispose()
