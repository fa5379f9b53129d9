"""Immutable values that hold several things: names in an order, or something under each name."""

from __future__ import annotations

import abc
from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

import attrs

__all__ = ["FrozenMapping", "NameCollection"]

V = TypeVar("V")


class NameCollection(Collection[str]):
    """Base of values that are looked at as names in their order."""

    __slots__ = ()

    @property
    @abc.abstractmethod
    def names(self) -> tuple[str, ...]:
        """The names in order."""

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names


@attrs.frozen(slots=True, repr=False)
class FrozenMapping(Mapping[str, V]):
    """Values by name in the order in which the names first came; equal only to one in the same order."""

    _pairs: tuple[tuple[str, V], ...] = ()

    def __getitem__(self, name: str) -> V:
        return dict(self._pairs)[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self._pairs)!r})"
