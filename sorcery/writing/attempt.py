"""One change while stores are asked to take it: which of them are, with what, and what they make of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import attrs

from sorcery.binding import Binding, Bound
from sorcery.errors import AlreadyExists, Conflict, InvalidObject, NotFound, NotWritable, SorceryError, Unavailable
from sorcery.objects import Object
from sorcery.policy import Policy, Scope
from sorcery.wizard import PENDING, Cache, Change, Immediate, Op, Pending
from sorcery.writing.written import Effect, Written

__all__ = ["EFFECTS", "Attempt", "Request"]

EFFECTS = {Op.CREATE: Effect.CREATED, Op.PUT: Effect.CREATED, Op.UPDATE: Effect.UPDATED, Op.DELETE: Effect.DELETED}
TAKEN = frozenset({Effect.CREATED, Effect.UPDATED, Effect.REPAIRED})


@attrs.frozen(slots=True, eq=False)
class Request:
    """One change that somebody asks for. `PUT` updates what exists, and else creates."""

    op: Op
    obj: Object
    binding: Binding
    expected: Object | None = None
    """The object as it was read; what is another now, or gone, is a `Conflict`."""
    policy: Policy = attrs.field(factory=Policy)

    @property
    def key(self) -> tuple[str, str]:
        """Type name and id."""
        return self.binding.object_type.name, self.obj.id


class Attempt:
    """One request, asked of more and more stores until its policy is content.

    What a store holds is known for sure only once it has prepared a change. So updates and deletes are prepared,
    and where the misses call for more, everything is prepared once again with what is called for.
    """

    def __init__(self, request: Request) -> None:
        """Look at the stores that are not written to; raises `NotWritable`, `AlreadyExists`, `Unavailable`."""
        self.request = request
        self._bound = tuple(bound for bound in request.binding.bound if not bound.mapping.caching)
        self._writable = tuple(bound for bound in self._bound if bound.is_writable)
        if not self._writable:
            guard = next(filter(None, (bound.guard for bound in self._bound)), "")
            raise NotWritable(request.key[0], map(str, request.binding.mappings), guard=guard)
        self._first = self._writable[:1] if request.policy.scope is Scope.FIRST else self._writable
        self._effects: dict[Bound, Effect] = {}
        self.start()
        self._holders, self._absent = set[Bound](), set[Bound]()
        for bound in self._looked_at():
            (self._holders if _holds(bound, request.obj.id) else self._absent).add(bound)
            if request.op is Op.CREATE and self._holders:
                raise AlreadyExists(*request.key, bound.store.label)

    def start(self) -> None:
        """Ask the first store, or all of them, as the policy says."""
        self._ops = dict.fromkeys(self._first, self._step)
        self._missed: Collection[Bound] = ()
        self._creates = False

    @property
    def _step(self) -> Op:
        """What a store is asked first."""
        return Op.UPDATE if self.request.op is Op.PUT else self.request.op

    def _looked_at(self) -> Iterator[Bound]:
        """Yield the stores that are not asked and may stand in the way.

        A new object has to be new everywhere; an object that exists must not lie behind another one of its id.
        """
        is_create = self.request.op is Op.CREATE
        last = self._bound.index(self._writable[-1])
        for position, bound in enumerate(self._bound):
            if bound not in self._ops and (is_create or (position < last and not bound.is_writable)):
                yield bound

    def changes(self) -> Iterator[tuple[Bound, Change]]:
        """Yield what each store is asked to do now."""
        request = self.request
        for bound, op in self._ops.items():
            expected = request.expected if op in (Op.UPDATE, Op.DELETE) else None
            yield bound, Change(bound.store, op, request.obj, expected)

    @property
    def is_unhidden(self) -> bool:
        """Whether no store that cannot be written to holds the object in front of those that can."""
        return not self._holders

    @property
    def is_repairing(self) -> bool:
        """Whether a store is asked to create what it missed a moment ago."""
        return self.request.op is not Op.CREATE and Op.CREATE in self._ops.values()

    def needs_more(self, missed: Collection[Bound]) -> bool:
        """Take the stores that missed what they were asked; tell whether all have to be asked again, for more."""
        self._missed = missed
        if self.request.op is Op.CREATE or self._creates:
            return False
        if self._held():
            return self._repair()
        return self._go_on() or self._create()

    def _held(self) -> list[Bound]:
        """Return the stores that hold the object already."""
        return [bound for bound, op in self._ops.items() if op is not Op.CREATE and bound not in self._missed]

    def _repair(self) -> bool:
        request = self.request
        repairs = request.policy.repair or (request.op is Op.PUT and request.policy.scope is Scope.ALL)
        if not self._missed or not repairs or request.op is Op.DELETE:
            return False
        self._ops.update(dict.fromkeys(self._missed, Op.CREATE))
        return True

    def _go_on(self) -> bool:
        """Ask the next store too, where the policy wants the first one that holds the object."""
        rest = self._writable[len(self._ops) :]
        if rest:
            self._ops[rest[0]] = self._step
        return bool(rest)

    def _create(self) -> bool:
        """Create what no store holds, where that is asked for."""
        request = self.request
        if request.op is Op.PUT and request.expected is None:
            self._creates = True
            self._ops.update(dict.fromkeys(self._first, Op.PUT))
        return self._creates

    @property
    def is_in_vain(self) -> bool:
        """Whether no store holds what is to be changed."""
        return self.request.op is not Op.CREATE and not self._creates and not self._held()

    def missing(self) -> SorceryError:
        """Return why the change is in vain; asks the stores that cannot be written to, and may raise `Unavailable`."""
        request = self.request
        for bound in self._bound:
            if not bound.is_writable and _holds(bound, request.obj.id):
                return self._not_writable(bound)
        return NotFound(*request.key) if request.expected is None else Conflict(*request.key)

    def finish(self) -> None:
        """Note what each store makes of the change; raises `NotWritable` where nobody would see it."""
        self._effects = {bound: self._effect(bound) for bound in self._bound}
        for bound, effect in self._effects.items():
            if bound in self._holders:
                raise self._not_writable(bound)
            if effect in TAKEN or effect is Effect.DELETED:
                return

    def _effect(self, bound: Bound) -> Effect:
        op = self._ops.get(bound)
        if op is None:
            return Effect.SKIPPED
        if bound in self._missed:
            return Effect.MISSED
        return Effect.REPAIRED if op is Op.CREATE and self.is_repairing else EFFECTS[op]

    def _not_writable(self, holder: Bound) -> NotWritable:
        type_name, id = self.request.key
        mappings = map(str, self.request.binding.mappings)
        return NotWritable(type_name, mappings, id=id, store=holder.store.label, guard=holder.guard)

    # Afterwards

    @property
    def written(self) -> Written:
        """What became of the change."""
        stores = tuple((bound.store.label, effect) for bound, effect in self._effects.items())
        return Written(self.op, *self.request.key, stores)

    @property
    def op(self) -> Op:
        """What the change came down to: `PUT` is an update, or a creation."""
        return Op.CREATE if self._creates else Op.UPDATE if self.request.op is Op.PUT else self.request.op

    def news(self) -> Iterator[tuple[Cache, Object | None]]:
        """Yield what each cache is to take, None where the object is gone; let it look where nobody knows.

        A store that was passed over is asked: a cache that looks later would serve until then what is gone.
        """
        for cache, behind in reversed(self.request.binding.informed):
            try:
                yield cache, self._answered_by(behind)
            except Unavailable:
                cache.doubt(self.request.obj.id)

    def _answered_by(self, bounds: Iterable[Bound]) -> Object | None:
        """Return what stores answer now; raises `Unavailable`. A bad row is none: whoever asks is told of it."""
        for bound in bounds:
            effect = self._effects[bound]
            if effect in TAKEN:
                return self.request.obj
            if effect is Effect.SKIPPED and bound not in self._absent:
                try:
                    found = bound.store.retrieve(self.request.obj.id)
                except InvalidObject:
                    return None
                if found is not None:
                    return found
        return None

    def contradicts(self, surprise: AlreadyExists | Conflict | NotFound) -> bool:
        """Tell whether a cache would answer something else than what a store just said of the object."""
        if self.request.key != (surprise.type_name, surprise.id):
            return False
        held = [_held_now(cache, surprise.id) for cache, _ in self.request.binding.informed]
        known = [obj for obj in held if obj is not PENDING]
        if isinstance(surprise, AlreadyExists):
            return None in known
        current = surprise.current if isinstance(surprise, Conflict) else None
        return any(obj != current for obj in known)

    def doubt(self) -> None:
        """Let the caches look again: what they hold may not be what the stores behind them do."""
        for cache, _ in reversed(self.request.binding.informed):
            cache.doubt(self.request.obj.id)


def _held_now(cache: Cache, id: str) -> Object | Pending | None:
    """Return what a cache would answer at once."""
    try:
        return cache.retrieve_now(id) if isinstance(cache, Immediate) else PENDING
    except (InvalidObject, Unavailable):
        return PENDING


def _holds(bound: Bound, id: str) -> bool:
    try:
        return bound.store.retrieve(id) is not None
    except InvalidObject:
        return True  # what is no good is there all the same
