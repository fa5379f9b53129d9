"""An empty database of each engine, and the facts that were reflected from Asterisk's own migrations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from sorcery_database import address

ENGINES = ("sqlite", "postgresql", "mariadb")


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    path = Path(__file__).parents[2] / "data" / "realtime-schema.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/pbx.db"


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest) -> str:
    """The address of an empty database, of each engine in turn."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address


@pytest.fixture
def database(url: str) -> Iterator[Engine]:
    """The test's own way into the database that `url` names."""
    engine = create_engine(address(url), poolclass=NullPool)
    yield engine
    engine.dispose()
