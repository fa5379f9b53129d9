"""A cache of the objects that were asked for."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import attrs

from sorcery.chain import pages
from sorcery.objects import Object
from sorcery.query import Query
from sorcery.wizard import PENDING, CacheEntry, Immediate, LoadedStore, Pending
from sorcery_memory_cache.asking import Asking
from sorcery_memory_cache.entries import Entry
from sorcery_memory_cache.outage import RETRY
from sorcery_memory_cache.reading import Look, Reading, look_at, told

__all__ = ["CacheStore"]

AT_ONCE: Final = 256
"""Entries that are looked through while readers wait."""


@attrs.define(slots=True, eq=False, repr=False)
class CacheStore(Asking):
    """Hold what was read or written by id, the least recently used entry leaving first when the cache is full.

    Searches are the business of the stores behind. An entry that is too old is read anew by its reader; while the
    stores behind do not answer it is served for `serve_unavailable` seconds more.
    """

    # Reading

    def retrieve(self, id: str) -> Object | None:
        """Return the object, from the stores behind where it is not held; raises `Unavailable`, `InvalidObject`.

        Many readers who miss the same object put one question, and get its answer.
        """
        answer = self.retrieve_now(id)
        return self._ask(id) if answer is PENDING else answer

    def retrieve_now(self, id: str) -> Object | Pending | None:
        """Return the object, or None, where that is known without asking the stores behind."""
        with self._lock:
            now = self._clock()
            obj = self._entries.use_fresh(id, now)
            if obj is not None:
                self._counted.hits.add()
                return obj
            answer, is_due = self._known(id, now)
        if is_due:
            self._refresh_aside([id])
        return answer

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; asks behind for what is not held. Raises `Unavailable`."""
        due, missing, found = [], [], dict[str, Object]()
        with self._lock:
            now = self._clock()
            for id in ids:
                answer, is_due = self._known(id, now)
                if answer is PENDING:
                    missing.append(id)
                elif answer is not None:
                    found[id] = answer
                if is_due:
                    due.append(id)
        if due:
            self._refresh_aside(due)
        return {**found, **self._ask_many(missing)} if missing else found

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match, from the stores behind; raises `Unavailable`."""
        return self._backend.search(query)

    def pages(self, query: Query, size: int) -> Iterator[Sequence[Object]]:
        """Yield the objects that match, from the stores behind; raises `Unavailable`."""
        return pages(self._backend, query, size)

    def search_now(self, query: Query) -> Iterable[Object] | Pending:
        """Return the objects that match where the stores behind know them at once."""
        backend = self._backend
        return backend.search_now(query) if isinstance(backend, Immediate) else PENDING

    # Refreshing

    def _refresh_aside(self, ids: Sequence[str]) -> None:
        what = f"{self.object_type.name} {ids[0]!r}" if len(ids) == 1 else f"{len(ids)} of {self.object_type.name}"
        self._aside(what, lambda: self._refresh(ids))

    def _refresh(self, ids: Collection[str]) -> None:
        """Read entries anew; where there is no good answer they stay, to be tried again in a while."""
        try:
            with self._reading() as reading:
                now = self._clock()
                with self._outage.watch():
                    look = self._look(reading, ids)
                self._log_bad(self._publish(ids, functools.partial(self._settle, reading, look, now)))
        finally:
            with self._lock:
                retry_at = self._clock() + RETRY
                for entry in filter(None, map(self._entries.get, ids)):
                    if entry.is_refreshing:
                        entry.is_refreshing, entry.retry_at = False, retry_at

    def reconcile(self, ids: Collection[str] | None = None) -> LoadedStore:
        """Compare with the stores behind: prune what vanished, replace what changed, keep what is bad there.

        Looks at everything, and tells observers, or at some ids alone. Raises `Unavailable`, and then keeps
        everything. With `expire_on_reload` nothing is held after a look at everything.
        """
        with self._reading(alone=ids is None) as reading:
            with self._lock:
                chosen = list(self._entries) if ids is None else ids
                self._entries.forget_absent(ids)
                self._note_doubt(ids or (), by=reading)
            now = self._clock()
            with self._outage.watch():
                look = self._look(reading, chosen)
            settle = functools.partial(self._settle, reading, look, now)
            result = self._publish(look.held, settle) if ids is None else settle()
        if ids is None and self.settings.expire_on_reload:
            with self._lock:
                self._entries.clear()
        return result

    def _look(self, reading: Reading, ids: Iterable[str]) -> Look:
        with self._lock:
            held = {id: entry.obj for id in ids if (entry := self._entries.get(id)) is not None}
        self._beware(reading, held)
        return look_at(reading.backend, held)

    def _settle(self, reading: Reading, look: Look, now: float) -> LoadedStore:
        """Take what was found for entries, each at its place in the order of use; return what is new by it."""
        before: dict[str, Object] = {}
        after: dict[str, Object | None] = {}
        bad = []
        ids = list(look.held)
        for start in range(0, len(ids), AT_ONCE):  # readers do not wait for all of them
            with self._lock:
                for id in filter(reading.may_keep, ids[start : start + AT_ONCE]):
                    entry = self._entries.get(id)
                    if entry is None:
                        continue
                    if id in look.bad:
                        bad.append(look.bad[id])
                        continue
                    before[id], new = entry.obj, look.found.get(id)
                    self._take(entry, new, now)
                    self._note(id, new, by=reading)
                    if new is None or entry.obj is not before[id]:
                        after[id] = new
        return told(before, after, bad)

    def _take(self, entry: Entry, obj: Object | None, now: float) -> None:
        if obj is not None:
            self._entries.renew(entry, obj, now)
            return
        self._entries.drop(entry.obj.id)
        self._entries.note_absent(entry.obj.id, now)

    # Changes behind the cache

    def put(self, obj: Object) -> None:
        """Take the object that was just written."""
        with self._lock:
            self._note(obj.id, obj)
            self._entries.hold(obj, self._clock())

    def drop(self, id: str) -> None:
        """Forget the object that was just deleted."""
        with self._lock:
            self._note(id, None)
            self._entries.drop(id)

    def doubt(self, id: str) -> None:
        """Read the object anew at its next use; until that succeeds the last good version is served."""
        with self._lock:
            self._mark([id])

    def _mark(self, ids: Collection[str]) -> list[str]:
        """Let entries be read anew, and absent ids asked for; return the ids of the entries. The lock is held."""
        self._note_doubt(ids)
        self._entries.forget_absent(ids)
        marked = [id for id in ids if (entry := self._entries.get(id)) is not None]
        for entry in filter(None, map(self._entries.get, marked)):
            entry.doubt()
        return marked

    # Commands

    def figures(self) -> Mapping[str, int]:
        """Return what was counted so far, by name."""
        with self._lock:
            self._entries.sweep(self._clock())
            return {**self._counted.values(), "entries": len(self._entries)}

    def entries(self) -> Sequence[CacheEntry]:
        """Return what is held, sorted by id."""
        with self._lock:
            return self._entries.listing(self._clock())

    def expire(self, id: str | None = None) -> int:
        """Forget one entry, or all; return how many there were."""
        with self._lock:
            if id is None:
                self._void()
                return self._entries.clear()
            self._note_doubt([id])
            return 0 if self._entries.drop(id) is None else 1

    def stale(self, id: str | None = None, *, reload: bool = False) -> int:
        """Let one entry, or all, be read anew at their next use, or with `reload` aside now; return how many.

        They keep their place in the order of use, and the time until they expire.
        """
        with self._lock:
            if id is None:
                self._entries.forget_absent()
            marked = self._mark(list(self._entries) if id is None else [id])
            due = [each for each in marked if reload and self._begin_refresh(each)]
        if due:
            self._refresh_aside(due)
        return len(marked)

    def _begin_refresh(self, id: str) -> bool:
        entry = self._entries.get(id)
        begins = entry is not None and not entry.is_refreshing
        if entry is not None:
            entry.is_refreshing = True
        return begins

    def populate(self) -> int:
        """Raise `ValueError`: there is nothing to fill."""
        raise ValueError(
            f"{self.name} holds what was asked for, not everything; write full_backend_cache=yes in its mapping"
        )
