"""Chaos: phones register while their database is taken away in every way; afterwards what they heard is compared.

By hand: `python -m tests.interop.chaos.run --seconds 60`. It starts a PostgreSQL with fsync on, a proxy before it,
`sorcery-sip`, and the phones in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.interop.chaos.faults import FAULTS
from tests.interop.chaos.judging import EXPIRES, Heard, Row, Snapshot, Verdict, Window, judge, recovery
from tests.interop.chaos.phones import PATIENCE
from tests.interop.chaos.proxy import Proxy
from tests.interop.chaos.server import NAME, USER, Server
from tests.interop.chaos.site import configure, fill, memory
from tests.interop.stack import SipStack

QUIET = 3.0
"""Seconds before the first fault and after the last one."""
LASTS = 0.4
"""The part of its turn for which a fault lasts; the rest is for recovery, which may take longer than that."""
RECOVERY = 20.0
"""Seconds after a fault within which somebody has to be registered again."""
LONGEST = 600.0
"""Seconds for which phones register at the most, however slow the machine is."""
POOL = 16
"""Connections that a stack may keep."""
GROWTH = 100.0
"""Megabytes that it may have grown by."""
NUMBER = re.compile(r"chaos/(\d+)")


@dataclass
class Outcome:
    """All that is known afterwards."""

    offered: int
    not_offered: int
    latest: float
    rate: float
    verdict: Verdict
    windows: Sequence[Window]
    heard: Sequence[Heard]
    connections: int
    memory: tuple[float, float]
    hung: tuple[float, float]
    """Seconds that an answer takes while the database hangs, and that the stack takes to end then."""
    deadlocks: int
    """How many the server has found and ended."""
    log: str
    """What the stack logged."""
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """Return what happened, a line per fault."""
        outcomes = Counter(each.outcome for each in self.heard)
        lines = [
            f"{self.offered} registrations offered, {self.rate:.1f}/s; {self.not_offered} could not be, as every phone "
            f"waited; the client was {self.latest:.2f} s late at most",
            f"answers: {outcomes[200]} x 200, {outcomes[503]} x 503, {outcomes[0]} x none",
            f"{self.verdict.unknown} rows of registrations whose outcome no phone could know",
            f"{self.connections} connections left, memory {self.memory[0]:.0f} → {self.memory[1]:.0f} MB, "
            f"{self.deadlocks} deadlocks",
            f"database hanging: answer after {self.hung[0]:.3f} s, end after {self.hung[1]:.2f} s",
        ]
        for position, each in enumerate(self.windows):
            until = self.windows[position + 1].begun if position + 1 < len(self.windows) else float("inf")
            during = Counter(one.outcome for one in self.heard if each.begun <= one.started <= each.ended)
            first, last = recovery(self.heard, each.ended, until)
            lines.append(
                f"{each.name:10} {each.ended - each.begun:4.1f} s: {during[200]:4} x 200, {during[503]:4} x 503, "
                f"{during[0]:4} x none; first success {first:.2f} s after it, last failure {last:.2f} s"
            )
        return "\n".join(lines)


def run(seconds: float, rate: int, phones: int) -> Outcome:
    """Let it happen, and judge; takes half a minute more than `seconds`."""
    with (
        tempfile.TemporaryDirectory(prefix="pysorcery-chaos-") as name,
        Server() as server,
        Proxy(server.port) as proxy,
    ):
        folder = Path(name)
        fill(server.url(server.port), phones)
        port = configure(folder, server.url(proxy.port))
        with SipStack(folder) as stack:
            out = folder / "heard.json"
            client = _client(port, phones, rate, LONGEST, out)
            try:
                assert client.stdout is not None
                client.stdout.readline()
                begun = time.time()
                time.sleep(QUIET)
                before = memory(stack.process.pid)
                windows, snapshots = _inject(server, proxy, begun, seconds)
                time.sleep(max(0.0, begun + seconds - time.time()))
                client.terminate()
                client.wait(4 * PATIENCE)
                after = memory(stack.process.pid)
            finally:
                client.kill()
                client.communicate()
            told = json.loads(out.read_text())
            snapshots.append(_snapshot(server))
            heard = [Heard(**each) for each in told["attempts"]]
            connections, deadlocks = _connections(server), _deadlocks(server)
            hung = _hang(server, stack, port)
        outcome = Outcome(
            told["offered"],
            told["not_offered"],
            told["latest"],
            told["offered"] / told["seconds"],
            judge(heard, snapshots, windows),
            windows,
            heard,
            connections,
            (before, after),
            hung,
            deadlocks,
            stack.log(),
        )
        outcome.wrong = [*outcome.verdict.wrong, *_beyond(outcome, _left(server))]
        return outcome


def _client(port: int, phones: int, rate: int, seconds: float, out: Path) -> subprocess.Popen[str]:
    options = {"port": port, "phones": phones, "rate": rate, "seconds": seconds, "out": out}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "tests.interop.chaos.phones", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _inject(server: Server, proxy: Proxy, begun: float, seconds: float) -> tuple[list[Window], list[Snapshot]]:
    """Let each fault have its turn, and look at the table when it is over and when all has recovered."""
    windows, snapshots = [], []
    turn = (seconds - 2 * QUIET) / len(FAULTS)
    for position, (name, fault) in enumerate(FAULTS.items()):
        due = begun + QUIET + position * turn
        time.sleep(max(0.0, due - time.time()))
        started = time.time()
        with fault(server, proxy):
            setting = time.time() - started
            time.sleep(LASTS * turn)
            lifted = time.time()
        ended = time.time()
        windows.append(Window(name, started, ended, setting, ended - lifted))
        snapshots.append(_snapshot(server))
        _wait_for_registrations(server, windows[-1].ended)
    return windows, snapshots


def _wait_for_registrations(server: Server, after: float) -> None:
    """Return when somebody has registered since a moment, or the time for that is over."""
    newest = 0
    while newest <= after and time.time() < after + RECOVERY:
        time.sleep(0.1)
        newest = max(row.expires - EXPIRES for row in _snapshot(server).rows.values())


def _snapshot(server: Server) -> Snapshot:
    asked = time.time()
    with server.admin() as admin:
        found = admin.execute("SELECT endpoint, user_agent, expiration_time FROM ps_contacts").fetchall()
    rows = {}
    for endpoint, agent, expires in found:
        number = NUMBER.fullmatch(agent)
        assert number is not None, agent
        rows[int(endpoint.removeprefix("phone"))] = Row(int(number[1]), int(expires))
    return Snapshot(asked, rows)


def _connections(server: Server) -> int:
    return _number(server, f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}'")


def _deadlocks(server: Server) -> int:
    return _number(server, f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{NAME}'")


def _number(server: Server, question: str) -> int:
    with server.admin() as admin:
        row = admin.execute(question.encode()).fetchone()
    assert row is not None
    return int(row[0])


def _hang(server: Server, stack: SipStack, port: int) -> tuple[float, float]:
    """Stop the database; return how long a registration waits once that is known, and how long the stack's end."""
    server.signal(signal.SIGSTOP)
    try:
        _ask(port)  # which finds it out
        answered = _ask(port)
        begun = time.monotonic()
        with suppress(ProcessLookupError):
            stack.stop()
        return answered, time.monotonic() - begun
    finally:
        server.signal(signal.SIGCONT)


