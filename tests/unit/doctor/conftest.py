"""A user without rights, for tests of files that may not be used."""

from __future__ import annotations

import grp  # noqa: F401 - here, because a user without rights may not be able to import it
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

NOBODY = 65534


@pytest.fixture
def poor() -> Callable[[], AbstractContextManager[None]]:
    """Return a context in which this process has the rights of a user who owns nothing, if it runs as root."""

    @contextmanager
    def rights() -> Iterator[None]:
        was = os.geteuid()
        if was == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(was)

    return rights
