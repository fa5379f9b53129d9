"""What was counted, as Prometheus reads it."""

from __future__ import annotations

from sorcery_feed import Figures, feed_text

NOW = 100.0


def figures(source: str = "db", target: str = "ami://a") -> Figures:
    return Figures(source, target, clock=lambda: NOW)


def test_each_neighbour_has_its_figures_and_each_metric_one_head() -> None:
    one, other = figures(), figures(target='k"\\')
    one.done([99.98, 97.0])
    one.count("retried")
    one.stand(up=True, since=98.5)
    lines = feed_text([one, other]).splitlines()
    labels = 'source="db",target="ami://a"'
    for expected in (
        f"sorcery_feed_done_total{{{labels}}} 1",
        f"sorcery_feed_retried_total{{{labels}}} 1",
        f"sorcery_feed_refused_total{{{labels}}} 0",
        f"sorcery_feed_up{{{labels}}} 1",
        f"sorcery_feed_behind_seconds{{{labels}}} 1.5",
        f'sorcery_feed_lag_seconds_bucket{{{labels},le="0.01"}} 0',
        f'sorcery_feed_lag_seconds_bucket{{{labels},le="0.025"}} 1',
        f'sorcery_feed_lag_seconds_bucket{{{labels},le="5.0"}} 2',
        f'sorcery_feed_lag_seconds_bucket{{{labels},le="+Inf"}} 2',
        f"sorcery_feed_lag_seconds_sum{{{labels}}} 3.02",
        f"sorcery_feed_lag_seconds_count{{{labels}}} 2",
        'sorcery_feed_up{source="db",target="k\\"\\\\"} 0',
    ):
        assert expected in lines
    heads = [line for line in lines if line.startswith("# TYPE")]
    assert len(heads) == len(set(heads)) == 7


def test_a_database_whose_clock_is_ahead_makes_no_lag() -> None:
    one = figures()
    one.done([NOW + 5])
    one.stand(up=True, since=NOW + 5)
    shown = one.shown()
    assert (shown.seconds, shown.behind, shown.buckets[0]) == (0.0, 0.0, 1)


def test_a_lag_of_days_is_beyond_all_bounds() -> None:
    one = Figures("db", "t", clock=lambda: 1e6)
    one.done([0.0])
    assert one.shown().buckets[-1] == 1
