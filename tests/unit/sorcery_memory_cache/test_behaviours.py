"""What Sorcery is known to do, item by item: the memory cache. See `test_behaviours_core`.

Clocks are the test's own: a day passes between two lines. The items on many threads have a fast clock.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sorcery import ConfigurationError, Sorcery
from sorcery.query import ALL
from sorcery.testing.types import TYPES, Widget
from sorcery_memory_cache.settings import parse_settings
from sorcery_memory_cache.store import CacheStore
from sorcery_memory_cache.workers import Workers

READERS, SECONDS, HASTE, FEW = 25, 0.3, 50, 10
"""Threads, how long they read, how many seconds of the cache's clock a second is, and what is not enough to see."""

Set = Callable[..., Any]


class Rows:
    """A store that is never empty and never the same twice."""

    label = "rows"

    def __init__(self, count: int) -> None:
        self.ids = [str(number) for number in range(count)]
        self.versions = itertools.count()

    def retrieve(self, id: str) -> Widget:
        return Widget(id=id, size=next(self.versions) % 100)

    def search(self, query: object) -> list[Widget]:
        return [self.retrieve(id) for id in self.ids]


def thrash(options: str, count: int, *, updaters: int = 0, counts: str = "hits") -> CacheStore:
    """Let threads read, and some write, until the time is over; every read has to find its object.

    On a busy machine it is over once the cache has counted a few of what it is to be seen doing.
    """
    workers, rows = Workers("thrash"), Rows(count)
    cache = CacheStore(
        Widget.__sorcery__, "thrash", parse_settings(options), workers.submit, lambda: time.monotonic() * HASTE
    )
    cache.bind(rows)
    stop, errors = threading.Event(), []

    def work(number: int) -> None:
        try:
            for id in itertools.cycle(rows.ids[number % count :] + rows.ids[: number % count]):
                if stop.is_set():
                    return
                if number < READERS:
                    found = cache.retrieve(id)
                    assert found is not None
                    assert found.id == id
                else:
                    cache.put(rows.retrieve(id))
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(READERS + updaters)]
    for thread in threads:
        thread.start()
    stop.wait(SECONDS)
    deadline = time.monotonic() + 60
    while cache.figures()[counts] <= FEW and not errors and time.monotonic() < deadline:
        stop.wait(SECONDS)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    workers.close()
    cache.close()
    if errors:
        raise errors[0]
    return cache


def test_81_many_readers_of_entries_that_grow_stale() -> None:
    assert thrash("object_lifetime_stale=1", 10, counts="refreshes").figures()["refreshes"] > FEW


def test_82_many_readers_of_entries_that_expire() -> None:
    assert thrash("object_lifetime_maximum=1", 10, counts="misses").figures()["misses"] > FEW


def test_83_many_readers_and_writers() -> None:
    assert len(thrash("", 10, updaters=25)) == 10


def test_84_many_readers_of_more_than_fits() -> None:
    cache = thrash("maximum_objects=10", 100, counts="evictions")
    assert len(cache) <= 10
    assert cache.figures()["evictions"] > FEW


def test_85_many_readers_of_more_than_fits_that_grows_stale_and_expires() -> None:
    assert len(thrash("maximum_objects=10,object_lifetime_stale=1,object_lifetime_maximum=2", 100)) <= 10


def test_86_many_readers_of_very_many_entries_that_grow_stale_and_expire() -> None:
    thrash("object_lifetime_stale=1,object_lifetime_maximum=2", 5000)


def test_87_many_readers_of_very_many_entries() -> None:
    assert thrash("", 5000).figures()["evictions"] == 0


def test_88_options_are_taken() -> None:
    assert parse_settings("").maximum_objects == 0
    assert parse_settings("maximum_objects=10").maximum_objects == 10
    assert parse_settings("object_lifetime_maximum=60").object_lifetime_maximum == 60
    assert parse_settings("object_lifetime_stale=90").object_lifetime_stale == 90


@pytest.mark.parametrize(
    "arguments",
    [
        "name=",
        "garbage=1",
        *(
            f"{name}={text}"
            for name in ("maximum_objects", "object_lifetime_maximum", "object_lifetime_stale")
            for text in ("-1", "toast")
        ),
    ],
)
def test_89_a_bad_option_is_refused_with_its_mapping(arguments: str) -> None:
    with (
        Sorcery.open("memory:", types=TYPES) as sorcery,
        pytest.raises(ConfigurationError, match=f"memory_cache,{arguments}"),
    ):
        sorcery.map(Widget, "memory_cache", arguments, caching=True)


def test_90_an_entry_is_put_replaced_and_dropped(bench: Set) -> None:
    cache = bench().cache
    cache.put(one := Widget(id="a"))
    assert cache.retrieve("a") is one
    cache.put(two := Widget(id="a"))
    assert cache.retrieve("a") is two
    assert len(cache) == 1
    cache.drop("a")
    assert cache.retrieve("a") is None


def test_91_a_third_entry_of_two_evicts_the_least_recently_used(bench: Set) -> None:
    """Asterisk evicts the oldest, however often it is used."""
    cache = bench("maximum_objects=2").cache
    for id in "ab":
        cache.put(Widget(id=id))
    cache.retrieve("a")
    cache.put(Widget(id="c"))
    assert [entry.id for entry in cache.entries()] == ["a", "c"]
    cache.drop("a")
    cache.put(Widget(id="d"))
    assert [entry.id for entry in cache.entries()] == ["c", "d"]


def test_92_entries_are_gone_when_their_life_is_over(bench: Set) -> None:
    b = bench("object_lifetime_maximum=5")
    for id in "abc":
        b.cache.put(Widget(id=id))
    b.now += 4.9
    assert len(b.cache.entries()) == 3
    b.now += 0.1
    assert b.cache.entries() == []
    assert b.cache.figures()["expired"] == 3
    assert [b.cache.retrieve(id) for id in "abc"] == [None, None, None]


def test_93_a_stale_entry_is_served_once_more_and_read_anew(bench: Set) -> None:
    b = bench("object_lifetime_stale=3", old := Widget(id="a", size=1))
    assert b.cache.retrieve("a") is old
    b.behind.hold(new := Widget(id="a", size=2))
    assert b.cache.retrieve("a") is old
    b.now += 3
    assert b.cache.retrieve("a") is old
    assert b.run() == 1
    assert b.cache.retrieve("a") is new
    b.behind.objects.clear()
    b.now += 3
    assert b.cache.retrieve("a") is new
    b.run()
    assert b.cache.retrieve("a") is None


def test_94_a_full_cache_holds_everything_until_it_expires(bench: Set) -> None:
    b = bench("full_backend_cache=yes,object_lifetime_maximum=3", *(Widget(id=id) for id in "abcd"))
    assert len(list(b.cache.search(ALL))) == 4
    b.behind.hold(*(Widget(id=id) for id in "efgh"))
    assert len(list(b.cache.search(ALL))) == 4
    b.now += 3
    assert len(list(b.cache.search(ALL))) == 8


def test_95_a_stale_full_cache_answers_once_more_and_is_read_anew(bench: Set) -> None:
    b = bench("full_backend_cache=yes,object_lifetime_stale=1", *(Widget(id=id) for id in "abcd"))
    assert len(list(b.cache.search(ALL))) == 4
    b.behind.hold(*(Widget(id=id) for id in "efgh"))
    b.now += 1
    assert len(list(b.cache.search(ALL))) == 4
    b.run()
    assert len(list(b.cache.search(ALL))) == 8
