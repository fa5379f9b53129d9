"""Immutable mappings of which a changed copy is cheap: it shares whatever the change did not touch.

Both are cut into pieces, so that a change copies the list of the pieces and the one piece that it lies in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Generic, TypeVar

__all__ = ["HashMap", "SortedMap"]

D = TypeVar("D")
K = TypeVar("K", str, tuple[str, str])
V = TypeVar("V")

PAGE = 128
"""How many keys a page of a sorted map holds, about: never more than twice as many."""


class HashMap(Mapping[str, V]):
    """A mapping by text, in no order, cut into dictionaries by hash."""

    __slots__ = ("_length", "_parts")

    def __init__(self, parts: Sequence[dict[str, V]], length: int) -> None:
        self._parts, self._length = parts, length

    @classmethod
    def of(cls, items: Mapping[str, V]) -> HashMap[V]:
        """Return a map that holds the same."""
        parts: list[dict[str, V]] = [{} for _ in range(256)]
        for key, value in items.items():
            parts[hash(key) & 255][key] = value
        return cls(parts, len(items))

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value, or the default."""
        return self._parts[hash(key) & 255].get(key, default)

    def __getitem__(self, key: str) -> V:
        return self._parts[hash(key) & 255][key]

    def __contains__(self, key: object) -> bool:
        return key in self._parts[hash(key) & 255]

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)

    def __len__(self) -> int:
        return self._length

    def replaced(self, changes: Mapping[str, V | None]) -> HashMap[V]:
        """Return a copy in which keys are set to a value, or removed where it is None."""
        parts, copied = list(self._parts), set()
        for key, value in changes.items():
            number = hash(key) & 255
            if number not in copied:
                copied.add(number)
                parts[number] = dict(parts[number])
            if value is None:
                parts[number].pop(key, None)
            else:
                parts[number][key] = value
        growth = sum(len(parts[number]) - len(self._parts[number]) for number in copied)
        return HashMap(parts, self._length + growth)


Page = tuple[list[K], list[V]]
"""Neighbouring keys, in order, and their values."""


class SortedMap(Generic[K, V]):
    """A mapping in the order of its keys, cut into pages."""

    __slots__ = ("_bounds", "_pages")

    def __init__(self, pages: Sequence[Page[K, V]], bounds: Sequence[K]) -> None:
        self._pages: Sequence[Page[K, V]] = pages
        self._bounds: Sequence[K] = bounds  # bounds[n] is above pages[n], and not above pages[n + 1]

    @classmethod
    def of(cls, items: Mapping[K, V]) -> SortedMap[K, V]:
        """Return a map that holds the same."""
        keys = sorted(items)
        pages = _split((keys, [items[key] for key in keys]))
        return cls(pages, _bounds(pages))

    def values(self) -> Iterator[V]:
        """Yield all values in the order of their keys."""
        return chain.from_iterable(values for _, values in self._pages)

    def between(self, low: K, high: K) -> Iterator[V]:
        """Yield the values from one key on until just before another, in order."""
        first, last = bisect_right(self._bounds, low), bisect_left(self._bounds, high)
        for keys, values in self._pages[first : last + 1]:
            yield from values[bisect_left(keys, low) : bisect_left(keys, high)]

    def replaced(self, changes: Mapping[K, V | None]) -> SortedMap[K, V]:
        """Return a copy in which keys are set to a value, or removed where it is None."""
        by_page: dict[int, list[tuple[K, V | None]]] = {}
        for change in sorted(changes.items(), key=itemgetter(0)):
            by_page.setdefault(bisect_right(self._bounds, change[0]), []).append(change)
        pages, bounds = list(self._pages), list(self._bounds)
        for number in reversed(by_page):  # from behind, so that the numbers before stay right
            parts = _split(_changed(pages[number], by_page[number]))
            pages[number : number + 1] = parts
            bounds[number:number] = _bounds(parts)
            _join(pages, bounds, number)
        return SortedMap(pages, bounds)


def _changed(page: Page[K, V], changes: Iterable[tuple[K, V | None]]) -> Page[K, V]:
    keys, values = list(page[0]), list(page[1])
    for key, value in changes:
        at = bisect_left(keys, key)
        end = at + (keys[at : at + 1] == [key])
        keys[at:end] = [] if value is None else [key]
        values[at:end] = [] if value is None else [value]
    return keys, values


def _split(page: Page[K, V]) -> list[Page[K, V]]:
    """Return the page, or several where it has grown too long."""
    keys, values = page
    if len(keys) <= 2 * PAGE:
        return [page]
    return [(keys[at : at + PAGE], values[at : at + PAGE]) for at in range(0, len(keys), PAGE)]


def _bounds(pages: Iterable[Page[K, V]]) -> list[K]:
    return [keys[0] for keys, _ in islice(pages, 1, None)]


def _join(pages: list[Page[K, V]], bounds: list[K], number: int) -> None:
    """Put a page that has shrunk together with a neighbour, so that no more pages stay than their keys need."""
    for left in (number - 1, number):
        both = pages[max(left, 0) : left + 2]
        if len(both) == 2 and len(both[0][0]) + len(both[1][0]) <= PAGE:
            pages[left : left + 2] = [(both[0][0] + both[1][0], both[0][1] + both[1][1])]
            del bounds[left]
            return
