"""What a parse yields: categories of variables in file order, the files read, the messages met.

Inheritance is by sharing. A category keeps its variables as *blocks*: what it copied from a base is one tuple, and
every category that copied the same base in the same state holds that very tuple. A consumer of 40,000 categories
with one template may so work on the template's block once and recognise it by identity: `category.blocks[0] is
block`. A `+=` onto a variable of a block dissolves all blocks of its category into one run of its own.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

import attrs

from sorcery.conf.globs import TooManyMatches, expand
from sorcery.conf.messages import Message, true_place
from sorcery.conf.text import fold
from sorcery.place import Place

__all__ = ["Block", "Category", "ConfFile", "FileStamp", "PatternStamp", "Stamp", "Variable"]


class Variable(NamedTuple):
    """One `key = value` line; a tuple, for it is made a million times, and an attrs class would take twice as long."""

    key: str
    value: str
    """May be a password, hence kept out of the `repr`."""
    line: int
    """Where it stands, as Asterisk counts (see `ConfFile.place_of`); for an inherited one the line of its base."""
    operator: str = "="
    """`=` or `=>`."""
    inherited: bool = False
    """Copied from a base."""
    file: str = ""
    """Empty for the main file, the path of an include otherwise; see `ConfFile.path_of`."""

    def __repr__(self) -> str:
        return f"Variable(key={self.key!r}, line={self.line}, file={self.file!r})"


Block = tuple[Variable, ...]
"""A run of variables: all copied from one base (and then shared), or all written in the category itself."""


@attrs.frozen(slots=True, weakref_slot=False)
class Category:
    """One `[name]` and what stands below it; a `(+)` header adds to the one that it names."""

    name: str
    template: bool
    """Made to be copied only: consumers pass over it."""
    bases: tuple[str, ...]
    """The categories that it copies, in order, repeats kept."""
    file: str
    line: int
    blocks: tuple[Block, ...] = ()
    """Its variables in order, in runs; each copy of a base is one run, shared with all other copies."""

    @property
    def variables(self) -> Block:
        """All its variables in order; put together at each access unless there is but one block."""
        return self.blocks[0] if len(self.blocks) == 1 else tuple(chain.from_iterable(self.blocks))

    def first(self, key: str) -> str | None:
        """Return the first value of a key (without case), as most of Asterisk's modules see it, or None."""
        folded = fold(key)
        return next((each.value for each in chain.from_iterable(self.blocks) if fold(each.key) == folded), None)

    def last(self, key: str) -> str | None:
        """Return the last value of a key (without case), as sorcery's scalar options see it, or None."""
        folded = fold(key)
        return next((each.value for each in reversed(self.variables) if fold(each.key) == folded), None)


@attrs.frozen(slots=True)
class FileStamp:
    """The state of a file when it was read; `size` and `mtime_ns` are None if it was not there."""

    path: str
    size: int | None = None
    """Bytes."""
    mtime_ns: int | None = None
    """Modification time in nanoseconds since the epoch."""

    @classmethod
    def take(cls, path: str) -> FileStamp:
        """Look at a file now; costs one `stat`."""
        try:
            status = os.stat(path)  # noqa: PTH116 - the path is text, kept as the include wrote it
        except (OSError, ValueError):
            return cls(path)
        return cls(path, status.st_size, status.st_mtime_ns)

    def now(self) -> FileStamp:
        """Return the state that the file is in now."""
        return FileStamp.take(self.path)

    def holds(self) -> bool:
        """Tell whether the file is in that state still: size and time decide, as in Asterisk. Costs one `stat`."""
        return self.now() == self


@attrs.frozen(slots=True)
class PatternStamp:
    """What a pattern stood for when it was read."""

    pattern: str
    root: str
    """What stands literally before it."""
    paths: tuple[str, ...]

    @classmethod
    def take(cls, pattern: str, root: str) -> PatternStamp:
        """Look for the files of a pattern now; raises `TooManyMatches`."""
        return cls(pattern, root, tuple(expand(pattern, root)))

    @property
    def path(self) -> str:
        """The pattern with what stands before it."""
        return self.root + self.pattern

    def now(self) -> PatternStamp:
        """Return what the pattern stands for now; nothing if that is too much."""
        try:
            return PatternStamp.take(self.pattern, self.root)
        except TooManyMatches:
            return PatternStamp(self.pattern, self.root, ())

    def holds(self) -> bool:
        """Tell whether the pattern stands for the same files still; lists the folders where they may be."""
        return self.now() == self


Stamp = FileStamp | PatternStamp


@attrs.frozen(slots=True)
class ConfFile:
    """The outcome of reading one `.conf` file with everything it includes."""

    path: str
    """The main file's absolute path."""
    directory: str
    """The absolute path of the configuration directory, which relative includes count from."""
    categories: tuple[Category, ...] = ()
    """In order of creation, templates included."""
    messages: tuple[Message, ...] = ()
    files: tuple[Stamp, ...] = ()
    """Every file that was read or named, and every pattern, once; the main file first."""
    undecidable: bool = False
    """An `#exec` was met: only reading again tells whether anything has changed."""
    skipped: Mapping[str, int] = attrs.field(factory=dict, repr=False)
    """By path, the lines that a file's line numbers begin behind: Asterisk counts on through all files of a pattern."""

    @property
    def is_absent(self) -> bool:
        """Tell whether it stands for a main file that is not there."""
        return self.files[:1] == (FileStamp(self.path),)

    def sections(self) -> Iterator[Category]:
        """Iterate over the categories that consumers see: all but templates."""
        return (category for category in self.categories if not category.template)

    def category(self, name: str) -> Category | None:
        """Return the first category of that name (without case) that is not a template, or None."""
        return self._by_name.get(fold(name))

    def path_of(self, item: Category | Variable) -> str:
        """Return the path of the file that a category or variable came from, the main file's included."""
        return item.file or self.path

    def place_of(self, item: Category | Variable) -> Place:
        """Return where a category or variable stands, by the lines of its own file."""
        return true_place(self.path_of(item), item.line, self.skipped)

    @functools.cached_property
    def _by_name(self) -> dict[str, Category]:
        return {fold(category.name): category for category in reversed(self.categories) if not category.template}
