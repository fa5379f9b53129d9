"""A category while a parse is still adding to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import attrs

from sorcery.conf.model import Block, Category, Variable

__all__ = ["MAX_NAME", "CategoryDraft"]

MAX_NAME = 79
"""Bytes of a category's name; the rest is cut off without a message, and look-ups use the uncut text."""


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
    _shared: Block = ()

    def __iter__(self) -> Iterator[Variable]:
        return chain(chain.from_iterable(self.blocks), self.own)

    def copy(self, block: Block) -> None:
        """Append what a base gives; an empty block leaves no trace."""
        if block:
            self._close_run()
            self.blocks.append(block)

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

    def rewrite(self, variables: Sequence[Variable]) -> None:
        """Replace all variables; they become one run of its own, shared with nobody."""
        self.blocks.clear()
        self.own[:] = variables
        self._shared = ()

    def finished(self) -> Category:
        """Return the immutable category; the draft must not be used again."""
        self._close_run()
        bases, blocks = tuple(self.bases), tuple(self.blocks)
        return Category(self.name, self.template, bases, self.file, self.line, blocks)

    def _close_run(self) -> None:
        if self.own:
            self.blocks.append(tuple(self.own))
            self.own.clear()


def _inherited(variable: Variable) -> Variable:
    if variable.inherited:
        return variable
    return Variable(variable.key, variable.value, variable.line, variable.operator, True, variable.file)
