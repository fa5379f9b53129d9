"""Somebody else who writes to a database, and waiting for what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine

PATIENCE = 60.0
"""Seconds that a busy machine may need."""


class Others:
    """Writes to a database without us."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def execute(self, *statements: str) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)
