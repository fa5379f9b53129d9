"""Somebody who provisions from Python while the database is taken away: changes that may be queued.

A process of its own: `python -m tests.interop.chaos.provisioner --config DIR --lines 60 --rate 60 --out F`; SIGTERM
ends it when what it began is over, SIGKILL at once. Each change writes its number into the mailboxes of an AOR. A line
of JSON says that a change begins, another one what came of it: 200 where it was stored or queued, 503 where it was
refused. What was begun and has no second line is unknown.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Aor
from tests.interop.chaos.judging import Heard
from tests.interop.chaos.site import line_of

THREADS = 4


class Provisioner:
    """Changes lines one after the other, each of which belongs to one of its threads."""

    def __init__(self, sorcery: Sorcery, lines: int, rate: float, first: int, out: Path) -> None:
        self._sorcery, self._lines, self._pause = sorcery, lines, THREADS / rate
        self._next, self._out = first, out.open("a", buffering=1)
        self._lock = threading.Lock()
        self.ended = threading.Event()

    def run(self, part: int) -> None:
        """Change every so many-th line, round after round, until it is ended."""
        while True:
            for line in range(part, self._lines, THREADS):
                if self.ended.wait(self._pause):
                    return
                self._change(line)

    def _change(self, line: int) -> None:
        with self._lock:
            number = self._next = self._next + 1
            self._tell(line, number, 0)
        try:
            self._sorcery.update(Aor(id=line_of(line), max_contacts=1, mailboxes=[f"{number}@chaos"]))
            outcome = 200
        except Unavailable:
            outcome = 503
        with self._lock:
            self._tell(line, number, outcome)

    def _tell(self, line: int, number: int, outcome: int) -> None:
        self._out.write(json.dumps([line, number, time.time(), outcome]) + "\n")


def heard(out: Path) -> list[Heard]:
    """Return what became of each change, of all processes that wrote to a file."""
    changes: dict[int, Heard] = {}
    for text in out.read_text().splitlines():
        line, number, moment, outcome = json.loads(text)
        begun = changes.get(number)
        changes[number] = Heard(line, number, begun.started if begun else moment, moment if begun else 0.0, outcome)
    return list(changes.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """Change, carry on with what a process before it has queued, and end when all of it is stored."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--lines", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args(arguments)
    with Sorcery.open(options.config) as sorcery:
        sorcery.queue.resume()
        made = Provisioner(sorcery, options.lines, options.rate, options.first, options.out)
        signal.signal(signal.SIGTERM, lambda *_: made.ended.set())
        threads = [threading.Thread(target=made.run, args=(part,)) for part in range(THREADS)]
        for thread in threads:
            thread.start()
        sys.stdout.write("driving\n")
        sys.stdout.flush()
        for thread in threads:
            thread.join()
        deadline = time.monotonic() + 60
        while sorcery.queue.journal and time.monotonic() < deadline:
            time.sleep(0.05)


if __name__ == "__main__":
    main()
