"""Answering from the last-known-good image where the stores do not answer.

A `Front` stands outermost, before callers alone: caches, writes, plans, reloads and checks ask the stores, and never
learn what an image said.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from sorcery.binding import Bound
from sorcery.chain import Chain, cut, pages, retrieve_many
from sorcery.errors import InvalidObject, Unavailable
from sorcery.image.lastgood import LastGood, can_be_silent, image_name
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.plain import plain
from sorcery.query import Query
from sorcery.wizard import PENDING, Immediate, ManagedCache, Pending, Reader

__all__ = ["Front"]

log = logging.getLogger("sorcery.image")

T = TypeVar("T")


def _whole(found: Iterable[Object]) -> Collection[Object]:
    """Return what a store found; one that yields it piece by piece may fall silent on the way."""
    return found if isinstance(found, Collection) else list(found)


class Held:
    """What the image says of one store, as a reader; raises `Unavailable` where it says nothing."""

    def __init__(self, last_good: LastGood, object_type: ObjectType, bound: Bound) -> None:
        self._last_good, self._object_type, self._bound = last_good, object_type, bound

    def retrieve(self, id: str) -> Object | None:
        """Return the object, or None where the store said that it is absent."""
        held = self._last_good.contents(self._bound, self._object_type)
        if id in held.unreadable:
            raise Unavailable(self._bound.store.label, f"{id!r} could not be read when its image was made")
        return held.objects.objects.get(id)

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match."""
        return self._last_good.contents(self._bound, self._object_type).objects.search(query)


class Covered:
    """A store, and the image of it where it does not answer."""

    def __init__(self, store: Reader, held: Held) -> None:
        self._store, self._held = store, held

    def retrieve(self, id: str) -> Object | None:
        """Answer as the store, or else as the image."""
        try:
            return self._store.retrieve(id)
        except Unavailable:
            return self._held.retrieve(id)

    def search(self, query: Query) -> Iterable[Object]:
        """Answer as the store, or else as the image."""
        try:
            return _whole(self._store.search(query))
        except Unavailable:
            return self._held.search(query)


class Front:
    """The reader of a type for callers: asks the stores and, where these raise `Unavailable`, the image.

    While they are silent, one caller at a time waits for them; the others get the image's answer at once. What a cache
    in front of them holds is told all the same, and says nothing of them.
    """

    def __init__(self, last_good: LastGood, object_type: ObjectType, bound: Sequence[Bound], reader: Reader) -> None:
        self._last_good, self._object_type, self._reader = last_good, object_type, reader
        self._immediate = reader if isinstance(reader, Immediate) else None
        self._silent_ones = [each for each in bound if can_be_silent(each)]
        behind = [self._behind(each) for each in bound if not each.mapping.caching]
        self._behind_all: Reader = behind[0] if len(behind) == 1 else Chain(behind)
        self._caches = [each.store for each in bound if each.mapping.caching and isinstance(each.store, ManagedCache)]
        self._trying, self._counting = threading.Lock(), threading.Lock()
        self.silence: Unavailable | None = None
        """Why the stores did not answer the last question, if they did not."""
        self.uses = 0
        """How many questions the image has answered."""

    def _behind(self, bound: Bound) -> Reader:
        """Return what answers for one store; if it is the only one that can be silent, it was asked before."""
        if not can_be_silent(bound):
            return bound.store
        held = Held(self._last_good, self._object_type, bound)
        return held if len(self._silent_ones) == 1 else Covered(bound.store, held)

    @property
    def names(self) -> Sequence[str]:
        """The names of the stores in the image."""
        return [image_name(bound) for bound in self._silent_ones]

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `Unavailable` where the image cannot tell either."""

        def instead() -> Object | None:
            change = self._last_good.changed(self._object_type.name).get(id)
            found = self._behind_all.retrieve(id)
            return found if change is None else change[0]

        held = PENDING if self.silence is None else self.retrieve_now(id)
        return held if held is not PENDING else self._ask(lambda: self._reader.retrieve(id), instead)

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; raises `Unavailable` where the image cannot tell either."""

        def instead() -> list[Object]:
            changed, matches = dict(self._last_good.changed(self._object_type.name)), query.predicate()
            kept = [obj for obj in self._behind_all.search(query) if obj.id not in changed]
            return kept + [obj for (obj,) in changed.values() if obj is not None and matches(obj)]

        held = PENDING if self.silence is None else self.search_now(query)
        return held if held is not PENDING else self._ask(lambda: _whole(self._reader.search(query)), instead)

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; raises `Unavailable` where the image cannot tell either."""

        def instead() -> Mapping[str, Object]:
            changed = self._last_good.changed(self._object_type.name)
            found = dict(retrieve_many(self._behind_all, [id for id in ids if id not in changed]))
            newer = {id: changed[id][0] for id in ids if id in changed}
            return found | {id: obj for id, obj in newer.items() if obj is not None}

        return self._ask(lambda: retrieve_many(self._reader, ids), instead)

    def pages(self, query: Query, size: int) -> Iterator[Sequence[Object]]:
        """Yield the objects that match; the image answers where the stores do not from the first page on."""
        given = pages(self._reader, query, size)
        try:
            first = next(given, ())
        except Unavailable:
            yield from cut(self.search(query), size)
            return
        if first:
            yield first
        yield from given

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Answer as the reader where it can at once; a silent store makes its caller wait."""
        try:
            return PENDING if self._immediate is None else self._immediate.retrieve_now(id)
        except Unavailable:
            return PENDING

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        """Answer as the reader where it can at once; a silent store makes its caller wait."""
        try:
            return PENDING if self._immediate is None else self._immediate.search_now(query)
        except Unavailable:
            return PENDING

    def _ask(self, ask: Callable[[], T], instead: Callable[[], T]) -> T:
        was_silent = self.silence
        if was_silent is not None and not self._trying.acquire(blocking=False):
            return self._from_image(was_silent, instead)
        try:
            unanswered = self._unanswered()
            found = ask()
        except Unavailable as error:
            found = self._from_image(error, instead)
            self._note_silence(error)
        except InvalidObject:
            self._note_answer()
            raise
        else:
            if was_silent is not None and self._unanswered() == unanswered:
                self._note_answer()
        finally:
            if was_silent is not None:
                self._trying.release()
        return found

    def _unanswered(self) -> int:
        """Count the questions that the caches in front got no answer to: what they say then is what they held."""
        return 0 if self.silence is None else sum(each.figures().get("unavailable", 0) for each in self._caches)

    def _from_image(self, silence: Unavailable, instead: Callable[[], T]) -> T:
        try:
            found = instead()
        except Unavailable as error:
            raise silence from error
        with self._counting:
            self.uses += 1
        return found

    def _note_silence(self, error: Unavailable) -> None:
        if self.silence is None:
            log.warning("%s is answered from the image: %s", self._object_type.name, plain(str(error)))
        self.silence = error

    def _note_answer(self) -> None:
        if self.silence is not None:
            self.silence = None
            self._last_good.rest(self.names)
            log.info("%s: the stores answer again, the image is not used", self._object_type.name)
