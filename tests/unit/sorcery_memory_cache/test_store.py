"""A cache of the objects that were asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sorcery import InvalidObject, Unavailable
from sorcery.query import ALL
from sorcery.snapshot import Difference
from sorcery.testing.types import Widget

A, A2 = Widget(id="a", size=1), Widget(id="a", size=2)
B, C, D = Widget(id="b"), Widget(id="c"), Widget(id="d")

Open = Callable[..., Any]


def held(b: Any) -> list[str]:
    """Return the ids in the cache, the least recently used first."""
    return list(b.cache._entries)


def test_a_miss_is_one_question_by_id(bench: Open) -> None:
    b = bench("", A)
    assert b.cache.retrieve("a") is A
    assert b.asked() == ["a"]


def test_absence_is_asked_for_each_time(bench: Open) -> None:
    b = bench("", A)
    assert b.cache.retrieve("b") is None
    b.behind.hold(B)
    assert b.cache.retrieve("b") is B
    assert b.asked() == ["b", "b"]


def test_a_bad_object_that_is_not_held_is_an_error_and_no_absence(bench: Open) -> None:
    b = bench("", A)
    b.behind.bad = {"a"}
    with pytest.raises(InvalidObject, match="it is spoiled"):
        b.cache.retrieve("a")
    assert b.cache.retrieve_many(["a"]) == {}


def test_many_ids_are_asked_for_at_once_and_only_those_that_are_not_held(bench: Open) -> None:
    b = bench("", A, B, C)
    b.cache.retrieve("b")
    b.asked()
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A, "b": B, "c": C}
    assert b.asked() == [["a", "c"]]
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A, "b": B, "c": C}
    assert b.asked() == []


def test_searches_go_to_the_stores_behind_and_fill_nothing(bench: Open) -> None:
    b = bench("", A, B)
    assert list(b.cache.search(ALL)) == [A, B]
    assert b.asked() == ["everything"]
    assert len(b.cache) == 0


def test_the_least_recently_used_leaves_first(bench: Open) -> None:
    b = bench("maximum_objects=2", A, B, C, D)
    b.cache.retrieve("a")
    b.cache.retrieve("b")
    b.cache.retrieve("a")
    b.cache.retrieve("c")
    assert held(b) == ["a", "c"]
    b.cache.retrieve_many(["a"])
    b.cache.put(D)
    assert held(b) == ["a", "d"]


def test_a_replaced_object_and_a_deleted_one_evict_nobody(bench: Open) -> None:
    b = bench("maximum_objects=2")
    b.cache.put(A)
    b.cache.put(B)
    b.cache.put(A2)
    assert held(b) == ["b", "a"]
    b.cache.drop("b")
    b.cache.put(C)
    assert held(b) == ["a", "c"]


def test_more_ids_than_there_is_room_for_are_returned_all_the_same(bench: Open) -> None:
    b = bench("maximum_objects=1", A, B, C)
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A, "b": B, "c": C}
    assert held(b) == ["c"]


def test_reconciling_leaves_the_order_of_use_and_the_objects_as_they_are(bench: Open) -> None:
    b = bench("", C, B, A)
    for id in "bac":
        b.cache.retrieve(id)
    b.behind.hold(Widget(id="b"), A2)
    assert b.cache.reconcile().difference == Difference(updated=((A2, A),))
    assert held(b) == ["b", "a", "c"]
    assert b.cache.retrieve("b") is B


def test_reconciling_asks_for_what_is_held_and_takes_nothing_new(bench: Open) -> None:
    b = bench("", A, B)
    b.cache.retrieve("a")
    b.asked()
    assert not b.cache.reconcile().difference
    assert b.asked() == [["a"]]
    assert held(b) == ["a"]


def test_reconciling_brings_back_nothing_that_was_evicted_meanwhile(bench: Open) -> None:
    b = bench("maximum_objects=2", A, B, C)
    b.cache.retrieve_many(["a", "b"])
    b.behind.during = lambda: b.cache.retrieve("c")
    b.behind.hold(A2)
    b.cache.reconcile()
    assert held(b) == ["b", "c"]


def test_reconciling_makes_what_is_held_fresh(bench: Open) -> None:
    b = bench("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 2
    b.cache.reconcile()
    b.now += 2
    b.cache.retrieve("a")
    assert b.run() == 0


def test_nothing_is_held_after_a_reload_that_expires(bench: Open) -> None:
    b = bench("expire_on_reload=yes", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.behind.hold(A2)
    assert b.cache.reconcile().difference == Difference(updated=((A2, A),))
    assert held(b) == []
    assert b.cache.retrieve("a") is A2


def test_a_refresh_of_what_left_meanwhile_brings_nothing_back(bench: Open) -> None:
    b = bench("maximum_objects=1,object_lifetime_stale=3", A, B)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")
    b.cache.retrieve("b")
    b.asked()
    assert b.run() == 1
    assert held(b) == ["b"]


def test_a_written_object_is_fresh_though_a_refresh_was_on_its_way(bench: Open) -> None:
    b = bench("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.cache.put(A2)
    b.run()
    b.now += 2.5
    assert b.cache.retrieve("a") is A2
    assert b.run() == 0


def test_each_object_is_refreshed_on_its_own(bench: Open) -> None:
    b = bench("object_lifetime_stale=3", A, B)
    b.cache.retrieve("a")
    b.now += 2
    b.cache.retrieve("b")
    b.now += 1
    b.cache.retrieve_many(["a", "b"])
    b.asked()
    assert b.run() == 1
    assert b.asked() == [["a"]]


def test_what_nobody_asks_for_any_more_is_let_go(bench: Open) -> None:
    b = bench("object_lifetime_maximum=5", A, B, C)
    b.cache.retrieve_many(["a", "b"])
    b.now += 5
    b.cache.retrieve("c")
    assert held(b) == ["c"]


def test_a_bad_object_is_served_no_longer_than_any_other(bench: Open) -> None:
    b = bench("object_lifetime_maximum=5", A)
    b.cache.retrieve("a")
    b.behind.bad = {"a"}
    b.now += 4
    assert b.cache.reconcile().kept == ("a",)
    assert b.cache.retrieve("a") is A
    b.now += 1
    with pytest.raises(InvalidObject):
        b.cache.retrieve("a")


# Absence


def test_an_absent_id_is_remembered_for_its_own_short_life(bench: Open) -> None:
    b = bench("negative_lifetime=5", A)
    assert b.cache.retrieve("b") is None
    b.behind.hold(B)
    b.now += 4.9
    assert b.cache.retrieve("b") is None
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A}
    assert b.asked() == ["b", ["a"]]
    assert b.counted("negative_hits", "entries") == (2, 1)
    b.now += 0.1
    assert b.cache.retrieve("b") is B


def test_silence_and_bad_rows_are_not_remembered_as_absence(bench: Open) -> None:
    b = bench("negative_lifetime=5", A)
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.retrieve("a")
    b.behind.is_down, b.behind.bad = False, {"a"}
    with pytest.raises(InvalidObject):
        b.cache.retrieve("a")
    assert b.cache.retrieve_many(["a"]) == {}
    b.behind.bad = set()
    assert b.cache.retrieve("a") is A


@pytest.mark.parametrize("event", ["put", "bind", "reconcile", "reconcile one", "doubt", "expire", "stale", "drop"])
def test_absence_is_forgotten_with_each_change(bench: Open, event: str) -> None:
    b = bench("negative_lifetime=5", A)
    assert b.cache.retrieve("b") is None
    b.behind.hold(B)
    {
        "put": lambda: b.cache.put(B),
        "bind": lambda: b.cache.bind(b.behind),
        "reconcile": b.cache.reconcile,
        "reconcile one": lambda: b.cache.reconcile(["b"]),
        "doubt": lambda: b.cache.doubt("b"),
        "expire": b.cache.expire,
        "stale": b.cache.stale,
        "drop": lambda: b.cache.drop("b"),
    }[event]()
    assert b.cache.retrieve("b") is B


def test_absence_that_was_read_before_a_write_is_not_remembered(bench: Open) -> None:
    b = bench("negative_lifetime=5,maximum_objects=1", A)

    def write() -> None:
        b.behind.hold(B)
        b.cache.put(B)
        b.cache.put(A)  # which evicts it

    b.behind.during = write
    b.cache.retrieve("b")
    assert b.cache.retrieve("b") is B


def test_no_more_absent_ids_are_remembered_than_objects(bench: Open) -> None:
    b = bench("negative_lifetime=5,maximum_objects=2", A)
    for id in ("x", "y", "z"):
        assert b.cache.retrieve(id) is None
    b.asked()
    for id in ("z", "y", "x"):
        assert b.cache.retrieve(id) is None
    assert b.asked() == ["x"]


def test_without_a_limit_ten_thousand_absent_ids_are_remembered(bench: Open) -> None:
    b = bench("negative_lifetime=5", A)
    for number in range(10_001):
        b.cache.retrieve(f"x{number}")
    b.asked()
    for id in ("x10000", "x1", "x0"):
        b.cache.retrieve(id)
    assert b.asked() == ["x0"]


def test_what_a_refresh_finds_vanished_is_known_to_be_absent(bench: Open) -> None:
    b = bench("negative_lifetime=5,object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.objects.clear()
    b.now += 3
    b.cache.retrieve("a")
    b.run()
    b.asked()
    assert b.cache.retrieve("a") is None
    assert b.asked() == []


# Reads beside each other


def test_an_older_read_does_not_undo_a_newer_one(bench: Open) -> None:
    b = bench("", A)

    def read_anew() -> None:
        b.behind.hold(A2)
        assert b.cache.retrieve_many(["a"]) == {"a": A2}

    b.behind.during = read_anew
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve("a") is A2


def test_a_doubt_after_a_refresh_that_failed_is_followed_at_once(bench: Open) -> None:
    b = bench("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.behind.is_down = True
    b.cache.retrieve("a")
    assert b.run() == 1
    b.cache.doubt("a")
    b.cache.retrieve("a")
    assert b.run() == 1
