"""Replacing a file as a whole."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace"]


def replace(file: Path, content: bytes) -> None:
    """Put a file in the place of another one, or of none; its owner alone may read it.

    Whoever reads it finds the old one or the new one, also after a crash. Blocks until it is on the disk; raises
    `OSError`, and then nothing has changed.
    """
    import tempfile  # which few need, and is slow to import

    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(handle)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
