"""Changes of several objects that hang together, as a plan that the stores can carry out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sorcery.binding import Binding, Bound
from sorcery.errors import InvalidObject, NotWritable
from sorcery.kinds.base import Refused
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.plan import PlannedChange
from sorcery.wizard import Op
from sorcery.writing.transaction import Step, ordered

__all__ = ["Exchange", "feasible", "rewritten"]

Exchange = tuple[Option, str, str | None]
"""An option that names an id, that id, and what it is to name instead; None takes the name out."""


def rewritten(obj: Object, exchanges: Iterable[Exchange], *, id: str = "") -> Object:
    """Return an object with ids exchanged in its options, and another id of its own; raises `InvalidObject`."""
    values: dict[str, object] = {"id": id or obj.id}
    for option, old, new in exchanges:
        before = values.get(option.attribute, getattr(obj, option.attribute))
        try:
            values[option.attribute] = option.kind.renamed(before, old, new)
        except Refused as refusal:
            name, remedy = obj.__sorcery__.name, refusal.remedy
            raise InvalidObject(
                name, obj.id, refusal.reason, option=option.name, value=new or "", remedy=remedy
            ) from None
    return obj.evolve(**values)


def feasible(bindings: Mapping[str, Binding], changes: Sequence[PlannedChange]) -> tuple[PlannedChange, ...]:
    """Return changes in dependency order; raises `NotWritable` where one would not come to pass, and `Unavailable`."""
    types = {name: binding.object_type for name, binding in bindings.items()}
    found = {(change.op, change.type_name, change.obj.id): change for change in changes}
    for change in changes:
        _require_writable(bindings[change.type_name], change)
    steps = ordered([Step(change.op, change.obj) for change in changes], types)
    return tuple(found[step.op, *step.key] for step in steps)


def _require_writable(binding: Binding, change: PlannedChange) -> None:
    """Refuse a change of what a read-only store holds: an update that it hides, a deletion that leaves it there."""
    stores = [bound for bound in binding.bound if not bound.mapping.caching]
    if not binding.writable:
        guard = next(filter(None, (bound.guard for bound in stores)), "")
        raise NotWritable(change.type_name, map(str, binding.mappings), guard=guard)
    for bound in stores if change.op is not Op.CREATE else ():
        if _holds(bound, change.obj.id):
            if not bound.is_writable:
                label, mappings = bound.store.label, map(str, binding.mappings)
                raise NotWritable(change.type_name, mappings, id=change.obj.id, store=label, guard=bound.guard)
            if change.op is Op.UPDATE:
                return


def _holds(bound: Bound, id: str) -> bool:
    try:
        return bound.store.retrieve(id) is not None
    except InvalidObject:
        return True
