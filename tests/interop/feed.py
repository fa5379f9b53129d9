"""`sorcery feed run` as people run it."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

START_SECONDS, STOP_SECONDS = 30, 30


class FeedError(RuntimeError):
    """The feed did not start or end as it should; the message carries what it said."""


class RunningFeed:
    """One process; a context manager that starts it and ends it with SIGTERM. Leaving raises unless it ends with 0."""

    process: subprocess.Popen[str]

    def __init__(self, before: Sequence[str], behind: Sequence[str], environment: Mapping[str, str]) -> None:
        """Take what stands before and behind `feed run` on the command line."""
        code = "from sorcery_cli import main; raise SystemExit(main())"
        words = [*before, "feed", "run", "--metrics", "127.0.0.1:0", *behind]
        self._command = [sys.executable, "-c", code, *words]
        self._environment = dict(environment)
        self._lines: list[str] = []
        self._news = threading.Condition()

    def said(self) -> str:
        """Return what it said so far."""
        return "".join(self._lines)

    def figures(self) -> str:
        """Return its figures, as a collector gets them."""
        found = re.search(r"metrics at (\S+)", self.said())
        assert found is not None, self.said()
        with urllib.request.urlopen(found[1], timeout=30) as response:
            return bytes(response.read()).decode()

    def figure(self, name: str) -> float:
        """Return one figure; raises where there is not just one of that name."""
        (found,) = re.findall(rf"^{name}\{{.*\}} (\S+)$", self.figures(), re.MULTILINE)
        return float(found)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            self._command, stderr=subprocess.PIPE, text=True, errors="replace", env=self._environment
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        with self._news:
            self._news.wait_for(lambda: "feeding " in self.said() or self.process.poll() is not None, START_SECONDS)
        if "feeding " not in self.said():
            self.process.kill()
            self._close()
            raise FeedError(self.said())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._close()
        if status != 0 and error is None:
            raise FeedError(f"it ended with status {status}:\n{self.said()}")

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self._lines.append(line)
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def _close(self) -> None:
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
