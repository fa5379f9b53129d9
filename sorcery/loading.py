"""Loading and reloading: read aside, swap, reconcile caches, and say what came of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from contextlib import contextmanager

import attrs

from sorcery.binding import Binding, Bound, Generation
from sorcery.errors import Unavailable
from sorcery.findings import Finding, Severity
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.observers import Event, Notifier, events_of
from sorcery.report import Ids, Report
from sorcery.snapshot import Difference, Snapshot
from sorcery.survey import side_by_side
from sorcery.told import Moving
from sorcery.wizard import Loaded, LoadedStore, Loader, Op, Wizard
from sorcery.writing.transaction import Step
from sorcery.writing.writes import Stripes

__all__ = ["Changed", "Outcome", "Reloader", "compare_moved", "everything", "moved", "prepare", "reconcile", "remapped"]


Changed = dict[str, dict[str, Object | None]]
"""What was created, updated or (then None) deleted, by type and id."""


class Outcome:
    """Gathers what a load does, store by store, into a report and the events that observers hear."""

    def __init__(self) -> None:
        self._ids: dict[str, dict[str, dict[str, None]]] = {
            "created": {},
            "updated": {},
            "deleted": {},
            "kept": {},
        }
        self.findings: list[Finding] = []
        self.events: list[Event] = []

    def add(self, type_name: str, loaded: LoadedStore) -> None:
        """Add what became of one store."""
        difference = loaded.difference
        self._note("created", type_name, (obj.id for obj in difference.created))
        self._note("updated", type_name, (new.id for new, _ in difference.updated))
        self._note("deleted", type_name, (obj.id for obj in difference.deleted))
        self._note("kept", type_name, loaded.kept)
        self.findings += loaded.findings
        self.events += events_of(type_name, difference)

    def add_untold(self, type_name: str, found: LoadedStore) -> None:
        """Add what a cache found, save what is in here already: it finds again what the stores behind it told."""
        told = {id for what in ("created", "updated", "deleted") for id in self._ids[what].get(type_name, ())}
        difference = Difference(
            tuple(obj for obj in found.difference.created if obj.id not in told),
            tuple(pair for pair in found.difference.updated if pair[0].id not in told),
            tuple(obj for obj in found.difference.deleted if obj.id not in told),
        )
        self.add(type_name, attrs.evolve(found, difference=difference))

    def take(self, loaded: Loaded, names: Table[object, str], elsewhere: Collection[str]) -> None:
        """Add what a load made of its stores, but for the types that lie `elsewhere` now: these are compared whole."""
        self.findings.extend(loaded.findings)
        for read, result in loaded.stores.items():
            if names[read] not in elsewhere:
                self.add(names[read], result)

    def news(self, changed: Changed | None = None) -> list[Event]:
        """Hand over the events that nobody has fetched yet, save those of objects that were `changed` meanwhile."""
        events, self.events = self.events, []
        if not changed:
            return events
        return [event for event in events if event[2][0].id not in changed.get(event[0], ())]

    @property
    def has_changes(self) -> bool:
        """Tell whether any object was created, updated or deleted."""
        return any(self._ids[what] for what in ("created", "updated", "deleted"))

    def _note(self, what: str, type_name: str, ids: Iterable[str]) -> None:
        known = dict.fromkeys(ids)
        if known:
            self._ids[what].setdefault(type_name, {}).update(known)

    def failed(self, rule: str, message: str, remedy: str = "") -> None:
        """Add an error that belongs to no single object."""
        self.findings.append(Finding(severity=Severity.ERROR, rule=rule, message=message, remedy=remedy))

    def report(self) -> Report:
        """Return the report; ids are sorted."""
        tables: dict[str, Ids] = {
            what: {name: tuple(sorted(ids)) for name, ids in by_type.items()} for what, by_type in self._ids.items()
        }
        return Report(**tables, findings=tuple(self.findings))


class Reloader:
    """Puts one generation in the place of another, while objects may be read and changed all along."""

    def __init__(self, stripes: Stripes, notifier: Notifier) -> None:
        self._stripes, self._notifier = stripes, notifier
        self._changed: Changed | None = None
        """What is changed while a load is under way."""
        self._told: Changed = {}
        """What observers were told of since a load that is under way put its stores in force."""

    def note(self, steps: Iterable[Step]) -> None:
        """Take down what was just changed; call it while the stripes of the objects are held."""
        if (changed := self._changed) is not None:
            for step in steps:
                type_name, id = step.key
                state = None if step.op is Op.DELETE else step.obj
                changed.setdefault(type_name, {})[id] = self._told.setdefault(type_name, {})[id] = state

    def untold(self, type_name: str, difference: Difference) -> Difference:
        """Return what is news of a difference to observers: a cache finds again what a load has told of its stores."""
        told = self._told.get(type_name)
        return _since(told, difference) if told else difference

    def replace(
        self, old: Generation | None, new: Generation, outcome: Outcome, put_in_force: Callable[[], None]
    ) -> None:
        """Load what the stores of the new generation hold, and let it follow the old one, which may be the same.

        What was read of an object that is changed meanwhile is no news: its observers were told of something newer.
        """
        elsewhere = moved(old, new) if old else ()
        with self._noting() as changed:
            before = everything(old, elsewhere) if old else {}
            loads = prepare(new, old)
            with self._stripes.hold_all():
                before = _with_changes(before, changed)
                changed.clear()
                with new.swaps.swapping():
                    for loaded, _ in loads:
                        loaded.commit()
                for loaded, names in loads:
                    outcome.take(loaded, names, elsewhere)
                put_in_force()
                news = outcome.news()
                self._notifier.queue(news)  # here: a change that follows is told later
                self._told = _states(news)
                self._notifier.moving = Moving(
                    {name: held.objects for name, held in before.items() if isinstance(held, Snapshot)}
                )
            compare_moved(before, everything(new, elsewhere), outcome)
            if old:
                reconcile(new, outcome)
            with self._stripes.hold_all():
                self._notifier.queue(outcome.news(changed))

    def compare(self, generation: Generation, outcome: Outcome) -> None:
        """Let the caches of a generation in force compare what they hold, while objects may be changed all along."""
        with self._noting() as changed:
            reconcile(generation, outcome)
            with self._stripes.hold_all():
                self._notifier.queue(outcome.news(changed))

    def prune(self, binding: Binding, id: str) -> Outcome:
        """Let the caches of a type look at one object anew; raises `Unavailable`, and then they keep what they hold."""
        outcome, name = Outcome(), binding.object_type.name
        with self._stripes.hold([(name, id)]):
            for cache in reversed(binding.caches):  # one in front of another finds what that one found
                outcome.add_untold(name, cache.reconcile([id]))
            self._notifier.queue(outcome.news())
        self._notifier.deliver()
        return outcome

    @contextmanager
    def _noting(self) -> Iterator[Changed]:
        changed: Changed = {}
        self._changed = changed
        try:
            yield changed
        finally:
            self._changed, self._told, self._notifier.moving = None, {}, None


def _states(events: Iterable[Event]) -> Changed:
    """Return the objects as events tell them."""
    states: Changed = {}
    for type_name, what, arguments in events:
        states.setdefault(type_name, {})[arguments[0].id] = None if what == "deleted" else arguments[0]
    return states


def _since(told: Table[str, Object | None], difference: Difference) -> Difference:
    """Return a difference as it is to those who were told of some of its objects already."""
    after = {obj.id: obj for obj in (*difference.created, *(new for new, _ in difference.updated))}
    before: dict[str, Object | None] = {obj.id: obj for obj in difference.deleted}
    before |= {new.id: old for new, old in difference.updated}
    before |= {id: obj for id, obj in told.items() if id in before or id in after}
    return Snapshot({id: obj for id, obj in before.items() if obj is not None}).difference(Snapshot(after))


def prepare(generation: Generation, old: Generation | None) -> list[tuple[Loaded, Table[object, str]]]:
    """Let every loading wizard read what changed; return its loads, each with the type of each store.

    Types that do not follow reloads are read only when their store is new.
    """
    known = {bound.key for binding in old.bindings.values() for bound in binding.bound} if old else set()
    batches: dict[int, tuple[Wizard, list[tuple[Bound, Binding]]]] = {}
    for binding in generation.bindings.values():
        for bound in binding.bound:
            if isinstance(bound.wizard, Loader) and (binding.object_type.follows_reload or bound.key not in known):
                batches.setdefault(id(bound.wizard), (bound.wizard, []))[1].append((bound, binding))
    loads = []
    for wizard, entries in batches.values():
        assert isinstance(wizard, Loader)
        names: Table[object, str] = {bound.store: binding.object_type.name for bound, binding in entries}
        loads.append((wizard.load([bound.store for bound, _ in entries]), names))
    return loads


def reconcile(generation: Generation, outcome: Outcome) -> None:
    """Let every cache prune what vanished behind it; one whose stores do not answer keeps everything.

    The types do so side by side: however many lie in a database that is down, they wait for it but once.
    """
    bindings = [binding for binding in generation.bindings.values() if binding.caches]
    looks = side_by_side([functools.partial(_reconciled, binding) for binding in bindings])
    for binding, found in zip(bindings, looks, strict=True):
        name = binding.object_type.name
        for each in found:
            if isinstance(each, Unavailable):
                outcome.failed("unavailable", f"{name}: {each}", "what is cached stays in force")
            else:
                outcome.add_untold(name, each)


def _reconciled(binding: Binding) -> list[LoadedStore | Unavailable]:
    found: list[LoadedStore | Unavailable] = []
    for cache in reversed(binding.caches):  # a cache in front of another one is to find what that one found
        try:
            found.append(cache.reconcile())
        except Unavailable as error:
            found.append(error)
    return found


def moved(old: Generation, new: Generation) -> Sequence[str]:
    """Return the names of the types that other stores hold now, or the same in another order, or without a cache."""
    return [
        name
        for name, binding in new.bindings.items()
        if name in old.bindings and not _is_same(old.bindings[name], binding)
    ]


def _is_same(old: Binding, new: Binding) -> bool:
    """Tell whether a type holds what it held: its stores are the same, and at most a cache came to stand in front."""
    stores = [[bound.key for bound in each.bound if not bound.mapping.caching] for each in (old, new)]
    caches = [{bound.key for bound in each.bound if bound.mapping.caching} for each in (old, new)]
    return stores[0] == stores[1] and caches[0] <= caches[1]


def remapped(old: Generation, new: Generation) -> Iterator[tuple[str, tuple[Mapping]]]:
    """Yield ("unmapped", (mapping,)) and ("mapped", (mapping,)) for what one generation has and the other has not."""
    before = [mapping for binding in old.bindings.values() for mapping in binding.mappings]
    after = [mapping for binding in new.bindings.values() for mapping in binding.mappings]
    yield from (("unmapped", (mapping,)) for mapping in before if mapping not in after)
    yield from (("mapped", (mapping,)) for mapping in after if mapping not in before)


def everything(generation: Generation, names: Iterable[str]) -> dict[str, Snapshot | Unavailable]:
    """Return all objects of some types, as they can be read now, or why they cannot."""
    names = list(names)
    read = side_by_side([functools.partial(_everything, generation.bindings[name]) for name in names])
    return dict(zip(names, read, strict=True))


def _everything(binding: Binding) -> Snapshot | Unavailable:
    try:
        return Snapshot({obj.id: obj for obj in binding.everything()})
    except Unavailable as error:
        return error


def _with_changes(read: Table[str, Snapshot | Unavailable], changed: Changed) -> dict[str, Snapshot | Unavailable]:
    """Return what was read of some types as it is after changes that were made since."""
    return {
        name: held if isinstance(held, Unavailable) else held.replace(changed.get(name, {}))
        for name, held in read.items()
    }


def compare_moved(
    before: Table[str, Snapshot | Unavailable], after: Table[str, Snapshot | Unavailable], outcome: Outcome
) -> None:
    """Add what changed for types that moved to other stores, where both could be read; a silent new one is an error."""
    for name, new in after.items():
        old = before.get(name)
        if isinstance(new, Unavailable):
            outcome.failed("unavailable", f"{name}: {new}", "the type is mapped there now, and cannot be read")
        elif isinstance(old, Snapshot):
            outcome.add(name, LoadedStore(difference=old.difference(new)))
