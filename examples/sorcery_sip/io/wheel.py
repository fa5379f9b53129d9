"""One timer of the event loop for everything that has to happen at regular intervals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

__all__ = ["Wheel"]

_MOST_LATE_TURNS = 5
"""A loop that was held up longer leaves turns out: a burst of old sound helps nobody."""


class Wheel:
    """Call all members every `interval` seconds, and nothing at all while there are none.

    It keeps its beat: a turn that is late does not move those after it. What a member raises goes to the loop's
    exception handler, and the member leaves. Made, and called, in the thread of the loop.
    """

    def __init__(self, interval: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._interval = interval
        self._members: dict[Callable[[], None], None] = {}
        self._timer: asyncio.Handle | None = None
        self._due = 0.0
        """When the next turn is. A timer of uvloop that is due at once cannot tell."""

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Callable[[], None]) -> None:
        """Call `member` from the next turn on."""
        self._members[member] = None
        if self._timer is None:
            self._wind(self._loop.time() + self._interval)

    def remove(self, member: Callable[[], None]) -> None:
        """Call it no more; one that is no member does no harm."""
        self._members.pop(member, None)

    def close(self) -> None:
        """Let all members go."""
        self._members.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def turn(self) -> None:
        """Call each member once."""
        for member in tuple(self._members):
            if member in self._members:  # another may have removed it
                try:
                    member()
                except Exception as error:  # noqa: BLE001 - the next member is somebody else's
                    self.remove(member)
                    context = {"message": "what is done at intervals failed", "exception": error}
                    self._loop.call_exception_handler(context)

    def _ring(self) -> None:
        due, self._timer = self._due, None
        late = max(0, int((self._loop.time() - due) / self._interval))
        for _ in range(1 + min(late, _MOST_LATE_TURNS)):
            self.turn()
        if self._members and self._timer is None:
            self._wind(due + (late + 1) * self._interval)

    def _wind(self, due: float) -> None:
        self._due, self._timer = due, self._loop.call_at(due, self._ring)
