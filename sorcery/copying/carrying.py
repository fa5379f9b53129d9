"""Storing a page of objects: what is the same is left alone, what a store refuses is found and told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import attrs

from sorcery.binding import Binding
from sorcery.chain import Chain, retrieve_many
from sorcery.copying.outcome import Existing, Failure, Fate, Fated, names_of_differing
from sorcery.errors import AlreadyExists, InvalidObject, NotWritable, PartialWrite, SorceryError, Unavailable
from sorcery.objects import Object
from sorcery.plan import by_itself, is_alike
from sorcery.wizard import Op, Reader
from sorcery.writing.transaction import Step
from sorcery.writing.written import Written

__all__ = ["Carrier", "behind_caches"]

FATES = {Op.CREATE: Fate.CREATED, Op.UPDATE: Fate.UPDATED, Op.DELETE: Fate.DELETED}


def behind_caches(binding: Binding) -> Reader:
    """Return what asks the stores of a type themselves: a cache tells what it was told."""
    stores = [bound.store for bound in binding.bound if not bound.mapping.caching]
    return stores[0] if len(stores) == 1 else Chain(stores)


@attrs.define(eq=False)
class Carrier:
    """Takes objects to one system and keeps account of them."""

    _store: Callable[[Sequence[Step]], Sequence[Written]]
    """Stores changes, or queues them, all or nothing."""
    _existing: Existing
    _dry_run: bool
    fates: defaultdict[str, Counter[Fate]] = attrs.field(factory=lambda: defaultdict(Counter))
    failed: list[Failure] = attrs.field(factory=list)
    changes: list[Fated] = attrs.field(factory=list)
    left: set[tuple[str, str]] = attrs.field(factory=set)
    """The type and id of what does not lie in the target as it does in the source, and is not to."""

    def fail(self, type_name: str, id: str, reason: str, error: SorceryError | None = None) -> None:
        """Take down that an object was not copied."""
        self.failed.append(Failure(type_name, id, reason, error))
        self.left.add((type_name, id))

    def carry(self, binding: Binding, objects: Sequence[Object], *, is_empty: bool = False) -> None:
        """Create or update what is not the same in the target; raises `Unavailable` and `PartialWrite`.

        One that is empty need not be asked for each object.
        """
        held = {} if is_empty else retrieve_many(behind_caches(binding), [obj.id for obj in objects])
        steps, unchanged = [], 0
        for each in objects:
            obj, old = by_itself(each), held.get(each.id)
            if old is None:
                steps.append(Step(Op.CREATE, obj))
            elif is_alike(old, obj):
                unchanged += 1
            elif self._may_replace(old, obj):
                steps.append(Step(Op.UPDATE, obj, old))
        self.fates[binding.object_type.name][Fate.UNCHANGED] += unchanged
        self._change(binding, steps)

    def delete(self, binding: Binding, objects: Sequence[Object]) -> None:
        """Delete objects from the target; raises `Unavailable` and `PartialWrite`."""
        self._change(binding, [Step(Op.DELETE, obj, obj) for obj in objects])

    def _may_replace(self, old: Object, obj: Object) -> bool:
        """Tell whether an object takes the place of another one; take down what is said of it if not."""
        name = obj.__sorcery__.name
        if self._existing is Existing.SKIP:
            self._skip(name, obj.id)
        elif self._existing is Existing.FAIL:
            options = ", ".join(names_of_differing(old, obj))
            self.fail(name, obj.id, f"the target holds another one: {options} differ{'' if ',' in options else 's'}")
        return self._existing is Existing.UPDATE

    def _skip(self, type_name: str, id: str) -> None:
        self._tell(Fate.SKIPPED, type_name, id)
        self.left.add((type_name, id))

    def _tell(self, fate: Fate, type_name: str, id: str, options: tuple[str, ...] = ()) -> None:
        self.fates[type_name][fate] += 1
        if self._dry_run:
            self.changes.append(Fated(fate, type_name, id, options))

    def _change(self, binding: Binding, steps: Sequence[Step]) -> None:
        if steps and not binding.writable:
            guard = next(filter(None, (bound.guard for bound in binding.bound)), "")
            self._refuse(steps, NotWritable(binding.object_type.name, map(str, binding.mappings), guard=guard))
        elif self._dry_run:
            for step in steps:
                options = names_of_differing(step.expected, step.obj) if step.op is Op.UPDATE and step.expected else ()
                self._tell(FATES[step.op], *step.key, options)
        elif steps:
            self._store_or_split(binding, sorted(steps, key=_id))  # who locks in one order waits in no circle

    def _refuse(self, steps: Sequence[Step], error: SorceryError) -> None:
        for step in steps:
            self.fail(*step.key, str(error), error)

    def _store_or_split(self, binding: Binding, steps: Sequence[Step]) -> None:
        """Store changes as a whole; if they are refused, each half by itself, down to what is refused."""
        try:
            written = self._store(steps)
        except (Unavailable, PartialWrite):
            raise
        except SorceryError as error:
            if len(steps) == 1:
                self._settle(binding, steps[0], error)
                return
            middle = len(steps) // 2
            self._store_or_split(binding, steps[:middle])
            self._store_or_split(binding, steps[middle:])
        else:
            self._account(binding.object_type.name, steps, is_queued=any(each.is_queued for each in written))

    def _account(self, type_name: str, steps: Sequence[Step], *, is_queued: bool) -> None:
        if is_queued:
            self.left.update(step.key for step in steps)
        self.fates[type_name].update(Fate.QUEUED if is_queued else FATES[step.op] for step in steps)

    def _settle(self, binding: Binding, step: Step, error: SorceryError) -> None:
        """Replace what holds an id and is no object; take down any other refusal."""
        if not isinstance(error, AlreadyExists) or step.op is not Op.CREATE:
            self._refuse([step], error)
            return
        try:
            held = behind_caches(binding).retrieve(step.obj.id)
        except InvalidObject as bad:
            if self._existing is Existing.UPDATE:
                self._store_or_split(binding, [Step(Op.UPDATE, step.obj)])
            elif self._existing is Existing.SKIP:
                self._skip(*step.key)
            else:
                self._refuse([step], bad)
            return
        if held is None:
            self._refuse([step], error)
        else:  # somebody else was quicker
            self.carry(binding, [step.obj])


def _id(step: Step) -> str:
    return step.obj.id
