"""Phones that play their steps of a call: each is one process of sipp.

A step that does not come as it is written fails the call, with what was seen.
"""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.interop.call_scenario import Phone, Scenario, Step
from tests.interop.ports import LOOPBACK
from tests.interop.sipp import SOME_FAILED, SippError

START_SECONDS = 60


class FlowError(AssertionError):
    """A step did not come as it is written; the message carries what was sent and seen."""


@dataclass
class Running:
    """A phone that plays: its process and what it writes down."""

    phone: Phone
    process: subprocess.Popen[bytes]
    folder: Path

    def messages(self) -> str:
        """Return what it sent and saw so far."""
        return _read(self.folder / "messages.log")

    def wait_for(self, text: str) -> str:
        """Return what it sent and saw as soon as that holds `text`; raises `FlowError` when it ends without it."""
        while text not in (found := self.messages()):
            if self.process.poll() is not None and text not in self.messages():
                raise FlowError(f"{self.phone.user}: {text!r} did not come:\n{self.messages()}")
            time.sleep(0.01)
        return found

    def finish(self, seconds: float) -> None:
        """Wait for its end; raises `FlowError` where a step did not come, `SippError` where sipp cannot run."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise FlowError(f"{self.phone.user} waits still:\n{self._seen()}") from None
        if status == SOME_FAILED:
            raise FlowError(f"{self.phone.user}: {self._seen()}")
        if status != 0:
            said = _read(self.folder / "output")
            raise SippError(f"{self.phone.user}: sipp ended with {status}: {said[-3000:]}{self._seen()}")

    def _seen(self) -> str:
        return _read(self.folder / "errors.log") + "\n" + self.messages()


@contextlib.contextmanager
def playing(sipp: Path, phone: Phone, steps: Sequence[Step], server: tuple[str, int]) -> Iterator[Running]:
    """Have a phone play its steps once, its own process; ends it when the context is left."""
    with tempfile.TemporaryDirectory(prefix="pysorcery-sipp-") as name, (Path(name) / "output").open("wb") as output:
        folder = Path(name)
        (folder / "scenario.xml").write_text(Scenario(phone).write(steps), encoding="utf-8")
        host, port = server
        command = [
            *(str(sipp), f"{host}:{port}", "-sf", "scenario.xml", "-i", LOOPBACK, "-p", str(phone.port), "-t", "u1"),
            *("-nostdin", "-m", "1", "-recv_timeout", str(phone.patience * 1000), "-key", "audio", str(phone.audio)),
            *("-trace_err", "-error_file", "errors.log", "-trace_msg", "-message_file", "messages.log"),
            *phone.options,
        ]
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for_port(phone.port, process)
            yield Running(phone, process, folder)
        finally:
            process.kill()
            process.wait()


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the phone listens, or has ended."""
    sought = f":{port:04X} "
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and sought not in Path("/proc/net/udp").read_text():
        if time.monotonic() > deadline:
            raise SippError(f"sipp does not listen on port {port}")
        time.sleep(0.005)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
