"""One cache in front of a type's other stores."""

from __future__ import annotations

import collections
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import attrs

from sorcery.chain import retrieve_many
from sorcery.errors import SorceryError, Unavailable
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.query import ALL, Query
from sorcery.snapshot import Difference, Snapshot
from sorcery.wizard import Reader
from sorcery_memory_cache.settings import Settings

__all__ = ["CacheStore"]

log = logging.getLogger("sorcery.memory_cache")

Submit = Callable[[Callable[[], None]], None]


@attrs.define(slots=True, eq=False)
class Entry:
    """An object and when it was read, on the monotonic clock."""

    obj: Object
    since: float
    is_refreshing: bool = False


class CacheStore:
    """Hold what was read or written, the least recently used entry leaving first when the cache is full.

    While the stores behind do not answer, an entry is served up to `object_lifetime_maximum`.
    """

    def __init__(
        self,
        object_type: ObjectType,
        name: str,
        settings: Settings,
        submit: Submit,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.object_type, self.settings = object_type, settings
        self.label = f"memory_cache {name}"
        self._submit, self._clock = submit, clock
        self._backend: Reader
        self._entries: collections.OrderedDict[str, Entry] = collections.OrderedDict()
        self._journals: dict[int, set[str]] = {}
        self._complete_since: float | None = None
        self._snapshot: Snapshot | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def bind(self, backend: Reader) -> None:
        """Say which stores are behind."""
        self._backend = backend

    # Reading

    def retrieve(self, id: str) -> Object | None:
        """Return the object, from the stores behind where it is not held; raises `Unavailable`."""
        now = self._clock()
        if self.settings.full_backend_cache and self._ensure_complete(now):
            entry = self._entries.get(id)
            return None if entry is None else entry.obj
        with self._lock:
            entry = self._live(id, now)
            if entry is not None:
                self._entries.move_to_end(id)
                if self._is_stale(entry.since, now) and not entry.is_refreshing:
                    entry.is_refreshing = True
                    self._submit(lambda: self._refresh(id))
                return entry.obj
        return self._read([id]).get(id)

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match: from the cache if it holds all, else from the stores behind."""
        if self.settings.full_backend_cache and self._ensure_complete(self._clock()):
            return self._held().search(query)
        return self._backend.search(query)

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist; asks behind for what is not held."""
        now = self._clock()
        with self._lock:
            held = {id: entry.obj for id in ids if (entry := self._live(id, now)) is not None}
        missing = [id for id in ids if id not in held]
        return {**held, **self._read(missing)} if missing else held

    def _live(self, id: str, now: float) -> Entry | None:
        """Return the entry unless its time is over; the lock is held."""
        entry = self._entries.get(id)
        if entry is not None and self._is_over(entry.since, now):
            del self._entries[id]
            return None
        return entry

    def _is_stale(self, since: float, now: float) -> bool:
        limit = self.settings.object_lifetime_stale
        return bool(limit) and now - since >= limit

    def _is_over(self, since: float, now: float) -> bool:
        limit = self.settings.object_lifetime_maximum
        return bool(limit) and now - since >= limit

    def _held(self) -> Snapshot:
        """Return what is held as a snapshot that can be searched by index."""
        with self._lock:
            if self._snapshot is None:
                self._snapshot = Snapshot({id: entry.obj for id, entry in self._entries.items()})
            return self._snapshot

    # Filling

    @contextmanager
    def _reading(self) -> Iterator[set[str]]:
        """Note the ids that are changed while a read is under way: what it found of them is too old to keep."""
        changed: set[str] = set()
        with self._lock:
            self._journals[id(changed)] = changed
        try:
            yield changed
        finally:
            with self._lock:
                del self._journals[id(changed)]

    def _read(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Read behind the cache, and keep what was found."""
        with self._reading() as changed:
            found = retrieve_many(self._backend, ids)
            with self._lock:
                self._keep((obj for obj in found.values() if obj.id not in changed), self._clock())
        return found

    def _keep(self, objects: Iterable[Object], now: float) -> None:
        """Hold objects, the least recently used leaving where there are too many; the lock is held."""
        limit = self.settings.maximum_objects
        for obj in objects:
            self._entries[obj.id] = Entry(obj, now)
            self._entries.move_to_end(obj.id)
            self._snapshot = None
            while limit and len(self._entries) > limit:
                self._entries.popitem(last=False)
                self._complete_since = None

    def _forget(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._entries.pop(id, None)
            self._snapshot = None

    def _refresh(self, id: str) -> None:
        """Read a stale entry anew; where nothing answers it stays as it is, to be tried at its next use."""
        try:
            with self._reading() as changed:
                found = retrieve_many(self._backend, [id])
                with self._lock:
                    if id not in changed:
                        self._forget({id} - found.keys())
                        self._keep(found.values(), self._clock())
        except SorceryError as error:
            log.warning("%s: %s %r stays as it was: %s", self.label, self.object_type.name, id, error)
        finally:
            with self._lock:
                if (entry := self._entries.get(id)) is not None:
                    entry.is_refreshing = False

    # Holding everything

    def _ensure_complete(self, now: float) -> bool:
        """Read all objects if they are not held, or again when their time is over; tell whether all are held."""
        since = self._complete_since
        if since is not None and not self._is_stale(since, now) and not self._is_over(since, now):
            return True
        try:
            self.reconcile()
        except Unavailable:
            if since is None or self._is_over(since, now):
                raise
        return self._complete_since is not None

    # Changes behind the cache

    def put(self, obj: Object) -> None:
        """Take the object that was just written."""
        with self._lock:
            self._note(obj.id)
            self._keep([obj], self._clock())

    def drop(self, id: str) -> None:
        """Forget the object that was just deleted."""
        with self._lock:
            self._note(id)
            self._forget([id])

    def _note(self, id: str) -> None:
        for journal in self._journals.values():
            journal.add(id)

    def expire(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._snapshot = self._complete_since = None

    def reconcile(self) -> Difference:
        """Compare with the stores behind: prune what vanished, replace what changed; raises `Unavailable`.

        A full cache also takes what is new. With `expire_on_reload` nothing is held afterwards.
        """
        with self._reading() as changed:
            with self._lock:
                held = {id: entry.obj for id, entry in self._entries.items()}
            found = self._behind(held)
            with self._lock:
                before = Snapshot({id: obj for id, obj in held.items() if id not in changed})
                after = Snapshot({id: obj for id, obj in found.items() if id not in changed})
                self._replace(before, after)
        if self.settings.expire_on_reload and not self.settings.full_backend_cache:
            self.expire()
        return before.difference(after)

    def _behind(self, held: Mapping[str, Object]) -> Mapping[str, Object]:
        if self.settings.full_backend_cache:
            return {obj.id: obj for obj in self._backend.search(ALL)}
        return retrieve_many(self._backend, list(held))

    def _replace(self, before: Snapshot, after: Snapshot) -> None:
        """Hold what the stores behind hold now; the lock is held."""
        limit = self.settings.maximum_objects
        self._forget(before.objects.keys() - after.objects.keys())
        if self.settings.full_backend_cache and limit and len(after.objects) > limit:
            log.error("%s: more than maximum_objects=%d behind it; searches ask the stores", self.label, limit)
            self._complete_since = None
            return
        now = self._clock()
        self._keep(after.objects.values(), now)
        if self.settings.full_backend_cache:
            self._complete_since = now
