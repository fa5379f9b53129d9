"""SQLite's locks on a file, looked at and taken without SQLite.

Asterisk waits for nobody. Where its commit meets a reader's lock it forgets all that it wrote for up to a second, and
where it meets a writer's it finds nothing, or cannot store. SQLite takes a reader's lock on the way to every other
one, so we leave it out: a look takes none, and the writer's is taken in one step or not at all.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
from typing import Final

__all__ = ["ARE_KNOWN", "header", "is_log", "is_reserved", "is_written", "release", "take"]

ARE_KNOWN: Final = sys.platform == "linux" and sys.maxsize > 2**32
"""Whether this system has locks that belong to an open file: others end as soon as any file of the process closes."""

_PENDING: Final = 0x4000_0000
_RESERVED: Final = _PENDING + 1
_SHARED: Final = _PENDING + 2
_READERS: Final = 510
_LAYOUT: Final = "hhqqi4x"
"""The C structure: kind of lock, whence, start, length, owner."""

_HEADER: Final = 100
_FORMATS: Final = slice(18, 20)


def take(file: int) -> bool:
    """Lock a file that is open for writing against everybody; False, with nothing done, if somebody has a lock."""
    try:
        _set(file, fcntl.F_WRLCK)
    except (BlockingIOError, PermissionError):  # POSIX leaves open which of them a lock in the way is
        return False
    return True


def release(file: int) -> None:
    """Give back what `take` took."""
    _set(file, fcntl.F_UNLCK)


def is_written(file: int) -> bool:
    """Tell whether somebody else may be changing the file just now."""
    return _meets(file, fcntl.F_RDLCK, _SHARED, _READERS)


def is_reserved(file: int) -> bool:
    """Tell whether somebody else is about to change the file, so that its journal is his."""
    return _meets(file, fcntl.F_WRLCK, _RESERVED, 1)


def header(file: int) -> bytes:
    """Return the file's first bytes: all changes count up a number there."""
    return os.pread(file, _HEADER, 0)


def is_log(header: bytes) -> bool:
    """Tell whether changes go to a log beside the file, which its readers need and where nobody waits for them."""
    return b"\x02" in header[_FORMATS]


def _set(file: int, kind: int) -> None:
    fcntl.fcntl(file, fcntl.F_OFD_SETLK, struct.pack(_LAYOUT, kind, os.SEEK_SET, _PENDING, 2 + _READERS, 0))


def _meets(file: int, kind: int, start: int, length: int) -> bool:
    asked = struct.pack(_LAYOUT, kind, os.SEEK_SET, start, length, 0)
    found: int = struct.unpack(_LAYOUT, fcntl.fcntl(file, fcntl.F_OFD_GETLK, asked))[0]
    return found != fcntl.F_UNLCK
