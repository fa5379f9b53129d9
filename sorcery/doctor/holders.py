"""Who has a file open, as far as the system tells this user."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

__all__ = ["holders"]


def holders(path: Path) -> str:
    """Return the other processes that have a file open, e.g. `asterisk (process 123)`; empty where none is seen."""
    try:
        wanted = path.stat()
    except OSError:
        return ""
    return ", ".join(_processes((wanted.st_dev, wanted.st_ino)))


def _processes(wanted: tuple[int, int]) -> Iterator[str]:
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda found: int(found.name)):
        if int(process.name) != os.getpid() and _has_open(process, wanted):
            with suppress(OSError):  # it has just ended
                yield f"{(process / 'comm').read_text().strip()} (process {process.name})"


def _has_open(process: Path, wanted: tuple[int, int]) -> bool:
    with suppress(OSError):  # another user's, or one that has just ended
        for descriptor in (process / "fd").iterdir():
            with suppress(OSError):
                found = descriptor.stat()
                if (found.st_dev, found.st_ino) == wanted:
                    return True
    return False
