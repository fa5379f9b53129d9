"""What a recipe gives: objects that belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import attrs

from sorcery.objects import Object

__all__ = ["Bundle"]

T = TypeVar("T", bound=Object)


@attrs.frozen(slots=True)
class Bundle:
    """Objects that belong together, in the order in which people write them."""

    objects: tuple[Object, ...]
    protocols: tuple[str, ...] = ()
    """The protocols, best first, of which its endpoints need a transport by name; none where any socket will do."""
    notes: tuple[str, ...] = ()
    """What its user has to see to elsewhere, a sentence each."""

    def __iter__(self) -> Iterator[Object]:
        return iter(self.objects)

    def of(self, type: type[T]) -> tuple[T, ...]:
        """Return its objects of a type."""
        return tuple(obj for obj in self.objects if isinstance(obj, type))

    def evolve(self, type: type[Object], **changes: object) -> Bundle:
        """Return it with options of its objects of a type changed; takes and raises what `Object.evolve` does."""
        return self.changed(lambda obj: obj.evolve(**changes) if isinstance(obj, type) else obj)

    def changed(self, change: Callable[[Object], Object]) -> Bundle:
        """Return it with each object replaced by what a function makes of it."""
        return attrs.evolve(self, objects=tuple(map(change, self.objects)))
