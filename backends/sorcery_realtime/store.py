"""The store of one type: its family's tables, asked in the order of their priorities.

As in Asterisk the driver of a priority decides what its "no such row" means. With `odbc` it is the answer: the
priorities are one database and those that stand in for it. With the others the next priority may hold the row: absent
is what none of them has. A search is answered by the first one that answers, with any driver.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
Silent = dict[Source, Lost]
"""The priorities that did not answer, and why."""


class RealtimeStore:
    """Rows of a table as objects. Every question goes to the database; where one is silent, to the next priority.

    What is asked by id goes on where a source says so (`goes_on`).

    `unqualified` says what a search for everything does: `yes` it is done, `warn` done with a warning, `no` it
    finds nothing, `error` nothing with an error in the log.
    """

    def __init__(self, label: str, object_type: ObjectType, sources: Sequence[Source], unqualified: str) -> None:
        self.label, self.object_type, self.sources = label, object_type, tuple(sources)
        self._unqualified = unqualified

    def retrieve(self, id: str) -> Object | None:
        """Return the object or None; raises `Unavailable`, and `InvalidObject` for a row that cannot be one."""
        return self._found(lambda source: source.retrieve(id))

    def retrieve_many(self, ids: Sequence[str]) -> Mapping[str, Object]:
        """Return those of the ids that exist, in a few questions; a bad row is logged. Raises `Unavailable`."""
        found: dict[str, Object] = {}

        def ask(source: Source, left: Sequence[str]) -> Collection[str]:
            good = source.retrieve_many(left)
            missing = [id for id in left if id not in good]
            is_last = source is self.sources[-1]  # what it holds that is bad hides nothing
            bad = source.held(missing) if source.goes_on and missing and not is_last else ()
            found.update(good)
            return {*good, *bad}

        self._settle(ids, ask)
        return found

    def held(self, ids: Collection[str]) -> Collection[str]:
        """Return those of the ids that have a row, good or bad, in a few questions; raises `Unavailable`."""
        found: set[str] = set()

        def ask(source: Source, left: Sequence[str]) -> Collection[str]:
            held = source.held(left)
            found.update(held)
            return held

        self._settle(ids, ask)
        return found

    def search(self, query: Query) -> Iterable[Object]:
        """Return the objects that match; a bad row is logged, `faults` tells of it. Raises `Unavailable`."""
        return self._first(lambda source: source.search(query)) if self._allows(query) else []

    def pages(self, query: Query, size: int) -> Iterator[Sequence[Object]]:
        """Yield the objects that match, `size` rows at a time, in the order of the database that answers first.

        Raises `Unavailable`, also where that one is lost on the way: another may have another order.
        """
        if not self._allows(query):
            return
        source, page = self._first(lambda source: (source, source.page(query, None, size)))
        while True:
            if page.objects:
                yield page.objects
            if page.last is None:
                return
            try:
                page = source.page(query, page.last, size)
            except Lost as lost:
                raise Unavailable(self.label, lost.reason) from lost

    def _allows(self, query: Query) -> bool:
        """Tell whether the query is put to the database; one for everything may not be, or not without a word."""
        if query.is_all and self._unqualified not in ("yes", "no"):
            level = logging.WARNING if self._unqualified == "warn" else logging.ERROR
            log.log(level, "%s is asked for all of its objects", self.label)
        return self.lists_all or not query.is_all

    @property
    def lists_all(self) -> bool:
        """Whether a search for everything finds everything."""
        return self._unqualified in ("yes", "warn")

    def faults(self) -> list[Finding]:
        """Read all rows, page by page, and return what is wrong with each, warnings included; raises `Unavailable`."""
        return self._first(lambda source: source.faults())

    def survey(self) -> tuple[list[Object], list[Finding]]:
        """Read all rows once and return the objects, and what is wrong with the rows; raises `Unavailable`."""
        return self._first(lambda source: source.survey())

    def remains(self, ids: Collection[str]) -> list[Object]:
        """Return what is left of rows that hold no object, in the first priority that answers; raises `Unavailable`."""
        return self._first(lambda source: source.remains(ids))

    def place(self, id: str, option: str = "") -> Place | None:
        """Return the row of an object; asks the database whether there is one."""
        return self._found(lambda source: source.place(id))

    def _first(self, ask: Callable[[Source], T]) -> T:
        """Return what the first priority that answers says."""
        silent: Silent = {}
        for source in self.sources:
            try:
                return ask(source)
            except Lost as lost:
                silent[source] = lost
        raise self._unavailable(silent)

    def _found(self, ask: Callable[[Source], T | None]) -> T | None:
        """Return what one priority has, or None where no other can have it."""
        silent: Silent = {}
        for source in self.sources:
            try:
                found = ask(source)
            except Lost as lost:
                silent[source] = lost
                continue
            if found is not None:
                return found
            silent = _in_doubt(silent)
            if not source.goes_on:
                break
        if silent:
            raise self._unavailable(silent)
        return None

    def _settle(self, ids: Collection[str], ask: Callable[[Source, Sequence[str]], Collection[str]]) -> None:
        """Ask one priority after the other for what those before it do not hold; `ask` returns what one holds."""
        left, silent = list(dict.fromkeys(ids)), Silent()
        for source in self.sources:
            try:
                held = ask(source, left)
            except Lost as lost:
                silent[source] = lost
                continue
            left, silent = [id for id in left if id not in held], _in_doubt(silent)
            if not (left and source.goes_on):
                break
        if left and silent:
            raise self._unavailable(silent)

    def _unavailable(self, silent: Silent) -> Unavailable:
        error = Unavailable(self.label, "; ".join(lost.reason for lost in silent.values()))
        error.__cause__ = next(iter(silent.values()))
        return error


def _in_doubt(silent: Silent) -> Silent:
    """Return those that may have what a later priority lacks; for the others it has stood in."""
    return {source: lost for source, lost in silent.items() if source.goes_on} if silent else silent
