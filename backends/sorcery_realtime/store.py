"""The store of one type: its family's tables, asked in the order of their priorities."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from sorcery.errors import Unavailable
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.query import Query
from sorcery_realtime.failures import Lost
from sorcery_realtime.source import Source

__all__ = ["RealtimeStore"]

log = logging.getLogger("sorcery.realtime")

T = TypeVar("T")


class RealtimeStore:
    """Rows of a table as objects. Every question goes to the database; where one is silent, to the next priority.

    `unqualified` says what a search for everything does: `yes` it is done, `warn` done with a warning, `no` it
    finds nothing, `error` nothing with an error in the log.
    """

    def __init__(self, label: str, object_type: ObjectType, sources: Sequence[Source], unqualified: str) -> None:
        self.label, self.object_type, self.sources = label, object_type, tuple(sources)
        self._unqualified = unqualified

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `Unavailable`, and `InvalidObject` for a row that cannot be one."""
        return self._first(lambda source: source.retrieve(id))

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist, in a few questions; a bad row is logged. Raises `Unavailable`."""
        return self._first(lambda source: source.retrieve_many(ids))

    def held(self, ids: Collection[str]) -> Collection[str]:
        """Return those of the ids that have a row, good or bad, in a few questions; raises `Unavailable`."""
        return self._first(lambda source: source.held(ids))

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; a bad row is logged, `faults` tells of it. Raises `Unavailable`."""
        if query.is_all and self._unqualified != "yes":
            if self._unqualified != "no":
                level = logging.WARNING if self._unqualified == "warn" else logging.ERROR
                log.log(level, "%s is asked for all of its objects", self.label)
            if not self.lists_all:
                return []
        return self._first(lambda source: source.search(query))

    @property
    def lists_all(self) -> bool:
        """Whether a search for everything finds everything."""
        return self._unqualified in ("yes", "warn")

    def faults(self) -> list[Finding]:
        """Read all rows and return what is wrong with each, warnings included; raises `Unavailable`."""
        return self.survey()[1]

    def survey(self) -> tuple[list[Object], list[Finding]]:
        """Read all rows once and return the objects, and what is wrong with the rows; raises `Unavailable`."""
        return self._first(lambda source: source.survey())

    def place(self, id: str, option: str = "") -> Place | None:
        """Return the row of an object; asks the database whether there is one."""
        return self._first(lambda source: source.place(id))

    def _first(self, ask: Callable[[Source], T]) -> T:
        silent: list[Lost] = []
        for source in self.sources:
            try:
                return ask(source)
            except Lost as lost:
                silent.append(lost)
        raise Unavailable(self.label, "; ".join(lost.reason for lost in silent)) from silent[0]
