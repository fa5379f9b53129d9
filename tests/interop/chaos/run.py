"""Chaos: phones register while their database is taken away in every way; afterwards what they heard is compared.

By hand: `python -m tests.interop.chaos.run --seconds 60 --stacks 2 --policy wait`. It starts a PostgreSQL with fsync
on, a proxy before it, `sorcery-sip` once or more, and the phones of each in a process of their own. Of the policies
`fail` and `wait` the stacks have one after the other; with `queue` there is also somebody who provisions, who is killed
in between and goes on.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sorcery.writing.journal import Journal
from sorcery.writing.queueing import FILE
from tests.interop.chaos import looking
from tests.interop.chaos.faults import FAULTS
from tests.interop.chaos.judging import Heard, Snapshot, Verdict, Window, judge
from tests.interop.chaos.outcome import ASIDE, POOL, RECOVERY, Outcome
from tests.interop.chaos.phones import PATIENCE
from tests.interop.chaos.provisioner import THREADS
from tests.interop.chaos.provisioner import heard as told_provisioner
from tests.interop.chaos.proxy import Proxy
from tests.interop.chaos.server import Server
from tests.interop.chaos.site import EXPIRED, WRITES, configure, fill, leave_expired, line_of, memory
from tests.interop.stack import SipStack

QUIET = 3.0
"""Seconds before the first fault and after the last one."""
LASTS = 0.4
"""The part of its turn for which a fault lasts; the rest is for recovery, which may take longer than that."""
LONGEST = 600.0
"""Seconds for which phones register at the most, however slow the machine is."""
LINES, CHANGES = 40, 10.0
"""AORs that are provisioned meanwhile, and changes a second."""
ELSEWHERE = "elsewhere"
"""A server that shares the table, and is away for the moment."""


class Chaos:
    """A database, stacks on it and their phones; a context manager."""

    def __init__(self, rate: float, phones: int, policies: Sequence[str], stacks: int) -> None:
        self.rate, self.phones = rate, phones
        self.servers = [f"stack{number}" for number in range(stacks)]
        self.policies = spread(policies, stacks)
        self._held = ExitStack()

    def __enter__(self) -> Chaos:
        enter = self._held.enter_context
        with ExitStack() as undone:
            undone.push(self._held)
            self.folder = Path(enter(tempfile.TemporaryDirectory(prefix="pysorcery-chaos-")))
            self.server = enter(Server())
            self.proxy = enter(Proxy(self.server.port))
            fill(self.server.url(self.server.port), self.phones, LINES)
            self.server.confine("ps_contacts")
            leave_expired(self.server.url(self.server.port), [*self.servers, ELSEWHERE])
            self.ports = [self._configured(number) for number in range(len(self.servers))]
            self.stacks = [enter(SipStack(self.folder / server)) for server in self.servers]
            undone.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._held.__exit__(None, None, None)

    def _configured(self, number: int) -> int:
        server = self.servers[number]
        folder = self.folder / server
        folder.mkdir()
        return configure(folder, self.server.url(self.proxy.port), server, self.policies[number])

    @contextmanager
    def clients(self, seconds: float) -> Iterator[list[subprocess.Popen[str]]]:
        """Let the phones of each stack register."""
        made = [
            _client(port, self.phones, self.rate / len(self.ports), seconds, self._out(part), part, len(self.ports))
            for part, port in enumerate(self.ports)
        ]
        try:
            for each in made:
                _wait_for_line(each)
            yield made
        finally:
            for each in made:
                each.kill()
                each.communicate()

    def told(self) -> list[dict[str, Any]]:
        """Return what the clients of each stack have heard."""
        return [json.loads(self._out(part).read_text()) for part in range(len(self.ports))]

    def _out(self, part: int) -> Path:
        return self.folder / f"heard{part}.json"

    def inject(
        self, faults: Sequence[str], begun: float, seconds: float, meanwhile: Callable[[str], None]
    ) -> tuple[list[Window], list[Snapshot], dict[str, int]]:
        """Let each fault have its turn, and look at the table when it is over and when all has recovered."""
        windows, snapshots, peaks = [], [], {}
        turn = (seconds - 2 * QUIET) / len(faults)
        for position, name in enumerate(faults):
            due = begun + QUIET + position * turn
            time.sleep(max(0.0, due - time.time()))
            started = time.time()
            with FAULTS[name](self.server, self.proxy):
                setting = time.time() - started
                time.sleep(LASTS * turn / 2)
                meanwhile(name)
                time.sleep(LASTS * turn / 2)
                lifted = time.time()
            ended = time.time()
            windows.append(Window(name, started, ended, setting, ended - lifted))
            snapshots.append(looking.snapshot(self.server))
            peaks[name] = looking.wait_for_registrations(self.server, ended, ended + RECOVERY)
        return windows, snapshots, peaks

    def hang(self) -> tuple[float, float]:
        """Stop the database; return how long a registration waits once that is known, and how long the stacks' end."""
        self.server.signal(signal.SIGSTOP)
        try:
            _ask(self.ports[0])  # which finds it out
            answered = _ask(self.ports[0])
            begun = time.monotonic()
            self.stop()
            return answered, time.monotonic() - begun
        finally:
            self.server.signal(signal.SIGCONT)

    def stop(self) -> None:
        """Let the stacks end."""
        for stack in self.stacks:
            with suppress(ProcessLookupError):
                stack.stop()

    def whose(self) -> list[str]:
        """Return what is wrong with who removed whose contacts."""
        rows = looking.snapshot(self.server).rows.items()
        wrong = [
            f"the row of phone{phone} is of {row.server!r}"
            for phone, row in rows
            if row.server != self.servers[phone % len(self.servers)]
        ]
        left = looking.expired(self.server)
        if left != {f"{line_of(number)};@{ELSEWHERE}" for number in range(EXPIRED)}:
            wrong.append(f"of the contacts that had expired there are left: {', '.join(sorted(left))}")
        for server, stack in zip(self.servers, self.stacks, strict=True):
            others = [each for each in [*self.servers, ELSEWHERE] if each != server]
            wrong += [f"{server} removed contacts of {each}" for each in others if f";@{each}' removed" in stack.log()]
        return wrong


