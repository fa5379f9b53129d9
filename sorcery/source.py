"""The file, or the files of one pattern, that several types are read from."""

from __future__ import annotations

import os
import re
import weakref
from collections.abc import Iterable, Sequence

import attrs

from sorcery.conf import RULES, FileStamp, Message, Outline, Stamp, findings, read_outline
from sorcery.conf.files import is_missing
from sorcery.conf.globs import TooManyMatches, expand, is_pattern
from sorcery.conf.messages import refusal
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, ConfMissing, ConfSyntaxError
from sorcery.findings import Finding, Severity
from sorcery.place import Place

__all__ = ["Reading", "Source", "State", "refused"]

State = tuple[tuple[str, ...], tuple[Stamp, ...]]
"""The files that a source's name stands for, and the state of each file and pattern that it was read from."""


@attrs.frozen(slots=True, eq=False)
class Reading:
    """What is remembered of one successful reading; its sections are not, they would double the memory."""

    paths: tuple[str, ...]
    """The files that the source's name stands for."""
    stamps: tuple[Stamp, ...]
    undecidable: bool
    """Only reading again tells whether anything has changed."""
    findings: tuple[Finding, ...]
    """What the parser said."""
    stores: frozenset[object] = frozenset()
    """Whose objects were built from it."""
    unsettled: bool = False
    """What they are depends on more than the files, and may be something else at the next look."""

    def agrees(self, other: Reading | None) -> bool:
        """Tell whether two readings met the same files in the same state."""
        return other is not None and (self.paths, self.stamps) == (other.paths, other.stamps)


@attrs.define(slots=True, eq=False)
class Source:
    """One file name as mappings write it, with the last good reading of it."""

    name: str
    """As written: relative to the configuration directory, perhaps a pattern."""
    environment: Environment
    reading: Reading | None = None
    _outline: weakref.ref[Outline] | None = None

    @property
    def path(self) -> str:
        """The absolute path, or pattern."""
        return os.path.abspath(self.environment.path(self.name))  # noqa: PTH100 - symbolic links stay

    @property
    def is_absent(self) -> bool:
        """Tell whether there is no such file, rather than one that cannot be read."""
        return all(map(is_missing, self._paths()))

    @property
    def is_undecidable(self) -> bool:
        """Tell whether only reading again shows what the source holds now."""
        return self.reading is not None and self.reading.undecidable

    def state(self) -> State:
        """Return the files that the source's name stands for now, and what they and those it read look like."""
        paths = self._paths()
        last = self.reading
        return paths, tuple(each.now() for each in last.stamps) if last else tuple(map(FileStamp.take, paths))

    def unchanged(self) -> bool:
        """Tell whether reading again would surely yield the same; costs one `stat` per file."""
        last = self.reading
        if last is None or last.undecidable or last.unsettled:
            return False
        return self.state() == (last.paths, last.stamps)

    def folders(self) -> set[str]:
        """Return the folders where a change may be one of the source: of its files, and of the targets of links."""
        read = [stamp.path for stamp in self.reading.stamps] if self.reading else []
        files = {self.path, *read, *map(os.path.realpath, read)}
        return {_existing(os.path.dirname(each)) for each in files}  # noqa: PTH120 - paths are texts, as everywhere

    def read(self) -> tuple[Outline, Reading]:
        """Go through the source anew; raises `ConfSyntaxError`, `ConfMissing` or `ConfigurationError`.

        Blocks on the disk.
        """
        paths = self._paths()
        outline = self._read_several(paths) if is_pattern(self.name) else self._read()
        return outline, Reading(paths, outline.files, outline.undecidable, tuple(findings(outline)))

    def take(self, outline: Outline, reading: Reading) -> None:
        """Make a reading the last good one."""
        self.reading, self._outline = reading, weakref.ref(outline)

    def rewritten(self, reading: Reading | None) -> None:
        """Forget where things stand: the files were written here, and hold what `reading` looked like."""
        self.reading, self._outline = reading, None

    def outline(self) -> Outline | None:
        """Return the sections: of the last reading while somebody holds them, else gone through again if they can."""
        outline = self._outline() if self._outline else None
        if outline is None:
            try:
                outline, _ = self.read()
            except ConfigurationError:
                return None
            self._outline = weakref.ref(outline)
        return outline

    def _paths(self) -> tuple[str, ...]:
        if not is_pattern(self.name):
            return (self.path,)
        root = "" if self.name.startswith("/") else f"{self.environment.path('.').absolute()}/"
        try:
            return tuple(expand(self.name, root))
        except TooManyMatches as error:
            raise ConfigurationError(str(error), place=Place(self.path), remedy="write a narrower pattern") from error

    def _read(self, content: bytes | None = None) -> Outline:
        own = self.environment
        return read_outline(self.path, directory=own.directory, exec_includes=own.exec_includes, content=content)

    def _read_several(self, paths: Sequence[str]) -> Outline:
        """Read several files as one configuration: a file that includes them, so that templates reach across.

        Lines are counted in each file, and comments end with it; Asterisk lets both run on.
        """
        if all(map(is_missing, paths)):
            raise ConfMissing(self.path)
        try:
            outline = self._read(b"".join(b'#include "%s"\n' % os.fsencode(_quoted(path)) for path in paths))
        except ConfSyntaxError as error:
            messages = _without_lines(error.messages, self.path)
            culprit = next(each for each in reversed(messages) if each.code == error.code)
            raise refusal(culprit, messages) from None
        for count, message in enumerate(outline.messages, 1):
            if RULES[message.code].ends and message.place.source in paths:
                raise refusal(message, outline.messages[:count])
        return outline


def refused(error: ConfigurationError) -> list[Finding]:
    """Return what the parser said of a file that it refused; the refusal says what comes of it."""
    outcome = "nothing of the file is used, what was loaded before stays in force"
    if isinstance(error, ConfSyntaxError):
        told = findings(error)
        at = max(index for index, each in enumerate(told) if each.rule == error.code)
        told[at] = attrs.evolve(told[at], message=f"{told[at].message}; {outcome}")
        return told
    return [
        Finding(
            severity=Severity.ERROR,
            rule="configuration",
            message=f"{error.reason}; {outcome}",
            remedy=error.remedy,
            place=error.place,
        )
    ]


def _existing(folder: str) -> str:
    """Return the folder, or the closest one above it that exists; it may be a pattern itself."""
    while not os.path.isdir(folder) and folder != "/":  # noqa: PTH112
        folder = os.path.dirname(folder)  # noqa: PTH120
    return folder


def _without_lines(messages: Iterable[Message], path: str) -> list[Message]:
    """Leave the lines out of messages about what is no file."""
    return [
        attrs.evolve(message, place=Place(path)) if message.place.source == path else message for message in messages
    ]


def _quoted(path: str) -> str:
    """Write a path so that it is no pattern and holds no comment."""
    return re.sub(r"([*?\[{\\;])", r"\\\1", path)
