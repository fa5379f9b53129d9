"""The driver: one cache per type, and one worker that reads stale entries anew."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor

from sorcery.environment import Environment
from sorcery.errors import ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.wizard import Store
from sorcery_memory_cache.settings import parse_settings
from sorcery_memory_cache.store import CacheStore

__all__ = ["MemoryCacheWizard"]


class MemoryCacheWizard:
    """Open caches; readers never wait for a refresh, which happens in a worker thread."""

    def __init__(self) -> None:
        self._caches: dict[str, CacheStore] = {}
        self._worker: ThreadPoolExecutor | None = None
        self._lock = threading.Lock()

    @property
    def caches(self) -> Mapping[str, CacheStore]:
        """The caches by name."""
        return dict(self._caches)

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> CacheStore:
        """Return an empty cache; raises `ConfigurationError` for a bad option or a name that is taken."""
        settings = parse_settings(arguments)
        name = settings.name or f"res_pjsip/{object_type.name}"
        with self._lock:
            taken = self._caches.get(name)
            if taken is not None and taken.object_type is not object_type:
                raise ConfigurationError(
                    f"a cache named {name!r} exists already", remedy="give each cache its own name"
                )
            cache = self._caches[name] = CacheStore(object_type, name, settings, self._submit)
        return cache

    def _submit(self, task: Callable[[], None]) -> None:
        self._executor().submit(task)

    def _executor(self) -> Executor:
        with self._lock:
            if self._worker is None:
                self._worker = ThreadPoolExecutor(1, "memory_cache")
            return self._worker

    def release(self, store: Store) -> None:
        """Forget a cache."""
        with self._lock:
            self._caches = {name: cache for name, cache in self._caches.items() if cache is not store}

    def close(self) -> None:
        """Wait for the refresh under way and forget all caches."""
        if self._worker is not None:
            self._worker.shutdown(cancel_futures=True)
        self._caches = {}
