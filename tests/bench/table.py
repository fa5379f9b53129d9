"""One table of what was asked of the core and what it does, with 40,000 users in one `pjsip.conf`.

`python tests/bench/table.py [--users N] [--asterisk ROOT]`; with the folder of a Debian that has Asterisk (see
`tests/interop/install`), the reloads of that one are measured in the same run.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import runpy
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import attrs
from rich.console import Console
from rich.table import Table

from sorcery import Object, Sorcery
from sorcery.pjsip import Auth, Endpoint

__all__ = ["main"]

ROOT = Path(__file__).parents[2]
provisioned = cast(Callable[[int], str], runpy.run_path(str(Path(__file__).with_name("load_40000.py")))["provisioned"])

READERS = 25
PAUSE = 0.001
"""Seconds that a reader sleeps between two questions."""
RELOADS = 5
ASTERISK_USERS = 10_000
"""At most so many for the real one: with 40,000 its start and its reload take longer than its console waits."""
UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


@attrs.frozen
class Row:
    """One line of the table; times in seconds, memory in kB."""

    work: str
    asterisk: str
    asked: float
    measured: float
    note: str = ""
    unit: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = "[green]good[/]" if self.measured <= self.asked else "[red]too much[/]"
        measured = self._text(self.measured) + (self.note and f"  ({self.note})")
        return self.work, self.asterisk, f"≤ {self._text(self.asked)}", measured, verdict

    def _text(self, amount: float) -> str:
        if self.unit:
            return f"{amount:.3g} {self.unit}"
        size, name = next((unit for unit in UNITS if amount >= unit[0]), UNITS[-1])
        return f"{amount / size:.3g} {name}"


def best(work: Callable[[], object], times: int, rounds: int = 5) -> float:
    """Return the seconds that one call takes, of the best of some rounds: others use this machine too."""
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times)
    return min(found)


def once(work: Callable[[], object]) -> float:
    """Return the seconds that the first call takes."""
    return best(work, 1, 1)


def resident() -> float:
    """Return the memory in use now, in kB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


