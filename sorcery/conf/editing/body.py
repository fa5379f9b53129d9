"""The lines of one section, taken apart, wherever they stand."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import attrs

from sorcery.conf.editing.errors import EditRefused
from sorcery.conf.editing.forms import Style
from sorcery.conf.editing.survey import Span
from sorcery.conf.editing.syntax import Kind, Line, read_line
from sorcery.conf.editing.tree import Tree
from sorcery.conf.text import fold
from sorcery.place import Place

__all__ = ["Body", "Leaf", "Placed"]


@attrs.frozen(eq=False)
class Leaf:
    """One file: its tree, and what its block comments hide."""

    path: str
    content: bytes = attrs.field(repr=False)
    depth: int = 0
    """The block comments that are open where it begins."""
    _known: Tree | None = attrs.field(default=None, repr=False)

    @classmethod
    def made(cls, path: str, tree: Tree) -> Leaf:
        """Return the file that some lines make; they are not taken apart again unless a NUL may count them anew."""
        content = bytes(tree)
        return cls(path, content, known=None if b"\0" in content else tree)

    @functools.cached_property
    def tree(self) -> Tree:
        """Its lines."""
        return self._known or Tree.parse(self.content)

    @functools.cached_property
    def depths(self) -> Sequence[int]:
        """How many block comments are open before each line, and after the last."""
        if self.depth == 0 and b"--" not in self.content:
            return bytes(len(self.tree.lines) + 1)
        return self.tree.depths(self.depth)

    def line(self, index: int) -> Line:
        """Take a line apart."""
        return read_line(self.tree.lines[index], self.depths[index], is_first=index == 0)

    def open_index(self, index: int) -> int:
        """Return the first index from this one on before which no block comment is open.

        Raises `EditRefused` where there is none.
        """
        for found in range(index, len(self.tree.lines) + 1):
            if self.depths[found] == 0:
                return found
        raise EditRefused(
            "a block comment that is never closed hides what follows", place=Place(self.path, index), remedy="close it"
        )

    def style(self, index: int) -> Style:
        """Return how the setting that is the last before an index is written, or else the first behind it."""
        count = len(self.tree.lines)
        for at in itertools.chain(range(min(index, count) - 1, -1, -1), range(index, count)):
            line = self.line(at)
            if line.kind is Kind.SETTING and line.is_plain:
                return Style.of(line)
        return Style()


@attrs.frozen(slots=True)
class Placed:
    """A line, and where it stands."""

    leaf: Leaf
    index: int
    line: Line

    @property
    def place(self) -> Place:
        """The file and the line."""
        return Place(self.leaf.path, self.index + 1)

    @property
    def style(self) -> Style:
        """How it is written, if it is a setting, or else a neighbour of it."""
        is_example = self.line.kind is Kind.SETTING and self.line.is_plain
        return Style.of(self.line) if is_example else self.leaf.style(self.index + 1)

    @property
    def opens_or_closes(self) -> bool:
        """Tell whether a block comment reaches from here to another line, or from another line to here."""
        depths = self.leaf.depths
        return bool(depths[self.index] or depths[self.index + 1])


class Body:
    """What belongs to one section."""

    def __init__(self, spans: Sequence[Span], leaf: Callable[[str, int], Leaf]) -> None:
        """Take its spans, and what returns the file of a path that begins in so many block comments."""
        self.spans = spans
        self._leaf = leaf

    def lines(self, span: Span) -> Iterator[Placed]:
        """Iterate over the lines of a span."""
        leaf = self._leaf(span.path, span.depth)
        for index in range(span.start, min(span.stop, len(leaf.tree.lines))):
            yield Placed(leaf, index, leaf.line(index))

    @functools.cached_property
    def _all(self) -> list[Placed]:
        return [each for span in self.spans for each in self.lines(span)]

    @functools.cached_property
    def headers(self) -> list[Placed]:
        """Its headers: the one that makes the section, and those that add to it with `(+)`."""
        return self._of(Kind.HEADER)

    @functools.cached_property
    def settings(self) -> list[Placed]:
        """Its own settings, in the order of reading."""
        return self._of(Kind.SETTING)

    def settings_of(self, key: str) -> list[Placed]:
        """Return its own settings of an option, which is compared without case."""
        return self._by_key.get(fold(key), [])

    @functools.cached_property
    def _by_key(self) -> Mapping[str, list[Placed]]:
        found: dict[str, list[Placed]] = {}
        for each in self.settings:
            found.setdefault(fold(each.line.key), []).append(each)
        return found

    def _of(self, kind: Kind) -> list[Placed]:
        return [each for each in self._all if each.line.kind is kind]
