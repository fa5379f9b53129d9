"""What a cache counts, without a lock."""

from __future__ import annotations

import threading

from sorcery_memory_cache.counting import Figures, Tally


def test_a_tally_shows_what_was_counted_however_often_it_is_looked_at() -> None:
    tally = Tally()
    assert [tally.value, tally.value] == [0, 0]
    for _ in range(3):
        tally.add()
    assert [tally.value, tally.value] == [3, 3]
    tally.add()
    assert tally.value == 4


def test_many_threads_lose_no_count() -> None:
    tally = Tally()

    def count() -> None:
        for _ in range(10_000):
            tally.add()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert tally.value <= 80_000
    assert tally.value == 80_000


def test_every_figure_is_there_from_the_start() -> None:
    assert Figures().values() == {
        "hits": 0,
        "misses": 0,
        "negative_hits": 0,
        "stale_served": 0,
        "refreshes": 0,
        "refresh_failures": 0,
        "evictions": 0,
        "expired": 0,
        "unavailable": 0,
    }
