"""What observers were told of last, and how the next event continues it.

While others change the stores too, an event that is right for whoever made a change may not be so for observers: one
who updates an object that another process has just created would tell of an update of what nobody heard of.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sorcery.objects import Object
from sorcery.query import PENDING, Pending

__all__ = ["Event", "Known", "Moving", "Told"]

Event = tuple[str, str, tuple[Any, ...]]
"""(type name, one of created updated deleted loaded, arguments)"""

Known = Object | Pending | None
"""An object; None for its absence; `PENDING` where nothing is known."""

REMEMBERED: Final = 10_000


class Told:
    """The states that observers heard of last, of a bounded number of objects."""

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._states: dict[tuple[str, str], Object | None] = {}
        self._lock = threading.Lock()

    def get(self, type_name: str, id: str) -> Known:
        """Return the state of an object."""
        return self._states.get((type_name, id), PENDING)

    def put(self, type_name: str, id: str, state: Object | None) -> None:
        """Keep the state of an object, None for its absence."""
        with self._lock:
            self._states.pop((type_name, id), None)
            self._states[type_name, id] = state
            if len(self._states) > self._limit:
                del self._states[next(iter(self._states))]

    def forget(self, type_name: str) -> None:
        """Forget the objects of a type: whoever observes it from now on was told nothing."""
        with self._lock:
            for key in [key for key in self._states if key[0] == type_name]:
                del self._states[key]

    def follow(self, event: Event) -> Iterator[Event]:
        """Yield an event so that it begins where the last one of its object ended; nothing if that told it already.

        The end of an object that observers have not heard of is told with its beginning. Call it for the events of
        one object in their order.
        """
        type_name, what, arguments = event
        if what not in ("created", "updated", "deleted"):
            yield event
            return
        obj = arguments[0]
        now, known = None if what == "deleted" else obj, self.get(type_name, obj.id)
        self.put(type_name, obj.id, now)
        if known is PENDING or (what == "updated" and arguments[1] == obj == known):  # the same was written again
            yield event
        elif known is None:
            yield type_name, "created", (obj,)
            if now is None:
                yield event
        elif now is None:
            yield type_name, "deleted", (known,)
        elif now != known:
            yield type_name, "updated", (now, known)


class Moving(Told):
    """What observers know of types that just moved to other stores, until they are told what that changed.

    Whoever changes an object meanwhile finds what the new stores hold; observers know what the old ones held.
    """

    def __init__(self, before: Mapping[str, Mapping[str, Object]]) -> None:
        super().__init__(limit=sys.maxsize)
        self._before = dict(before)

    def get(self, type_name: str, id: str) -> Known:
        """Return the state of an object."""
        known = super().get(type_name, id)
        return self._before[type_name].get(id) if known is PENDING and type_name in self._before else known

    def forget(self, type_name: str) -> None:
        """Forget the objects of a type."""
        super().forget(type_name)
        self._before.pop(type_name, None)

    def follow(self, event: Event) -> Iterator[Event]:
        """Yield an event so that it begins where the last one of its object ended; one of another type as it is."""
        return super().follow(event) if event[0] in self._before else iter((event,))
