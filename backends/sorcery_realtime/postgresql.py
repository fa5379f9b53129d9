"""Connections to PostgreSQL that give up a server which stays silent.

The driver waits for an answer as long as the other machine's kernel acknowledges, and it does that for a server whose
process is stopped, or hangs on its disk.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen

__all__ = ["PatientConnection"]


class PatientConnection(psycopg.Connection[Any]):
    """A connection that closes, and raises `OperationalError`, when nothing comes for `patience` seconds."""

    patience: float

    def wait(self, gen: PQGen[RV], *args: Any, **options: Any) -> RV:
        """Go on with one exchange until it is done; blocks as long as something comes."""
        return super().wait(self._while_heard(gen), *args, **options)

    def _while_heard(self, exchange: PQGen[RV]) -> Generator[Any, Any, RV]:
        """Pass on what the exchange waits for; the driver says several times a second whether it came."""
        heard, ready = time.monotonic(), None
        while True:
            try:
                wanted = exchange.send(ready)  # type: ignore[arg-type]  # None begins it
            except StopIteration as end:
                result: RV = end.value
                return result
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > self.patience:
                self.close()
                raise psycopg.OperationalError(f"it did not answer for {self.patience:g} s")
