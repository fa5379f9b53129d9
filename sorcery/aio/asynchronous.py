"""Asynchronous callers: every operation of `Sorcery`, and the event loop never waits for a store.

What lies in memory is answered at once; whatever may have to wait, for a store or for a lock, goes to a thread.
"""

from __future__ import annotations

import functools
import itertools
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterable
from collections.abc import Mapping as Table
from contextlib import asynccontextmanager
from os import PathLike
from types import TracebackType
from typing import Any, Final, Generic, Literal, ParamSpec, Self, TypeVar, overload

from sorcery.aio.loop import Events, LoopSubscription, Threads, aside
from sorcery.audit import Audit
from sorcery.binding import Generation
from sorcery.copying.outcome import Copied
from sorcery.copying.selection import Selection
from sorcery.errors import SorceryError, Unavailable, untraced
from sorcery.findings import Finding
from sorcery.instance import Sorcery
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.plan import Plan
from sorcery.query import ALL, Criterion, Ordered, Query
from sorcery.registry import Registry
from sorcery.relations.graph import Graph
from sorcery.relations.links import Link
from sorcery.release import Release
from sorcery.report import Report
from sorcery.resolving import NONE, Resolver
from sorcery.wizard import PENDING, Immediate, Pending
from sorcery.writing.transaction import Transaction
from sorcery.writing.written import Written

__all__ = ["AsyncSorcery", "Opening"]

T = TypeVar("T", bound=Object)
P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="AsyncSorcery")
TypeName = str | type[Object]

THREADS: Final = 8


