"""Looking at the chain of one type in a database, or in a directory that maps it there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from sorcery.doctor.chains import Chain
from sorcery.doctor.examination import examine

Look = Callable[[str, str], Chain]


def _chain(target: object, name: str = "contact") -> Chain:
    return examine(str(target), names=(name,)).chains[0]


@pytest.fixture
def look() -> Callable[..., Chain]:
    """Return a function that gives the chain of a type of a target."""
    return partial(_chain)
