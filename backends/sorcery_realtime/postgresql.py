"""Connections to PostgreSQL that give up a server which stays silent.

The driver waits for an answer as long as the other machine's kernel acknowledges, and it does that for a server whose
process is stopped, or hangs on its disk. Of many who wait for such a server one look at it, made aside, tells all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import Any, Final

import psycopg
from psycopg.abc import RV, PQGen

from sorcery_realtime.failures import Unheard

__all__ = ["PatientConnection", "UnheardError"]

DOUBT: Final = 1.0
"""Seconds of silence after which it is asked whether the server is given up."""


class UnheardError(psycopg.OperationalError, Unheard):
    """A server that says nothing."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that closes, and raises `UnheardError`, when nothing comes for `patience` seconds.

    Sooner where `is_given_up`, which is asked after a second and then several times a second, says so.
    """

    patience: float
    is_given_up: Callable[[], bool]
    prepared: set[bytes]
    """The names of the statements that the server knows from this connection."""

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
                continue
            silence = time.monotonic() - heard
            if silence > self.patience or (silence > DOUBT and self.is_given_up()):
                self.close()
                raise UnheardError(f"it did not answer for {min(silence, self.patience):.3g} s")
