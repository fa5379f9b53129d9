"""One reading of everything that a store holds: its objects, and what is wrong with the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Mapping as Table
from typing import Final, TypeVar

import attrs

from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.query import ALL
from sorcery.wizard import Auditable, Cache, Listing, Refusing, Remaining, Store, Surveyable

__all__ = ["Survey", "side_by_side", "survey"]

T = TypeVar("T")

WIDTH: Final = 8


@attrs.frozen(slots=True, eq=False)
class Survey:
    """What one store holds."""

    objects: Table[str, Object] | None
    """By id; None where the store gives no list."""
    faults: Sequence[Finding] = ()
    partial: Sequence[Object] = ()
    """What is left of refused objects, see `Refusing` and `Remaining`."""

    @property
    def bad(self) -> frozenset[str]:
        """The ids that are there and hold no object."""
        return frozenset(fault.id for fault in self.faults if fault.severity is Severity.ERROR and fault.id)


def survey(store: Store) -> Survey:
    """Read everything that a store holds, or refuses as a whole, once where it can; of a cache only what is wrong.

    Raises `Unavailable`.
    """
    lists_all = not (isinstance(store, Listing) and not store.lists_all)
    partial: Sequence[Object] = ()
    if isinstance(store, Surveyable):
        objects, found = store.survey()
        faults = list(found)
        bad = {fault.id for fault in faults if fault.severity is Severity.ERROR and fault.id}
        partial = tuple(store.remains(bad)) if bad and isinstance(store, Remaining) else ()
    else:
        asked = lists_all and not isinstance(store, Cache)
        refused = None
        if isinstance(store, Refusing):
            refused, partial = store.refused, tuple(store.partial)
        objects = list(store.search(ALL) if refused is None else refused) if asked else []
        faults = list(store.faults()) if isinstance(store, Auditable) else []
    return Survey({obj.id: obj for obj in objects} if lists_all else None, tuple(faults), partial)


def side_by_side(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Do several things that wait for stores at once, and return their results in order.

    So several stores that are silent keep nobody waiting longer than one. Raises what the first of them raised.
    """
    if len(tasks) < 2:
        return [task() for task in tasks]
    from concurrent.futures import ThreadPoolExecutor  # 5 ms, which few need

    with ThreadPoolExecutor(min(WIDTH, len(tasks)), "sorcery-stores") as pool:
        return [future.result() for future in [pool.submit(task) for task in tasks]]
