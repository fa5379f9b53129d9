"""How far behind the neighbours are, and what became of what they were told."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import attrs

__all__ = ["BOUNDS", "Figures", "feed_text"]

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0)
"""Seconds: the upper bounds of the lag's histogram."""
COUNTERS: Final = {
    "done": "Commands that the neighbour carried out.",
    "retried": "Commands that are told again, for it refused or was lost.",
    "refused": "Commands that it refused so often that they were given up.",
    "gaps": "Times when it was told to read all anew, for changes were trimmed or never told.",
}
LAG: Final = "sorcery_feed_lag_seconds"


@attrs.frozen(slots=True)
class Shown:
    """The figures of one moment."""

    counts: dict[str, int]
    buckets: tuple[int, ...]
    """Changes by their lag: those up to each bound, and those beyond all."""
    seconds: float
    behind: float
    up: bool


class Figures:
    """What is counted for one neighbour and one database. Safe for many threads."""

    def __init__(self, source: str, target: str, clock: Callable[[], float] = time.time) -> None:
        self.source, self.target = source, target
        self._clock = clock
        self._lock = threading.Lock()
        self._counts = dict.fromkeys(COUNTERS, 0)
        self._buckets = [0] * (len(BOUNDS) + 1)
        self._seconds = 0.0
        self._since: float | None = None
        self._up = False

    def count(self, name: str) -> None:
        """Count one more."""
        with self._lock:
            self._counts[name] += 1

    def done(self, moments: Iterable[float]) -> None:
        """Count a command that was carried out for the changes of these moments."""
        with self._lock:
            self._counts["done"] += 1
            now = self._clock()
            for at in moments:
                lag = max(0.0, now - at)  # the database's clock may be ahead of ours
                self._buckets[bisect_left(BOUNDS, lag)] += 1
                self._seconds += lag

    def stand(self, *, up: bool, since: float | None) -> None:
        """Say whether the neighbour answers, and when the oldest change that it was not told of was made."""
        with self._lock:
            self._up, self._since = up, since

    def shown(self) -> Shown:
        """Return the figures as they are now."""
        with self._lock:
            behind = 0.0 if self._since is None else max(0.0, self._clock() - self._since)
            return Shown(dict(self._counts), tuple(self._buckets), self._seconds, behind, self._up)


def feed_text(figures: Iterable[Figures]) -> str:
    """Return the figures in Prometheus' text format 0.0.4."""
    shown = [(_labels(each), each.shown()) for each in figures]
    lines: list[str] = []
    for name, described in COUNTERS.items():
        lines += _head(f"sorcery_feed_{name}_total", "counter", described)
        lines += [f"sorcery_feed_{name}_total{{{labels}}} {each.counts[name]}" for labels, each in shown]
    lines += _head("sorcery_feed_up", "gauge", "Whether the neighbour answers.")
    lines += [f"sorcery_feed_up{{{labels}}} {int(each.up)}" for labels, each in shown]
    lines += _head("sorcery_feed_behind_seconds", "gauge", "Age of the oldest change that it was not told of.")
    lines += [f"sorcery_feed_behind_seconds{{{labels}}} {each.behind:.6g}" for labels, each in shown]
    lines += _head(LAG, "histogram", "Seconds from a change to the answer of the neighbour that was told of it.")
    for labels, each in shown:
        lines += _histogram(labels, each)
    return "".join(f"{line}\n" for line in lines)


def _head(metric: str, kind: str, described: str) -> tuple[str, str]:
    return f"# HELP {metric} {described}", f"# TYPE {metric} {kind}"


def _histogram(labels: str, shown: Shown) -> Iterator[str]:
    total = 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), shown.buckets, strict=True):
        total += count
        yield f'{LAG}_bucket{{{labels},le="{bound}"}} {total}'
    yield f"{LAG}_sum{{{labels}}} {shown.seconds:.6g}"
    yield f"{LAG}_count{{{labels}}} {total}"


def _labels(figures: Figures) -> str:
    return f'source="{_escaped(figures.source)}",target="{_escaped(figures.target)}"'


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
