"""Word of changed files, from the system's notices and from a look at them each second.

Notices alone would not do: files on network drives give none, nor does one that changes while the set of watched
folders does.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import threading
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence, Set
from typing import Any, Final, Protocol

from sorcery.errors import ConfigurationError
from sorcery.plain import plain
from sorcery.source import Source
from sorcery.wizard import Notice, Store

__all__ = ["FileStore", "FileWatch"]

log = logging.getLogger("sorcery.filewatch")

LOOK: Final = 1.0
"""Seconds from one look to the next where the system gives no notice."""
_STEP = 20
"""Milliseconds without another change after which one is told; and how soon `close` is heeded."""
_LONGEST = 200
"""Milliseconds after which a change is told all the same."""

Folders = Mapping[str, tuple[int, int]]
"""Folders by path, and which ones they are: device and inode."""


class FileStore(Store, Protocol):
    """A store that is read from files."""

    source: Source


class FileWatch:
    """One who is told, in a thread of its own, of which stores the files are others now."""

    def __init__(self, stores: Callable[[], Collection[FileStore]], notify: Callable[[Sequence[Notice]], None]) -> None:
        """Start; raises `ConfigurationError` if watchfiles is not installed."""
        try:
            self._library = importlib.import_module("watchfiles")
        except ImportError as error:
            reason = f"files cannot be watched: {error}"
            raise ConfigurationError(reason, remedy="pip install 'pysorcery[watch]'") from error
        self._stores, self._notify = stores, notify
        self._known: dict[Source, Hashable] = {}
        """The state of each source at the last look."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sorcery-file-watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hear no more; waits for a call that is under way, unless made from within it."""
        self._stop.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            folders = self._folders()
            suspects = set(folders)  # whose changes nobody saw so far
            for changed in self._changes(folders):
                self._tell(suspects.union(os.path.dirname(path) for _, path in changed))  # noqa: PTH120
                suspects.clear()
                if self._stop.is_set() or self._folders() != folders:
                    break  # and go on with the folders that there are now

    def _changes(self, folders: Folders) -> Iterator[Collection[tuple[Any, str]]]:
        """Yield the changes in the folders as they come, and none after a second without any."""
        if not folders:
            self._stop.wait(LOOK)
            yield ()
            return
        try:
            yield from self._library.watch(
                *folders,
                watch_filter=None,
                recursive=False,
                step=_STEP,
                debounce=_LONGEST,
                rust_timeout=int(LOOK * 1000),
                yield_on_timeout=True,
                stop_event=self._stop,
                raise_interrupt=False,
            )
        except (OSError, RuntimeError) as error:  # a folder vanished just now, or the system watches no more of them
            log.warning("%s are looked at each second only: %s", plain(", ".join(folders)), plain(str(error)))
            self._stop.wait(LOOK)
            yield ()

    def _tell(self, folders: Set[str]) -> None:
        """Notify of the stores whose files are others than those they hold; `folders` are those that changed."""
        sources: dict[Source, list[FileStore]] = {}
        for store in self._stores():
            sources.setdefault(store.source, []).append(store)
        told = [
            Notice(store) for source, stores in sources.items() if self._is_news(source, folders) for store in stores
        ]
        self._known = {source: state for source, state in self._known.items() if source in sources}
        if told and not self._stop.is_set():
            self._notify(told)

    def _is_news(self, source: Source, folders: Set[str]) -> bool:
        """Tell whether a source may hold something else than what was read, and than what was told of before."""
        state: Hashable
        try:
            state, last = source.state(), source.reading
            is_as_read = last is not None and state == (last.paths, last.stamps)
        except ConfigurationError as error:  # a reload tells it
            state, is_as_read = str(error), False
        is_suspect = source.is_undecidable and not folders.isdisjoint(source.folders())
        is_news = is_suspect or (not is_as_read and state != self._known.get(source))
        self._known[source] = state
        return is_news

    def _folders(self) -> Folders:
        """Return the folders that files can change in, as far as they exist."""
        found = {}
        for folder in set().union(*(store.source.folders() for store in self._stores())):
            with contextlib.suppress(OSError):  # it vanished just now: the next look finds what stands above it
                status = os.stat(folder)  # noqa: PTH116
                found[folder] = (status.st_dev, status.st_ino)
        return found
