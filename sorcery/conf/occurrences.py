"""Where a category has its keys and values, for `+=` in a category of very many lines."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from sorcery.conf.model import Variable
from sorcery.conf.text import fold

__all__ = ["Occurrences"]


class Occurrences:
    """Finds the variable that `+=` means, in a time that does not grow with their number.

    What is noted of a variable stays when another takes its place, and is passed over when it is met.
    """

    def __init__(self, variables: Iterable[Variable]) -> None:
        self._variables: list[Variable] = []
        self._last: dict[str, list[int]] = {}
        """Heaps of negated positions, by key."""
        self._first: dict[tuple[str, str], list[int]] = {}
        """Heaps of positions, by key and value without case."""
        self._first_of_key: dict[str, int] = {}
        """First positions, by key without case: what takes the place of a variable has its key, so they stay."""
        self.extend(variables)

    def __len__(self) -> int:
        return len(self._variables)

    def extend(self, variables: Iterable[Variable]) -> None:
        """Add variables at the end."""
        for variable in variables:
            self._variables.append(variable)
            self._note(len(self._variables) - 1, variable)

    def find(self, key: str) -> tuple[int, str] | None:
        """Return what `likeness` returns."""
        heap = self._last.get(key, [])
        while heap and self._variables[-heap[0]].key != key:
            heappop(heap)
        if not heap:
            return None
        value = self._variables[-heap[0]].value
        return (self._first_like(fold(key), fold(value)) if value else self._first_of_key[fold(key)]), value

    def replace(self, position: int, variable: Variable) -> None:
        """Put a variable in the place of one whose key it has, but for case."""
        old = self._variables[position]
        self._variables[position] = variable
        like = fold(old.key), fold(old.value)
        heap = self._first.get(like, [])
        if heap[:1] == [position]:
            heappop(heap)
            if not heap:
                del self._first[like]  # values that grow would fill the memory
        self._note(position, variable)

    def _note(self, position: int, variable: Variable) -> None:
        key = fold(variable.key)
        heappush(self._last.setdefault(variable.key, []), -position)
        heappush(self._first.setdefault((key, fold(variable.value)), []), position)
        self._first_of_key.setdefault(key, position)

    def _first_like(self, key: str, value: str) -> int:
        heap = self._first[key, value]
        while fold(self._variables[heap[0]].value) != value:
            heappop(heap)
        return heap[0]
