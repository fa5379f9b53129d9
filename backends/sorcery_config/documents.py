"""The texts of files that objects are written into, kept from one change to the next, and who may change them."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

import attrs

from sorcery.conf import Outline
from sorcery.conf.editing import Document, FilesChanged
from sorcery.conf.editing.saving import locked
from sorcery.errors import ConfMissing
from sorcery.source import Source

__all__ = ["Documents", "Opened"]


@attrs.frozen(slots=True, eq=False)
class Opened:
    """The document of a source."""

    document: Document
    is_as_loaded: bool
    """Whether it says what the objects in force were built from, or written to."""


class Documents:
    """The documents of some sources. Safe to use from many threads."""

    def __init__(self) -> None:
        self._known: dict[Source, Opened | Outline] = {}
        self._writing: dict[Source, threading.Lock] = {}

    def loaded(self, source: Source, outline: Outline) -> None:
        """Take what was just loaded, so that a change need not go through it again."""
        self._known[source] = outline

    def wrote(self, source: Source, opened: Opened) -> None:
        """Take what was just written."""
        self._known[source] = opened

    def keep(self, sources: Collection[Source]) -> None:
        """Forget all but some sources."""
        self._known = {source: known for source, known in self._known.items() if source in sources}
        self._writing = {source: lock for source, lock in self._writing.items() if source in sources}

    @contextmanager
    def hold(self, sources: Iterable[Source]) -> Iterator[Mapping[Source, Opened]]:
        """Return the documents as the disk has them now, while nobody else writes to them who asks here or elsewhere.

        Blocks on the disk and on others that write, these for ten seconds. Raises `ConfigurationError`.
        """
        ordered = sorted(sources, key=lambda each: each.path)  # nobody waits in a circle
        with ExitStack() as held:
            for source in ordered:
                held.enter_context(self._writing.setdefault(source, threading.Lock()))
            paths = {path for source in ordered for path in _paths(source)}
            while True:
                with ExitStack() as here:
                    here.enter_context(locked(paths))
                    opened = {source: self._opened(source) for source in ordered}
                    needed = {path for each in opened.values() for path in each.document.files}
                    if _folders(needed) <= _folders(paths):
                        held.push(here.pop_all())
                        break
                paths |= needed
            yield opened

    def _opened(self, source: Source) -> Opened:
        known = self._known.pop(source, None)
        if isinstance(known, Outline):
            document = Document.of(known)
            known = None if document is None else Opened(document, is_as_loaded=True)
        if known is not None:
            try:
                known.document.check_unchanged()
            except FilesChanged:
                known = None
        self._known[source] = known = known or _read(source)
        return known


def _read(source: Source) -> Opened:
    last, directory = source.reading, source.environment.directory
    try:
        document = Document.read(source.path, directory=directory)
    except ConfMissing:
        if not source.is_absent:
            raise
        return Opened(Document.absent(source.path, directory=directory), is_as_loaded=last is None)
    is_as_loaded = last is not None and not last.undecidable and source.state() == (last.paths, last.stamps)
    return Opened(document, is_as_loaded)


def _paths(source: Source) -> Iterator[str]:
    """Yield the files that a source was read from, as far as that is known and they are there still."""
    yield source.path
    if source.reading:
        yield from filter(os.path.exists, (stamp.path for stamp in source.reading.stamps))


def _folders(paths: Iterable[str]) -> set[str]:
    return {os.path.dirname(os.path.realpath(path)) for path in paths}  # noqa: PTH120 - paths are texts
