"""A private Kamailio over one configuration file; the program is Debian's."""

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS, STOP_SECONDS = 60, 30


class KamailioError(RuntimeError):
    """Kamailio refused its file or did not start; the message carries what it said."""


class Kamailio:
    """One Kamailio that listens on a UDP port of loopback; a context manager that starts and stops it."""

    def __init__(self, file: Path, port: int) -> None:
        """Run over a file, which names this port."""
        self._file, self.port = file, port
        self._folder = Path(tempfile.mkdtemp(prefix="pysorcery-kamailio-"))
        self._log = self._folder / "log"

    def check(self) -> None:
        """Have the file checked; raises `KamailioError` if it is refused."""
        done = subprocess.run(
            ["kamailio", "-c", "-f", str(self._file)], capture_output=True, text=True, timeout=60, check=False
        )
        if done.returncode != 0:
            raise KamailioError(done.stdout + done.stderr)

    def log(self) -> str:
        """Return what it said so far."""
        return self._log.read_text(errors="replace")

    def __enter__(self) -> Self:
        command = ["kamailio", "-DD", "-E", "-f", str(self._file), "-m", "64", "-M", "8", "-Y", str(self._folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                said = self.log()
                self._discard()
                raise KamailioError(said[-3000:])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._discard()

    def _answers(self) -> bool:
        """Tell whether it answers what no server takes: a request that has no hop left."""
        address = f"127.0.0.1:{self.port}"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            probe.settimeout(0.2)
            probe.sendto(_probe(address, probe.getsockname()[1]), ("127.0.0.1", self.port))
            try:
                return probe.recv(4096).startswith(b"SIP/2.0 483")
            except OSError:  # nobody there yet
                return False

    def _discard(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder)


def _probe(address: str, port: int) -> bytes:
    lines = [
        f"OPTIONS sip:{address} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKprobe",
        "Max-Forwards: 0",
        f"From: <sip:probe@{address}>;tag=probe",
        f"To: <sip:{address}>",
        "Call-ID: probe",
        "CSeq: 1 OPTIONS",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""]).encode()
