"""What a running process does when it is told to: the commands of its control socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sorcery.instance import Sorcery
from sorcery.report import Report
from sorcery.running.control import Command
from sorcery.running.figures import prometheus_text, shadow_text
from sorcery.running.status import status
from sorcery.shadowing.figures import Figures
from sorcery.shadowing.shadow import Shadow
from sorcery.wizard import ManagedCache

__all__ = ["commands"]


def commands(sorcery: Sorcery, *, reload: Callable[[], Report] | None = None) -> Mapping[str, Command]:
    """Return the commands over one `Sorcery`; `reload` is what the process does instead of `sorcery.reload()`."""
    return {
        "reload": lambda: (reload or sorcery.reload)().data(),
        "status": lambda: status(sorcery),
        "prune": lambda type, id: sorcery.prune(type, id).data(),
        "cache show": lambda name=None: [_described(cache) for cache in _chosen(sorcery, name)],
        "cache dump": lambda name: [
            {"id": entry.id, "stale_in": entry.stale_in, "expires_in": entry.expires_in}
            for entry in _cache(sorcery, name).entries()
        ],
        "cache expire": lambda name, id=None: _cache(sorcery, name).expire(id),
        "cache stale": lambda name, id=None, reload=False: _cache(sorcery, name).stale(id, reload=reload),
        "cache populate": lambda name: _cache(sorcery, name).populate(),
        "cache figures": lambda: prometheus_text({name: cache.figures() for name, cache in sorcery.caches.items()}),
        "shadow show": lambda type=None: {name: each.data() for name, each in _shadows(sorcery, type).items()},
        "shadow figures": lambda: shadow_text(_shadows(sorcery)),
        "shadow reset": lambda: _shadow(sorcery).reset(),
    }


def _cache(sorcery: Sorcery, name: str) -> ManagedCache:
    """Return a cache by its name; raises `ValueError` that lists those there are."""
    caches = sorcery.caches
    if name not in caches:
        raise ValueError(f"there is no cache {name!r}; there are: {', '.join(sorted(caches)) or 'none'}")
    return caches[name]


def _shadow(sorcery: Sorcery) -> Shadow:
    """Return what compares the answers; raises `ValueError` where nothing does."""
    if sorcery.shadow is None:
        raise ValueError("no type has a second store: name some in [shadow] of sorcery.conf, and reload")
    return sorcery.shadow


def _shadows(sorcery: Sorcery, type: str | None = None) -> dict[str, Figures]:
    """Return what was counted, of one type or of all; raises `ValueError` where there is nothing to count."""
    found = _shadow(sorcery).figures()
    if type is None:
        return found
    if type not in found:
        raise ValueError(f"{type!r} has no second store; these have: {', '.join(sorted(found))}")
    return {type: found[type]}


def _chosen(sorcery: Sorcery, name: str | None) -> list[ManagedCache]:
    return list(sorcery.caches.values()) if name is None else [_cache(sorcery, name)]


def _described(cache: ManagedCache) -> dict[str, Any]:
    return {"name": cache.name, "options": dict(cache.options), "figures": dict(cache.figures())}
