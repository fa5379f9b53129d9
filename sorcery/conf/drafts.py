"""Categories while a parse is still adding to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice

import attrs

from sorcery.conf.messages import Fault, shown
from sorcery.conf.model import Block, Category, Variable
from sorcery.conf.text import fold

__all__ = ["MAX_COPIES", "CategoryDraft", "Drafts"]

MAX_COPIES = 20_000_000
"""Variables that one parse may copy from bases in all; doubling `[b](a,a)` by line would fill any memory."""


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


class Drafts:
    """All categories of a parse in order of creation, found by name in constant time."""

    def __init__(self) -> None:
        self.all: list[CategoryDraft] = []
        self.latest: CategoryDraft | None = None
        """The one most recently created or selected with `(+)` in any file: included files start in it."""
        self._by_name: dict[str, list[CategoryDraft]] = {}
        self._copies = 0

    def add(self, draft: CategoryDraft) -> None:
        """Append a new category."""
        self.all.append(draft)
        self._by_name.setdefault(fold(draft.name), []).append(draft)

    def named(self, name: str) -> Sequence[CategoryDraft]:
        """Return the categories of that name (without case), in order; an empty name means all of them."""
        return self._by_name.get(fold(name), ()) if name else self.all

    def inherit(self, target: CategoryDraft, name: str) -> None:
        """Copy the first category of that name into the target, as it is now.

        Raises `Fault`: base-missing; self-copy and copies-too-many, where Asterisk would fill the memory.
        """
        candidates = self.named(name)
        if not candidates:
            raise Fault(
                "base-missing", f"{shown(target.name)} copies {shown(name)}, and no category before it is called so"
            )
        base = candidates[0]
        block = base.as_base()
        if base is target and block:
            raise Fault("self-copy", f"{shown(target.name)} copies itself")
        self._copies += len(block)
        if self._copies > MAX_COPIES:
            raise Fault("copies-too-many", f"more than {MAX_COPIES} variables are copied, here {shown(name)}")
        target.copy(block)
        target.bases.append(base.name)


def _inherited(variable: Variable) -> Variable:
    if variable.inherited:
        return variable
    return Variable(variable.key, variable.value, variable.line, variable.operator, True, variable.file)
