"""A file that was gone through: what stands where, with its plain sections not read yet."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence

import attrs

from sorcery.collecting import uncollected
from sorcery.conf.deferred import Deferred
from sorcery.conf.messages import Message, true_place
from sorcery.conf.model import Block, Category, ConfFile, Stamp, Variable
from sorcery.place import Place

__all__ = ["Outline"]


@attrs.frozen(eq=False)
class Outline:
    """The outcome of going through one `.conf` file with everything it includes."""

    path: str
    """The main file's absolute path."""
    directory: str
    entries: Sequence[Category | int]
    """The categories in order of creation, templates included; a number stands for a plain section, see `read`."""
    messages: tuple[Message, ...]
    files: tuple[Stamp, ...]
    """Every file that was read or named, and every pattern, once; the main file first."""
    undecidable: bool
    """An `#exec` was met: only going through the files again tells whether anything has changed."""
    skipped: Mapping[str, int] = attrs.field(repr=False)
    """As in `ConfFile`."""
    _deferred: Deferred = attrs.field(repr=False)

    def fingerprint(self, number: int) -> int:
        """Return a plain section's fingerprint: in this process, the same for all that say the same, and never 0."""
        return self._deferred.fingerprints[number]

    @property
    def content(self) -> bytes:
        """The main file's bytes, as they were read."""
        return self._deferred.content(0)

    def name(self, entry: Category | int) -> str:
        """Return an entry's name, unread."""
        return self._deferred.name(entry) if isinstance(entry, int) else entry.name

    def line(self, entry: Category | int) -> int:
        """Return the line that an entry begins on, unread."""
        return self._deferred.line(entry) if isinstance(entry, int) else entry.line

    def read(self, entry: Category | int) -> Category:
        """Return the category that an entry stands for; costs a few microseconds if it is a number."""
        return self._deferred.category(entry) if isinstance(entry, int) else entry

    def copied(self, number: int) -> Sequence[Block]:
        """Return the blocks that a plain section begins with, unread; one object for all that name the same bases."""
        return self._deferred.bases(number).blocks

    def sections(self) -> Iterator[Category | int]:
        """Iterate over the entries that consumers see: all but templates."""
        return (entry for entry in self.entries if isinstance(entry, int) or not entry.template)

    def named(self, name: str) -> Iterator[Category]:
        """Iterate over the sections of that name, with case."""
        return map(self.read, self._by_name.get(name, ()))

    def path_of(self, item: Category | Variable) -> str:
        """Return the path of the file that a category or variable came from, the main file's included."""
        return item.file or self.path

    def place_of(self, item: Category | Variable) -> Place:
        """Return where a category or variable stands, by the lines of its own file."""
        return true_place(self.path_of(item), item.line, self.skipped)

    def conf(self) -> ConfFile:
        """Return everything, read."""
        with uncollected():
            categories = tuple(map(self.read, self.entries))
        return ConfFile(
            self.path, self.directory, categories, self.messages, self.files, self.undecidable, self.skipped
        )

    @functools.cached_property
    def _by_name(self) -> dict[str, list[Category | int]]:
        found: dict[str, list[Category | int]] = {}
        for entry in self.sections():
            found.setdefault(self.name(entry), []).append(entry)
        return found
