"""Up to where each neighbour was told: a file, so that a restart misses nothing."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery.replacing import replace

__all__ = ["PositionFile", "read_positions"]

Positions = dict[str, dict[str, str]]
"""By source and target, as text."""


class PositionFile:
    """The positions of one feed; a context manager that keeps other feeds away from its file. Safe for many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._held: int | None = None
        self._positions: Positions = {}

    def get(self, source: str, target: str) -> str | None:
        """Return up to where a target was told of a source, None where it never was."""
        with self._lock:
            return self._positions.get(source, {}).get(target)

    def keep(self, source: str, target: str, position: str) -> None:
        """Remember a position; returns when it is on the disk. Raises `OSError`."""
        with self._lock:
            self._positions.setdefault(source, {})[target] = position
            replace(self.path, json.dumps(self._positions, indent=1).encode())

    def __enter__(self) -> Self:
        """Take the file; raises `ConfigurationError` where it is no such file or another feed has it, and `OSError`."""
        self.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        self._held = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            self._take()
            self._positions = read_positions(self.path)
        except BaseException:
            self._let_go()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    def _take(self) -> None:
        assert self._held is not None
        try:
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(
                "another feed keeps its positions there",
                place=Place(str(self.path)),
                remedy="end it, or name another file behind --state",
            ) from None

    def _let_go(self) -> None:
        if self._held is not None:
            os.close(self._held)
            self._held = None


def read_positions(path: Path) -> Positions:
    """Return the positions by source and target, none of a file that is missing.

    Raises `ConfigurationError` for what is no such file, and `OSError`.
    """
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(map(_is_table, found.values())):
        raise ConfigurationError(
            "the file holds no positions of a feed",
            place=Place(str(path)),
            remedy="remove it: every neighbour is told to read all anew then",
        )
    return found


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
