"""A category while a parse is still adding to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import attrs

from sorcery.conf.budget import APPENDED, Budget
from sorcery.conf.model import Block, Category, Variable
from sorcery.conf.occurrences import Occurrences
from sorcery.conf.text import fold

__all__ = ["MAX_NAME", "CategoryDraft", "likeness"]

MAX_NAME = 79
"""Bytes of a category's name; the rest is cut off without a message, and look-ups use the uncut text."""
FEW = 8
"""Lines with `+=` for which a category is looked through; for more of them it is worth while to note what it has."""
_NOTED = 64
"""Bytes that this costs for each variable."""


@attrs.define(slots=True, eq=False)
class CategoryDraft:
    """A category to which headers and lines may still add."""

    name: str
    file: str
    line: int
    template: bool = False
    bases: list[str] = attrs.Factory(list)
    blocks: list[Block] = attrs.Factory(list)
    """The runs that are complete."""
    own: list[Variable] = attrs.Factory(list)
    """The run of lines that is still growing; always this same list."""
    appended: Budget = attrs.Factory(lambda: Budget("appends-too-many", APPENDED))
    """What `+=` may still append to."""
    _shared: Block = ()
    _asked: int = 0
    """How often `find` was called."""
    _occurrences: Occurrences | None = None
    """Set once that was more than a few times."""
    _noted: int = 0
    """How much of the run that grows is in it."""

    def __iter__(self) -> Iterator[Variable]:
        return chain(chain.from_iterable(self.blocks), self.own)

    def copy(self, block: Block) -> None:
        """Append what a base gives; an empty block leaves no trace."""
        if block:
            self._close_run()
            self.blocks.append(block)
            self._occurrences = None

    def take_over(self, other: CategoryDraft) -> None:
        """Append what another draft has collected, and its template mark."""
        self.template |= other.template
        for block in other.blocks:
            self.copy(block)

    def as_base(self) -> Block:
        """Return the variables as they are copied from here now: one tuple for all copies of this state."""
        known = len(self._shared)  # what follows was added since: until a rewrite, a category only grows
        if known != sum(map(len, self.blocks)) + len(self.own):
            self._shared = (*self._shared, *map(_inherited, islice(self, known, None)))
        return self._shared

    def find(self, key: str) -> tuple[int, str] | None:
        """Return the position of the variable that `+=` on a key replaces, and the value that it appends to, or None.

        Raises `Fault` (appends-too-many) where the lines so far were enough work for a whole parse.
        """
        self._asked += 1
        if self._asked <= FEW:
            return likeness(list(self), key)
        if self._occurrences is None:
            variables = list(self)
            self.appended.spend(_NOTED * len(variables))
            self._occurrences = Occurrences(variables)
        else:
            self._occurrences.extend(self.own[self._noted :])
        self._noted = len(self.own)
        return self._occurrences.find(key)

    def replace(self, position: int, key: str, value: str) -> None:
        """Give a variable another value; all of them become one run of the category's own, shared with nobody."""
        if self.blocks:
            self.own[:] = list(self)
            self.blocks.clear()
            self._noted = len(self.own)
        old = self.own[position]
        new = self.own[position] = Variable(key, value, old.line, old.operator, False, old.file)
        self._shared = ()
        if self._occurrences is not None:
            self._occurrences.replace(position, new)

    def finished(self) -> Category:
        """Return the immutable category; the draft must not be used again."""
        self._close_run()
        bases, blocks = tuple(self.bases), tuple(self.blocks)
        return Category(self.name, self.template, bases, self.file, self.line, blocks)

    def _close_run(self) -> None:
        if self.own:
            self.blocks.append(tuple(self.own))
            self.own.clear()


def likeness(variables: Sequence[Variable], key: str) -> tuple[int, str] | None:
    """Return the position of the variable that `+=` on a key replaces, and the value that it appends to, or None.

    The last variable of exactly this key gives the value. Replaced is the first that equals it without case in key and
    value (in the key alone if the value is empty), which may be another.
    """
    old = next((each.value for each in reversed(variables) if each.key == key), None)
    if old is None:
        return None
    key_folded, old_folded = fold(key), fold(old)
    return next(
        index
        for index, each in enumerate(variables)
        if fold(each.key) == key_folded and (not old or fold(each.value) == old_folded)
    ), old


def _inherited(variable: Variable) -> Variable:
    if variable.inherited:
        return variable
    return Variable(variable.key, variable.value, variable.line, variable.operator, True, variable.file)
