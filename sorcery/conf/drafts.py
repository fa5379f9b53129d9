"""The categories of a parse that is under way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import attrs

from sorcery.conf.budget import APPENDED, COMPARED, Budget
from sorcery.conf.deferred import Deferred, Given, plain_header
from sorcery.conf.draft import CategoryDraft
from sorcery.conf.messages import Fault, shown
from sorcery.conf.model import Category
from sorcery.conf.text import decode, fold

__all__ = ["MAX_COPIES", "Drafts", "Handle"]

MAX_COPIES = 20_000_000
"""Variables that one parse may copy from bases in all; doubling `[b](a,a)` by line would fill any memory."""

Handle = CategoryDraft | int
"""A category that is read, or the position of one that may not be."""


@attrs.frozen(slots=True)
class _Known:
    """What bases give, by its number, and what there is to know of it."""

    number: int
    size: int
    digest: int
    is_much: bool
    """To append to what is given may be long work."""


class Drafts:
    """All categories of a parse in order of creation, found by name in constant time."""

    def __init__(self) -> None:
        self.deferred = Deferred()
        self.all: list[CategoryDraft | int] = []
        """Each category as it is read, or its row in `deferred`."""
        self._read: list[int] = []
        """The positions of those that are read."""
        self.latest: Handle | None = None
        """The one most recently created or selected with `(+)` in any file: included files start in it."""
        self._positions: dict[str, list[int]] = {}
        self._indexed = 0
        self._bases: dict[bytes, _Known] = {}
        """What is known of bases, by how a header writes them."""
        self._copies = 0
        self.appended = Budget("appends-too-many", APPENDED)
        self.compared = Budget("conditions-too-many", COMPARED)

    def add(self, draft: CategoryDraft) -> None:
        """Append a new category."""
        self._read.append(len(self.all))
        self.all.append(draft)

    def defer(self, piece: bytes, source: int, start: int, line: int) -> bool:
        """Append the section that a piece of a file is, unread; return False if it is not plain."""
        header = plain_header(piece)
        known = self._known(header[1]) if header else None
        if known is None or self._copies + known.size > MAX_COPIES or (known.is_much and b"+=" in piece):
            return False
        self._copies += known.size
        self.latest = len(self.all)
        self.all.append(self.deferred.add(source, start, line, known.number, hash((piece, known.digest)) or 1))
        return True

    def read(self, handle: Handle) -> CategoryDraft:
        """Return a category, read if it was not."""
        if isinstance(handle, CategoryDraft):
            return handle
        entry = self.all[handle]
        if isinstance(entry, int):
            entry = self.all[handle] = self.deferred.read(entry)
            entry.appended = self.appended
            self._read.append(handle)
        return entry

    def finished(self) -> list[Category | int]:
        """Return each category, or its row in `deferred`; the drafts must not be used again."""
        entries = cast(list[Category | int], self.all.copy())
        for position in self._read:
            entries[position] = self.read(position).finished()
        return entries

    def forget_bases(self) -> None:
        """Look at bases anew when they are copied: what was read since may have added to one."""
        self._bases.clear()

    def named(self, name: str) -> Iterator[CategoryDraft]:
        """Iterate over the categories of that name (without case), in order; an empty name means all of them."""
        self._index()
        positions = self._positions.get(fold(name), ()) if name else range(len(self.all))
        return map(self.read, positions)

    def inherit(self, target: CategoryDraft, name: str) -> None:
        """Copy the first category of that name into the target, as it is now.

        Raises `Fault`: base-missing; self-copy and copies-too-many, where Asterisk would fill the memory.
        """
        base = next(self.named(name), None)
        if base is None:
            raise Fault(
                "base-missing", f"{shown(target.name)} copies {shown(name)}, and no category before it is called so"
            )
        block = base.as_base()
        if base is target and block:
            raise Fault("self-copy", f"{shown(target.name)} copies itself")
        self._copies += len(block)
        if self._copies > MAX_COPIES:
            raise Fault("copies-too-many", f"more than {MAX_COPIES} variables are copied, here {shown(name)}")
        target.copy(block)
        target.bases.append(base.name)

    def _known(self, text: bytes) -> _Known | None:
        """Return what the bases in a header give, or None if one of them does not exist."""
        known = self._bases.get(text)
        if known is None:
            bases = [next(self.named(name), None) for name in decode(text[1:-1]).split(",")] if text else []
            found = [base for base in bases if base is not None]
            if len(found) < len(bases):
                return None
            blocks = (base.as_base() for base in found)
            given = Given(tuple(base.name for base in found), tuple(block for block in blocks if block))
            known = self._bases[text] = _Known(self.deferred.given(given), given.size, given.digest(), given.is_much)
        return known

    def _index(self) -> None:
        """Note the names of the categories that came since somebody last asked for one."""
        for position in range(self._indexed, len(self.all)):
            entry = self.all[position]
            name = self.deferred.name(entry) if isinstance(entry, int) else entry.name
            self._positions.setdefault(fold(name), []).append(position)
        self._indexed = len(self.all)
