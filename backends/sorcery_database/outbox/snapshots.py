"""Reading the outbox of PostgreSQL.

Entries do not become visible in the order of their numbers, which are handed out before the commit. So a position is a
snapshot: which transactions had ended when it was taken. New is what others wrote: each entry is read once, as soon as
it is visible, and a transaction that runs for hours holds up nobody.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

import attrs
from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from sorcery_database.outbox.entries import CHANGES, STATE, Batch, Position, entry_of

__all__ = ["Snapshot", "SnapshotReading"]

_ERA: Final = "state.era || '/' || floor(extract(epoch FROM pg_postmaster_start_time()))::bigint"
"""Which outbox this is, in which life of its server: after a restore or a failover the numbers mean something else."""

_READ: Final = text(f"""
SELECT {_ERA}, state.trimmed, txid_current_snapshot()::text, change.seq, change.tx,
    change.name, change.id, change.op, change.origin, change.at
FROM {STATE} AS state LEFT JOIN LATERAL (
    SELECT * FROM {CHANGES}
    WHERE (tx >= :beyond OR tx = ANY(:running)) AND tx < txid_snapshot_xmax(txid_current_snapshot())
        AND (:anything OR txid_visible_in_snapshot(tx, CAST(:upto AS txid_snapshot))) AND seq > :seq
    ORDER BY seq LIMIT :most
) AS change ON true
ORDER BY change.seq""").bindparams(bindparam("running", type_=ARRAY(BigInteger)))
_END: Final = text(f"SELECT {_ERA}, txid_current_snapshot()::text FROM {STATE} AS state")
# Looks at the first entries alone: there may be millions that are too young.
_TRIM: Final = text(f"""
WITH gone AS (
    DELETE FROM {CHANGES} WHERE (tx, seq) IN (
        SELECT tx, seq FROM {CHANGES} WHERE (tx, seq) IN (
            SELECT tx, seq
            FROM (SELECT tx, seq, at FROM {CHANGES} WHERE tx < :before ORDER BY tx, seq LIMIT :most) AS first
            WHERE at < (extract(epoch FROM clock_timestamp()) - :keep) * 1000000
        ) FOR UPDATE SKIP LOCKED
    ) RETURNING tx
), kept AS (
    UPDATE {STATE} SET trimmed = greatest(trimmed, (SELECT max(tx) FROM gone)) WHERE EXISTS (SELECT FROM gone)
)
SELECT count(*) FROM gone""")


@attrs.frozen(slots=True)
class Snapshot:
    """Which transactions had ended, in PostgreSQL's own text: `oldest running:first unborn:running,running`."""

    text: str

    @property
    def oldest(self) -> int:
        """The first transaction that had not ended."""
        return int(self.text.split(":")[0])

    @property
    def beyond(self) -> int:
        """The first that had not begun."""
        return int(self.text.split(":")[1])

    @property
    def running(self) -> list[int]:
        """Those between the two that had not ended."""
        return [int(number) for number in self.text.split(":")[2].split(",") if number]


@attrs.frozen(slots=True)
class _Place:
    """What a position of PostgreSQL says."""

    era: str
    seen: Snapshot
    """All that these transactions wrote was read."""
    upto: Snapshot | None = None
    """In the middle of a large batch: of what is visible in this one besides, …"""
    seq: int = 0
    """… the entries up to this one were read."""

    @classmethod
    def parse(cls, position: Position) -> _Place | None:
        """Return None for a text that is no position."""
        with contextlib.suppress(ValueError, IndexError):
            match position.text.split(" "):
                case ["pg", era, seen]:
                    return cls(era, _checked(seen))
                case ["pg", era, seen, upto, seq]:
                    return cls(era, _checked(seen), _checked(upto), int(seq))
        return None

    def position(self) -> Position:
        page = f" {self.upto.text} {self.seq}" if self.upto is not None else ""
        return Position(f"pg {self.era} {self.seen.text}{page}")


def _checked(text: str) -> Snapshot:
    found = Snapshot(text)
    _ = (found.oldest, found.beyond, found.running)
    return found


class SnapshotReading:
    """How the outbox of a PostgreSQL is read."""

    def end(self, connection: Connection) -> Position:
        """Return the snapshot of now."""
        era, snapshot = connection.execute(_END).one()
        return _Place(era, Snapshot(snapshot)).position()

    def read(self, connection: Connection, after: Position, most: int) -> Batch:
        """Return what transactions wrote that had not ended in the snapshot of the position, and have now."""
        place = _Place.parse(after)
        if place is None:
            return Batch((), self.end(connection), is_complete=False)
        rows = connection.execute(_READ, _parameters(place, most)).all()
        if not rows or not _is_continued(place, era=rows[0][0], trimmed=rows[0][1], now=Snapshot(rows[0][2])):
            return Batch((), self.end(connection), is_complete=False)
        found = [row for row in rows if row[3] is not None]
        upto = place.upto or Snapshot(rows[0][2])
        is_page = len(found) == most
        there = attrs.evolve(place, upto=upto, seq=found[-1][3]) if is_page else _Place(place.era, upto)
        return Batch(tuple(entry_of(row[5:]) for row in found), there.position(), is_complete=True)

    def trim(self, connection: Connection, before: Position, keep: float, most: int) -> int:
        """Delete what was written before the oldest transaction began that still ran at the position."""
        place = _Place.parse(before)
        if place is None:
            return 0
        parameters = {"before": place.seen.oldest, "keep": keep, "most": most}
        return int(connection.execute(_TRIM, parameters).scalar_one())


def _is_continued(place: _Place, *, era: str, trimmed: int, now: Snapshot) -> bool:
    """Tell whether the outbox is the one of a position, and holds all that came after it.

    A transaction that is not born yet is one of another server, from which the tables were restored.
    """
    return era == place.era and (trimmed < place.seen.oldest or trimmed >= now.beyond)


def _parameters(place: _Place, most: int) -> dict[str, Any]:
    return {
        "beyond": place.seen.beyond,
        "running": place.seen.running,
        "anything": place.upto is None,
        "upto": (place.upto or place.seen).text,
        "seq": place.seq,
        "most": most,
    }