def _ask(port: int) -> float:
    """Let one phone register, and return the seconds until it is answered."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "heard.json")
        with _client(port, 1, 10, 0.15, out) as client:
            client.wait(4 * PATIENCE)
        (attempt,) = json.loads(out.read_text())["attempts"]
        assert attempt["outcome"] == 503, attempt
        return float(attempt["ended"] - attempt["started"])


def _left(server: Server) -> int:
    """Return how many connections there are after the end of the stack; those that end take a moment."""
    deadline = time.monotonic() + 30
    while (left := _connections(server)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _beyond(outcome: Outcome, left: int) -> list[str]:
    """Return what is wrong beyond the table."""
    wrong = []
    for each in outcome.windows:
        first, _ = recovery(outcome.heard, each.ended, each.ended + RECOVERY)
        if first == float("inf"):
            wrong.append(f"nobody registered in the {RECOVERY:.0f} s after {each.name!r}")
    if outcome.connections > POOL or left:
        wrong.append(f"{outcome.connections} connections are open, and {left} after the stack's end")
    if outcome.memory[1] - outcome.memory[0] > GROWTH:
        wrong.append(f"it grew by {outcome.memory[1] - outcome.memory[0]:.0f} MB")
    return wrong


def main() -> int:
    """Run, print what happened, and return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=200, help="registrations a second")
    parser.add_argument("--phones", type=int, default=1500)
    parser.add_argument("--log", type=Path, help="a file for what the stack logs")
    options = parser.parse_args()
    outcome = run(options.seconds, options.rate, options.phones)
    if options.log:
        options.log.write_text(outcome.log)
    wrong = [f"WRONG: {each}" for each in outcome.wrong[:20]]
    sys.stdout.write("\n".join([outcome.summary(), *wrong]) + "\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
