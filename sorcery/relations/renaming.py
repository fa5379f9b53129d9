"""Giving an object another id, everywhere at once."""

from __future__ import annotations

from sorcery.errors import AlreadyExists, InvalidObject
from sorcery.objects import Object
from sorcery.plan import PlannedChange
from sorcery.relations.links import Key, Relations, Tie, key_of
from sorcery.relations.planning import Exchange, feasible, rewritten
from sorcery.wizard import Op

__all__ = ["renaming"]


def renaming(relations: Relations, type_name: str, id: str, new: str) -> tuple[PlannedChange, ...]:
    """Return the changes that give an object another id; `Sorcery.plan_rename` says which those are.

    Raises `NotFound`, `AlreadyExists`, `InvalidObject`, `NotWritable`, `Unavailable`. Blocks on the stores.
    """
    obj = relations.get(type_name, id)
    if not new:
        raise InvalidObject(type_name, id, "cannot be renamed to an empty id", remedy="name the new id")
    renames: dict[Key, str] = {}
    affected: dict[Key, tuple[Object, list[Exchange]]] = {key_of(obj): (obj, [])}
    waiting = [(obj, new)] if new != id else []
    while waiting:
        obj, new = waiting.pop()
        _require_free(relations, obj, new)
        renames[key_of(obj)] = new
        for link in relations.referrers(*key_of(obj)):
            referrer = link.referrer
            _, exchanges = affected.setdefault(key_of(referrer), (referrer, []))
            if link.tie is Tie.OWNER:
                waiting.append((referrer, new + referrer.id.removeprefix(link.id)))
            elif link.tie is Tie.OPTION and (option := referrer.__sorcery__.option(link.option)) is not None:
                exchanges.append((option, link.id, new))
    changes: list[PlannedChange] = []
    for key, (old, exchanges) in affected.items():
        changes += _changes(old, exchanges, renames.get(key, ""))
    return feasible(relations.bindings, changes)


def _changes(old: Object, exchanges: list[Exchange], id: str) -> list[PlannedChange]:
    if id:
        made = rewritten(old, exchanges, id=id)
        return [PlannedChange(Op.CREATE, made), PlannedChange(Op.DELETE, old, old)]
    return [PlannedChange(Op.UPDATE, rewritten(old, exchanges), old)] if exchanges else []


def _require_free(relations: Relations, obj: Object, new: str) -> None:
    """Raise `AlreadyExists` for an id that is taken, be it by what cannot be read."""
    name = obj.__sorcery__.name
    try:
        is_taken = relations.bindings[name].reader.retrieve(new) is not None
    except InvalidObject:
        is_taken = True
    if is_taken:
        raise AlreadyExists(name, new)
