"""A database of each engine that tells of the changes of a small table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.unit.sorcery_database.outbox.readers import Reader, database

ENGINES = ("sqlite", "postgresql", "mariadb")
SERVERS = ("postgresql", "mariadb")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/pbx.db"


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database of each engine in turn."""
    yield from database(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database of each engine in turn that has several writers at once."""
    yield from database(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=("sqlite", "mariadb"))
def numbered(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The database of each engine in turn whose entries are told apart by their numbers alone."""
    yield from database(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def reader(engine: Engine) -> Iterator[Reader]:
    found = Reader(engine)
    yield found
    found.outbox.close()