class Provisioning:
    """Somebody who changes AORs on the first stack's configuration; is killed in between, and goes on."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.out = folder, folder / "changes.jsonl"
        self._process = self._started(0)

    def _started(self, first: int) -> subprocess.Popen[str]:
        options = {"config": self._folder, "lines": LINES, "rate": CHANGES, "first": first, "out": self.out}
        made = _spawned("provisioner", options)
        _wait_for_line(made)
        return made

    def die_and_go_on(self, fault: str) -> None:
        """Be killed while connections are refused, and start anew."""
        if fault == "refused":
            self.kill()
            self._process = self._started(1_000_000)

    def end(self) -> None:
        """Change nothing more, and wait until what is queued is stored."""
        self._process.terminate()
        self._process.wait(90)

    def kill(self) -> None:
        """End at once."""
        self._process.kill()
        self._process.communicate()

    def judged(self, server: Server, windows: Sequence[Window]) -> Verdict:
        """Compare what was told with what the table holds now."""
        verdict = judge(told_provisioner(self.out), [looking.lines(server)], windows)
        journal = Journal(self._folder / FILE)
        verdict.wrong = [each.replace("phone", "line") for each in verdict.wrong]
        verdict.wrong += [f"change {each.number} still waits" for each in journal.waiting()]
        verdict.wrong += [f"change {each.number} was put aside: {each.reason}" for each in journal.refused()]
        return verdict


def run(
    seconds: float,
    rate: float,
    phones: int,
    *,
    policies: Sequence[str] = ("fail",),
    stacks: int = 1,
    faults: Sequence[str] = tuple(FAULTS),
) -> Outcome:
    """Let it happen, and judge; takes half a minute more than `seconds`."""
    with Chaos(rate, phones, policies, stacks) as chaos:
        folder = chaos.folder / chaos.servers[0]
        provisioning = Provisioning(folder) if "queue" in policies else None
        with ExitStack() as ends, chaos.clients(LONGEST) as clients:
            if provisioning:
                ends.callback(provisioning.kill)
            begun = time.time()
            time.sleep(QUIET)
            before = [memory(stack.process.pid) for stack in chaos.stacks]
            meanwhile = provisioning.die_and_go_on if provisioning else _nothing
            windows, snapshots, peaks = chaos.inject(faults, begun, seconds, meanwhile)
            time.sleep(max(0.0, begun + seconds - time.time()))
            for client in clients:
                client.terminate()
            if provisioning:
                provisioning.end()
            for client in clients:
                client.wait(4 * PATIENCE)
            after = [memory(stack.process.pid) for stack in chaos.stacks]
        told = chaos.told()
        snapshots.append(looking.snapshot(chaos.server))
        heard = [Heard(**each) for part in told for each in part["attempts"]]
        verdict, whose = judge(heard, snapshots, windows), chaos.whose()
        if provisioning:
            verdict.wrong += provisioning.judged(chaos.server, windows).wrong
        connections, deadlocks = looking.connections(chaos.server), looking.deadlocks(chaos.server)
        hung = (0.0, 0.0)
        if "wait" in chaos.policies[0]:  # an answer takes as long then, whatever the database does
            chaos.stop()
        else:
            hung = chaos.hang()
        outcome = Outcome(
            offered=sum(part["offered"] for part in told),
            not_offered=sum(part["not_offered"] for part in told),
            latest=max(part["latest"] for part in told),
            rate=sum(part["offered"] / part["seconds"] for part in told),
            verdict=verdict,
            windows=windows,
            heard=heard,
            changes=told_provisioner(provisioning.out) if provisioning else (),
            peaks=peaks,
            connections=connections,
            left=looking.left(chaos.server),
            memory=list(zip(before, after, strict=True)),
            allowed=stacks * (POOL + ASIDE) + (THREADS + ASIDE if provisioning else 0),
            deadlocks=deadlocks,
            logs=[stack.log() for stack in chaos.stacks],
            hung=hung,
        )
        outcome.wrong = [*verdict.wrong, *whose, *outcome.beyond()]
        return outcome


def spread(policies: Sequence[str], stacks: int) -> list[list[str]]:
    """Return the policies of each stack: the one or other for contacts, and the first may queue what is provisioned."""
    contacts = [each for each in policies if each != "queue"] or ["fail"]
    made = [[contacts[number % len(contacts)]] for number in range(stacks)]
    made[0] += [each for each in policies if each == "queue"]
    return made


def _nothing(_: str) -> None:
    """Nobody provisions."""


def _client(
    port: int, phones: int, rate: float, seconds: float, out: Path, part: int = 0, parts: int = 1
) -> subprocess.Popen[str]:
    options = {"port": port, "phones": phones, "rate": rate, "seconds": seconds, "out": out}
    return _spawned("phones", {**options, "part": part, "parts": parts})


def _spawned(module: str, options: dict[str, Any]) -> subprocess.Popen[str]:
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", f"tests.interop.chaos.{module}", *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _wait_for_line(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline(), "it ended before it began"


def _ask(port: int) -> float:
    """Let one phone register, and return the seconds until it is answered."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "heard.json")
        with _client(port, 1, 10, 0.15, out) as client:
            client.wait(4 * PATIENCE)
        (attempt,) = json.loads(out.read_text())["attempts"]
        assert attempt["outcome"] == 503, attempt
        return float(attempt["ended"] - attempt["started"])


def main() -> int:
    """Run, print what happened, and return 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=200, help="registrations a second")
    parser.add_argument("--phones", type=int, default=1500)
    parser.add_argument("--stacks", type=int, default=1, help="on the one database; the phones are spread over them")
    parser.add_argument("--policy", action="append", choices=WRITES, help="by default fail; may be said again")
    parser.add_argument("--fault", action="append", choices=FAULTS, help="by default all of them")
    parser.add_argument("--log", type=Path, help="a file for what the stacks log")
    options = parser.parse_args()
    policies, faults = options.policy or ["fail"], options.fault or list(FAULTS)
    outcome = run(
        options.seconds, options.rate, options.phones, policies=policies, stacks=options.stacks, faults=faults
    )
    if options.log:
        options.log.write_text("\n".join(outcome.logs))
    wrong = [f"WRONG: {each}" for each in outcome.wrong[:20]]
    sys.stdout.write("\n".join([outcome.summary(), *wrong]) + "\n")
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
