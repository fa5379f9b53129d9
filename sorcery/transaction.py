"""Several changes that come true together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Table
from types import TracebackType

from sorcery.errors import AlreadyExists, NotFound
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.wizard import Op

__all__ = ["Step", "Transaction", "dependency_order", "ordered"]

Step = tuple[Op, Object]


class Transaction:
    """Collects changes and stores them when its `with` block ends; an exception in the block drops them all.

    They are carried out in dependency order, whatever the order they were given in: what is referred to is
    created first and deleted last.
    """

    def __init__(self, store: Callable[[Sequence[Step]], None], types: Table[str, ObjectType]) -> None:
        self._store, self._types = store, types
        self._steps: dict[tuple[str, str], Step | None] = {}
        self._is_open = False

    def create(self, obj: Object) -> None:
        """Create an object at the end of the block."""
        self._add(Op.CREATE, obj)

    def update(self, obj: Object) -> None:
        """Replace an object at the end of the block."""
        self._add(Op.UPDATE, obj)

    def delete(self, obj: Object) -> None:
        """Delete an object at the end of the block; its id decides."""
        self._add(Op.DELETE, obj)

    def _add(self, op: Op, obj: Object) -> None:
        """Fold the change into what the transaction already does to that object."""
        if not self._is_open:
            raise RuntimeError("a transaction takes changes in its block: with sorcery.transaction() as transaction:")
        key = (obj.__sorcery__.name, obj.id)
        before = self._steps.get(key)
        self._steps[key] = (op, obj) if before is None else _fold(key, before, op, obj)

    def __enter__(self) -> Transaction:
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        steps = [step for step in self._steps.values() if step is not None]
        self._steps.clear()  # first: what cannot be stored is not tried again by the next block
        if kind is None:
            self._store(ordered(steps, self._types))


def _fold(key: tuple[str, str], before: Step, op: Op, obj: Object) -> Step | None:
    earlier = before[0]
    if earlier is Op.DELETE:
        if op is Op.CREATE:
            return Op.UPDATE, obj
        raise NotFound(*key)
    if op is Op.CREATE:
        raise AlreadyExists(*key)
    if op is Op.DELETE:
        return None if earlier is Op.CREATE else (Op.DELETE, obj)
    return earlier, obj


def ordered(steps: Iterable[Step], types: Table[str, ObjectType]) -> list[Step]:
    """Sort changes so that no moment of their order has a reference without its object."""
    steps = list(steps)
    if len(steps) < 2:
        return steps
    rank = {name: position for position, name in enumerate(dependency_order(types))}
    writes = sorted((s for s in steps if s[0] is not Op.DELETE), key=lambda s: rank.get(s[1].__sorcery__.name, 0))
    deletes = sorted((s for s in steps if s[0] is Op.DELETE), key=lambda s: -rank.get(s[1].__sorcery__.name, 0))
    return writes + deletes


def dependency_order(types: Table[str, ObjectType]) -> list[str]:
    """Return the type names, each after those that it refers to; a circle is cut where it is met."""
    found: dict[str, None] = {}
    visiting: set[str] = set()

    def visit(name: str) -> None:
        if name in found or name in visiting or name not in types:
            return
        visiting.add(name)
        for option in types[name].options.values():
            if option.refers_to:
                visit(option.refers_to)
        found[name] = None

    for name in types:
        visit(name)
    return list(found)
