"""What one notice comes to: caches look at the object anew, and observers hear what became of it.

What counts is the state that is found, not what the notice says was done: of several changes that followed one
another, or of one that this process made or found by itself, observers hear once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import attrs

from sorcery.binding import Binding, Generation
from sorcery.errors import InvalidObject, Unavailable
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.observers import Notifier
from sorcery.plain import plain
from sorcery.report import Report
from sorcery.told import Event, Known, Told
from sorcery.wizard import PENDING, Cache, Op, Store
from sorcery.writing.transaction import Step
from sorcery.writing.writes import Stripes

__all__ = ["Spectator", "System"]

log = logging.getLogger("sorcery.watching")


@attrs.frozen(slots=True, eq=False)
class System:
    """What following the stores of a `Sorcery` needs of it."""

    generation: Callable[[], Generation]
    """Return what is in force; raises `Unavailable` once all is closed."""
    report: Callable[[], Report]
    """Return what the last load said."""
    reload: Callable[[], Report]
    reconcile: Callable[[], Report]
    """Let caches compare all that they hold with the stores behind; reads no file."""
    note: Callable[[Iterable[Step]], None]
    """Take down that a store holds something else now: what a load that is under way reads of these objects is older.

    It is called while their stripes are held.
    """
    stripes: Stripes
    notifier: Notifier


class Spectator:
    """Looks at single objects of a system, and tells its observers."""

    def __init__(self, system: System, told: Told) -> None:
        self._system, self._told = system, told

    def look(self, store: Store, id: str, op: Op | None) -> None:
        """Find out what became of an object after a notice; raises `Unavailable`, and then caches doubt the object.

        Blocks on the stores, and holds the object's lock: a change of it through this system comes before or after.
        A store that is not in use any more has nothing to tell.
        """
        for binding in self._system.generation().bindings.values():
            if any(bound.store is store for bound in binding.bound):
                name = binding.object_type.name
                with self._system.stripes.hold([(name, id)]):
                    self._look(name, store, id, op)
                self._system.notifier.deliver()
                return

    def _look(self, name: str, store: Store, id: str, op: Op | None) -> None:
        binding = self._system.generation().bindings[name]  # in here: no reload puts others in their place meanwhile
        position = next((n for n, bound in enumerate(binding.bound) if bound.store is store), None)
        if position is None:
            return
        self._system.note(())
        try:
            held = _reconcile(binding, position, id)
            if not self._system.notifier.watches(name) or _is_shadowed(binding, position, id):
                return
            now = _read(binding, position, id)
        except InvalidObject as error:
            log.warning("what changed makes no valid object, and what caches hold of it stays: %s", plain(str(error)))
        except Unavailable:
            for cache in _caches(binding, position):
                cache.doubt(id)
            raise
        else:
            self._tell(binding.object_type, id, op, held, now)

    def _tell(self, object_type: ObjectType, id: str, op: Op | None, held: Known, now: Object | None) -> None:
        name = object_type.name
        known = self._told.get(name, id)
        event = _event(object_type, id, op, held if known is PENDING else known, now)
        if event is None:
            self._told.put(name, id, now)
        else:
            self._system.note([Step(Op.DELETE, event[2][0]) if now is None else Step(Op.PUT, now)])
            self._system.notifier.queue([event])


def _caches(binding: Binding, position: int) -> list[Cache]:
    """Return the caches in front of a store, the outermost first."""
    front = binding.bound[:position]
    return [bound.store for bound in front if bound.mapping.caching and isinstance(bound.store, Cache)]


def _reconcile(binding: Binding, position: int, id: str) -> Known:
    """Let the caches in front of a store look at an object anew; return what the outermost that knew it held."""
    held: Known = PENDING
    for cache in reversed(_caches(binding, position)):  # one in front of another finds what that one found
        difference = cache.reconcile([id]).difference
        if difference.created:
            held = None
        for old in (*difference.deleted, *(old for _, old in difference.updated)):
            held = old
    return held


def _is_shadowed(binding: Binding, position: int, id: str) -> bool:
    """Tell whether a store in front holds an object of that id, so that nobody sees this one."""
    front = (bound.store for bound in binding.bound[:position] if not bound.mapping.caching)
    return any(store.retrieve(id) is not None for store in front)


def _read(binding: Binding, position: int, id: str) -> Object | None:
    """Ask a store, and those behind it, for an object; not the caches in front: they are to hold what was asked for."""
    for bound in binding.bound[position:]:
        found = bound.store.retrieve(id)
        if found is not None or bound.mapping.caching:
            return found
    return None


def _event(object_type: ObjectType, id: str, op: Op | None, known: Known, now: Object | None) -> Event | None:
    """Return what observers are told; where nothing was known, the notice says whether the object existed before."""
    name = object_type.name
    if known is PENDING:
        if now is None:
            return None if op is Op.CREATE else (name, "deleted", (_blank(object_type, id),))
        return (name, "updated", (now, now)) if op in (Op.UPDATE, Op.DELETE) else (name, "created", (now,))
    if now is None:
        return None if known is None else (name, "deleted", (known,))
    if known is None:
        return name, "created", (now,)
    return None if now == known else (name, "updated", (now, known))


def _blank(object_type: ObjectType, id: str) -> Object:
    """Return the object that stands for one that is gone and that nobody here ever saw: an id, and no more."""
    draft = object_type.draft(id)
    for option in object_type.required:
        draft[option.attribute] = option.kind.zero
    return object_type.make(draft)
