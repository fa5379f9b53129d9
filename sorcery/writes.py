"""Changes: to every writable store of a type, all or nothing, then to its caches and observers."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

import attrs

from sorcery.binding import Binding, Bound
from sorcery.errors import AlreadyExists, InvalidObject, NotFound, NotWritable, PartialWrite, SorceryError, Unavailable
from sorcery.objects import Object
from sorcery.observers import Event
from sorcery.wizard import Change, Op, Prepared, Wizard, Writer

__all__ = ["Request", "Stripes", "store"]


@attrs.frozen(slots=True, eq=False)
class Request:
    """One change that somebody asks for."""

    op: Op
    obj: Object
    binding: Binding

    @property
    def key(self) -> tuple[str, str]:
        """Type name and id."""
        return self.binding.object_type.name, self.obj.id


class Stripes:
    """Locks by object, so that changes of one object and the events they cause keep one order."""

    def __init__(self, count: int = 64) -> None:
        self._locks = tuple(threading.Lock() for _ in range(count))

    def hold(self, keys: Iterable[object]) -> AbstractContextManager[None]:
        """Hold the locks of some keys; always taken in one order, so that nobody waits in a circle."""
        return self._held(sorted({hash(key) % len(self._locks) for key in keys}))

    def hold_all(self) -> AbstractContextManager[None]:
        """Hold every lock: no change is under way meanwhile."""
        return self._held(range(len(self._locks)))

    @contextmanager
    def _held(self, indexes: Iterable[int]) -> Iterator[None]:
        with ExitStack() as held:
            for index in indexes:
                held.enter_context(self._locks[index])
            yield


def store(requests: Sequence[Request], *, observed: Iterable[str] = ()) -> list[Event]:
    """Carry out the requests in all writable stores, all or nothing; return their events for the `observed` types.

    An event tells the old object too, which is read from the stores before the change. Blocks on the stores' I/O. The
    caller holds the stripes. Raises `AlreadyExists`, `NotFound`, `NotWritable`, `StoreRefused`, `Unavailable`,
    and `PartialWrite` if a store was lost after another had committed.
    """
    for request in requests:
        _check(request)
    watched = frozenset(observed)
    told = [(request, _old(request)) for request in requests if request.key[0] in watched]
    prepared = _prepare(requests)
    try:
        _commit(prepared)
    except BaseException:
        _doubt(requests)
        raise
    for request in requests:
        _refresh(request)
    return [_event(request, old) for request, old in told]


def _old(request: Request) -> Object | None:
    """Return the object as it is before the change; None also for one that cannot be read: it may be mended."""
    if request.op is Op.CREATE:
        return None
    try:
        return request.binding.reader.retrieve(request.obj.id)
    except InvalidObject:
        return None


def _check(request: Request) -> None:
    """Refuse what no store will be asked for: a type that is read-only, an id that a read-only store holds."""
    binding = request.binding
    if not binding.writable:
        raise NotWritable(binding.object_type.name, map(str, binding.mappings))
    holder = _read_only_holder(request) if request.op is Op.CREATE else None
    if holder is not None:
        raise AlreadyExists(*request.key, holder.store.label)


def _read_only_holder(request: Request) -> Bound | None:
    for bound in request.binding.bound:
        if not bound.is_writable and not bound.mapping.caching and bound.store.retrieve(request.obj.id) is not None:
            return bound
    return None


def _prepare(requests: Sequence[Request]) -> list[tuple[str, Prepared]]:
    """Make every store ready; on the first that refuses, all forget what they were given."""
    batches: dict[int, tuple[Wizard, list[Change]]] = {}
    asked: dict[int, list[Change]] = {}
    for number, request in enumerate(requests):
        for bound in request.binding.writable:
            change = Change(bound.store, request.op, request.obj)
            batches.setdefault(id(bound.wizard), (bound.wizard, []))[1].append(change)
            asked.setdefault(number, []).append(change)
    prepared: list[tuple[str, Prepared]] = []
    try:
        for _, (wizard, changes) in sorted(batches.items()):  # one order for all threads: nobody waits in a circle
            assert isinstance(wizard, Writer)
            prepared.append((_labels(changes), wizard.prepare(changes)))
        missed = {id(change) for _, ready in prepared for change in ready.missed}
        for number, changes in asked.items():
            if all(id(change) in missed for change in changes):
                _missing(requests[number])
    except BaseException:
        _rollback(prepared)
        raise
    return prepared


def _labels(changes: Iterable[Change]) -> str:
    return ", ".join(dict.fromkeys(change.store.label for change in changes))


def _missing(request: Request) -> None:
    holder = _read_only_holder(request)
    if holder is not None:
        type_name, id = request.key
        raise NotWritable(type_name, map(str, request.binding.mappings), id=id, store=holder.store.label)
    raise NotFound(*request.key)


def _commit(prepared: Sequence[tuple[str, Prepared]]) -> None:
    outcomes: dict[str, str] = {}
    for position, (labels, ready) in enumerate(prepared):
        try:
            ready.commit()
        except BaseException as error:
            _rollback(prepared[position + 1 :])
            if not outcomes or not isinstance(error, SorceryError):
                raise
            outcomes[labels] = str(error)
            outcomes.update((later, "not stored") for later, _ in prepared[position + 1 :])
            raise PartialWrite(outcomes) from error
        outcomes[labels] = "stored"


def _rollback(prepared: Sequence[tuple[str, Prepared]]) -> None:
    for _, ready in reversed(prepared):
        try:
            ready.rollback()
        except Unavailable:
            continue  # a store that is lost has forgotten by itself


def _doubt(requests: Iterable[Request]) -> None:
    """Let caches look again: a store that was lost while it committed may have taken the change."""
    for request in requests:
        for cache in request.binding.informed:
            cache.doubt(request.obj.id)


def _refresh(request: Request) -> None:
    for cache in request.binding.informed:
        if request.op is Op.DELETE:
            cache.drop(request.obj.id)
        else:
            cache.put(request.obj)


def _event(request: Request, old: Object | None) -> Event:
    name = request.binding.object_type.name
    if request.op is Op.DELETE:
        return name, "deleted", (old or request.obj,)
    if request.op is Op.CREATE or (request.op is Op.PUT and old is None):
        return name, "created", (request.obj,)
    return name, "updated", (request.obj, old or request.obj)
