"""A cache of everything."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from sorcery import InvalidObject, Unavailable
from sorcery.chain import Chain
from sorcery.query import ALL, Query
from sorcery.snapshot import Difference
from sorcery.testing.types import Widget
from sorcery.wizard import PENDING

A, A2, A3 = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="a", size=3)
B, C, D = Widget(id="b"), Widget(id="c"), Widget(id="d")

Open = Callable[..., Any]


@pytest.fixture
def full(bench: Open) -> Open:
    """Return what puts a cache of everything on the bench."""

    def set_up(arguments: str = "", *objects: Widget) -> Any:
        return bench(f"full_backend_cache=yes,{arguments}", *objects)

    return set_up


def test_the_first_question_reads_everything_and_none_is_asked_after_it(full: Open) -> None:
    b = full("", A, B)
    assert b.asked() == []
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve("b") is B
    assert b.cache.retrieve("nobody") is None
    assert list(b.cache.search(ALL)) == [A, B]
    assert list(b.cache.search(Query(prefix="b"))) == [B]
    assert b.cache.retrieve_many(["a", "nobody"]) == {"a": A}
    assert b.asked() == ["everything"]


def test_an_empty_store_is_read_once(full: Open) -> None:
    b = full("")
    assert b.cache.retrieve("a") is None
    assert list(b.cache.search(ALL)) == []
    assert b.asked() == ["everything"]


def test_what_others_create_is_seen_after_the_lifetime(full: Open) -> None:
    b = full("object_lifetime_maximum=3", A)
    b.cache.search(ALL)
    b.behind.hold(B)
    assert len(b.cache.search(ALL)) == 1
    b.now += 3
    assert len(b.cache.search(ALL)) == 2


def test_a_stale_whole_is_served_once_more(full: Open) -> None:
    b = full("object_lifetime_stale=1", A)
    b.cache.search(ALL)
    b.behind.hold(B)
    b.now += 1
    assert len(b.cache.search(ALL)) == 1
    assert b.run() == 1
    assert len(b.cache.search(ALL)) == 2


def test_all_objects_share_one_refresh(full: Open) -> None:
    b = full("object_lifetime_stale=1", A, B)
    b.cache.retrieve("a")
    b.now += 1
    b.cache.retrieve_many(["a", "b"])
    b.cache.retrieve("b")
    b.cache.search(ALL)
    assert b.run() == 1


def test_what_is_written_while_everything_is_read_is_in_it(full: Open) -> None:
    b = full("", A)

    def write() -> None:
        b.behind.hold(B)
        b.cache.put(B)

    b.behind.during = write
    assert b.cache.retrieve("a") is A
    b.asked()
    assert b.cache.retrieve("b") is B
    assert b.asked() == []


def test_a_row_that_is_bad_from_the_start_is_absent_until_it_is_mended(full: Open) -> None:
    b = full("", A, B)
    b.behind.bad = {"a"}
    assert b.cache.retrieve("a") is None
    assert list(b.cache.search(ALL)) == [B]
    b.behind.bad.clear()
    assert b.cache.reconcile().difference == Difference(created=(A,))
    assert b.cache.retrieve("a") is A


def test_reconciling_takes_what_is_new(full: Open) -> None:
    b = full("", A)
    b.cache.retrieve("a")
    b.behind.hold(B)
    assert b.cache.reconcile().difference == Difference(created=(B,))
    b.asked()
    assert b.cache.retrieve("b") is B
    assert b.asked() == []


def test_what_was_never_read_is_not_new_when_it_is_reconciled(full: Open) -> None:
    b = full("", A, B)
    assert not b.cache.reconcile().difference
    assert b.asked() == []
    assert b.cache.retrieve("a") is A


def test_more_than_the_maximum_is_not_held_and_the_stores_behind_answer(
    full: Open, caplog: pytest.LogCaptureFixture
) -> None:
    b = full("maximum_objects=2", A, B, C)
    assert b.cache.retrieve("a") is A
    assert "more than maximum_objects=2 exist; the stores behind are asked" in caplog.text
    assert len(b.cache) == 0
    assert b.asked() == ["everything", "a"]
    assert b.cache.retrieve("nobody") is None
    assert b.cache.retrieve_many(["b"]) == {"b": B}
    assert list(b.cache.search(Query(prefix="c"))) == [C]
    assert b.asked() == ["nobody", ["b"], Query(prefix="c")]
    b.behind.bad = {"a"}
    with pytest.raises(InvalidObject):
        b.cache.retrieve("a")


def test_exactly_the_maximum_is_held(full: Open) -> None:
    b = full("maximum_objects=2", A, B)
    b.cache.retrieve("a")
    assert len(b.cache) == 2


def test_an_object_too_much_lets_all_go_and_a_reload_tries_again(full: Open) -> None:
    b = full("maximum_objects=2", A, B)
    b.cache.retrieve("a")
    b.behind.hold(C)
    b.cache.put(C)
    assert len(b.cache) == 0
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve("c") is C
    assert not b.cache.reconcile().difference
    assert not b.cache.reconcile().difference
    assert len(b.cache.search(ALL)) == 3
    del b.behind.objects["b"]
    b.cache.drop("b")
    assert not b.cache.reconcile().difference
    b.asked()
    assert b.cache.retrieve("c") is C
    assert b.asked() == ["everything"]


def test_a_reconciliation_that_finds_too_much_tells_what_changed_once(full: Open) -> None:
    b = full("maximum_objects=2", A, B)
    b.cache.retrieve("a")
    b.behind.hold(A2, C)
    assert b.cache.reconcile().difference == Difference(created=(C,), updated=((A2, A),))
    assert not b.cache.reconcile().difference


def test_what_cannot_be_read_whole_is_asked_for_one_by_one(full: Open) -> None:
    b = full("", A)
    search = b.behind.search

    def refuse(query: Query) -> Any:
        raise Unavailable("behind", "one of two stores is down")

    b.behind.search = refuse
    assert b.cache.retrieve("a") is A
    b.behind.search = search
    assert b.cache.retrieve("a") is A
    assert b.asked() == ["a", "a"]
    b.now += 1
    assert b.cache.retrieve("a") is A
    assert b.asked() == ["everything"]


@pytest.mark.parametrize("is_down", [False, True])
def test_what_is_too_old_is_not_served_though_its_replacement_came_to_nothing(full: Open, is_down: bool) -> None:
    b = full("object_lifetime_maximum=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.behind.hold(A2)

    def doubt() -> None:
        b.cache.doubt("a")
        if is_down:
            raise Unavailable("behind", "gone")

    b.behind.during = doubt
    assert b.cache.retrieve("a") is A2


def test_everything_is_read_once_for_all_who_ask_meanwhile(full: Open) -> None:
    b = full("", A, B)
    reading, may_end = threading.Event(), threading.Event()

    def hold_up() -> None:
        reading.set()
        may_end.wait(60)

    b.behind.during = hold_up
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(b.cache.retrieve, "a")
        assert reading.wait(60)
        others = [pool.submit(b.cache.retrieve, "b") for _ in range(4)]
        assert not wait(others, 0.05).done
        may_end.set()
        assert [each.result(60) for each in (first, *others)] == [A, B, B, B, B]
    assert b.asked() == ["everything"]


def test_a_write_does_not_prolong_the_life_of_the_others(full: Open) -> None:
    b = full("object_lifetime_maximum=3", A)
    b.cache.retrieve("a")
    b.now += 2
    b.behind.hold(A2, B, C)
    b.cache.put(B)
    b.now += 1
    assert b.cache.retrieve("a") is A2
    assert b.cache.retrieve("c") is C


def test_many_changes_between_two_questions_are_taken_in_order(full: Open) -> None:
    b = full("", A, B)
    b.cache.retrieve("a")
    b.cache.put(C)
    b.cache.drop("c")
    b.cache.drop("a")
    b.cache.put(A2)
    assert sorted(obj.id for obj in b.cache.search(ALL)) == ["a", "b"]
    assert b.cache.retrieve("a") is A2


def test_a_change_before_a_reconciliation_is_no_difference(full: Open) -> None:
    b = full("", A)
    b.cache.retrieve("a")
    b.behind.hold(A2, B)
    b.cache.put(A2)
    b.cache.put(B)
    assert not b.cache.reconcile().difference
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A2, "b": B}


def test_a_write_into_an_empty_cache_does_not_pass_for_everything(full: Open) -> None:
    b = full("", A, B)
    b.cache.put(A)
    assert len(b.cache) == 0
    assert b.cache.retrieve("b") is B
    assert sorted(obj.id for obj in b.cache.search(ALL)) == ["a", "b"]


def test_what_others_change_while_everything_is_listed_for_the_first_time_is_asked_for_again(full: Open) -> None:
    b = full("", A, B)

    def others_write() -> None:
        b.behind.objects = {"a": A2, "c": C}
        for id in ("a", "b", "c"):
            assert not b.cache.reconcile([id]).difference

    b.behind.during = others_write
    b.cache.search(ALL)
    b.asked()
    assert sorted(b.cache.search(ALL), key=lambda obj: obj.id) == [A2, C]
    assert b.asked() == []


def test_objects_that_did_not_change_stay_the_same_ones(full: Open) -> None:
    b = full("", A, B)
    b.cache.populate()
    b.behind.hold(Widget(id="a", size=1))
    b.cache.populate()
    b.cache.reconcile()
    assert b.cache.retrieve("a") is A


def test_a_mark_on_what_cannot_be_held_reads_nothing(full: Open) -> None:
    b = full("maximum_objects=1", A, B)
    b.cache.retrieve("a")
    b.cache.doubt("a")
    assert b.cache.stale(reload=True) == 0
    assert b.cache.retrieve("a") is A
    assert b.run() == 0


def unlisting(behind: Any) -> Any:
    """Let a store be one that gives no list of its objects."""
    kind = type("Unlisting", (type(behind),), {"lists_all": False, "search": lambda self, query: []})
    store = kind()
    store.objects = behind.objects
    return store


def test_a_store_that_gives_no_list_is_not_taken_for_empty(full: Open, caplog: pytest.LogCaptureFixture) -> None:
    b = full("", A)
    b.cache.populate()
    store = unlisting(b.behind)
    b.cache.bind(store)
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve("nobody") is None
    assert b.cache.retrieve_many(["a"]) == {"a": A}
    assert store.asked == ["a", "nobody", ["a"]]
    assert b.cache.retrieve_now("a") is PENDING
    b.cache.put(A2)
    b.cache.doubt("a")
    assert (b.cache.expire(), b.cache.stale(reload=True), b.cache.entries()) == (0, 0, [])
    said = "memory_cache bench cannot hold everything: a store behind it does not list all of its objects"
    with pytest.raises(ValueError, match=said):
        b.cache.populate()
    assert caplog.text.count(said) == 1
    for result in (b.cache.reconcile(), b.cache.reconcile(["a"])):
        assert not result.difference
        assert [finding.rule for finding in result.findings] == ["unlisted-cache"]
    assert [finding.message for finding in b.cache.faults()] == [said]
    b.cache.bind(store)
    assert caplog.text.count(said) == 1


def test_a_store_that_gives_a_list_again_is_read_whole(full: Open) -> None:
    b = full("", A)
    b.cache.bind(unlisting(b.behind))
    b.cache.bind(b.behind)
    assert b.cache.retrieve("a") is A
    assert b.asked() == ["everything"]
    assert list(b.cache.faults()) == []


def test_one_of_several_stores_that_gives_no_list_is_enough(full: Open, behind: Open) -> None:
    b = full("", A)
    b.cache.bind(Chain([behind(B), unlisting(b.behind)]))
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve("b") is B
    outer = full("")
    outer.cache.bind(b.cache)
    assert outer.cache.retrieve("a") is A


def test_an_object_whose_creation_was_not_answered_is_asked_for_and_not_absent(full: Open) -> None:
    b = full("", A)
    b.cache.populate()
    b.behind.hold(B)
    b.cache.doubt("b")
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.retrieve("b")
    with pytest.raises(Unavailable):
        b.cache.retrieve_many(["a", "b"])
    assert b.cache.retrieve_now("b") is PENDING
    assert b.cache.retrieve("c") is None
    assert b.cache.retrieve("a") is A
    b.behind.is_down = False
    assert b.cache.retrieve("b") is B
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A, "b": B}
    b.run()
    b.asked()
    assert b.cache.retrieve("b") is B
    assert b.cache.retrieve_now("c") is None
    assert b.asked() == []


@pytest.mark.parametrize("end", ["put", "drop", "reconcile", "refresh"])
def test_a_doubt_ends_where_the_truth_is_told(full: Open, end: str) -> None:
    b = full("", A)
    b.cache.populate()
    b.cache.doubt("b")
    ends: dict[str, Callable[[], object]] = {
        "put": lambda: b.cache.put(B),
        "drop": lambda: b.cache.drop("b"),
        "reconcile": lambda: b.cache.reconcile(["b"]),
        "refresh": lambda: (b.cache.retrieve("a"), b.run()),
    }
    ends[end]()
    b.asked()
    assert b.cache.retrieve("b") is (B if end == "put" else None)
    assert b.asked() == []


def test_a_refresh_does_not_undo_what_was_filled_on_command_meanwhile(full: Open) -> None:
    b = full("object_lifetime_stale=3", A)
    b.cache.populate()
    b.behind.hold(A2)
    b.now += 3
    b.cache.retrieve("a")

    def fill() -> None:
        b.behind.hold(A3)
        b.cache.populate()

    b.audience.before = fill
    assert b.run() == 1
    assert b.audience.heard == [("updated", A3, A)]
    assert b.cache.retrieve("a") is A3


def test_a_refresh_that_read_before_a_doubt_keeps_nothing(full: Open) -> None:
    b = full("object_lifetime_stale=3", A)
    b.cache.populate()
    b.behind.hold(A2)
    b.now += 3
    b.cache.retrieve("a")

    def lose_a_write() -> None:
        b.behind.hold(A3)
        b.cache.doubt("a")

    b.audience.before = lose_a_write
    assert b.run() == 1
    assert b.audience.heard == []
    b.now += 1
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    assert b.cache.retrieve("a") is A3


def test_a_refresh_keeps_what_it_found_beside_an_object_that_was_looked_at_meanwhile(full: Open) -> None:
    b = full("object_lifetime_stale=3", A)
    b.cache.populate()
    b.now += 3
    b.cache.retrieve("a")
    b.behind.hold(C)

    def others_write() -> None:
        b.behind.hold(A2)
        b.cache.reconcile(["a"])

    b.audience.before = others_write
    assert b.run() == 1
    assert b.cache.retrieve_many(["a", "c"]) == {"a": A2, "c": C}
    assert b.audience.heard == [("created", C)]
