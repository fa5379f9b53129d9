"""What was counted, as Prometheus reads it."""

from __future__ import annotations

import re

from sorcery.running.figures import HELP, prometheus_text
from sorcery_memory_cache.counting import Figures

SAMPLE = re.compile(r'[a-z_]+\{cache="(?:[^"\\\n]|\\["\\n])*"\} [0-9]+')


def test_a_counter_has_a_help_a_type_and_a_line_per_cache() -> None:
    assert prometheus_text({"one": {"hits": 5}, "two": {"hits": 0}}) == (
        "# HELP sorcery_cache_hits_total Questions that were answered from memory.\n"
        "# TYPE sorcery_cache_hits_total counter\n"
        'sorcery_cache_hits_total{cache="one"} 5\n'
        'sorcery_cache_hits_total{cache="two"} 0\n'
    )


def test_what_may_fall_is_a_gauge() -> None:
    assert prometheus_text({"one": {"entries": 3}}).splitlines()[1:] == [
        "# TYPE sorcery_cache_entries gauge",
        'sorcery_cache_entries{cache="one"} 3',
    ]


def test_the_lines_of_a_metric_stand_together_though_caches_count_different_things() -> None:
    text = prometheus_text({"one": {"hits": 1}, "two": {"misses": 2, "hits": 3}})
    metrics = [line.partition("{")[0] for line in text.splitlines() if not line.startswith("#")]
    assert metrics == ["sorcery_cache_hits_total", "sorcery_cache_hits_total", "sorcery_cache_misses_total"]


def test_any_name_of_a_cache_is_one_label() -> None:
    text = prometheus_text({'a"b\\c\nd': {"hits": 1}})
    sample = text.splitlines()[-1]
    assert sample == r'sorcery_cache_hits_total{cache="a\"b\\c\nd"} 1'
    assert SAMPLE.fullmatch(sample)


def test_a_figure_that_is_not_known_here_is_shown_too() -> None:
    assert "# HELP sorcery_cache_cold_starts_total Cold starts of a cache.\n" in prometheus_text(
        {"x": {"cold_starts": 1}}
    )


def test_without_caches_there_is_no_text() -> None:
    assert prometheus_text({}) == ""


def test_every_figure_of_our_cache_is_explained() -> None:
    assert {*Figures().values(), "entries"} == set(HELP)
