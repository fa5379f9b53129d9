"""The `global` section as of the last load: read once, not once per request."""

from __future__ import annotations

from sorcery import Sorcery
from sorcery.pjsip import Global

__all__ = ["Settings"]


class Settings:
    """Hold the `global` object until a load or a write changes it."""

    def __init__(self, sorcery: Sorcery) -> None:
        self._sorcery = sorcery
        self._current: Global | None = None
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
        if current is None:
            found = self._sorcery.retrieve_all(Global)
            current = self._current = found[0] if found else Global(id="global")
        return current

    @property
    def overload_counts(self) -> bool:
        """Whether full queues may turn requests away, by the last that was read; never blocks."""
        current = self._current
        return current is None or current.taskprocessor_overload_trigger != "none"

    def close(self) -> None:
        """Stop observing."""
        self._subscription.close()

    def _forget(self, _: object) -> None:
        self._current = None
