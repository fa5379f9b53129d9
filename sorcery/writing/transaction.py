"""Several changes that come true together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as Table
from types import TracebackType

import attrs

from sorcery.errors import AlreadyExists, NotFound
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.wizard import Op
from sorcery.writing.written import Written

__all__ = ["Step", "Transaction", "dependency_order", "ordered"]


@attrs.frozen(slots=True)
class Step:
    """One change that somebody asks for."""

    op: Op
    obj: Object
    expected: Object | None = None
    """The object as it was read; what is another now, or gone, is a `Conflict`."""
    is_strict: bool = False
    """An update finds its object or fails, also where updates create what they miss."""

    @property
    def key(self) -> tuple[str, str]:
        """Type name and id."""
        return self.obj.__sorcery__.name, self.obj.id


class Transaction:
    """Collects changes and stores them when its `with` block ends; an exception in the block drops them all.

    They are carried out in dependency order, whatever the order they were given in: what is referred to is
    created first and deleted last. Several changes of one object become one, of whose `expected` the first counts.
    """

    def __init__(self, store: Callable[[Sequence[Step]], tuple[Written, ...]], types: Table[str, ObjectType]) -> None:
        self._store, self._types = store, types
        self._steps: dict[tuple[str, str], Step | None] = {}
        self._is_open = False
        self.written: tuple[Written, ...] = ()
        """What became of the changes, in the order in which they were carried out; known after the block."""

    def create(self, obj: Object) -> None:
        """Create an object at the end of the block."""
        self.add(Step(Op.CREATE, obj))

    def update(self, obj: Object, *, expected: Object | None = None) -> None:
        """Replace an object at the end of the block; a `Conflict` if it is not equal to `expected` then."""
        self.add(Step(Op.UPDATE, obj, expected))

    def delete(self, obj: Object, *, expected: Object | None = None) -> None:
        """Delete an object at the end of the block; its id decides. A `Conflict` if it is not `expected` then."""
        self.add(Step(Op.DELETE, obj, expected))

    def add(self, step: Step) -> None:
        """Make any change at the end of the block; it is folded into what already becomes of that object."""
        if not self._is_open:
            raise RuntimeError("a transaction takes changes in its block: with sorcery.transaction() as transaction:")
        before = self._steps.get(step.key)
        self._steps[step.key] = step if before is None else _fold(before, step)

    def __enter__(self) -> Transaction:
        self._is_open, self.written = True, ()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        steps = [step for step in self._steps.values() if step is not None]
        self._steps.clear()  # first: what cannot be stored is not tried again by the next block
        if kind is None:
            self.written = self._store(ordered(steps, self._types))


def _fold(before: Step, step: Step) -> Step | None:
    expected = step.expected if before.expected is None else before.expected
    match before.op, step.op:
        case Op.DELETE, Op.CREATE:
            return Step(Op.UPDATE, step.obj, expected, is_strict=True)
        case Op.DELETE, _:
            raise NotFound(*step.key)
        case _, Op.CREATE:
            raise AlreadyExists(*step.key)
        case Op.CREATE, Op.DELETE:
            return None
        case Op.CREATE, _:
            return attrs.evolve(before, obj=step.obj)
        case _, Op.DELETE:
            return Step(Op.DELETE, step.obj, expected)
    return attrs.evolve(before, obj=step.obj, expected=expected)


def ordered(steps: Iterable[Step], types: Table[str, ObjectType]) -> list[Step]:
    """Sort changes so that no moment of their order has a reference without its object.

    Those of a type are sorted by id: two processes that lock the same rows do not wait for one another in a circle.
    """
    steps = list(steps)
    if len(steps) < 2:
        return steps
    rank = {name: position for position, name in enumerate(dependency_order(types))}
    writes = sorted((s for s in steps if s.op is not Op.DELETE), key=lambda s: (rank.get(s.key[0], 0), s.key))
    deletes = sorted((s for s in steps if s.op is Op.DELETE), key=lambda s: (-rank.get(s.key[0], 0), s.key))
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
        visit(types[name].owner)
        found[name] = None

    for name in types:
        visit(name)
    return list(found)
