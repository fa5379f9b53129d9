"""Keeping the last-known-good image up to date, and telling what is wrong with it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Final

from sorcery.binding import Binding, Bound, Generation
from sorcery.errors import ConfigurationError, SorceryError
from sorcery.findings import Finding, Severity
from sorcery.image.file import ImageSettings, write_image
from sorcery.image.front import Front
from sorcery.image.lastgood import LastGood, can_be_silent, image_name, moment
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.survey import survey
from sorcery.wizard import Reader

__all__ = ["Keeper"]

log = logging.getLogger("sorcery.image")

FRESH: Final = 60.0
"""Seconds for which an image is good enough to be the last one of a system that is closed."""

PATIENCE: Final = 30.0
"""Seconds that closing waits for stores that hang."""


class Keeper:
    """Writes the image of one system: when asked, or by itself in a thread aside."""

    def __init__(self, last_good: LastGood | None = None) -> None:
        self.last_good = last_good or LastGood()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._writer: threading.Thread | None = None
        self._next: Generation | None = None
        self._written = float("-inf")
        self._failure: SorceryError | None = None

    def front(
        self, settings: ImageSettings | None, object_type: ObjectType, bound: tuple[Bound, ...], reader: Reader
    ) -> Reader:
        """Return who answers callers of a type: the reader itself, where the image is not to stand in for it."""
        is_meant = settings is not None and (not settings.types or object_type.name in settings.types)
        if is_meant and any(map(can_be_silent, bound)):
            return Front(self.last_good, object_type, bound, reader)
        return reader

    def configure(self, settings: ImageSettings | None, generation: Generation) -> None:
        """Say what is in force from now on."""
        self.last_good.configure(settings, (binding.object_type.name for binding, _ in _fronts(generation)))

    def write(self, generation: Generation) -> None:
        """Read the stores and write the image; blocks on them.

        Raises `Unavailable` if one of them is silent, and then the old image stays, and `ConfigurationError` where
        there is to be none or where the file cannot be written.
        """
        settings = self.last_good.settings
        if settings is None:
            raise ConfigurationError(
                "there is to be no image", remedy="write [image] and file = … in sorcery.conf, or open with image="
            )
        with self._writing:
            marked, begun = self.last_good.mark(), self.last_good.clock()
            try:
                write_image(settings.file, begun, dict(_contents(generation)))
            except SorceryError as error:
                self._failure = error
                raise
            self._failure, self._written = None, begun
            self.last_good.settle(marked)

    def write_aside(self, generation: Generation) -> None:
        """Write the image in a thread, if there is to be one; what keeps it from that is logged, and told later."""
        if not any(_fronts(generation)):
            return
        with self._lock:
            self._next = generation
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="sorcery-image", daemon=True)
                self._writer.start()

    def _write_all(self) -> None:
        while True:
            with self._lock:
                generation, self._next = self._next, None
                if generation is None:
                    self._writer = None
                    return
            self._try(generation)

    def _try(self, generation: Generation) -> None:
        try:
            self.write(generation)
        except SorceryError as error:
            log.warning("the last image stays: %s", plain(str(error)))
        except Exception:
            log.exception("the last image stays")

    def close(self, generation: Generation) -> None:
        """Write the last image, unless the present one is fresh and nothing was changed since.

        Waits half a minute at most for stores that hang, and again as long for an image that was being written before.
        """
        with self._lock:
            self._next = None
        if self._wait():
            is_old = self.last_good.clock() - self._written > FRESH
            if is_old or any(self.last_good.mark().values()):
                self.write_aside(generation)
                self._wait()

    def _wait(self) -> bool:
        """Wait for the thread that writes, and tell whether it ended."""
        with self._lock:
            writer = self._writer
        if writer is not None:
            writer.join(PATIENCE)
        return writer is None or not writer.is_alive()

    def uses(self, generation: Generation) -> dict[str, int]:
        """Return how many questions the image has answered in the place of the stores, by type."""
        return {binding.object_type.name: front.uses for binding, front in _fronts(generation)}

    def findings(self, generation: Generation, *, at_start: bool) -> Iterator[Finding]:
        """Yield what is wrong with the image, and which types it stands in for."""
        settings, fronts = self.last_good.settings, list(_fronts(generation))
        if settings is None:
            return
        if not settings.file.parent.is_dir():
            yield _finding("the folder of the image is not there", settings.at, "create it, for this user alone")
        try:
            image = self.last_good.image()
        except ConfigurationError as error:
            yield _finding(error.reason, error.place, error.remedy)
            return
        if self._failure is not None:
            fate = f"; that of {moment(image.time)} stays" if image else ""
            yield _finding(f"no image could be written: {self._failure}{fate}", settings.at)
        for binding, front in fronts:
            yield from _unlisted(binding)
            if image is not None and at_start and not all(name in image for name in front.names):
                yield _finding(
                    f"the image of {moment(image.time)} holds other stores than those of {binding.object_type.name}",
                    settings.at,
                    "it is replaced once the stores answer",
                    binding.object_type.name,
                )
            if image is not None and front.silence is not None:
                yield _finding(
                    f"{binding.object_type.name} is answered from the image of {moment(image.time)}, {front.uses} "
                    f"times so far: {front.silence}",
                    settings.at,
                    "bring the store back",
                    binding.object_type.name,
                )


def _fronts(generation: Generation) -> Iterator[tuple[Binding, Front]]:
    for binding in generation.bindings.values():
        if isinstance(binding.front, Front):
            yield binding, binding.front


def _contents(generation: Generation) -> Iterator[tuple[str, tuple[Iterable[Object], Iterable[str]]]]:
    """Read the stores that an image holds: yield the name of each, its objects, and the ids that hold none."""
    for binding, _ in _fronts(generation):
        for bound in binding.bound:
            if can_be_silent(bound) and bound.lists_all:
                found = survey(bound.store)
                yield image_name(bound), ((found.objects or {}).values(), found.bad)


def _unlisted(binding: Binding) -> Iterator[Finding]:
    for bound in binding.bound:
        if can_be_silent(bound) and not bound.lists_all:
            yield _finding(
                f"{bound.mapping} gives no list of its objects, so the image cannot hold them",
                bound.mapping.place,
                "change the mapping, or name other types in [image]",
                binding.object_type.name,
            )


def _finding(message: str, place: Place | None, remedy: str = "", type_name: str = "") -> Finding:
    return Finding(
        severity=Severity.WARNING, rule="image", message=message, remedy=remedy, place=place, type_name=type_name
    )
