"""Writing files to disk: nobody's change is overwritten, and each file is the old one or the new one as a whole."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sorcery.conf.editing.errors import EditRefused, FilesChanged, SavedInPart
from sorcery.conf.model import PatternStamp
from sorcery.place import Place

__all__ = ["PATIENCE", "check_unchanged", "locked", "replace_all"]

PATIENCE = 10.0
"""Seconds that a save waits for another one."""

_GAP = 0.02
_ANEW = "read the document anew, and make the edits again"


@contextlib.contextmanager
def locked(paths: Iterable[str], patience: float = PATIENCE) -> Iterator[None]:
    """Keep other writers out of the folders that files lie in, links followed.

    The lock lies on the folder: a file is replaced by each save, and its lock would go with it. Raises
    `EditRefused` where that takes more than `patience` seconds, or a folder cannot be opened.
    """
    deadline = time.monotonic() + patience
    with contextlib.ExitStack() as stack:
        for folder in sorted({os.path.dirname(os.path.realpath(path)) for path in paths}):  # noqa: PTH120
            handle = _opened(folder)
            stack.callback(os.close, handle)
            _lock(handle, folder, deadline)
        yield


def check_unchanged(stored: Mapping[str, bytes | None], patterns: Iterable[PatternStamp] = ()) -> None:
    """Raise `FilesChanged` if a file holds something else than this now, or a pattern stands for other files.

    None stands for a file that cannot be read.
    """
    for pattern in patterns:
        if not pattern.holds():
            raise FilesChanged("the pattern stands for other files now", place=Place(pattern.path), remedy=_ANEW)
    for path, content in stored.items():
        try:
            now = Path(path).read_bytes() if os.path.isfile(path) else None  # noqa: PTH113
        except OSError:
            now = None
        if now != content:
            raise FilesChanged(
                "the file was changed since it was read" if now is not None else "the file cannot be read any more",
                place=Place(path, _first_difference(content, now)),
                remedy=_ANEW,
            )


def replace_all(contents: Mapping[str, bytes]) -> None:
    """Write all files aside, and then rename them into place one after another; links stay, their targets change.

    Mode, owner and extended attributes stay. Raises `EditRefused` if one cannot be written, and then nothing was;
    `SavedInPart` if one cannot be renamed after others were. Blocks on the disk.
    """
    aside: dict[str, str] = {}
    try:
        for path, content in contents.items():
            with _refusing(path):
                aside[path] = _written_aside(path, content)
        _rename(aside)
    finally:
        for name in aside.values():
            Path(name).unlink(missing_ok=True)
    for folder in {os.path.dirname(os.path.realpath(path)) for path in contents}:  # noqa: PTH120
        _sync_folder(folder)


def _rename(aside: Mapping[str, str]) -> None:
    """Put files that were written aside into place."""
    done: list[str] = []
    for path, name in aside.items():
        try:
            with _refusing(path):
                Path(name).replace(os.path.realpath(path))
        except EditRefused as error:
            if not done:
                raise
            raise SavedInPart(error.reason, done, [each for each in aside if each not in done]) from error
        done.append(path)


@contextlib.contextmanager
def _refusing(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "let this user write to the folder and keep the file's owner, and see that there is room on the disk"
        raise EditRefused(f"{path} cannot be written: {error.strerror}", place=Place(path), remedy=remedy) from error


def _written_aside(path: str, content: bytes) -> str:
    """Write a file beside another, with its mode and owner, down to the disk; return where."""
    target = Path(os.path.realpath(path))
    status = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            mine = os.fstat(handle)
            if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
                os.fchown(handle, status.st_uid, status.st_gid)
            shutil.copystat(target, name)
            os.utime(handle)
            os.fsync(handle)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return name


def _lock(handle: int, folder: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                reason, remedy = "another program is writing to this folder", "try again when it has ended"
                raise EditRefused(reason, place=Place(folder), remedy=remedy) from None
            time.sleep(_GAP)
        else:
            return


def _opened(folder: str) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        reason = f"the folder cannot be opened: {error.strerror}"
        raise EditRefused(reason, place=Place(folder), remedy="let this user read it") from error


def _sync_folder(folder: str) -> None:
    handle = _opened(folder)
    try:
        with _refusing(folder):
            os.fsync(handle)
    finally:
        os.close(handle)


def _first_difference(old: bytes | None, new: bytes | None) -> int | None:
    """Return the number of the first line that differs."""
    if old is None or new is None:
        return None
    pairs = zip(old.split(b"\n"), new.split(b"\n"), strict=False)
    equal = next((count for count, (one, other) in enumerate(pairs) if one != other), None)
    return None if equal is None else equal + 1
