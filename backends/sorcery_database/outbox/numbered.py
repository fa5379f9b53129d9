"""Reading the outbox of MariaDB, MySQL and SQLite, whose entries are told apart by their numbers alone.

In SQLite one writer follows the other, and so do their numbers. In MariaDB a number is handed out before the commit: a
missing one may become visible later. Such gaps are part of a position, and asked for until they are filled or nothing
can fill them any more.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
from sqlalchemy import Connection, Row, text

from sorcery_database.outbox.entries import CHANGES, NOW, STATE, Batch, Position, entry_of

__all__ = ["NumberedReading"]

GRACE: Final = 10_000_000
"""Microseconds that a number may be on its way from being handed out to standing in the table, be it uncommitted."""
SPAN: Final = 100_000
"""How many of the newest numbers are looked through for gaps by who begins to read."""

_STATE: Final = f"""
SELECT state.era, state.trimmed, known.at, {{now}}
FROM {STATE} AS state LEFT JOIN {CHANGES} AS known ON known.seq = :seq"""
_READ: Final = f"SELECT seq, name, id, op, origin, at FROM {CHANGES} WHERE seq > :seq {{gaps}} ORDER BY seq LIMIT :most"
_END: Final = f"""
SELECT state.era, newest.seq, newest.at, {{now}}
FROM {STATE} AS state LEFT JOIN {CHANGES} AS newest ON newest.seq = (SELECT max(seq) FROM {CHANGES})"""
_GAPS: Final = f"""
SELECT seq, following FROM (
    SELECT seq, LEAD(seq) OVER (ORDER BY seq) AS following FROM (
        SELECT seq FROM {CHANGES} WHERE seq > :floor AND seq <= :upto
        UNION SELECT greatest(trimmed, :floor) FROM {STATE}
    ) AS known
) AS pairs WHERE following > seq + @@auto_increment_increment"""


@attrs.frozen(slots=True)
class Gap:
    """Numbers that were not there, and since when that is known, in microseconds."""

    first: int
    last: int
    since: int


@attrs.frozen(slots=True)
class _Place:
    """What a position says: the last number that was read, when its entry was made, and what was missing before."""

    era: str
    seq: int
    at: int
    gaps: tuple[Gap, ...] = ()

    @classmethod
    def parse(cls, position: Position) -> _Place | None:
        """Return None for a text that is no position."""
        with contextlib.suppress(ValueError, TypeError):
            match position.text.split(" "):
                case ["nr", era, seq, at, *gaps]:
                    return cls(era, int(seq), int(at), tuple(Gap(*map(int, gap.split("-", 2))) for gap in gaps))
        return None

    def position(self) -> Position:
        gaps = "".join(f" {gap.first}-{gap.last}-{gap.since}" for gap in self.gaps)
        return Position(f"nr {self.era} {self.seq} {self.at}{gaps}")

    @property
    def unseen(self) -> int:
        """The first number whose entry may still come."""
        return min([self.seq + 1, *(gap.first for gap in self.gaps)])


class NumberedReading:
    """How an outbox is read by numbers; `mysql` tells whether they may become visible late."""

    def __init__(self, *, mysql: bool) -> None:
        self._mysql = mysql
        self._now = NOW["mysql" if mysql else "sqlite"]
        self._state = text(_STATE.format(now=self._now))

    def end(self, connection: Connection) -> Position:
        """Return where the newest entry ends, with the gaps before it."""
        era, seq, at, now = connection.execute(text(_END.format(now=self._now))).one()
        gaps = self._gaps(connection, seq, now) if self._mysql and seq else ()
        return _Place(era, seq or 0, at or 0, gaps).position()

    def _gaps(self, connection: Connection, upto: int, now: int) -> tuple[Gap, ...]:
        rows = connection.execute(text(_GAPS), {"floor": upto - SPAN, "upto": upto})
        return tuple(Gap(before + 1, following - 1, now) for before, following in rows)

    def read(self, connection: Connection, after: Position, most: int) -> Batch:
        """Return what has a higher number, and what has come into the gaps."""
        place = _Place.parse(after)
        state = None if place is None else connection.execute(self._state, {"seq": place.seq}).first()
        if place is None or state is None or not _is_continued(place, state):
            return Batch((), self.end(connection), is_complete=False)
        rows = connection.execute(
            text(_READ.format(gaps=_or_among(place.gaps))), {"seq": place.seq, "most": most}
        ).all()
        there = place
        if self._mysql and (rows or place.gaps):
            there = self._with_gaps(connection, place, [row[0] for row in rows], state[3])
        if rows and rows[-1][0] > place.seq:
            there = attrs.evolve(there, seq=rows[-1][0], at=rows[-1][5])
        return Batch(tuple(entry_of(row[1:]) for row in rows), there.position(), is_complete=True)

    def _with_gaps(self, connection: Connection, place: _Place, found: Sequence[int], now: int) -> _Place:
        """Return the place with what is missing now."""
        step = connection.exec_driver_sql("SELECT @@auto_increment_increment").scalar_one()
        old = [left for gap in place.gaps for left in _left(gap, found)]
        later = [place.seq, *(seq for seq in found if seq > place.seq)]
        new = [Gap(a + 1, b - 1, now) for a, b in itertools.pairwise(later) if b - a > step]
        return attrs.evolve(place, gaps=(*(gap for gap in old if self._may_be_filled(connection, gap, now)), *new))

    def _may_be_filled(self, connection: Connection, gap: Gap, now: int) -> bool:
        """Tell whether entries of a gap may still come: they are on their way, or stand there uncommitted."""
        if now - gap.since < GRACE:
            return True
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED")  # of the next statement
        held = text(f"SELECT 1 FROM {CHANGES} WHERE seq BETWEEN :first AND :last LIMIT 1")
        return connection.execute(held, {"first": gap.first, "last": gap.last}).first() is not None

    def trim(self, connection: Connection, before: Position, keep: float, most: int) -> int:
        """Delete them; the newest that was read stays: by it the position is known to be one of this outbox."""
        place = _Place.parse(before)
        if place is None:
            return 0
        connection.exec_driver_sql("BEGIN" if self._mysql else "BEGIN IMMEDIATE")
        try:
            gone = self._trimmed(connection, min(place.unseen, place.seq), keep, most)
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        connection.exec_driver_sql("COMMIT")
        return gone

    def _trimmed(self, connection: Connection, before: int, keep: float, most: int) -> int:
        """Delete in a transaction, one reader at a time.

        MariaDB is told how many there are: it would look at the entry behind the last, which somebody may be writing.
        """
        connection.execute(text(f"SELECT trimmed FROM {STATE}{' FOR UPDATE' if self._mysql else ''}"))
        limits = {"before": before, "keep": int(keep * 1e6), "most": most}
        first = f"SELECT seq, at FROM {CHANGES} WHERE seq < :before ORDER BY seq LIMIT :most"  # of millions, maybe
        old = text(f"SELECT seq FROM ({first}) AS first WHERE at < {self._now} - :keep ORDER BY seq")
        found = connection.execute(old, limits).scalars().all()
        if not found:
            return 0
        limits |= {"upto": found[-1], "count": len(found)}
        connection.execute(text(f"UPDATE {STATE} SET trimmed = :upto WHERE trimmed < :upto"), limits)
        exactly = "ORDER BY seq LIMIT :count" if self._mysql else ""
        connection.execute(
            text(f"DELETE FROM {CHANGES} WHERE seq <= :upto AND at < {self._now} - :keep {exactly}"), limits
        )
        return len(found)


def _is_continued(place: _Place, state: Row[Any]) -> bool:
    """Tell whether the outbox is the one of a position, and holds all that came after it."""
    return bool(state.era == place.era and state.trimmed < place.unseen and (not place.seq or state.at == place.at))


def _or_among(gaps: Sequence[Gap]) -> str:
    return "".join(f" OR seq BETWEEN {gap.first} AND {gap.last}" for gap in gaps)


def _left(gap: Gap, found: Sequence[int]) -> Iterator[Gap]:
    """Yield what is left of a gap without the numbers that were found."""
    first = gap.first
    for seq in found:
        if first <= seq <= gap.last:
            if seq > first:
                yield Gap(first, seq - 1, gap.since)
            first = seq + 1
    if first <= gap.last:
        yield Gap(first, gap.last, gap.since)
