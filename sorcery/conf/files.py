"""The files of a parse: finding those that an include names, reading them, and keeping account."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from sorcery.conf.globs import TooManyMatches, expand, is_pattern
from sorcery.conf.messages import Fault
from sorcery.conf.model import FileStamp, PatternStamp, Stamp
from sorcery.conf.text import cut

__all__ = ["MAX_PATH", "MAX_REPEATED", "Files", "is_missing"]

MAX_PATH = 255
"""Bytes of an include's path, directory and name together; the rest is cut off without a message."""
MAX_REPEATED = 1 << 25
"""Bytes that one parse reads again, each time counting for 128 more. It suffices to include one small file in each
of 100,000 categories; a file that includes itself five times would be read 5**10 times."""

_EACH = 128


def is_missing(path: str | Path) -> bool:
    """Tell whether there surely is no such file, rather than one that this user cannot get at."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return True
    except OSError:
        return False
    return False


class Files:
    """What one parse has read so far."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.undecidable = False
        """An `#exec` was met."""
        self._stamps: dict[str, Stamp] = {}
        self._repeated = 0
        self._names: dict[str, int] = {}

    @property
    def stamps(self) -> tuple[Stamp, ...]:
        """Every file and pattern that was asked for, once, as it was at first."""
        return tuple(self._stamps.values())

    def made_up_name(self, name: str) -> str:
        """Return the name that the material of an include carries if the same one stood before, else nothing."""
        repeat = self._names[name] = self._names.get(name, -1) + 1
        return f"{name}~~{repeat}" if repeat else ""

    def find(self, name: str) -> list[str]:
        """Return the paths that an include names, there or not; the directory is never taken for a pattern.

        Blocks while it lists folders. Raises `Fault` (include-too-many).
        """
        root = "" if name.startswith("/") else f"{self.directory.rstrip('/')}/"
        path = cut(root + name, MAX_PATH)
        root, pattern = path[: len(root)], path[len(root) :]
        if not is_pattern(pattern):
            return expand(pattern, root)
        try:
            found = PatternStamp.take(pattern, root)
        except TooManyMatches as error:
            raise Fault("include-too-many", str(error)) from error
        self._stamps.setdefault(path, found)
        return list(found.paths)

    def content(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None if it cannot be read.

        Blocks on the disk. Raises `Fault`: include-too-many, and not-regular-file for a directory, FIFO or device.
        """
        try:
            stamp, data = _read(path)
        except Fault:
            self._stamps.setdefault(path, FileStamp.take(path))
            raise
        if path in self._stamps:
            self._count_again(path, data)
        self._stamps.setdefault(path, stamp)
        return data

    def _count_again(self, path: str, data: bytes | None) -> None:
        """Take note that a file is read once more; raises `Fault` (include-too-many)."""
        self._repeated += len(data or b"") + _EACH
        if self._repeated > MAX_REPEATED:
            raise Fault("include-too-many", f"files are read again and again, here {path}")


def _read(path: str) -> tuple[FileStamp, bytes | None]:
    """Read a file, and stamp it as it was when opened; no bytes if it cannot be read.

    Blocks on the disk. Raises `Fault` (not-regular-file) for a directory, FIFO or device.
    """
    try:
        regular = stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116 - the path is text, kept as it was written
        if regular:
            with Path(path).open("rb") as file:
                status = os.fstat(file.fileno())
                return FileStamp(path, status.st_size, status.st_mtime_ns), file.read()
    except (OSError, ValueError):
        return FileStamp.take(path), None
    raise Fault("not-regular-file", f"{path} is no regular file")
