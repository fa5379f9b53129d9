"""Our own SIP stack as people run it: the program `sorcery-sip` over a folder of configuration files."""

import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS, STOP_SECONDS = 30, 20


class StackError(RuntimeError):
    """The stack did not start, or did not end as it should; the message carries its log."""


class SipStack:
    """One `sorcery-sip` process; a context manager that starts it and ends it with SIGTERM.

    Leaving the context raises `StackError` if the process had died before or ends with a status other than 0.
    """

    def __init__(self, folder: Path) -> None:
        """Run over the configuration in `folder`, and log to a file there."""
        self._folder, self._log = folder, folder / "sorcery-sip.log"
        self._process: subprocess.Popen[str] | None = None

    def log(self) -> str:
        """Return what it has logged so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "sorcery_sip.main", "--config-dir", str(self._folder)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        if "ready" not in self._process.stdout.readline():
            self._kill()
            raise StackError(f"it is not ready:\n{self.log()}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            raise StackError(f"it does not end:\n{self.log()[-5000:]}") from None
        finally:
            assert self._process.stdout is not None
            self._process.stdout.close()
        if status != 0 and error is None:
            raise StackError(f"it ended with status {status}:\n{self.log()[-5000:]}")

    def _kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()
