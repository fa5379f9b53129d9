"""What a running process says of itself: what it runs on, and whether that is what the files say now."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from sorcery.conf import FileStamp
from sorcery.instance import Sorcery
from sorcery.source import Source

__all__ = ["status"]


def status(sorcery: Sorcery) -> dict[str, Any]:
    """Return what JSON can hold: mappings, files that changed since they were read, errors, and what caches count.

    Costs a look at each file; asks no database.
    """
    errors = sorcery.report.errors
    return {
        "pid": os.getpid(),
        "mappings": {name: [str(mapping) for mapping in sorcery.mappings(name)] for name in sorcery.types},
        "changed": sorted(set(_changed(sorcery))),
        "errors": [str(finding) for finding in errors],
        "caches": {name: dict(cache.figures()) for name, cache in sorcery.caches.items()},
        "image_uses": dict(sorcery.image_uses),
    }


def _changed(sorcery: Sorcery) -> Iterator[str]:
    """Yield the files that are not as they were when they were read."""
    environment = sorcery.environment
    if environment.has_changed():
        changed = [each.path for each in environment.stamps if isinstance(each, FileStamp) and not each.holds()]
        yield from changed or [str(environment.directory)]
    for _, store in sorcery.audit().stores():
        source = getattr(store, "source", None)
        if isinstance(source, Source) and _is_another(source):
            yield source.path


def _is_another(source: Source) -> bool:
    """Tell whether a file is not as it was read; of one that only reading again tells, it is not said."""
    last = source.reading
    if last is None:
        return not source.is_absent
    return source.state() != (last.paths, last.stamps)
