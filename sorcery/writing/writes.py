"""Changes: to the stores that a type's policy names, all or nothing, then to its caches and observers."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import cast

import attrs

from sorcery.binding import Bound
from sorcery.errors import (
    AlreadyExists,
    Conflict,
    InvalidObject,
    NotFound,
    PartialWrite,
    SorceryError,
    StoreRefused,
    Unavailable,
)
from sorcery.objects import Object
from sorcery.observers import Event
from sorcery.wizard import Cache, CertainWriter, Change, Gathering, GroupWriter, Op, Prepared, Writer
from sorcery.writing.attempt import EFFECTS, Attempt, Request
from sorcery.writing.written import Written

__all__ = ["Request", "Stored", "Stripes", "store"]

STORED = "stored"

FEW = 16
"""So many changes are looked at one by one: a wizard may store them together with those of other threads."""

RESTARTS = 3
"""How often others may be quicker with what a repair is about to create."""


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


@attrs.frozen(slots=True)
class Stored:
    """What was done."""

    written: tuple[Written, ...]
    """Per request, in their order."""
    events: list[Event]


def store(requests: Sequence[Request], *, observed: Iterable[str] = ()) -> Stored:
    """Carry out the requests in the stores that take them, all or nothing, and return the events that this comes to.

    An event of one of the `observed` types tells the old object, which is read from the stores before the change;
    that of another one has nobody to tell it to, or somebody who came just now. Blocks on the stores' I/O. The
    caller holds the stripes. Raises `AlreadyExists`, `NotFound`, `Conflict`, `NotWritable`, `StoreRefused`,
    `Unavailable`, and `PartialWrite` if a store was lost after another had committed.
    """
    watched = frozenset(observed)
    is_plain = len(requests) > FEW and all(_is_plain(request, watched) for request in requests)
    attempts = [] if is_plain else [Attempt(request) for request in requests]
    old = [_old(attempt.request) if attempt.request.key[0] in watched else None for attempt in attempts]
    try:
        prepared = _prepare_plainly(requests) if is_plain else _taken(attempts)
    except (AlreadyExists, Conflict, NotFound) as surprise:
        if any(attempt.contradicts(surprise) for attempt in attempts):
            for attempt in attempts:  # all of them: what changed together is read anew together
                attempt.doubt()
        raise
    try:
        _commit(prepared)
    except BaseException as error:
        if isinstance(error, Unavailable):
            error.is_uncertain = not error.is_undone
        for attempt in attempts:
            attempt.doubt()
        raise
    if is_plain:
        return Stored(tuple(map(_written_plainly, requests)), list(map(_event_plainly, requests)))
    _inform(attempts)
    return Stored(tuple(attempt.written for attempt in attempts), list(map(_event, attempts, old)))


def _taken(attempts: Sequence[Attempt]) -> list[Batch]:
    """Return what is to be committed: nothing where one wizard has stored everything at once."""
    return [] if _is_carried_out(attempts) else _prepare(attempts)


def _is_carried_out(attempts: Sequence[Attempt]) -> bool:
    """Let the one wizard that is concerned store everything at once, if it can; tell whether it did.

    Where something is missed nothing is stored: what a policy makes of that, `_prepare` finds out.
    """
    if not all(attempt.is_unhidden for attempt in attempts):
        return False
    entries = [(attempt, bound, change) for attempt in attempts for bound, change in attempt.changes()]
    asked = _by_wizard(entries)
    wizard, changes = asked[0]
    if len(asked) > 1 or not entries[0][1].is_grouping:
        return False
    try:
        if cast("GroupWriter", wizard).carry_out(changes):
            return False
    except (AlreadyExists, Conflict, StoreRefused):
        raise
    except BaseException:
        for attempt in attempts:  # it may have been lost, or interrupted, while it committed
            attempt.doubt()
        raise
    for attempt in attempts:
        attempt.finish()
    return True


def _old(request: Request) -> Object | None:
    """Return the object as it is before the change; None also for one that cannot be read: it may be mended."""
    if request.op is Op.CREATE or request.expected is not None:
        return request.expected  # if it is another one, there is no change to tell of
    try:
        return request.binding.reader.retrieve(request.obj.id)
    except InvalidObject:
        return None


def _inform(attempts: Sequence[Attempt]) -> None:
    """Tell the caches what the stores behind them answer now; what changed together they take together.

    The last one is told first: who reads meanwhile fills none with what one behind it still holds.
    """
    told = (cache for attempt in attempts for cache, _ in reversed(attempt.request.binding.informed))
    together: dict[Cache, dict[str, Object | None]] = {cache: {} for cache in told}
    for attempt in attempts:
        for cache, obj in attempt.news():
            together[cache][attempt.request.obj.id] = obj
    for cache, changes in together.items():
        if isinstance(cache, Gathering):
            cache.take(changes)
            continue
        for id, obj in changes.items():
            if obj is None:
                cache.drop(id)
            else:
                cache.put(obj)


@attrs.frozen(slots=True, eq=False)
class Batch:
    """The changes that one wizard has made ready."""

    wizard: Writer
    changes: Sequence[Change]
    prepared: Prepared

    def told(self, outcome: str) -> dict[str, str]:
        """Return what became of each store's part, by label; a store that missed everything has none."""
        missed = set(map(id, self.prepared.missed))
        told = {change.store.label: "missed" for change in self.changes}
        told.update((change.store.label, outcome) for change in self.changes if id(change) not in missed)
        return told


