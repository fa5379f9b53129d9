"""Finding the extensions of a context: names by dictionary, patterns by a tree over their positions.

The tree is walked in the order of preference, so the first hit is the one that Asterisk's sorted list has first.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sorcery_sip.pbx.dialplan.patterns import END, ONE_OR_MORE, ZERO_OR_MORE, Position, parse_pattern, undashed

if TYPE_CHECKING:
    from sorcery_sip.pbx.dialplan.model import Extension

__all__ = ["Index"]


class Index:
    """The extensions of one context, given in the order in which they are preferred. Never changed."""

    def __init__(self, extensions: Iterable[Extension]) -> None:
        self._names: dict[str, tuple[Extension, ...]] = {}
        self._root = _Node()
        for extension in extensions:
            if extension.name.startswith("_"):
                self._root.add(parse_pattern(extension.name[1:]), extension)
            else:
                name = undashed(extension.name)
                self._names[name] = (*self._names.get(name, ()), extension)
        self._sorted = sorted(self._names)

    def matching(self, number: str) -> tuple[Extension, ...]:
        """Return the extensions for a number in the order of preference, whoever calls."""
        number = undashed(number)
        named = self._names.get(number, ())
        found: list[Extension] = []
        self._root.collect(number, 0, found)
        return (*named, *found) if found else named

    def could_match(self, number: str) -> bool:
        """Tell whether more digits may make it an extension; what it is already does not count."""
        number = undashed(number)
        return self._is_beginning(number) or self._root.continues(number, 0)

    def more(self, number: str) -> bool | None:
        """Tell whether it pays to wait for more digits; False: a pattern with `!` has it already, None: no hit."""
        number = undashed(number)
        return True if self._is_beginning(number) else self._root.more(number, 0)

    def _is_beginning(self, number: str) -> bool:
        """Tell whether a name begins with the number and goes on."""
        at = bisect.bisect_right(self._sorted, number)
        return at < len(self._sorted) and self._sorted[at].startswith(number)


class _Node:
    """Patterns that have begun alike."""

    __slots__ = ("chars", "end", "one_or_more", "sets", "zero_or_more")

    def __init__(self) -> None:
        self.chars: dict[str, _Node] = {}
        self.sets: list[tuple[Position, _Node]] = []
        self.one_or_more: list[Extension] = []
        self.zero_or_more: list[Extension] = []
        self.end: list[Extension] = []

    def add(self, positions: tuple[Position, ...], extension: Extension) -> None:
        """Put a pattern where its positions lead, making the way."""
        node = self
        for position in positions[:-1]:
            node = node._child(position)
        {END: node.end, ONE_OR_MORE: node.one_or_more, ZERO_OR_MORE: node.zero_or_more}[positions[-1]].append(extension)

    def collect(self, number: str, at: int, found: list[Extension]) -> None:
        """Append what matches the number from `at` on."""
        if at < len(number):
            char = number[at]
            if child := self.chars.get(char):
                child.collect(number, at + 1, found)
            for position, child in self.sets:
                if char in position.members:
                    child.collect(number, at + 1, found)
            found += self.one_or_more
            found += self.zero_or_more
        else:
            found += self.zero_or_more
            found += self.end

    def continues(self, number: str, at: int) -> bool:
        """Tell whether the rest of the number begins something that goes on."""
        if self.one_or_more or self.zero_or_more:
            return True
        if at == len(number):
            return bool(self.chars or self.sets)
        char = number[at]
        child = self.chars.get(char)
        return (child is not None and child.continues(number, at + 1)) or any(
            char in position.members and child.continues(number, at + 1) for position, child in self.sets
        )

    def more(self, number: str, at: int) -> bool | None:
        """Return what the most preferred pattern says that can go on from here, None if there is none."""
        if at == len(number) and (self.chars or self.sets):
            return True
        if at < len(number):
            char = number[at]
            ways = [self.chars[char]] if char in self.chars else []
            ways += [child for position, child in self.sets if char in position.members]
            for child in ways:
                if (answer := child.more(number, at + 1)) is not None:
                    return answer
        if self.one_or_more:
            return True
        return False if self.zero_or_more else None

    def _child(self, position: Position) -> _Node:
        if position.size == 1:
            return self.chars.setdefault(position.members, _Node())
        for other, node in self.sets:
            if other == position:
                return node
        node = _Node()
        bisect.insort(self.sets, (position, node), key=lambda pair: pair[0])
        return node
