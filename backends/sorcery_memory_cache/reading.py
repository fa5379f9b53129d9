"""Reads of the stores behind a cache, and what they may be believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from sorcery.chain import retrieve_many
from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.pace import paced
from sorcery.snapshot import Difference
from sorcery.wizard import LoadedStore, Reader

__all__ = ["Look", "Reading", "confirm", "look_at", "told"]


@attrs.define(slots=True, eq=False)
class Reading:
    """A read of the stores behind, and what was changed while it was under way: of that it may have seen too little."""

    backend: Reader
    changed: dict[str, Object | None] = attrs.field(factory=dict)
    """Objects that were written or read anew meanwhile, None for those that were deleted."""
    doubted: set[str] = attrs.field(factory=set)
    """Objects that may be others now, nobody knows which."""
    is_void: bool = False
    """Nothing that it found may be kept: it began before other stores, or a reconciliation, came."""

    def may_keep(self, id: str) -> bool:
        """Tell whether what was found of an id is still true."""
        return not self.is_void and id not in self.changed and id not in self.doubted


@attrs.frozen(slots=True, eq=False)
class Look:
    """What the stores behind say of objects that are held."""

    held: Mapping[str, Object]
    """As they were when the stores were asked."""
    found: Mapping[str, Object]
    """Those that exist; one that is equal is the one that was held."""
    bad: Mapping[str, InvalidObject]


def look_at(backend: Reader, held: Mapping[str, Object]) -> Look:
    """Ask for objects that are held, in one question where that is possible; raises `Unavailable`."""
    listed = retrieve_many(backend, list(held))
    confirmed, bad = confirm(backend, [id for id in held if id not in listed])
    existing = {**listed, **confirmed}.items()
    found = {id: held[id] if held[id] == obj else obj for id, obj in paced(existing) if id in held}
    return Look(held, found, bad)


def confirm(backend: Reader, ids: Iterable[str]) -> tuple[dict[str, Object], dict[str, InvalidObject]]:
    """Ask one by one for ids that a list left out; return the objects that exist, and what is wrong with the bad ones.

    A list leaves out what is bad as well as what is absent. Raises `Unavailable`.
    """
    found: dict[str, Object] = {}
    bad: dict[str, InvalidObject] = {}
    for id in ids:
        try:
            obj = backend.retrieve(id)
        except InvalidObject as error:
            bad[id] = error
        else:
            if obj is not None:
                found[id] = obj
    return found, bad


def told(before: Mapping[str, Object], after: Mapping[str, Object | None], bad: Iterable[InvalidObject]) -> LoadedStore:
    """Return what became of objects: `after` holds those that changed, None for the vanished; bad ones are kept."""
    faults = tuple(bad)
    difference = Difference(
        tuple(obj for id, obj in after.items() if obj is not None and id not in before),
        tuple((obj, before[id]) for id, obj in after.items() if obj is not None and id in before),
        tuple(before[id] for id, obj in after.items() if obj is None and id in before),
    )
    return LoadedStore(
        difference=difference,
        kept=tuple(error.id for error in faults),
        findings=tuple(Finding.of(error) for error in faults),
    )