def _prepare(attempts: Sequence[Attempt]) -> list[Batch]:
    """Make every store ready, again for as long as misses call for more; on a refusal all forget what they were given.

    A store that came to hold the object between its miss and its repair is asked anew, as all others are.
    """
    restarts = 0
    while True:
        try:
            batches = _ready(attempts)
        except AlreadyExists:
            restarts += 1
            if restarts > RESTARTS or not any(attempt.is_repairing for attempt in attempts):
                raise
            for attempt in attempts:
                attempt.start()
        else:
            if batches is not None:
                return batches


def _ready(attempts: Sequence[Attempt]) -> list[Batch] | None:
    """Let every wizard prepare what its stores are asked; return None if the stores must be asked for more."""
    asked = [(attempt, bound, change) for attempt in attempts for bound, change in attempt.changes()]
    batches: list[Batch] = []
    try:
        for wizard, changes in _by_wizard(asked):
            batches.append(Batch(wizard, changes, wizard.prepare(changes)))
        missed = {id(change) for batch in batches for change in batch.prepared.missed}
        misses: dict[Attempt, set[Bound]] = {attempt: set() for attempt in attempts}
        for attempt, bound, change in asked:
            if id(change) in missed:
                misses[attempt].add(bound)
        is_more = [attempt.needs_more(misses[attempt]) for attempt in attempts]
        vain = next((attempt for attempt in attempts if attempt.is_in_vain), None)
        if not any(is_more) and vain is None:
            for attempt in attempts:
                attempt.finish()
            return batches
    except BaseException:
        _rollback(batches)
        raise
    _rollback(batches)
    if vain is not None and not any(is_more):
        raise vain.missing()
    return None


def _is_plain(request: Request, watched: frozenset[str]) -> bool:
    """Tell whether nothing has to be decided, and nobody told: one store, and no cache and no observer."""
    binding = request.binding
    return (
        len(binding.bound) == len(binding.writable) == 1 and request.op is not Op.PUT and request.key[0] not in watched
    )


def _prepare_plainly(requests: Sequence[Request]) -> list[Batch]:
    """Make the stores ready for plain changes, without looking into each: there may be thousands.

    Raises `NotFound` or `Conflict` for what a store does not hold, and what the stores raise.
    """
    asked = []
    for request in requests:
        (bound,) = request.binding.bound
        expected = None if request.op is Op.CREATE else request.expected
        asked.append((None, bound, Change(bound.store, request.op, request.obj, expected)))
    batches: list[Batch] = []
    try:
        for wizard, changes in _by_wizard(asked):
            batches.append(Batch(wizard, changes, wizard.prepare(changes)))
    except BaseException:
        _rollback(batches)
        raise
    missed = next((change for batch in batches for change in batch.prepared.missed), None)
    if missed is not None:
        _rollback(batches)
        key = missed.obj.__sorcery__.name, missed.obj.id
        raise NotFound(*key) if missed.expected is None else Conflict(*key)
    return batches


def _written_plainly(request: Request) -> Written:
    (bound,) = request.binding.bound
    return Written(request.op, *request.key, ((bound.store.label, EFFECTS[request.op]),))


def _event_plainly(request: Request) -> Event:
    told = (request.obj, request.obj) if request.op is Op.UPDATE else (request.obj,)
    return request.key[0], EFFECTS[request.op].value, told


def _by_wizard(asked: Iterable[tuple[Attempt | None, Bound, Change]]) -> list[tuple[Writer, list[Change]]]:
    """Return the changes by wizard, in the order of their names: nobody waits in a circle, two systems included."""
    found: dict[str, tuple[Writer, list[Change]]] = {}
    for _, bound, change in asked:
        found.setdefault(bound.mapping.wizard, (cast("Writer", bound.wizard), []))[1].append(change)
    return [found[name] for name in sorted(found)]


def _commit(batches: Sequence[Batch]) -> None:
    """Commit, those wizards last that cannot fail: nothing is seen of what fails before."""
    outcomes: dict[str, str] = {}
    left = list(batches)
    if len(left) > 1:
        left.sort(key=lambda batch: isinstance(batch.wizard, CertainWriter) and batch.wizard.commits_surely)
    while left:
        batch = left.pop(0)
        try:
            batch.prepared.commit()
        except BaseException as error:
            _rollback(left)
            is_partial = isinstance(error, PartialWrite) or STORED in outcomes.values()
            if not is_partial or not isinstance(error, SorceryError):
                raise
            outcomes.update(error.outcomes if isinstance(error, PartialWrite) else batch.told(str(error)))
            for later in left:
                outcomes.update(later.told("not stored"))
            raise PartialWrite(outcomes) from error
        outcomes.update(batch.told(STORED))


def _rollback(batches: Iterable[Batch]) -> None:
    """Let all forget what they were given, also where one of them fails to."""
    with ExitStack() as undone:
        for batch in batches:
            undone.callback(_forget, batch.prepared)


def _forget(prepared: Prepared) -> None:
    with suppress(Unavailable):  # a store that is lost has forgotten by itself
        prepared.rollback()


def _event(attempt: Attempt, old: Object | None) -> Event:
    request, name = attempt.request, attempt.request.key[0]
    if attempt.op is Op.DELETE:
        return name, "deleted", (old or request.obj,)
    if attempt.op is Op.CREATE:
        return name, "created", (request.obj,)
    return name, "updated", (request.obj, old or request.obj)
