"""All neighbours and all databases: a thread for each pair, until somebody ends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from sorcery_feed.feeding import Changes, Feeding, Positions
from sorcery_feed.figures import Figures, feed_text
from sorcery_feed.targets import Target

__all__ = ["Feed", "Pair"]

PATIENCE: Final = 30.0
"""Seconds that are left to what is under way at the end; what is not answered then is told after the next start."""


@attrs.frozen(kw_only=True)
class Pair:
    """One neighbour and one database, with what keeps the position between them."""

    source: str
    """The name of the database."""
    changes: Changes
    target: Target
    positions: Positions


class Feed:
    """Tells neighbours of changes, each in a thread of its own: one that is down holds up only itself."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._figures = [Figures(pair.source, pair.target.name) for pair in pairs]
        self._feedings = [
            Feeding(pair.changes, pair.target, pair.positions, figures)
            for pair, figures in zip(pairs, self._figures, strict=True)
        ]

    def figures_text(self) -> str:
        """Return the figures as Prometheus reads them."""
        return feed_text(self._figures)

    def run(self, tick: Callable[[], None] = lambda: None, every: float = 5.0) -> None:
        """Feed until `stop` is called; `tick` is called every so many seconds. Blocks.

        Ends after the commands that are under way, or half a minute later: a database may hang. Raises what ends one
        of the threads, which is a defect.
        """
        threads = [
            threading.Thread(target=self._fed, args=(each,), name=f"feed-{number}", daemon=True)
            for number, each in enumerate(self._feedings)
        ]
        for thread in threads:
            thread.start()
        try:
            while not self._stop.wait(every):
                tick()
        finally:
            self.stop()
            deadline = time.monotonic() + PATIENCE
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
        tick()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Let `run` return; any thread or signal handler may call it."""
        self._stop.set()
        for each in self._feedings:
            each.wake()

    def _fed(self, feeding: Feeding) -> None:
        try:
            feeding.run(self._stop)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where all of them end
            self._failure = error
            self.stop()
