"""The driver: one cache per mapping, each with a few threads of its own that read stale entries anew."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator, Mapping

from sorcery.environment import Environment, Setting
from sorcery.objecttype import ObjectType
from sorcery.steps import Limited, Step
from sorcery.wizard import Store
from sorcery_memory_cache.full import FullCacheStore
from sorcery_memory_cache.settings import Settings, parse_settings
from sorcery_memory_cache.store import CacheStore
from sorcery_memory_cache.workers import Workers

__all__ = ["MemoryCacheWizard"]

AnyCache = CacheStore | FullCacheStore

EVERY = "*"
"""Stands for the name of any cache in `[memory_cache]`."""


class MemoryCacheWizard:
    """Open caches; readers never wait for a refresh, and no cache waits for the refreshes of another one."""

    def __init__(self) -> None:
        self._open: dict[AnyCache, Workers] = {}
        self._lock = threading.Lock()

    @property
    def caches(self) -> Mapping[str, AnyCache]:
        """The caches by name; where a reload opens one anew, the new one."""
        return {cache.name: cache for cache in tuple(self._open)}

    def resolve(self, arguments: str, environment: Environment) -> Hashable:
        """Return the lines of `[memory_cache]` that may be about a cache with these arguments."""
        name = parse_settings(arguments).name
        return tuple(_lines(environment, {name, EVERY}) if name else environment.sections.get("memory_cache", ()))

    def steps(self, object_type: ObjectType, arguments: str, environment: Environment) -> Iterator[Step]:
        """Return the one step before the stores behind: the options."""
        yield Step("options", lambda: _understood(object_type, arguments, environment))

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> AnyCache:
        """Return a cache; raises `ConfigurationError` for a bad option.

        One that takes the place of another one of its type and name takes over what that holds, once it is in force.
        """
        name, settings = _settings(object_type, arguments, environment)
        kind = FullCacheStore if settings.full_backend_cache else CacheStore
        workers = Workers(f"memory_cache {name}")
        with self._lock:
            before = self.caches.get(name)
            if before is not None and before.object_type is not object_type:
                before = None
            cache = kind(object_type, name, settings, workers.submit, predecessor=before)
            self._open[cache] = workers
        return cache

    def release(self, store: Store) -> None:
        """Forget a cache, once the refreshes of it that are under way have ended."""
        with self._lock:
            found = [(cache, self._open.pop(cache)) for cache in tuple(self._open) if cache is store]
        _close(dict(found))

    def close(self) -> None:
        """Wait for the refreshes under way and forget all caches."""
        with self._lock:
            caches, self._open = self._open, {}
        _close(caches)


def _settings(object_type: ObjectType, arguments: str, environment: Environment) -> tuple[str, Settings]:
    """Return a cache's name and options; raises `ConfigurationError` for a bad option."""
    name = parse_settings(arguments).name or f"res_pjsip/{object_type.name}"
    return name, parse_settings(arguments, (*_lines(environment, {EVERY}), *_lines(environment, {name} - {EVERY})))


def _understood(object_type: ObjectType, arguments: str, environment: Environment) -> str | Limited:
    name, _ = _settings(object_type, arguments, environment)
    if not arguments:
        line = f"{object_type.plain_name}/cache = memory_cache,object_lifetime_stale=600"
        return Limited(f"{name}: without an option Asterisk crashes when it starts", f"write {line}")
    return name


def _lines(environment: Environment, names: set[str]) -> list[Setting]:
    return [line for line in environment.sections.get("memory_cache", ()) if line.name in names]


def _close(caches: Mapping[AnyCache, Workers]) -> None:
    for workers in caches.values():
        workers.close()
    for cache in caches:
        cache.close()
