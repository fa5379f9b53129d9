"""Our own SIP stack as people run it: the program `sorcery-sip` over a folder of configuration files."""

import re
import selectors
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS, LOG_SECONDS, STOP_SECONDS = 60, 30, 30


class StackError(RuntimeError):
    """The stack did not start, do or end as it should; the message carries the end of its log."""


class SipStack:
    """One `sorcery-sip` process; a context manager that starts it and ends it with SIGTERM.

    Entering raises `StackError` if it does not listen within half a minute, leaving if it ended with a status other
    than 0. `ready` is the line that it printed when it listened.
    """

    process: subprocess.Popen[str]
    ready: str

    def __init__(self, folder: Path) -> None:
        """Run over the configuration in `folder`."""
        self._folder = folder
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._was_killed = False

    def log(self) -> str:
        """Return what has been read of its log so far: all of it once the context has ended."""
        return "".join(self._lines)

    def wait_for(self, pattern: str, *, after: int = 0) -> None:
        """Wait until a line of the log, not one of the first `after`, holds a regular expression."""
        sought = re.compile(pattern)
        with self._news:
            if not self._news.wait_for(lambda: any(map(sought.search, self._lines[after:])), LOG_SECONDS):
                raise StackError(f"{pattern!r} was not logged within {LOG_SECONDS} s:\n{self.log()[-5000:]}")

    def reload(self) -> None:
        """Send SIGHUP and wait until it has reloaded."""
        before = len(self._lines)
        self.process.send_signal(signal.SIGHUP)
        self.wait_for(" reloaded$", after=before)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal that ends it, wait for the end and return the exit status, which 0 means a clean one."""
        self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill()
            raise StackError(f"it does not end:\n{self.log()[-5000:]}") from None

    def kill(self) -> None:
        """End it at once, as a crash does."""
        self._was_killed = True
        self._kill()

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "sorcery_sip.main", "--config-dir", str(self._folder)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        self._reader = threading.Thread(target=self._read_log)
        self._reader.start()
        self.ready = self._first_line()
        if "ready" not in self.ready:
            self._kill()
            self._close()
            raise StackError(f"it is not ready:\n{self.log()[-5000:]}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            status = 0 if self._was_killed else self.stop()
        finally:
            self._close()
        if status != 0 and error is None:
            raise StackError(f"it ended with status {status}:\n{self.log()[-5000:]}")

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as output:
            output.register(self.process.stdout, selectors.EVENT_READ)
            return self.process.stdout.readline() if output.select(START_SECONDS) else ""

    def _read_log(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()

    def _kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def _close(self) -> None:
        self._reader.join()
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdout.close()
        self.process.stderr.close()
