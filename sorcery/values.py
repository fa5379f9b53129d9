"""How objects keep their values: what many have in common once, and with each object only what differs from it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

__all__ = ["Places", "Prototype", "Values", "parts", "places", "reader"]

Places = dict[str, int]
"""Where each of some attributes stands in a tuple of their values; never changed, since objects share it."""


@attrs.frozen(slots=True, eq=False, weakref_slot=False)
class Prototype:
    """Values that objects have in common: the defaults of their type, or what a template makes of these."""

    values: tuple[Any, ...] = attrs.field(repr=False)
    """One per attribute of the type."""
    changed: tuple[str, ...] = ()
    """The attributes whose values may not be the type's defaults."""


@functools.lru_cache(maxsize=4096)
def places(attributes: tuple[str, ...]) -> Places:
    """Return the places of the attributes; objects that differ in the same attributes share them."""
    return {attribute: place for place, attribute in enumerate(attributes)}


class Values:
    """Base of objects: a prototype, and the values that differ from it."""

    __slots__ = ("_own", "_places", "_prototype")

    _own: tuple[Any, ...]
    """The values that differ from the prototype's."""
    _places: Places
    _prototype: Prototype

    def _fill(self, prototype: Prototype, positions: Mapping[str, int], changes: Mapping[str, Any]) -> None:
        """Set the values, once: `changes` by attribute over a prototype, in which `positions` finds an attribute."""
        common = prototype.values
        own = {name: value for name, value in changes.items() if value is not common[positions[name]]}
        put = object.__setattr__
        put(self, "_prototype", prototype)
        put(self, "_places", places(tuple(own)))
        put(self, "_own", tuple(own.values()))

    def _changes(self) -> Iterator[tuple[str, Any]]:
        """Iterate over the attributes and values that differ from the prototype."""
        return zip(self._places, self._own, strict=True)

    def _has_values_of(self, other: Values, positions: Mapping[str, int]) -> bool:
        """Tell whether all values equal those of another object of the same type."""
        mine, theirs = self._prototype, other._prototype
        if self._places == other._places:
            if self._own == other._own and (mine is theirs or mine.values == theirs.values):
                return True
            if mine is theirs:
                return False
        return self._merged(positions) == other._merged(positions)

    def _merged(self, positions: Mapping[str, int]) -> list[Any]:
        merged = list(self._prototype.values)
        for name, value in self._changes():
            merged[positions[name]] = value
        return merged


def parts(values: Values) -> tuple[Prototype, dict[str, Any]]:
    """Return what an object has in common with others, and its own values by attribute.

    For who remembers what he made of the one for the next object; the own values stand above the common ones.
    """
    return values._prototype, dict(values._changes())


def reader(attribute: str, position: int, doc: str = "") -> property:
    """Return the property that reads an attribute: the object's own value, or the one at `position` in common."""

    def read(self: Values) -> Any:
        own = self._places
        return self._own[own[attribute]] if attribute in own else self._prototype.values[position]

    return property(read, doc=doc)
