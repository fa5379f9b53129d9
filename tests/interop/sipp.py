"""Many phones at once: `sipp` runs a scenario of `tests/interop/sipp/` against a server and counts."""

import csv
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.ports import LOOPBACK, free_port

SCENARIOS = Path(__file__).parent / "sipp"
DONE, SOME_FAILED = 0, 1  # the exit statuses of sipp that still mean it ran to its end


class SippError(RuntimeError):
    """The program itself failed: wrong options, unreadable scenario, time over."""


@dataclass(frozen=True)
class User:
    """Who registers: the name in To, From and Contact is the user name of the credentials too."""

    name: str
    password: str


@dataclass(frozen=True)
class RegisterStats:
    """What a run came to; times are in seconds.

    `mean_response`, from a user's first REGISTER to the 200, is a mean of whole milliseconds.
    """

    registered: int
    failed: int
    retransmissions: int
    seconds: float
    mean_response: float
    errors: str


def run_register(
    sipp: Path,
    server: tuple[str, int],
    users: Sequence[User],
    *,
    rate: int = 50,
    expires: int = 3600,
    timeout: int = 60,
    port: int | None = None,
) -> RegisterStats:
    """Register every user once over UDP, `rate` a second, each contact for `expires` seconds, at a free port or `port`.

    Blocks for up to `timeout` seconds. A refused registration is counted, with what sipp saw in `errors`.
    Raises `SippError` when sipp cannot run, and `ValueError` for a password its injection file cannot carry.
    """
    with tempfile.TemporaryDirectory(prefix="pysorcery-sipp-") as name:
        folder = Path(name)
        (folder / "users.csv").write_text(injection_file(users), encoding="utf-8")
        own = port or free_port()
        arguments = [*_arguments(folder, server, own, rate, timeout), "-m", str(len(users)), "-key", "expires"]
        started = time.monotonic()
        done = subprocess.run(
            [str(sipp), *arguments, str(expires)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout + 10,
            check=False,
        )
        errors = folder / "errors.log"
        seen = errors.read_text(encoding="utf-8", errors="replace") if errors.exists() else ""
        if done.returncode not in (DONE, SOME_FAILED):
            raise SippError(f"sipp ended with status {done.returncode}: {done.stderr[-2000:]}{seen[-2000:]}")
        return _read_stats(folder / "stats.csv", time.monotonic() - started, seen)


def injection_file(users: Sequence[User]) -> str:
    """Return sipp's injection file: a line per user, the name and the credentials for the challenge."""
    for user in users:
        if unfit := set(user.name + user.password) & set(';[]"\n'):
            raise ValueError(f"user {user.name}: sipp's injection file cannot carry {sorted(unfit)}")
    lines = [f"{u.name};[authentication username={u.name} password={u.password}]" for u in users]
    return "\n".join(["SEQUENTIAL", *lines, ""])


def _arguments(folder: Path, server: tuple[str, int], own: int, rate: int, timeout: int) -> list[str]:
    host, port = server
    return [
        *(f"{host}:{port}", "-sf", str(SCENARIOS / "register.xml"), "-inf", str(folder / "users.csv")),
        *("-i", LOOPBACK, "-p", str(own), "-t", "u1", "-nostdin"),
        *("-r", str(rate), "-timeout", str(timeout), "-timeout_error"),
        *("-trace_stat", "-stf", str(folder / "stats.csv"), "-fd", "1"),
        *("-trace_err", "-error_file", str(folder / "errors.log")),
    ]


def _read_stats(path: Path, seconds: float, errors: str) -> RegisterStats:
    """Read the last line of sipp's statistics, counted from the start."""
    with path.open(encoding="utf-8", newline="") as lines:
        last = list(csv.DictReader(lines, delimiter=";"))[-1]
    return RegisterStats(
        registered=int(last["SuccessfulCall(C)"]),
        failed=int(last["FailedCall(C)"]),
        retransmissions=int(last["Retransmissions(C)"]),
        seconds=seconds,
        mean_response=_seconds(last["ResponseTimeregister(C)"]),
        errors=errors,
    )


def _seconds(text: str) -> float:
    """Read sipp's `HH:MM:SS:microseconds`."""
    hours, minutes, seconds, microseconds = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + seconds + microseconds / 1_000_000