class Bench:
    """A system with many users in a file."""

    def __init__(self, folder: Path, users: int) -> None:
        self.users, self.conf = users, folder / "pjsip.conf"
        self.text = provisioned(users)
        self.conf.write_text("", encoding="utf-8")
        self.sorcery = Sorcery.open(folder)
        self.conf.write_text(self.text, encoding="utf-8")
        gc.collect()
        before = resident()
        self.load_seconds = once(self.sorcery.reload)
        self.memory = (resident() - before) / users
        self.someone = str(100_000 + users // 2)
        self._edits = 0

    def rows(self) -> Iterator[Row]:
        """Measure one thing after the other."""
        yield Row("memory per user, resident after the load", "19 kB", 3.0, self.memory, unit="kB")
        yield from self._questions()
        yield from self._objects()
        yield from self._reloads()
        yield from self._readers()

    def _questions(self) -> Iterator[Row]:
        ask, someone = self.sorcery.retrieve_by_id, self.someone
        yield Row("retrieve_by_id", "305-350 ns", 300e-9, best(lambda: ask(Endpoint, someone), 50_000))
        first = once(lambda: self.sorcery.retrieve_all(Endpoint))
        again = best(lambda: self.sorcery.retrieve_all(Endpoint), 3)
        yield Row("retrieve all endpoints", "9-32 s", 5e-3, again, f"first {first * 1e3:.0f} ms")
        first = once(self._by_username)
        again = best(self._by_username, 2_000)
        yield Row("retrieve auth by username", "78-88 ms", 10e-6, again, f"first {first * 1e3:.0f} ms")

    def _by_username(self) -> None:
        (auth,) = self.sorcery.retrieve_by_fields(Auth, username=self.someone)
        assert auth.id == self.someone

    def _objects(self) -> Iterator[Row]:
        endpoint = self.sorcery.retrieve_by_id(Endpoint, self.someone)
        assert endpoint is not None
        yield Row("evolve an endpoint", "93 µs", 10e-6, best(lambda: endpoint.evolve(context="x"), 2_000))
        yield Row("new endpoint with all defaults", "20 µs", 10e-6, best(lambda: Endpoint("x"), 2_000))
        yield Row("object set of an endpoint", "23-45 µs", 20e-6, best(endpoint.objectset, 2_000))

    def _reloads(self) -> Iterator[Row]:
        yield Row("reload, nothing changed", "15 ms", 5e-3, best(self.sorcery.reload, 1, RELOADS))
        heard: list[tuple[Object, ...]] = []

        def note(*objects: Object) -> None:
            heard.append(objects)

        with contextlib.ExitStack() as stack:
            for name in self.sorcery.types:
                stack.callback(self.sorcery.observe(name, created=note, updated=note, deleted=note).close)
            times = []
            for _ in range(RELOADS):
                self._edit()
                times.append(once(self.sorcery.reload))
        told = f"worst {max(times):.2f} s of {RELOADS}"
        yield Row("reload, one object of all changed", "60 s", 1.5, min(times), told)
        yield Row("events per such reload", "none", 1, len(heard) / RELOADS, unit="event")

    def _edit(self) -> None:
        """Put another file in the place of the old one, in which one more endpoint is another."""
        self._edits += 1
        user = f"callerid = User {100_000 + self._edits} <"
        self.text = self.text.replace(user, user.replace("User", "Someone"))
        new = self.conf.with_suffix(".new")
        new.write_text(self.text, encoding="utf-8")
        new.replace(self.conf)

    def _readers(self) -> Iterator[Row]:
        calls: list[float] = []
        wakes: list[float] = []
        reloading, done = threading.Event(), threading.Event()

        def read(id: str) -> None:
            while not done.is_set():
                counts, slept = reloading.is_set(), time.perf_counter()
                time.sleep(PAUSE)
                woke = time.perf_counter()
                self.sorcery.retrieve_by_id(Endpoint, id)
                now = time.perf_counter()
                if counts:
                    calls.append(now - woke)
                    wakes.append(now - slept - PAUSE)

        ids = [str(100_000 + number * self.users // READERS) for number in range(READERS)]
        threads = [threading.Thread(target=read, args=(id,)) for id in ids]
        for thread in threads:
            thread.start()
        for _ in range(RELOADS):
            self._edit()
            reloading.set()
            self.sorcery.reload()
            reloading.clear()
        done.set()
        for thread in threads:
            thread.join()
        for what, found in (("the call alone", calls), ("from wake-up to answer", wakes)):
            note = f"max {max(found) * 1e3:.1f} ms of {len(found)}"
            yield Row(f"{READERS} readers during reloads, p99: {what}", "-", 5e-3, percentile(found, 0.99), note)


def percentile(found: Sequence[float], part: float) -> float:
    """Return the value that this part of all are not above."""
    return sorted(found)[min(len(found) - 1, int(len(found) * part))]


def asterisk_reloads(root: Path, users: int) -> Iterator[str]:
    """Yield what the real Asterisk of a folder needs for its reloads."""
    sys.path.insert(0, str(ROOT))
    from tests.interop.asterisk import Asterisk

    text = provisioned(users)
    with Asterisk(root, {"pjsip.conf": text}) as server:
        yield f"nothing changed: {once(server.reload):.3g} s"
        server.write("pjsip.conf", text.replace("callerid = User 100001 <", "callerid = Someone 100001 <"))
        yield f"one object changed: {once(server.reload):.3g} s"


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="What was asked of the core, and what it does.")
    parser.add_argument("--users", type=int, default=40_000)
    parser.add_argument("--asterisk", type=Path, metavar="ROOT", help="a Debian folder with Asterisk, to measure too")
    chosen = parser.parse_args(arguments)
    console = Console(width=150)
    table = Table("work", "Asterisk 22.10 on a like machine", "asked", "measured", "verdict")
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
        bench = Bench(Path(folder), chosen.users)
        with bench.sorcery, console.status("measuring …"):
            for row in bench.rows():
                table.add_row(*row.cells)
    console.print(f"{chosen.users} users, {3 * chosen.users} objects; loaded in {bench.load_seconds:.2f} s")
    console.print(table)
    if chosen.asterisk:
        users = min(chosen.users, ASTERISK_USERS)
        for line in asterisk_reloads(chosen.asterisk, users):
            console.print(f"Asterisk in this run, {users} users, {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
