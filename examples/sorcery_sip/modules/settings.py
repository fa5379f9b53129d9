"""The `global` section as of the last load: read once, not once per request."""

from __future__ import annotations

import threading

from sorcery import Sorcery
from sorcery.pjsip import Global

__all__ = ["Settings"]


class Settings:
    """Hold the `global` object until a load or a write changes it. Any thread may ask."""

    def __init__(self, sorcery: Sorcery) -> None:
        self._sorcery = sorcery
        self._current: Global | None = None
        self._latest: Global | None = None
        self._changes = 0
        self._lock = threading.Lock()
        self._subscription = sorcery.observe(
            Global,
            created=self._forget,
            updated=lambda new, old: self._forget(new),
            deleted=self._forget,
            loaded=self._forget,
        )

    @property
    def current(self) -> Global:
        """Return the object, the defaults where there is none; raises `Unavailable` while nobody knows."""
        current = self._current
        return self._read() if current is None else current

    @property
    def latest(self) -> Global | None:
        """Return the object as it was last read, None before that; never blocks and raises nothing."""
        return self._latest

    def close(self) -> None:
        """Stop observing."""
        self._subscription.close()

    def _read(self) -> Global:
        changes = self._changes
        found = self._sorcery.retrieve_all(Global)
        read = found[0] if found else Global(id="global")
        with self._lock:
            if changes == self._changes:  # else it may be the object from before the change
                self._current = self._latest = read
        return read

    def _forget(self, _: object) -> None:
        with self._lock:
            self._changes += 1
            self._current = None
