"""Writing files to disk: nobody's change is overwritten, and each file is the old one or the new one as a whole."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from sorcery.conf.editing.errors import EditRefused, FilesChanged, SavedInPart
from sorcery.conf.model import FileStamp, PatternStamp
from sorcery.place import Place

__all__ = ["PATIENCE", "Aside", "check_unchanged", "locked"]

PATIENCE = 10.0
"""Seconds that a save waits for another one."""

NEW_MODE = 0o640
"""Of a file that was not there: it may hold passwords."""
_GAP = 0.02
_SUFFIX = ".aside"
_ASIDE = re.compile(rf"\..+\.[a-z0-9_]{{8}}{re.escape(_SUFFIX)}")
"""What files that are written aside are called."""
_ANEW = "read the document anew, and make the edits again"


@contextlib.contextmanager
def locked(paths: Iterable[str], patience: float = PATIENCE) -> Iterator[None]:
    """Keep other writers out of the folders that files lie in, links followed.

    The lock lies on the folder: a file is replaced by each save, and its lock would go with it. What a writer left
    aside who was killed is removed: who writes holds the lock, so nobody is at work on it any more. Raises
    `EditRefused` where that takes more than `patience` seconds, or a folder cannot be opened or locked.
    """
    deadline = time.monotonic() + patience
    with contextlib.ExitStack() as stack:
        for folder in sorted({os.path.dirname(os.path.realpath(path)) for path in paths}):  # noqa: PTH120
            handle = _opened(folder)
            stack.callback(os.close, handle)
            _lock(handle, folder, deadline)
            _clear(handle)
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


class Aside:
    """Files that are written aside, down to the disk, to take the place of those that are there."""

    def __init__(self, contents: Mapping[str, bytes], modes: Mapping[str, int] = MappingProxyType({})) -> None:
        """Write them, with mode, owner and extended attributes of the old ones; those of new ones are the system's.

        `modes` are those of new files by path, where they are not `NEW_MODE`. Raises `EditRefused` if one cannot be
        written, and then none is. Blocks on the disk.
        """
        self._names: dict[str, str] = {}
        try:
            for path, content in contents.items():
                with _refusing(path):
                    self._names[path] = _written_aside(path, content, modes.get(path, NEW_MODE))
            self.stamps = {path: _stamp(path, name) for path, name in self._names.items()}
            """What the files look like once they are in place."""
        except BaseException:
            self.discard()
            raise

    def put_in_place(self) -> None:
        """Rename them one after another; links stay, their targets change.

        Raises `EditRefused` if none can be renamed, `SavedInPart` if one cannot after others were, or all were and it
        is not sure that a loss of power leaves it so. Blocks on the disk.
        """
        paths = tuple(self._names)
        try:
            _rename(self._names)
        finally:
            self.discard()
        for folder in {os.path.dirname(os.path.realpath(path)) for path in paths}:  # noqa: PTH120
            try:
                _sync_folder(folder)
            except EditRefused as error:
                raise SavedInPart(error.reason, paths, ()) from error

    def discard(self) -> None:
        """Remove what is not in place."""
        for name in self._names.values():
            Path(name).unlink(missing_ok=True)
        self._names = {}


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


def _written_aside(path: str, content: bytes, new_mode: int) -> str:
    """Write a file beside another, with its mode and owner, down to the disk; return where."""
    target = Path(os.path.realpath(path))
    status = target.stat() if target.exists() else None
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_SUFFIX, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if status is None:
                os.fchmod(handle, new_mode)
            else:
                _look_like(target, status, handle, name)
            os.utime(handle)
            os.fsync(handle)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return name


def _look_like(target: Path, status: os.stat_result, handle: int, name: str) -> None:
    mine = os.fstat(handle)
    if (mine.st_uid, mine.st_gid) != (status.st_uid, status.st_gid):
        os.fchown(handle, status.st_uid, status.st_gid)
    shutil.copystat(target, name)


def _stamp(path: str, name: str) -> FileStamp:
    status = Path(name).stat()
    return FileStamp(path, status.st_size, status.st_mtime_ns)


def _lock(handle: int, folder: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                reason, remedy = "another program is writing to this folder", "try again when it has ended"
                raise EditRefused(reason, place=Place(folder), remedy=remedy) from None
            time.sleep(_GAP)
        except OSError as error:
            reason = f"the folder cannot be locked: {error.strerror}"
            remedy = "keep the files on a file system that knows locks"
            raise EditRefused(reason, place=Place(folder), remedy=remedy) from error
        else:
            return


def _clear(folder: int) -> None:
    """Remove what was written aside in a folder and never put in place."""
    for name in filter(_ASIDE.fullmatch, os.listdir(folder)):
        with contextlib.suppress(OSError):  # it may be another user's, and then it is in nobody's way
            os.unlink(name, dir_fd=folder)


def _opened(folder: str) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        reason = f"the folder cannot be opened: {error.strerror}"
        raise EditRefused(reason, place=Place(folder), remedy="let this user read it") from error


def _sync_folder(folder: str) -> None:
    handle = _opened(folder)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno != errno.EINVAL:  # that is how a file system says that it syncs no folders
            raise EditRefused(f"the folder cannot be synced: {error.strerror}", place=Place(folder)) from error
    finally:
        os.close(handle)


def _first_difference(old: bytes | None, new: bytes | None) -> int | None:
    """Return the number of the first line that differs."""
    if old is None or new is None:
        return None
    pairs = zip(old.split(b"\n"), new.split(b"\n"), strict=False)
    equal = next((count for count, (one, other) in enumerate(pairs) if one != other), None)
    return None if equal is None else equal + 1
