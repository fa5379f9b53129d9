"""What was counted, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["prometheus_text"]

GAUGES: Final = frozenset({"entries"})
"""Figures that may fall; the others only grow."""


def prometheus_text(caches: Mapping[str, Mapping[str, int]]) -> str:
    """Return the figures of some caches in Prometheus' text format, version 0.0.4: one metric per figure."""
    names = dict.fromkeys(name for figures in caches.values() for name in figures)
    lines: list[str] = []
    for name in names:
        kind, metric = ("gauge", name) if name in GAUGES else ("counter", f"{name}_total")
        metric = f"sorcery_cache_{metric}"
        lines += [f"# HELP {metric} {name.replace('_', ' ').capitalize()} of a cache.", f"# TYPE {metric} {kind}"]
        lines += [
            f'{metric}{{cache="{_escaped(cache)}"}} {figures[name]}'
            for cache, figures in caches.items()
            if name in figures
        ]
    return "".join(f"{line}\n" for line in lines)


def _escaped(label: str) -> str:
    return label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
