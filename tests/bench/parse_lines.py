"""Lines of `.conf` files read in a second, beside others in the same run, and how `Sorcery.open` grows with its users.

`python tests/bench/parse_lines.py [--users N …] [--rounds N]`: seconds are those of the processor, the best of some
rounds counts. Nothing is left unread: `read_conf` gives every variable with its line, file and template.
"""

from __future__ import annotations

import argparse
import configparser
import gc
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sorcery import Sorcery
from sorcery.conf import read_conf, read_outline
from tests.bench.load_40000 import provisioned

__all__ = ["flat", "main"]

SECTIONS = 20_000


def flat(sections: int) -> str:
    """Return sections of ten lines without a template, as any reader of INI files knows them."""
    keys = ("type", "context", "allow", "auth", "aors", "callerid", "mailboxes", "language", "transport")
    return "".join(f"[{id}]\n" + "".join(f"{key} = {key}-{id}\n" for key in keys) for id in range(sections))


def loop(text: str) -> None:
    for _line in text.split("\n"):
        pass


def peer(text: str) -> None:
    """Read what the standard library can."""
    configparser.ConfigParser(strict=False, interpolation=None).read_string(text)


def best(work: Callable[[], object], rounds: int) -> float:
    """Return the seconds on the processor that a call takes, of the best of some rounds."""
    found = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        done = work()
        found.append(time.process_time() - start)
        del done
    return min(found)


def parse(what: str, text: str, folder: Path, rounds: int, *, is_flat: bool) -> None:
    """Print lines per second of each reader."""
    path = folder / "read.conf"
    path.write_text(text, encoding="utf-8")
    lines = text.count("\n")
    _say(f"{what}: {lines} lines")
    readers: dict[str, Callable[[], object]] = {"a bare loop over the lines": lambda: loop(text)}
    if is_flat:
        readers["configparser"] = lambda: peer(text)
    readers |= {"read_conf": lambda: read_conf(path), "read_outline, plain sections unread": lambda: read_outline(path)}
    for name, work in readers.items():
        took = best(work, rounds)
        _say(f"  {lines / took:12,.0f} lines/s  {took * 1e3:8.1f} ms  {name}")


def opening(folder: Path, users: int, rounds: int) -> float:
    """Return the seconds that opening a system of so many users takes."""
    (folder / "pjsip.conf").write_text(provisioned(users), encoding="utf-8")

    def work() -> None:
        with Sorcery.open(folder) as sorcery:
            assert sorcery.retrieve_by_id("aor", str(100_000 + users - 1)) is not None

    took = best(work, rounds)
    _say(f"  {took:8.3f} s  {took / users * 1e6:6.1f} µs for each user  {users} users, {3 * users} objects")
    return took


def main(arguments: Sequence[str]) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="Lines read in a second, and seconds to open a system.")
    parser.add_argument("--users", type=int, nargs="+", default=[40_000, 200_000])
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as name:
        folder = Path(name)
        parse("a flat file", flat(SECTIONS), folder, chosen.rounds, is_flat=True)
        for users in (2_000, chosen.users[0]):
            text = provisioned(users)
            parse(f"templates, three to a section, {users} users", text, folder, chosen.rounds, is_flat=False)
        _say("Sorcery.open")
        times = {users: opening(folder, users, chosen.rounds) for users in chosen.users}
        first, *others = times
        for users in others:
            _say(f"  {users / first:.2f} times the users take {times[users] / times[first]:.2f} times as long")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
