"""One who is told of rows that others changed: entries of the outboxes as notices of stores."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

from sorcery.wizard import Notice, Op
from sorcery_database.outbox import Entry
from sorcery_realtime.databases import Database
from sorcery_realtime.source import Source
from sorcery_realtime.store import RealtimeStore
from sorcery_realtime.watching.hearing import Heard
from sorcery_realtime.watching.listener import Listener

__all__ = ["RealtimeWatch"]

PATIENCE: Final = 1.0
"""Seconds to wait for databases when a watch begins; of those that take longer, anything may have changed."""


class RealtimeWatch:
    """Tells of changes in the databases of the open stores until it is closed."""

    def __init__(
        self,
        stores: Callable[[], Collection[RealtimeStore]],
        notify: Callable[[Sequence[Notice]], None],
        forget: Callable[[RealtimeWatch], None],
    ) -> None:
        """Begin to listen; blocks for a second at most."""
        self._stores, self._notify, self._forget = stores, notify, forget
        self._listeners: dict[Database, Listener] = {}
        self._lock = threading.Lock()
        self._is_closed = False
        deadline = time.monotonic() + PATIENCE
        for listener in self._follow():
            listener.wait(max(0.0, deadline - time.monotonic()))

    def follow(self) -> None:
        """Listen to the databases of the stores that are open now, and to no others; does not block.

        When one of them is heard for the first time, anything in it may be another than it was at this call.
        """
        for listener in self._follow():
            listener.wait(0.0)

    def _follow(self) -> Sequence[Listener]:
        """Return those that begin to listen."""
        wanted = {source.database for store in self._stores() for source in store.sources}
        with self._lock:
            if self._is_closed:
                return ()
            begun = {database: Listener(database, self._tell) for database in wanted.difference(self._listeners)}
            for database in set(self._listeners).difference(wanted):
                self._listeners.pop(database).stop()
            self._listeners.update(begun)
        return list(begun.values())

    def unnoticed(self, store: RealtimeStore) -> str:
        """Return why changes of single objects of a store are not heard of now; empty where they are."""
        with self._lock:
            listeners = [self._listeners.get(source.database) for source in store.sources]
        return next((listener.reason for listener in listeners if listener is not None and listener.reason), "")

    def close(self) -> None:
        """Hear no more; waits for a call that is under way, unless made from within it."""
        self._forget(self)
        with self._lock:
            self._is_closed = True
            listeners = list(self._listeners.values())
            self._listeners.clear()
        for listener in listeners:
            listener.stop()
        for listener in listeners:
            listener.join()

    def _tell(self, database: Database, heard: Heard) -> None:
        lying = [(store, source) for store in self._stores() for source in store.sources if source.database is database]
        if heard is None:
            notices = [Notice(store) for store in dict.fromkeys(store for store, _ in lying)]
        else:
            notices = [notice for entry in heard for notice in _notices(entry, lying)]
        if notices:
            self._notify(notices)


def _notices(entry: Entry, lying: Collection[tuple[RealtimeStore, Source]]) -> Iterator[Notice]:
    """Yield a notice for each store that an entry is about."""
    schema, _, table = entry.table.rpartition(".")
    for store, source in lying:
        if source.name.name == table and (not schema or not source.name.schema or source.name.schema == schema):
            yield Notice(store, source.codec.plain(entry.id), Op(entry.op)) if entry.id else Notice(store)
