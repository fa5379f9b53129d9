"""The contract between the core and storage drivers.

A *wizard* is a driver; opened for one object type it gives a *store*. What every store must do is `Store`; the
rest are abilities, each a small protocol, and a wizard or store has those whose methods it has.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import attrs

from sorcery.environment import Environment
from sorcery.errors import Conflict
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.query import PENDING, Pending, Query
from sorcery.snapshot import Difference
from sorcery.steps import Step

__all__ = [
    "PENDING",
    "Auditable",
    "Batched",
    "Cache",
    "CacheEntry",
    "CertainWriter",
    "Change",
    "Diagnosable",
    "Gathering",
    "GroupWriter",
    "Guarded",
    "Holding",
    "Immediate",
    "Listing",
    "Loaded",
    "LoadedStore",
    "Loader",
    "Locating",
    "ManagedCache",
    "Notice",
    "Noticing",
    "Op",
    "Paged",
    "PartlyNoticing",
    "Pending",
    "Prepared",
    "Publisher",
    "Reader",
    "Refreshing",
    "Refusing",
    "Remaining",
    "Resolving",
    "Store",
    "Surveyable",
    "Watch",
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
    expected: Object | None = None
    """The object as it was read; comes with updates and deletes only.

    A stored object that is another now is a `Conflict`, one that the store does not hold is missed.
    """

    def check(self, current: Object | None) -> None:
        """Raise `Conflict` where something is expected and `current`, which the store holds now, is something else.

        Call it where nobody else can write any more before the commit; None stands for a row that holds no object.
        """
        if self.expected is not None and self.expected != current:
            raise Conflict(self.obj.__sorcery__.name, self.obj.id, self.store.label, current=current)


class Prepared(Protocol):
    """Changes that are ready: nobody sees them yet, `commit` cannot be refused by their content any more."""

    @property
    def missed(self) -> Sequence[Change]:
        """Updates and deletes whose object the store does not hold; these do nothing."""

    def commit(self) -> None:
        """Make the changes visible, all at once; raises `Unavailable` if the store is lost meanwhile.

        Whether they are stored is uncertain then, unless the error says that they are undone.
        """

    def rollback(self) -> None:
        """Forget the changes."""


@runtime_checkable
class Writer(Protocol):
    """Ability of a wizard: its stores can be written to."""

    def prepare(self, changes: Sequence[Change], /) -> Prepared:
        """Make the changes ready, all or none; blocks other writers of the same data until commit or rollback.

        Raises `AlreadyExists` for a create whose id is taken, `Conflict` for an object that is not as it was
        expected, `StoreRefused` for what the store cannot hold, `Unavailable`.
        """


@runtime_checkable
class GroupWriter(Writer, Protocol):
    """Ability of a wizard: what many threads change at once becomes one transaction of its store.

    It is asked where a transaction concerns this wizard alone, so that nothing has to be known before the commit.
    """

    def carry_out(self, changes: Sequence[Change], /) -> Sequence[Change]:
        """Store the changes and return none; or store nothing and return the updates and deletes that are missed.

        Blocks until they are committed. What is wrong with the changes of another thread does not concern these.
        Raises as `prepare` does, and `Unavailable` also if the store is lost while it commits.
        """


@runtime_checkable
class CertainWriter(Writer, Protocol):
    """Ability of a wizard: what it has prepared cannot fail to be committed.

    It commits after the wizards that can fail, so that nothing is visible where one of those does.
    """

    @property
    def commits_surely(self) -> bool:
        """Whether that is so."""


@runtime_checkable
class Guarded(Protocol):
    """Ability of a store whose wizard is a `Writer`: it takes no changes before somebody allows them."""

    @property
    def guard(self) -> str:
        """What has to be done to allow changes, e.g. `write x = yes in y`; empty where they are allowed."""


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

    def reconcile(self, ids: Collection[str] | None = None, /) -> LoadedStore:
        """Compare what is held with the stores behind: prune the vanished, replace the changed, keep what is bad now.

        Looks at everything, or at some ids alone. Raises `Unavailable`, and then keeps everything.
        """


@runtime_checkable
class Gathering(Cache, Protocol):
    """Ability of a cache that answers searches itself: what changed together becomes visible in it together."""

    def take(self, changes: Mapping[str, Object | None], /) -> None:
        """Take what was just written behind the cache in one transaction, by id; None for what was deleted."""


class Publisher(Protocol):
    """Whom a store tells of the changes that it finds by itself, so that observers hear of them in order."""

    def publish(self, ids: Collection[str], settle: Callable[[], LoadedStore], /) -> None:
        """Call `settle`, which makes the finding visible, and queue its difference for the observers.

        Nobody changes an object of these ids meanwhile: take no lock around this call that a change may wait for.
        """

    def deliver(self) -> None:
        """Call the observers; call it where nobody waits for the caller."""


@runtime_checkable
class Refreshing(Protocol):
    """Ability of a cache: it reads anew what it holds without being told to."""

    def report_to(self, publisher: Publisher, /) -> None:
        """Say who is to be told of what is found in that way, and by `reconcile` where it looks at everything."""


@attrs.frozen(slots=True)
class CacheEntry:
    """What a cache holds under one id."""

    id: str
    stale_in: float | None = None
    """Seconds until it is read anew when it is asked for, at least 0; None for never."""
    expires_in: float | None = None
    """Seconds until it is forgotten, at least 0; None for never."""


@runtime_checkable
class ManagedCache(Cache, Protocol):
    """A cache that an operator looks into and commands by name."""

    name: str

    @property
    def options(self) -> Mapping[str, str | int | bool]:
        """The options in force, by name."""

    def entries(self) -> Sequence[CacheEntry]:
        """Return what is held, sorted by id."""

    def expire(self, id: str | None = None, /) -> int:
        """Forget one entry, or all; return how many there were. Raises `ValueError` where one alone cannot be."""

    def stale(self, id: str | None = None, /, *, reload: bool = False) -> int:
        """Let one entry, or all, be read anew at their next use, or with `reload` aside now; return how many."""

    def populate(self) -> int:
        """Take everything from the stores behind; return how many there are.

        Raises `ValueError` for a cache that does not hold everything, and `Unavailable`.
        """

    def figures(self) -> Mapping[str, int]:
        """Return what was counted so far, by name: hits, misses, stale_served, refreshes, evictions, unavailable, …"""


@runtime_checkable
class Batched(Protocol):
    """Ability of a store: many ids in one question."""

    def retrieve_many(self, ids: Sequence[str], /) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises `Unavailable`."""


