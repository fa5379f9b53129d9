"""What an operator sees of a cache, and tells it to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Unavailable
from sorcery.query import ALL
from sorcery.testing.types import Widget
from sorcery.wizard import CacheEntry, ManagedCache

A, A2, B, C = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="b"), Widget(id="c")

Open = Callable[..., Any]
FULL = "full_backend_cache=yes"
TIMES = "object_lifetime_stale=10,object_lifetime_maximum=30"


@pytest.fixture(params=["", FULL], ids=["some", "all"])
def on(request: pytest.FixtureRequest, bench: Open) -> Open:
    """Return what puts a cache of either sort on the bench."""

    def set_up(arguments: str = "", *objects: Widget) -> Any:
        return bench(",".join(filter(None, (request.param, arguments))), *objects)

    return set_up


def test_a_cache_shows_its_name_and_the_options_in_force(on: Open) -> None:
    b = on("maximum_objects=7,object_lifetime_stale=3,negative_lifetime=2,serve_unavailable=60")
    is_managed: bool = isinstance(b.cache, ManagedCache)
    assert is_managed
    assert b.cache.name == "bench"
    assert dict(b.cache.options) == {
        "name": "bench",
        "maximum_objects": 7,
        "object_lifetime_maximum": 0,
        "object_lifetime_stale": 3,
        "expire_on_reload": False,
        "full_backend_cache": b.cache.settings.full_backend_cache,
        "negative_lifetime": 2,
        "serve_unavailable": 60,
    }


def test_entries_tell_the_time_that_is_left_to_each(on: Open) -> None:
    b = on(TIMES, B, A)
    assert b.cache.entries() == []
    b.cache.retrieve_many(["b", "a"])
    b.now += 4
    assert b.cache.entries() == [CacheEntry("a", 6.0, 26.0), CacheEntry("b", 6.0, 26.0)]
    b.now += 8
    assert b.cache.entries() == [CacheEntry("a", 0.0, 18.0), CacheEntry("b", 0.0, 18.0)]


def test_entries_without_limits_have_all_the_time(on: Open) -> None:
    b = on("", A)
    b.cache.retrieve("a")
    assert b.cache.entries() == [CacheEntry("a", None, None)]


def test_all_entries_expire_on_command(on: Open) -> None:
    b = on("", A, B)
    b.cache.retrieve_many(["a", "b"])
    assert b.cache.expire() == 2
    assert b.cache.entries() == []
    b.behind.hold(A2)
    assert b.cache.retrieve("a") is A2
    assert b.cache.expire() == (2 if b.cache.settings.full_backend_cache else 1)


def test_what_is_being_read_while_a_cache_expires_is_not_kept(on: Open) -> None:
    b = on("", A)
    b.behind.during = b.cache.expire
    assert b.cache.retrieve("a") is A
    assert len(b.cache) == 0


def test_one_entry_expires_on_command(bench: Open) -> None:
    b = bench("", A, B)
    b.cache.retrieve_many(["a", "b"])
    assert b.cache.expire("a") == 1
    assert b.cache.expire("a") == 0
    assert [entry.id for entry in b.cache.entries()] == ["b"]


def test_one_entry_of_a_cache_of_everything_does_not_expire(bench: Open) -> None:
    b = bench(FULL, A)
    b.cache.retrieve("a")
    with pytest.raises(ValueError, match="bench holds everything or nothing; expire it whole, or mark 'a' stale"):
        b.cache.expire("a")
    assert len(b.cache) == 1


@pytest.mark.parametrize("limits", ["", TIMES])
@pytest.mark.parametrize("id", [None, "a"])
def test_what_is_marked_stale_is_served_once_more_while_it_is_read_anew(on: Open, id: str | None, limits: str) -> None:
    b = on(limits, A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    assert b.cache.stale(id) == 1
    assert b.run() == 0
    assert b.cache.entries()[0].stale_in == 0.0
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2
    assert b.run() == 0


def test_what_is_marked_stale_is_read_anew_at_once_if_told_so(on: Open) -> None:
    b = on("", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.behind.hold(A2)
    assert b.cache.stale(reload=True) == 2
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2
    assert b.run() == 0


def test_what_is_being_read_anew_is_not_read_twice(on: Open) -> None:
    b = on("", A)
    b.cache.retrieve("a")
    assert b.cache.stale("a", reload=True) == 1
    assert b.cache.stale("a", reload=True) == 1
    assert b.run() == 1


def test_what_is_not_held_cannot_be_marked(on: Open) -> None:
    b = on("", A)
    assert b.cache.stale("a") == 0
    b.cache.retrieve("a")
    assert b.cache.stale("nobody", reload=True) == 0
    assert b.run() == 0


def test_a_mark_changes_neither_the_lifetime_nor_the_order_of_use(bench: Open) -> None:
    b = bench(f"{TIMES},maximum_objects=2", A, B, C)
    b.cache.retrieve("a")
    b.cache.retrieve("b")
    b.now += 4
    b.cache.stale("a")
    assert b.cache.entries() == [CacheEntry("a", 0.0, 26.0), CacheEntry("b", 6.0, 26.0)]
    b.cache.retrieve("c")
    assert [entry.id for entry in b.cache.entries()] == ["b", "c"]


def test_a_mark_does_not_shorten_the_life_of_a_whole(bench: Open) -> None:
    b = bench(f"{FULL},{TIMES}", A)
    b.cache.retrieve("a")
    b.now += 4
    b.cache.stale()
    assert b.cache.entries() == [CacheEntry("a", 0.0, 26.0)]


def test_a_cache_of_everything_is_filled_on_command(bench: Open) -> None:
    b = bench(FULL, A)
    assert b.cache.populate() == 1
    assert b.asked() == ["everything"]
    b.behind.hold(A2, B)
    assert b.cache.populate() == 2
    b.asked()
    assert b.cache.retrieve("a") is A2
    assert b.asked() == []
    assert b.audience.heard == [("created", B), ("updated", A2, A)]
    assert b.audience.delivered == 2


def test_filling_that_comes_to_nothing_says_why_and_keeps_what_is_held(bench: Open) -> None:
    b = bench(f"{FULL},maximum_objects=1", A)
    b.cache.populate()
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.populate()
    assert b.cache.retrieve("a") is A
    b.behind.is_down = False
    b.behind.hold(B)
    with pytest.raises(ValueError, match="more than maximum_objects=1 exist; set it higher, or to 0"):
        b.cache.populate()


def test_a_cache_of_some_objects_is_not_filled(bench: Open) -> None:
    b = bench("", A)
    with pytest.raises(
        ValueError, match="bench holds what was asked for, not everything; write full_backend_cache=yes"
    ):
        b.cache.populate()


# Figures


def test_hits_and_misses_are_counted(on: Open) -> None:
    b = on("", A)
    b.cache.retrieve("a")
    b.cache.retrieve("a")
    b.cache.retrieve_many(["a"])
    assert b.counted("hits", "misses", "entries") == (2, 1, 1)
    assert b.counted("hits", "misses", "entries") == (2, 1, 1)


def test_refreshes_and_their_failures_are_counted(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")
    b.run()
    assert b.counted("refreshes", "refresh_failures", "stale_served", "hits") == (1, 0, 1, 1)
    b.now += 3
    b.behind.is_down = True
    b.cache.retrieve("a")
    b.run()
    assert b.counted("refreshes", "refresh_failures", "unavailable") == (2, 1, 1)
    b.now += 3
    b.behind.is_down, b.behind.bad = False, {"a"}
    b.cache.retrieve("a")
    b.run()
    assert b.counted("refreshes", "refresh_failures", "unavailable") == (3, 2, 1)


def test_evicted_and_expired_entries_are_counted(bench: Open) -> None:
    b = bench("maximum_objects=2,object_lifetime_maximum=5", A, B, C)
    for id in "abc":
        b.cache.retrieve(id)
    assert b.counted("evictions", "expired", "entries") == (1, 0, 2)
    b.now += 5
    assert b.counted("evictions", "expired", "entries") == (1, 2, 0)


def test_questions_for_a_whole_are_counted(bench: Open) -> None:
    b = bench(FULL, A, B)
    b.cache.search(ALL)
    b.cache.search(ALL)
    b.cache.retrieve("nobody")
    assert b.counted("hits", "misses", "negative_hits", "entries") == (2, 1, 0, 2)
