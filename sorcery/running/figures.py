"""What was counted, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["prometheus_text"]

GAUGES: Final = frozenset({"entries"})
"""Figures that may fall; the others only grow."""

HELP: Final = {
    "hits": "Questions that were answered from memory.",
    "misses": "Questions that the stores behind had to answer.",
    "negative_hits": "Questions for ids that were known to be absent.",
    "stale_served": "Answers that were due to be read anew, or too old in an outage.",
    "refreshes": "Reads anew, aside.",
    "refresh_failures": "Reads anew that brought no good answer.",
    "evictions": "Entries that left for want of room.",
    "expired": "Entries that left because of their age.",
    "unavailable": "Questions that the stores behind did not answer.",
    "entries": "Objects that are held.",
}


def prometheus_text(caches: Mapping[str, Mapping[str, int]]) -> str:
    """Return the figures of some caches, by name, in Prometheus' text format 0.0.4: one metric for each figure."""
    lines: list[str] = []
    for name in dict.fromkeys(name for figures in caches.values() for name in figures):
        kind, suffix = ("gauge", "") if name in GAUGES else ("counter", "_total")
        metric = f"sorcery_cache_{name}{suffix}"
        described = HELP.get(name, f"{name.replace('_', ' ').capitalize()} of a cache.")
        lines += [f"# HELP {metric} {described}", f"# TYPE {metric} {kind}"]
        lines += [
            f'{metric}{{cache="{_escaped(cache)}"}} {figures[name]}'
            for cache, figures in caches.items()
            if name in figures
        ]
    return "".join(f"{line}\n" for line in lines)


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