@runtime_checkable
class Paged(Protocol):
    """Ability of a reader: it answers piece by piece, so that nobody has to hold everything."""

    def pages(self, query: Query, size: int, /) -> Iterator[Sequence[Object]]:
        """Yield the objects that match, about `size` at a time, each id once; raises `Unavailable`, at any page.

        No page is empty. Each is true at its own moment: what is there all the time is found, what comes or goes may
        be.
        """


@runtime_checkable
class Holding(Protocol):
    """Ability of a store: it tells at once under which of many ids something is stored, be it bad."""

    def held(self, ids: Collection[str], /) -> Collection[str]:
        """Return those of the ids that it holds something under, good or bad; raises `Unavailable`."""


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
class Surveyable(Auditable, Protocol):
    """Ability of a store: it tells its objects and its faults in one reading."""

    def survey(self) -> tuple[Iterable[Object], Iterable[Finding]]:
        """Read everything and return the good objects, and a finding per fault; raises `Unavailable`."""


@runtime_checkable
class Refusing(Protocol):
    """Ability of a store: it tells who looks for faults of the objects that it refuses."""

    @property
    def refused(self) -> Iterable[Object] | None:
        """The objects of a type that is refused as a whole for some of them; None where it is not, or is not known."""

    @property
    def partial(self) -> Iterable[Object]:
        """What is left of single objects that are refused, without what they are refused for, where that makes one."""


@runtime_checkable
class Remaining(Protocol):
    """Ability of a store: it tells who looks for faults what is left of rows that hold no object."""

    def remains(self, ids: Collection[str], /) -> Iterable[Object]:
        """Return what the good texts of these rows make, where they make an object; raises `Unavailable`."""


@runtime_checkable
class Resolving(Protocol):
    """Ability of a wizard: what a mapping comes down to depends on more than its arguments."""

    def resolve(self, arguments: str, environment: Environment, /) -> Hashable:
        """Return what the arguments mean now; a mapping whose meaning changes is opened anew on reload."""


@runtime_checkable
class Diagnosable(Protocol):
    """Ability of a wizard: it knows the steps from a mapping to the objects, for who must find the broken one."""

    def steps(self, object_type: ObjectType, arguments: str, environment: Environment, /) -> Iterable[Step]:
        """Return the steps in their order, those of the configuration first; nothing is opened or raised here.

        A step may be looked at in another thread, and is not looked at where one before it is broken.
        """


@runtime_checkable
class Immediate(Protocol):
    """Ability of a reader: it may know an answer without I/O, long work, and waiting for anybody who does either."""

    def retrieve_now(self, id: str, /) -> Object | Pending | None:
        """Answer as `retrieve`, raising what that raises, or `PENDING`."""

    def search_now(self, query: Query, /) -> Iterable[Object] | Pending:
        """Answer as `search`, raising what that raises, or `PENDING`."""


@attrs.frozen(slots=True)
class Notice:
    """Word that somebody else changed a store."""

    store: Store
    id: str = ""
    """The object; empty where anything in the store may be another now."""
    op: Op | None = None
    """What was done to it, where that is known."""


class Watch(Protocol):
    """Word of changes that keeps coming until it is closed."""

    def close(self) -> None:
        """Hear no more; waits for a call that is under way, unless made from within it."""


@runtime_checkable
class Noticing(Protocol):
    """Ability of a wizard: it tells of changes that others made to its stores, never of those made through itself."""

    def watch(self, notify: Callable[[Sequence[Notice]], None], /) -> Watch:
        """Call `notify` from now on, in a thread of the wizard's own, in the order of the changes.

        `notify` may block, and raises nothing.
        """


@runtime_checkable
class PartlyNoticing(Noticing, Protocol):
    """Ability of a wizard: it knows of which stores it cannot tell what others change."""

    def unnoticed(self, store: Store, /) -> str:
        """Return why changes of single objects are not told of now, and what to do; empty where they are.

        Must not block. What it says counts while there is a watch.
        """
