"""The wizard around another one, and the stores that it opens."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Self

import attrs

from sorcery.environment import Environment
from sorcery.errors import SorceryError, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.query import Query
from sorcery.testing.faults.arming import Call, Faults
from sorcery.wizard import (
    PENDING,
    Auditable,
    Batched,
    Cache,
    CertainWriter,
    Change,
    Diagnosable,
    Gathering,
    GroupWriter,
    Guarded,
    Holding,
    Immediate,
    Listing,
    Loaded,
    LoadedStore,
    Loader,
    Locating,
    ManagedCache,
    Notice,
    Noticing,
    Paged,
    PartlyNoticing,
    Pending,
    Prepared,
    Refreshing,
    Refusing,
    Remaining,
    Resolving,
    Store,
    Surveyable,
    Watch,
    Wizard,
    Writer,
)

__all__ = ["FaultyStore", "FaultyWizard"]


class FaultyStore:
    """A store of the wizard inside, as `FaultyWizard` opens it."""

    def __new__(cls, inner: Store, faults: Faults) -> Self:
        """Return one with the abilities of the store inside."""
        made: Self = object.__new__(_able(cls, inner, _STORE_ABILITIES, _OF_STORES))
        return made

    def __init__(self, inner: Store, faults: Faults) -> None:
        self.inner, self.strikes, self.label = inner, faults, inner.label

    def retrieve(self, id: str) -> Object | None:
        """Answer as the store inside, unless a fault strikes `retrieve`."""
        with self.strikes.around("retrieve", [self], [id]):
            return self.inner.retrieve(id)

    def search(self, query: Query) -> Iterable[Object]:
        """Answer as the store inside, unless a fault strikes `search`."""
        with self.strikes.around("search", [self]):
            return list(self.inner.search(query))


def _retrieve_many(self: FaultyStore, ids: Sequence[str]) -> Mapping[str, Object]:
    with self.strikes.around("retrieve", [self], ids):
        found: Mapping[str, Object] = self.inner.retrieve_many(ids)  # type: ignore[attr-defined]
        return found


def _held(self: FaultyStore, ids: Collection[str]) -> Collection[str]:
    with self.strikes.around("retrieve", [self], ids):
        held: Collection[str] = self.inner.held(ids)  # type: ignore[attr-defined]
        return held


def _pages(self: FaultyStore, query: Query, size: int) -> Iterator[Sequence[Object]]:
    with self.strikes.around("search", [self]):
        pages: list[Sequence[Object]] = list(self.inner.pages(query, size))  # type: ignore[attr-defined]
    yield from pages


def _retrieve_now(self: FaultyStore, id: str) -> Object | Pending | None:
    """Leave the answer to `retrieve` while a fault would strike that."""
    if self.strikes.threatens(Call("retrieve", (self.label,), (id,))):
        return PENDING
    now: Object | Pending | None = self.inner.retrieve_now(id)  # type: ignore[attr-defined]
    return now


def _search_now(self: FaultyStore, query: Query) -> Iterable[Object] | Pending:
    if self.strikes.threatens(Call("search", (self.label,))):
        return PENDING
    now: Iterable[Object] | Pending = self.inner.search_now(query)  # type: ignore[attr-defined]
    return now


def _faults(self: FaultyStore) -> Iterable[Finding]:
    with self.strikes.around("search", [self]):
        return list(self.inner.faults())  # type: ignore[attr-defined]


def _remains(self: FaultyStore, ids: Collection[str]) -> Iterable[Object]:
    with self.strikes.around("search", [self]):
        return list(self.inner.remains(ids))  # type: ignore[attr-defined]


def _survey(self: FaultyStore) -> tuple[Iterable[Object], Iterable[Finding]]:
    with self.strikes.around("search", [self]):
        objects, faults = self.inner.survey()  # type: ignore[attr-defined]
        return list(objects), list(faults)


def _reconcile(self: FaultyStore, *ids: Any) -> LoadedStore:
    with self.strikes.around("reconcile", [self]):
        found: LoadedStore = self.inner.reconcile(*ids)  # type: ignore[attr-defined]
        return found


class FaultyWizard:
    """The wizard inside, until a fault strikes."""

    def __new__(cls, inner: Wizard, faults: Faults) -> Self:
        """Return one with the abilities of the wizard inside."""
        made: Self = object.__new__(_able(cls, inner, _WIZARD_ABILITIES, _OF_WIZARDS))
        return made

    def __init__(self, inner: Wizard, faults: Faults) -> None:
        self.inner, self.strikes = inner, faults
        self.stores: dict[Store, FaultyStore] = {}
        """The stores that are open, by the store inside."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> FaultyStore:
        """Open a store of the wizard inside."""
        with ExitStack() as undo:
            with self.strikes.around("open", (), [object_type.name]):
                inner = self.inner.open(object_type, arguments, environment)
                undo.callback(self.inner.release, inner)
            undo.pop_all()
        store = self.stores[inner] = FaultyStore(inner, self.strikes)
        return store

    def release(self, store: Store) -> None:
        """Release the store inside."""
        inner = _inside(store)
        self.stores.pop(inner, None)
        self.inner.release(inner)

    def close(self) -> None:
        """Close the wizard inside."""
        self.inner.close()


def _prepare(self: FaultyWizard, changes: Sequence[Change]) -> _FaultyPrepared:
    inside = [attrs.evolve(change, store=_inside(change.store)) for change in changes]
    with ExitStack() as undo:
        with self.strikes.around("prepare", *_concerned(changes)):
            inner: Prepared = self.inner.prepare(inside)  # type: ignore[attr-defined]
            undo.callback(inner.rollback)
        undo.pop_all()
    return _FaultyPrepared(inner, changes, inside, self.strikes)


