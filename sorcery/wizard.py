"""The contract between the core and storage drivers.

A *wizard* is a driver; opened for one object type it gives a *store*. What every store must do is `Store`; the
rest are abilities, each a small protocol, and a wizard or store has those whose methods it has.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import attrs

from sorcery.environment import Environment
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.query import Query
from sorcery.snapshot import Difference

__all__ = [
    "Auditable",
    "Batched",
    "Cache",
    "Change",
    "Listing",
    "Loaded",
    "LoadedStore",
    "Loader",
    "Locating",
    "Op",
    "Prepared",
    "Reader",
    "Resolving",
    "Store",
    "Wizard",
    "Writer",
]


class Reader(Protocol):
    """Whatever can be asked for objects of one type.

    Three answers: the object, None (it is absent), or `Unavailable` raised. May block on I/O. A stored text that
    cannot be an object is an error of that object alone: `retrieve` raises `InvalidObject`, `search` leaves it out.
    """

    def retrieve(self, id: str, /) -> Object | None:
        """Return the object, or None where the store says that it is absent; raises `Unavailable`."""

    def search(self, query: Query, /) -> Iterable[Object]:
        """Return the objects that match, each id once, in any order; raises `Unavailable`."""


class Store(Reader, Protocol):
    """One wizard opened for one object type."""

    label: str
    """Names the store in messages, e.g. `realtime ps_endpoints`; never holds a password."""


class Wizard(Protocol):
    """A storage driver. One instance serves all types of one `Sorcery`; its class is called without arguments."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Store:
        """Return the store for a mapping; must not block on a store that is down.

        `arguments` is what follows the wizard's name in the mapping. Raises `ConfigurationError`.
        """

    def release(self, store: Store) -> None:
        """Let go of a store that is no longer mapped."""

    def close(self) -> None:
        """Let go of everything."""


class Op(enum.Enum):
    """What a change does."""

    CREATE = "create"
    UPDATE = "update"
    PUT = "put"
    """Create or replace."""
    DELETE = "delete"


@attrs.frozen(slots=True)
class Change:
    """One change to one store."""

    store: Store
    op: Op
    obj: Object


class Prepared(Protocol):
    """Changes that are ready: nobody sees them yet, `commit` cannot be refused by their content any more."""

    @property
    def missed(self) -> Sequence[Change]:
        """Updates and deletes whose object the store does not hold; these do nothing."""

    def commit(self) -> None:
        """Make the changes visible, all at once; raises `Unavailable` if the store is lost meanwhile."""

    def rollback(self) -> None:
        """Forget the changes."""


@runtime_checkable
class Writer(Protocol):
    """Ability of a wizard: its stores can be written to."""

    def prepare(self, changes: Sequence[Change], /) -> Prepared:
        """Make the changes ready, all or none; blocks other writers of the same data until commit or rollback.

        Raises `AlreadyExists` for a create whose id is taken, `StoreRefused` for what the store cannot hold,
        `Unavailable`.
        """


@attrs.frozen(slots=True, kw_only=True)
class LoadedStore:
    """What loading made of one store."""

    difference: Difference = attrs.field(factory=Difference)
    kept: tuple[str, ...] = ()
    """Ids whose text is bad now and whose last good object stays."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with those, where the whole load does not tell it."""


class Loaded(Protocol):
    """A load that is ready to be swapped in."""

    @property
    def stores(self) -> Mapping[Store, LoadedStore]:
        """The stores that were read; those of an unchanged source are absent."""

    @property
    def findings(self) -> Sequence[Finding]:
        """What is wrong now, unchanged sources included: a fault is told until it is mended."""

    def commit(self) -> None:
        """Swap all types of each source in together; cannot fail."""


@runtime_checkable
class Loader(Protocol):
    """Ability of a wizard: its stores hold what they read from a source when told to."""

    def load(self, stores: Sequence[Store], /) -> Loaded:
        """Read what changed since the last load and build the objects aside.

        A source that cannot be read is a finding and changes nothing.
        """


@runtime_checkable
class Cache(Protocol):
    """Ability of a store: it stands in front of other stores of its type and asks them for what it lacks."""

    def bind(self, backend: Reader, /) -> None:
        """Say whom the cache asks."""

    def put(self, obj: Object, /) -> None:
        """Take the object that was just written behind the cache."""

    def drop(self, id: str, /) -> None:
        """Forget the object that was just deleted behind the cache."""

    def doubt(self, id: str, /) -> None:
        """Read the object anew at its next use: nobody knows whether a write behind the cache came through."""

    def reconcile(self) -> LoadedStore:
        """Compare what is held with the stores behind: prune the vanished, replace the changed, keep what is bad now.

        Raises `Unavailable`, and then keeps everything.
        """


@runtime_checkable
class Batched(Protocol):
    """Ability of a store: many ids in one question."""

    def retrieve_many(self, ids: Sequence[str], /) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises `Unavailable`."""


@runtime_checkable
class Listing(Protocol):
    """Ability of a store: it may keep a search for everything from finding what it holds."""

    @property
    def lists_all(self) -> bool:
        """Whether a search for everything finds everything."""


@runtime_checkable
class Locating(Protocol):
    """Ability of a store: it knows where an object's text stands."""

    def place(self, id: str, option: str = "", /) -> Place | None:
        """Return the place of an object, or of one of its options."""


@runtime_checkable
class Auditable(Protocol):
    """Ability of a store: it can tell which of its rows hold no object, and why."""

    def faults(self) -> Iterable[Finding]:
        """Read everything and return a finding per fault; raises `Unavailable`."""


@runtime_checkable
class Resolving(Protocol):
    """Ability of a wizard: what a mapping comes down to depends on more than its arguments."""

    def resolve(self, arguments: str, environment: Environment, /) -> Hashable:
        """Return what the arguments mean now; a mapping whose meaning changes is opened anew on reload."""
