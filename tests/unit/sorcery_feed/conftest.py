"""A database and a neighbour that do what a test wants."""

from __future__ import annotations

import pytest

from tests.unit.sorcery_feed.fakes import FakeChanges, FakePositions, FakeTarget


@pytest.fixture
def changes() -> FakeChanges:
    return FakeChanges()


@pytest.fixture
def target() -> FakeTarget:
    return FakeTarget()


@pytest.fixture
def positions() -> FakePositions:
    return FakePositions()