def _carry_out(self: FaultyWizard, changes: Sequence[Change]) -> Sequence[Change]:
    """Prepare and commit in a transaction of its own, so that a fault can strike either."""
    prepared = _prepare(self, changes)
    if missed := prepared.missed:
        prepared.rollback()
        return missed
    try:
        prepared.commit()
    except Unavailable as error:
        error.is_uncertain = True
        raise
    return ()


def _commits_surely(self: FaultyWizard) -> bool:
    """Tell whether the wizard inside does, and no fault is armed that strikes a commit."""
    surely: bool = self.inner.commits_surely  # type: ignore[attr-defined]
    return surely and not self.strikes.may_strike("commit")


def _load(self: FaultyWizard, stores: Sequence[Store]) -> Loaded:
    try:
        with self.strikes.around("load", stores):
            return _FaultyLoaded(self.inner.load(list(map(_inside, stores))), self.stores)  # type: ignore[attr-defined]
    except SorceryError as error:
        return _NothingLoaded([Finding(severity=Severity.ERROR, rule="unavailable", message=str(error))])


def _watch(self: FaultyWizard, notify: Callable[[Sequence[Notice]], None]) -> Watch:
    def pass_on(notices: Sequence[Notice]) -> None:
        known = self.stores  # a store may have been released while its word was on the way
        outside = [attrs.evolve(each, store=known[each.store]) for each in notices if each.store in known]
        try:
            with self.strikes.around("notify", (notice.store for notice in outside), (n.id for n in outside)):
                notify(outside)
        except SorceryError:
            return  # the fault: this word never arrives

    watch: Watch = self.inner.watch(pass_on)  # type: ignore[attr-defined]
    return watch


def _unnoticed(self: FaultyWizard, store: Store) -> str:
    reason: str = self.inner.unnoticed(_inside(store))  # type: ignore[attr-defined]
    return reason


class _FaultyPrepared:
    def __init__(self, inner: Prepared, changes: Sequence[Change], inside: Sequence[Change], strikes: Faults) -> None:
        self.inner, self.changes, self.inside, self.strikes = inner, changes, inside, strikes

    @property
    def missed(self) -> Sequence[Change]:
        missed = set(map(id, self.inner.missed))
        return [change for change, inside in zip(self.changes, self.inside, strict=True) if id(inside) in missed]

    def commit(self) -> None:
        """Commit inside; where a fault comes first, the store has lost what was prepared, as after a crash."""
        begun = False
        try:
            with self.strikes.around("commit", *_concerned(self.changes)):
                begun = True
                self.inner.commit()
        finally:
            if not begun:
                self.inner.rollback()

    def rollback(self) -> None:
        """Roll back inside, whatever strikes."""
        try:
            with self.strikes.around("rollback", *_concerned(self.changes)):
                pass
        finally:
            self.inner.rollback()


@attrs.frozen(slots=True)
class _FaultyLoaded:
    inner: Loaded
    outside: Mapping[Store, FaultyStore]

    @property
    def stores(self) -> Mapping[Store, LoadedStore]:
        return {self.outside[store]: loaded for store, loaded in self.inner.stores.items()}

    @property
    def findings(self) -> Sequence[Finding]:
        return self.inner.findings

    def commit(self) -> None:
        self.inner.commit()


@attrs.frozen(slots=True)
class _NothingLoaded:
    findings: Sequence[Finding]
    stores: Mapping[Store, LoadedStore] = attrs.field(factory=dict)

    def commit(self) -> None:
        """Change nothing."""


def _inside(store: Store) -> Store:
    assert isinstance(store, FaultyStore)
    return store.inner


def _concerned(changes: Sequence[Change]) -> tuple[list[Store], list[str]]:
    return [change.store for change in changes], [change.obj.id for change in changes]


_STORE_ABILITIES = (
    Cache,
    Gathering,
    ManagedCache,
    Refreshing,
    Guarded,
    Batched,
    Paged,
    Holding,
    Listing,
    Locating,
    Refusing,
    Auditable,
    Remaining,
    Surveyable,
    Immediate,
)
_WIZARD_ABILITIES = (Writer, GroupWriter, CertainWriter, Loader, Resolving, Noticing, PartlyNoticing, Diagnosable)
_OF_STORES: Mapping[str, Any] = {
    "retrieve_many": _retrieve_many,
    "held": _held,
    "pages": _pages,
    "retrieve_now": _retrieve_now,
    "search_now": _search_now,
    "faults": _faults,
    "remains": _remains,
    "survey": _survey,
    "reconcile": _reconcile,
}
_OF_WIZARDS: Mapping[str, Any] = {
    "prepare": _prepare,
    "carry_out": _carry_out,
    "commits_surely": property(_commits_surely),
    "load": _load,
    "watch": _watch,
    "unnoticed": _unnoticed,
}


def _able(cls: type[Any], inner: object, abilities: Iterable[type], own: Mapping[str, Any]) -> type[Any]:
    """Return a subclass with those methods of the abilities that the inner one has; `own` are struck, others pass.

    A class per combination, because `isinstance` on a protocol looks for the methods, and not everywhere for what
    `__getattr__` would give.
    """
    members: dict[str, Any] = {}
    for ability in abilities:
        for name in (*vars(ability), *vars(ability).get("__annotations__", ())):
            if not name.startswith("_") and not hasattr(cls, name) and hasattr(inner, name):
                members[name] = own.get(name) or _passing(name)
    return type(cls.__name__, (cls,), members)


def _passing(name: str) -> property:
    return property(lambda self: getattr(self.inner, name))
