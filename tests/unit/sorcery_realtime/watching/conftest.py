"""A database of each engine with Asterisk's tables, and somebody else who writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool

from sorcery_database import address, new_engine
from sorcery_migrations import upgrade
from tests.unit.sorcery_realtime.watching.others import Others

ENGINES = ("sqlite", "postgresql", "mariadb")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/pbx.db"


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    """The address of a database that has Asterisk's tables, of each engine in turn."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    upgrade(address)
    return address


@pytest.fixture
def others(url: str) -> Iterator[Others]:
    engine = new_engine(address(url), poolclass=NullPool)
    yield Others(engine)
    engine.dispose()
