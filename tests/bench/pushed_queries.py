"""What it spares to ask a database for what a search wants, beside reading every row and deciding in memory.

`python -m tests.bench.pushed_queries [--postgresql URL] [--users N] [--json]`; without an address the PostgreSQL that
comes with the tests is started. Times are this process's processor time, the best of alternating rounds.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table
from sqlalchemy import TextClause, create_engine, text

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery.query import Criterion, Query
from sorcery_database import address
from sorcery_migrations import upgrade
from tests.bench.realtime_reads import postgresql

__all__ = ["main"]

ROUNDS = 3
FEW = 50
"""One endpoint of so many has another context, or no direct media."""

SEARCHES: dict[str, Query] = {
    "id regex ^10[0-9]{2}$": Query(regex="^10[0-9]{2}$"),
    "id regex (17|42)$": Query(regex="(17|42)$"),
    "context != from-internal": Query(criteria=(Criterion("context", "!=", "from-internal"),)),
    "context regex ^from-(pstn|trunk)": Query(criteria=(Criterion("context", "regex", "^from-(pstn|trunk)"),)),
    "context LIKE %pstn": Query(criteria=(Criterion("context", "like", "%pstn"),)),
    "direct_media = no": Query(criteria=(Criterion.parse("direct_media", "no", Endpoint.__sorcery__),)),
    "dtmf_mode != rfc4733": Query(criteria=(Criterion("dtmf_mode", "!=", "rfc4733"),)),
    "device_state_busy_at >= 2": Query(criteria=(Criterion("device_state_busy_at", ">=", "2"),)),
}


@attrs.frozen
class Line:
    """One search in one database."""

    kind: str
    search: str
    found: int
    rows: int
    """Rows that the database returned."""
    asked: float
    """Seconds, where the database is asked for the search."""
    decided: float
    """Seconds, where every row is read and memory decides."""

    @property
    def ratio(self) -> float:
        return round(self.decided / self.asked, 1)


class Bench:
    """A database with many endpoints."""

    def __init__(self, url: str, users: int) -> None:
        upgrade(url)
        self.kind = address(url).get_backend_name()
        self.engine = create_engine(address(url), isolation_level="AUTOCOMMIT")
        with self.engine.connect() as connection:
            connection.execute(_insert(users, "<> 7", "from-internal", "yes", "rfc4733", "opus,g722,alaw", 1))
            connection.execute(_insert(users, "= 7", "from-pstn", "no", "inband", "opus,g722,alaw", 2))
            connection.exec_driver_sql("ANALYZE")
        self.sorcery = Sorcery.open(url)

    def lines(self) -> Iterator[Line]:
        """Measure one search after the other."""
        yield from (self._line(name, query) for name, query in SEARCHES.items())

    def _line(self, name: str, query: Query) -> Line:
        def decide() -> list[Any]:
            return list(filter(query.predicate(), self.sorcery.retrieve_all(Endpoint)))

        def ask() -> list[Any]:
            return self.sorcery._search(Endpoint, query)

        expected = decide()
        assert ask() == expected
        asked, decided = zip(*((_seconds(ask), _seconds(decide)) for _ in range(ROUNDS)), strict=True)
        return Line(self.kind, name, len(expected), self._rows(query), min(asked), min(decided))

    def _rows(self, query: Query) -> int:
        """Count the rows that the database returns."""
        (source,) = self.sorcery._binding(Endpoint).bound[0].store.sources  # type: ignore[attr-defined]
        with self.engine.connect() as connection:
            return len(connection.execute(source._rows_for(query)).all())

    def close(self) -> None:
        """Close what was opened."""
        self.sorcery.close()
        self.engine.dispose()


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _insert(users: int, rest: str, *values: object) -> TextClause:
    """Return the statement for the endpoints whose number leaves, or does not leave, a certain rest."""
    told = ", ".join(map(repr, values))
    return text(
        "INSERT INTO ps_endpoints (id, aors, context, direct_media, dtmf_mode, allow, device_state_busy_at) "
        f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {users}) "
        f"SELECT CAST(n AS VARCHAR(10)), CAST(n AS VARCHAR(10)), {told} FROM n WHERE n % {FEW} {rest}"
    )


def measured(url: str, users: int) -> list[Line]:
    """Make the tables in a database, and measure."""
    with contextlib.closing(Bench(url, users)) as bench:
        return list(bench.lines())


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="What it spares to ask a database for what a search wants.")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database; without it one is started")
    parser.add_argument("--users", type=int, default=40_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
        lines = measured(f"sqlite:///{Path(folder) / 'pbx.db'}", chosen.users)
    with postgresql(chosen.postgresql) as url:
        lines += measured(url, chosen.users)
    if chosen.json:
        sys.stdout.write(json.dumps([{**attrs.asdict(line), "ratio": line.ratio} for line in lines], indent=2) + "\n")
        return
    table = Table("database", "search", "found", "rows read", "ms", f"ms, all {chosen.users} rows read", "ratio")
    for line in lines:
        times = f"{line.asked * 1e3:.1f}", f"{line.decided * 1e3:.1f}"
        table.add_row(line.kind, line.search, str(line.found), str(line.rows), *times, str(line.ratio))
    Console(width=150).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
