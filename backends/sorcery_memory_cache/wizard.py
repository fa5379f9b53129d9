"""The driver: one cache per mapping, and one worker that reads stale entries anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from sorcery.environment import Environment
from sorcery.errors import ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.wizard import Store
from sorcery_memory_cache.full import FullCacheStore
from sorcery_memory_cache.settings import parse_settings
from sorcery_memory_cache.store import CacheStore

__all__ = ["MemoryCacheWizard"]

AnyCache = CacheStore | FullCacheStore


class MemoryCacheWizard:
    """Open caches; readers never wait for a refresh, which happens in a worker thread."""

    def __init__(self) -> None:
        self._open: tuple[AnyCache, ...] = ()
        self._worker: ThreadPoolExecutor | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    @property
    def caches(self) -> Mapping[str, AnyCache]:
        """The caches by name; where a reload opens one anew, the new one."""
        return {cache.name: cache for cache in self._open}

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> AnyCache:
        """Return an empty cache; raises `ConfigurationError` for a bad option or a name that another type's has."""
        settings = parse_settings(arguments)
        name = settings.name or f"res_pjsip/{object_type.name}"
        kind = FullCacheStore if settings.full_backend_cache else CacheStore
        with self._lock:
            for other in self._open:
                if other.name == name and other.object_type is not object_type:
                    raise ConfigurationError(
                        f"the cache of {other.object_type.name} is named {name!r} already",
                        remedy="give each cache its own name",
                    )
            cache = kind(object_type, name, settings, self._submit)
            self._open = (*self._open, cache)
        return cache

    def _submit(self, task: Callable[[], None]) -> None:
        with self._lock:
            if self._is_closed:
                return
            if self._worker is None:
                self._worker = ThreadPoolExecutor(1, "memory_cache")
            self._worker.submit(task)

    def release(self, store: Store) -> None:
        """Forget a cache, once the refresh of it that is under way has ended."""
        with self._lock:
            released = [cache for cache in self._open if cache is store]
            self._open = tuple(cache for cache in self._open if cache is not store)
        for cache in released:
            cache.close()

    def close(self) -> None:
        """Wait for the refresh under way and forget all caches."""
        with self._lock:
            self._is_closed = True
            caches, self._open = self._open, ()
        for cache in caches:
            cache.close()
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)
