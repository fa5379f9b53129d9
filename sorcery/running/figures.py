"""What was counted, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sorcery.shadowing.figures import Figures, Kind

__all__ = ["prometheus_text", "shadow_text"]

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


SHADOW: Final = {
    "compared": "Questions that a type's store and its second one both answered.",
    "agreed": "Those of them with one and the same answer.",
    "unavailable": "Questions that the second store did not answer.",
    "dropped": "Questions and changes that the second store was not asked: too many waited.",
    "slower": "Answers for which the second store took longer.",
    "written": "Changes that were made in the second store too.",
    "failed": "Changes that the second store did not take.",
    "seconds": "Seconds that the answers took.",
    "shadow_seconds": "Seconds that those of the second store took.",
}
"""What is counted of second stores."""


def shadow_text(shadows: Mapping[str, Figures]) -> str:
    """Return what was counted of second stores, by type, in the same format."""
    lines: list[str] = []

    def add(metric: str, what: str, values: Mapping[str, float]) -> None:
        lines.extend((f"# HELP {metric} {what}", f"# TYPE {metric} counter"))
        lines.extend(f"{metric}{{{labels}}} {_number(value)}" for labels, value in values.items())

    for name, what in SHADOW.items():
        values = {f'type="{_escaped(each)}"': getattr(figures, name) for each, figures in shadows.items()}
        add(f"sorcery_shadow_{name}_total", what, values)
    kinds = {
        f'type="{_escaped(each)}",kind="{kind.value}"': figures.kinds.get(kind, 0)
        for each, figures in shadows.items()
        for kind in Kind
    }
    add("sorcery_shadow_differences_total", "Objects that the two stores did not agree on.", kinds)
    options = {
        f'type="{_escaped(each)}",option="{_escaped(option)}"': count
        for each, figures in shadows.items()
        for option, count in figures.options.items()
    }
    add("sorcery_shadow_options_total", "How often an option differed.", options)
    return "".join(f"{line}\n" for line in lines)


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6f}"
