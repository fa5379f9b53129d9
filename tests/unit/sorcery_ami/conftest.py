"""A manager interface to talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.manager import Manager, running_manager


@pytest.fixture
def manager() -> Iterator[Manager]:
    """Yield one that answers everything with success."""
    with running_manager() as made:
        yield made