class AsyncSorcery:
    """A `Sorcery` for the coroutines of one event loop; `async with` closes it.

    The methods do and raise what those of `Sorcery` do. A question whose caller is cancelled is given up. A change, a
    reload or a transaction whose caller is cancelled goes on to its end; if it fails then, that is logged.
    """

    def __init__(self, sorcery: Sorcery, *, threads: int = THREADS) -> None:
        """Serve a system that is open; `threads` calls may wait for stores at once, the others queue up for them."""
        self.sorcery = sorcery
        """The system itself. Its types, mappings, policies and last report may be read there: they never block."""
        self._threads = Threads(threads)
        self._generation: Generation | None = None
        self._readers: dict[TypeName, Immediate] = {}
        """Who answers at once in that generation, of the types that were asked for."""
        self._events: weakref.WeakSet[Events] = weakref.WeakSet()

    # Opening

    @classmethod
    def open(
        cls,
        place: str | PathLike[str],
        /,
        *,
        types: Iterable[type[Object]] = (),
        compat: bool = False,
        target: str | Release | None = None,
        writable: bool = False,
        astdb: str | PathLike[str] | None = None,
        registry: Registry | None = None,
        image: str | PathLike[str] | Literal[False] | None = None,
        secrets: Table[str, Resolver] = NONE,
        threads: int = THREADS,
    ) -> Opening[Self]:
        """Open a system as `Sorcery.open` does: `async with AsyncSorcery.open(…) as sorcery:`, or `await` it."""
        types = tuple(types)
        return Opening(
            lambda: cls(
                Sorcery.open(
                    place,
                    types=types,
                    compat=compat,
                    target=target,
                    writable=writable,
                    astdb=astdb,
                    registry=registry,
                    image=image,
                    secrets=secrets,
                ),
                threads=threads,
            )
        )

    async def close(self) -> None:
        """Close the system when the changes under way have ended; iterations over its events end."""
        for events in tuple(self._events):
            events.end()
        self._threads.close()
        await aside(self.sorcery.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # Retrieval

    @overload
    async def retrieve_by_id(self, type: type[T], id: str) -> T | None: ...
    @overload
    async def retrieve_by_id(self, type: str, id: str) -> Any: ...
    async def retrieve_by_id(self, type: TypeName, id: str) -> Any:
        """Return the object of that id, or None; raises `Unavailable`."""
        try:
            found = self._immediate(type).retrieve_now(id)
        except Unavailable:
            found = PENDING  # also said of a store that was let go meanwhile: others may be in its place
        return await self._threads.ask(self.sorcery.retrieve_by_id, type, id) if found is PENDING else found

    @overload
    async def retrieve_many(self, type: type[T], ids: Iterable[str]) -> dict[str, T]: ...
    @overload
    async def retrieve_many(self, type: str, ids: Iterable[str]) -> dict[str, Any]: ...
    async def retrieve_many(self, type: TypeName, ids: Iterable[str]) -> dict[str, Any]:
        """Return the objects of these ids, by id; `Sorcery.retrieve_many` tells what an id that is missing means."""
        return await self._threads.ask(self.sorcery.retrieve_many, type, list(ids))

    @overload
    def iterate(self, type: type[T], *, size: int = 500, **fields: Any) -> AsyncIterator[T]: ...
    @overload
    def iterate(self, type: str, *, size: int = 500, **fields: Any) -> AsyncIterator[Any]: ...
    async def iterate(self, type: TypeName, *, size: int = 500, **fields: Any) -> AsyncIterator[Any]:
        """Yield all objects of a type, or those whose fields match, page by page; as `Sorcery.iterate`."""
        objects = await self._threads.ask(lambda: self.sorcery.iterate(type, size=size, **fields))
        while page := await self._threads.ask(lambda: list(itertools.islice(objects, size))):
            for obj in page:
                yield obj

    @overload
    async def retrieve_all(self, type: type[T]) -> list[T]: ...
    @overload
    async def retrieve_all(self, type: str) -> list[Any]: ...
    async def retrieve_all(self, type: TypeName) -> list[Any]:
        """Return all objects of a type, sorted by id; raises `Unavailable`."""
        return await self._search(type, ALL)

    @overload
    async def retrieve_by_fields(self, type: type[T], **fields: Any) -> list[T]: ...
    @overload
    async def retrieve_by_fields(self, type: str, **fields: Any) -> list[Any]: ...
    async def retrieve_by_fields(self, type: TypeName, **fields: Any) -> list[Any]:
        """Return the objects whose fields all match, sorted by id; `Sorcery.retrieve_by_fields` tells of operators."""
        object_type = self.sorcery._binding(type).object_type
        criteria = tuple(Criterion.parse(name, value, object_type) for name, value in fields.items())
        return await self._search(type, Query(criteria=criteria))

    @overload
    async def retrieve_by_regex(self, type: type[T], regex: str) -> list[T]: ...
    @overload
    async def retrieve_by_regex(self, type: str, regex: str) -> list[Any]: ...
    async def retrieve_by_regex(self, type: TypeName, regex: str) -> list[Any]:
        """Return the objects whose id a POSIX extended expression finds, sorted by id; an empty one finds all."""
        return await self._search(type, Query(regex=regex))

    @overload
    async def retrieve_by_prefix(self, type: type[T], prefix: str) -> list[T]: ...
    @overload
    async def retrieve_by_prefix(self, type: str, prefix: str) -> list[Any]: ...
    async def retrieve_by_prefix(self, type: TypeName, prefix: str) -> list[Any]:
        """Return the objects whose id starts with the prefix, sorted by id; raises `Unavailable`."""
        return await self._search(type, Query(prefix=prefix))

    async def _search(self, type: TypeName, query: Query) -> list[Any]:
        found: Iterable[Object] | Pending
        try:
            found = self._immediate(type).search_now(query)
        except Unavailable:
            found = PENDING  # as above
        return await self._threads.ask(self.sorcery._search, type, query) if found is PENDING else Ordered.of(found)

    def _immediate(self, type: TypeName) -> Immediate:
        """Return who answers at once for a type; raises `UnknownType`, and `Unavailable` once all is closed."""
        generation = self.sorcery._in_force
        if generation is not self._generation:
            self._generation, self._readers = generation, {}
        reader = self._readers.get(type)
        if reader is None:
            front = self.sorcery._binding(type).front
            reader = self._readers[type] = front if isinstance(front, Immediate) else _Waiting()
        return reader

    # Changes

    async def create(self, obj: Object) -> Written:
        """Store a new object; what it returns and raises is told at `Sorcery.create`."""
        return await self._threads.carry_out(self.sorcery.create, obj)

    async def update(self, obj: Object, *, expected: Object | None = None) -> Written:
        """Replace the stored object of that id, if it is the expected one where one is given."""
        return await self._threads.carry_out(self.sorcery.update, obj, expected=expected)

    async def delete(self, obj: Object, *, expected: Object | None = None) -> Written:
        """Delete the stored object of that id, if it is the expected one where one is given."""
        return await self._threads.carry_out(self.sorcery.delete, obj, expected=expected)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Let the changes of an `async with` block come true together, in dependency order, or not at all."""
        transaction = self.sorcery.transaction().__enter__()
        try:
            yield transaction
        except BaseException as error:
            transaction.__exit__(type(error), error, error.__traceback__)  # which drops the changes
            raise
        await self._threads.carry_out(transaction.__exit__, None, None, None)

    async def plan(self, other: Sorcery | AsyncSorcery, types: Iterable[TypeName] | None = None) -> Plan:
        """Return the changes that make this system hold what `other` holds; `apply` carries them out."""
        return await self._threads.ask(
            self.sorcery.plan, other.sorcery if isinstance(other, AsyncSorcery) else other, types
        )

    async def copy_from(
        self, source: Sorcery | AsyncSorcery, selection: Selection | None = None, **options: Any
    ) -> Copied:
        """Copy objects of another system into this one; the options are those of `Sorcery.copy_from`.

        `progress` is called in a thread.
        """
        other = source.sorcery if isinstance(source, AsyncSorcery) else source
        return await self._threads.carry_out(functools.partial(self.sorcery.copy_from, other, selection, **options))

    async def plan_removal(self, type: TypeName, id: str, *, cascade: bool = False) -> Plan:
        """Return the plan that removes an object, with `cascade` what belongs to it too; `apply` carries it out."""
        return await self._threads.ask(self.sorcery.plan_removal, type, id, cascade=cascade)

    async def plan_rename(self, type: TypeName, id: str, new: str) -> Plan:
        """Return the plan that gives an object another id everywhere; `apply` carries it out."""
        return await self._threads.ask(self.sorcery.plan_rename, type, id, new)

    async def apply(self, plan: Plan, *, overwrite: bool = False) -> None:
        """Carry out a plan's changes as `Plan.apply` does."""
        await self._threads.carry_out(functools.partial(plan.apply, overwrite=overwrite))

    # Reload

    async def reload(self) -> Report:
        """Read again what changed, swap it in, prune what vanished, and tell the observers; return what was done."""
        return await self._threads.carry_out(self.sorcery.reload)

    async def prune(self, type: TypeName, id: str) -> Report:
        """Let the caches of a type look at one object anew, now; raises `Unavailable`."""
        return await self._threads.carry_out(self.sorcery.prune, type, id)

    async def map(
        self, type: TypeName, wizard: str, arguments: str = "", *, caching: bool = False, position: int | None = None
    ) -> None:
        """Add a mapping to a type, and load its store; raises `ConfigurationError`."""
        await self._threads.carry_out(self.sorcery.map, type, wizard, arguments, caching=caching, position=position)

    async def unmap(self, type: TypeName, wizard: str, arguments: str | None = None) -> None:
        """Remove the first mapping that `map` made with that wizard; raises `ConfigurationError`."""
        await self._threads.carry_out(self.sorcery.unmap, type, wizard, arguments)

    async def write_image(self) -> None:
        """Write the last-known-good image now; raises `Unavailable`, and `ConfigurationError` where it cannot be."""
        await self._threads.carry_out(self.sorcery.write_image)

    # Relations

    async def references(self, type: TypeName, id: str) -> list[Link]:
        """Return what an object refers to, in the order of its options; a `Link` tells whether that exists."""
        return await self._threads.ask(self.sorcery.references, type, id)

    async def referrers(self, type: TypeName, id: str) -> list[Link]:
        """Return who refers to an object, whether it exists or not."""
        return await self._threads.ask(self.sorcery.referrers, type, id)

    @overload
    async def graph(self) -> Graph: ...
    @overload
    async def graph(self, type: TypeName, id: str, *, depth: int = 3, width: int = 12) -> Graph: ...
    async def graph(self, type: TypeName | None = None, id: str = "", *, depth: int = 3, width: int = 12) -> Graph:
        """Return the picture of an object, `depth` references far in either direction, or of everything."""
        if type is None:
            return await self._threads.ask(self.sorcery.graph)
        return await self._threads.ask(self.sorcery.graph, type, id, depth=depth, width=width)

    # Faults

    async def dangling(self, *, deep: bool = False) -> list[Finding]:
        """Return a finding for each reference to an object that does not exist; `deep` reads every store."""
        return await self._threads.ask(self.sorcery.dangling, deep=deep)

    async def faults(self, types: Iterable[TypeName] | None = None) -> list[Finding]:
        """Return what is wrong with stored rows that hold no object, of all types or those named."""
        return await self._threads.ask(self.sorcery.faults, types)

    async def unreadable(self, types: Iterable[TypeName] | None = None) -> list[Finding]:
        """Return what keeps objects from being read, of all types or those named."""
        return await self._threads.ask(self.sorcery.unreadable, types)

    async def audit(self, types: Iterable[TypeName] | None = None) -> Audit:
        """Read every store once, and return what is wrong with rows and references, and which stores are silent."""
        return await self._threads.ask(self.sorcery.audit, types)

    # Observing

    def observe(
        self,
        type: TypeName,
        *,
        created: Callable[[Any], object] | None = None,
        updated: Callable[[Any, Any], object] | None = None,
        deleted: Callable[[Any], object] | None = None,
        loaded: Callable[[str], object] | None = None,
    ) -> LoopSubscription:
        """Let the running loop call functions on changes of a type, in their order; never blocks.

        They are called as the loop calls any function: one that waits holds it up, an exception goes to its handler.
        """
        functions = {"created": created, "updated": updated, "deleted": deleted, "loaded": loaded}
        return LoopSubscription(functools.partial(self.sorcery.observe, type), functions)

    def watch(self, *types: TypeName) -> Events:
        """Iterate over what becomes of objects of some types or all, here and by others.

        `async with sorcery.watch("contact") as events: async for event in events: …`. Follows the stores as
        `Sorcery.watch` does meanwhile.
        """
        chosen = types or tuple(self.sorcery.types)
        observers = [functools.partial(self.sorcery.observe, type) for type in chosen]
        events = Events(self._threads, observers, self.sorcery.watch)
        self._events.add(events)
        return events

    def observe_system(
        self,
        *,
        loading: Callable[[], object] | None = None,
        loaded: Callable[[Report], object] | None = None,
        mapped: Callable[[Mapping], object] | None = None,
        unmapped: Callable[[Mapping], object] | None = None,
    ) -> LoopSubscription:
        """Let the running loop call functions on reloads and changes of mappings, as `Sorcery.observe_system` does."""
        functions = {"loading": loading, "loaded": loaded, "mapped": mapped, "unmapped": unmapped}
        return LoopSubscription(self.sorcery.observe_system, functions)

    # Anything else

    async def run(self, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a function that may block in one of the threads, to its end.

        For work that is written without `await`, and for what caches are told: `await sorcery.run(cache.populate)`.
        """
        return await self._threads.carry_out(function, *args, **kwargs)


class Opening(Generic[S]):
    """A system that is being opened: to be awaited, or entered with `async with`, which closes it at the end."""

    def __init__(self, make: Callable[[], S]) -> None:
        self._make = make

    def __await__(self) -> Generator[Any, None, S]:
        return self._open().__await__()

    async def _open(self) -> S:
        threads = Threads(1)
        try:
            return await threads.obtain(self._make, lambda made: made.sorcery.close())
        except SorceryError as error:
            raise untraced(error)  # noqa: B904 - it is the same error
        finally:
            threads.close()

    async def __aenter__(self) -> S:
        self._opened = await self._open()
        return self._opened

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.close()


class _Waiting:
    """Stands for a reader that never answers at once."""

    def retrieve_now(self, id: str) -> Pending:
        return PENDING

    def search_now(self, query: Query) -> Pending:
        return PENDING
