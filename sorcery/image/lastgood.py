"""What is known of the last good state: the image, and what was changed since the stores were read for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from sorcery.binding import Bound
from sorcery.conf import FileStamp
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.image.file import Contents, Image, ImageSettings, read_image
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.snapshot import SnapshotStore
from sorcery.wizard import Op
from sorcery.writing.transaction import Step

__all__ = ["Changes", "LastGood", "can_be_silent", "image_name", "moment"]

Changes = Mapping[str | None, tuple[Object | None]]
"""What was changed, by id: each change in a tuple of its own, which tells it from another one.

Under None stands a change beyond the limit.
"""

LIMIT: Final = 10_000
"""Changed objects of one type; beyond, the image tells nothing of it any more."""


def can_be_silent(bound: Bound) -> bool:
    """Tell whether a store may be down while this process lives: what it holds lies elsewhere."""
    return not (bound.mapping.caching or isinstance(bound.store, SnapshotStore))


def image_name(bound: Bound) -> str:
    """Return the name of a store in an image; the same for the same mapping to the same place, and for no other.

    It is a hash: addresses of databases hold passwords.
    """
    import hashlib  # it brings OpenSSL: 10 ms of every start, for what few use

    return hashlib.sha256(repr(bound.key).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def moment(seconds: float) -> str:
    """Print seconds since the epoch."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


class LastGood:
    """What the image says, read when somebody needs it, and what was changed since the stores were read for it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.settings: ImageSettings | None = None
        """None where there is to be no image."""
        self.clock = clock
        self._types: frozenset[str] = frozenset()
        self._changed: dict[str, dict[str | None, tuple[Object | None]]] = {}
        self._changing = threading.Lock()
        self._lock = threading.Lock()
        self._read: tuple[FileStamp, Image | ConfigurationError | None] | None = None
        self._contents: dict[str, Contents] = {}

    def configure(self, settings: ImageSettings | None, types: Iterable[str]) -> None:
        """Say what is in force from now on: the settings, and the types that have a front."""
        self.settings, self._types = settings, frozenset(types)

    def image(self) -> Image | None:
        """Return the image as the file holds it now, or None where there is none; raises `ConfigurationError`."""
        with self._lock:
            return self._current()

    def _current(self) -> Image | None:
        """Read the file unless it is the one that was read last; the lock is held."""
        if self.settings is None:
            return None
        stamp = FileStamp.take(str(self.settings.file))
        if self._read is None or self._read[0] != stamp:
            self._contents = {}
            try:
                self._read = stamp, read_image(self.settings.file)
            except ConfigurationError as error:
                self._read = stamp, error
        found = self._read[1]
        if isinstance(found, ConfigurationError):
            raise found
        if found is not None and self.settings.maximum_age and self.clock() - found.time > self.settings.maximum_age:
            raise ConfigurationError(
                f"the image is not used: it is of {moment(found.time)}, older than {self.settings.maximum_age} seconds",
                place=self.settings.at,
                remedy="set maximum_age in [image], 0 for no limit; a new image is written once the stores answer",
            )
        return found

    def contents(self, bound: Bound, object_type: ObjectType) -> Contents:
        """Return what the image says of a store; raises `Unavailable` where it says nothing. May take seconds."""
        with self._lock:
            try:
                image = self._current()
            except ConfigurationError as error:
                raise Unavailable(bound.store.label, str(error)) from error
            name = image_name(bound)
            if image is None or name not in image:
                raise Unavailable(bound.store.label, "there is no image of it")
            if name not in self._contents:
                secrets = self.settings.secrets if self.settings else None
                self._contents[name] = image.contents(name, object_type, secrets)
            return self._contents[name]

    def rest(self, names: Iterable[str]) -> None:
        """Forget what the image says of some stores until it is needed again: they answer."""
        with self._lock:
            for name in names:
                self._contents.pop(name, None)

    # Changes made here

    def note(self, steps: Iterable[Step]) -> None:
        """Take down what was just changed: the image does not know of it."""
        with self._changing:
            for step in steps:
                name, id = step.key
                if name in self._types:
                    known = self._changed.setdefault(name, {})
                    is_told = id in known or len(known) < LIMIT
                    known[id if is_told else None] = (None if step.op is Op.DELETE else step.obj,)

    def changed(self, type_name: str) -> Changes:
        """Return what was changed since the stores were read; raises `Unavailable` if it is too much to tell.

        Others may be adding to it, and the next image takes changes out: look at it before `contents`.
        """
        changed = self._changed.get(type_name, {})
        if None in changed:
            raise Unavailable(type_name, f"more than {LIMIT} objects were changed since the image was made")
        return changed

    def mark(self) -> Mapping[str, Changes]:
        """Return all that is noted; hand it to `settle` when an image was written of what is read from now on."""
        with self._changing:
            return {name: known.copy() for name, known in self._changed.items()}

    def settle(self, marked: Mapping[str, Changes]) -> None:
        """Forget the changes that an image knows of: those that were noted before its stores were read."""
        with self._changing:
            for name, changes in marked.items():
                known = self._changed[name]
                for id, change in changes.items():
                    if known.get(id) is change:
                        del known[id]
