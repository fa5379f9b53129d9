"""Connections that short questions hand to one another: the way through the pool takes as long as asking SQLite."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

import attrs
from sqlalchemy import PoolProxiedConnection

__all__ = ["Kept", "Lent"]

KEPT: Final = 4
"""Connections that wait for the next question outside the pool, at most."""


@attrs.frozen(slots=True, eq=False)
class Lent:
    """A connection that is lent for one question."""

    connection: PoolProxiedConnection
    era: int


class Kept:
    """The connections of one pool that wait outside it. Safe to use from many threads; blocks as the pool does.

    They take places of the pool, so they are kept only where `has_room`; `make_room` gives one back.
    """

    def __init__(self, connect: Callable[[], PoolProxiedConnection]) -> None:
        """Take what gets a connection from the pool."""
        self._connect = connect
        self._idle: list[Lent] = []
        self._era = 0

    def __len__(self) -> int:
        return len(self._idle)

    def lend(self) -> Lent:
        """Return a connection for one question, which `take` takes back; raises what the pool raises."""
        with contextlib.suppress(IndexError):
            while self._idle:
                lent = self._idle.pop()
                if lent.era == self._era:
                    return lent
                lent.connection.close()
        era = self._era
        return Lent(self._connect(), era)

    def take(self, lent: Lent, *, has_room: bool) -> None:
        """Keep a connection for the next question, or give it back to the pool."""
        if not (has_room and lent.era == self._era and lent.connection.is_valid and len(self._idle) < KEPT):
            lent.connection.close()
            return
        self._idle.append(lent)
        if lent.era != self._era:  # it came just behind `renew`, and may be the last one ever
            self._give_back()

    def make_room(self) -> None:
        """Give one connection back to the pool, for who needs it there."""
        with contextlib.suppress(IndexError):  # another thread was quicker
            self._idle.pop().connection.close()

    def renew(self) -> None:
        """Let no connection be lent again that was lent before now; they go back to the pool, which replaces them."""
        self._era += 1
        self._give_back()

    def _give_back(self) -> None:
        while self._idle:
            self.make_room()
