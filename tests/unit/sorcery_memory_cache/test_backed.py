"""What holds for a cache of some objects and for one of all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from sorcery import Unavailable
from sorcery.chain import Chain
from sorcery.query import ALL, Criterion, Query
from sorcery.snapshot import Difference
from sorcery.testing.types import Widget
from sorcery.wizard import Batched, Cache

A, A2, A3 = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="a", size=3)
B, B2, C = Widget(id="b", size=1), Widget(id="b", size=2), Widget(id="c")

Open = Callable[..., Any]
SORTS = ("", "full_backend_cache=yes")


@pytest.fixture(params=SORTS, ids=["some", "all"])
def on(request: pytest.FixtureRequest, bench: Open) -> Open:
    """Return what puts a cache of either sort on the bench."""

    def set_up(arguments: str = "", *objects: Widget, batched: bool = True) -> Any:
        return bench(",".join(filter(None, (request.param, arguments))), *objects, batched=batched)

    return set_up


def test_it_is_a_cache_that_takes_many_ids(on: Open) -> None:
    b = on()
    assert b.cache.label == "memory_cache bench"
    assert isinstance(b.cache, Cache)
    assert isinstance(b.cache, Batched)


def test_what_was_read_once_is_not_asked_for_again(on: Open) -> None:
    b = on("", A)
    assert b.cache.retrieve("a") is A
    b.asked()
    b.behind.is_down = True
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve_many(["a"]) == {"a": A}
    assert b.asked() == []
    assert len(b.cache) == 1


def test_what_was_written_is_served(on: Open) -> None:
    b = on("", A)
    b.cache.retrieve("a")
    b.behind.hold(A2, B)
    b.cache.put(A2)
    b.cache.put(B)
    assert b.cache.retrieve("a") is A2
    assert b.cache.retrieve("b") is B
    assert len(b.cache) == 2


def test_what_was_deleted_is_absent(on: Open) -> None:
    b = on("", A)
    b.cache.retrieve("a")
    del b.behind.objects["a"]
    b.cache.drop("a")
    assert b.cache.retrieve("a") is None
    assert b.cache.retrieve_many(["a"]) == {}
    assert len(b.cache) == 0


def test_a_drop_of_what_is_not_held_does_nothing(on: Open) -> None:
    b = on("", A)
    b.cache.drop("nobody")
    assert b.cache.retrieve("a") is A


def test_silence_is_no_absence(on: Open) -> None:
    b = on("", A)
    b.behind.is_down = True
    for ask, what in ((b.cache.retrieve, "a"), (b.cache.retrieve_many, ["a"]), (b.cache.search, ALL)):
        with pytest.raises(Unavailable):
            ask(what)
        b.now += 10
    b.behind.is_down = False
    assert b.cache.retrieve("a") is A


def test_searches_find_what_matches(on: Open) -> None:
    b = on("", A, B2, C)
    equal = Query(criteria=(Criterion("size", "", "1"),))
    assert list(b.cache.search(equal)) == [A]
    assert sorted(obj.id for obj in b.cache.search(ALL)) == ["a", "b", "c"]
    assert [obj.id for obj in b.cache.search(Query(prefix="b"))] == ["b"]
    assert b.cache.retrieve_many(["c", "a", "nobody"]) == {"a": A, "c": C}


def test_a_fill_that_ends_after_a_delete_brings_nothing_back(on: Open) -> None:
    b = on("", A, B)

    def delete() -> None:
        del b.behind.objects["a"]
        b.cache.drop("a")

    b.behind.during = delete
    b.cache.retrieve("a")
    assert b.cache.retrieve("a") is None
    assert b.cache.retrieve("b") is B


def test_a_fill_that_ends_after_a_write_does_not_undo_it(on: Open) -> None:
    b = on("", A)

    def write() -> None:
        b.behind.hold(A2, B)
        b.cache.put(A2)
        b.cache.put(B)

    b.behind.during = write
    b.cache.retrieve("a")
    assert b.cache.retrieve("a") is A2
    assert b.cache.retrieve("b") is B


def test_a_stale_object_is_served_once_more_while_it_is_read_anew(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.now += 2.9
    assert b.cache.retrieve("a") is A
    assert b.run() == 0
    b.now += 0.1
    assert b.cache.retrieve("a") is A
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2
    assert b.run() == 0


def test_many_ids_refresh_stale_objects_too(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.now += 3
    assert b.cache.retrieve_many(["a"]) == {"a": A}
    assert b.run() == 1
    assert b.cache.retrieve_many(["a"]) == {"a": A2}


def test_a_stale_object_that_vanished_is_absent_after_its_refresh(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.objects.clear()
    b.now += 3
    assert b.cache.retrieve("a") is A
    b.run()
    assert b.cache.retrieve("a") is None


@pytest.mark.parametrize("obstacle", ["down", "bad", "broken"])
@pytest.mark.parametrize("batched", [True, False])
def test_a_refresh_without_a_good_answer_keeps_the_last_good_version_and_is_tried_again(
    obstacle: str, batched: bool, on: Open, caplog: pytest.LogCaptureFixture
) -> None:
    b = on("object_lifetime_stale=3", A, B, batched=batched)
    b.cache.retrieve("a")
    b.now += 3
    b.behind.is_down = obstacle == "down"
    b.behind.bad = {"a"} if obstacle == "bad" else set()
    b.behind.during = (lambda: 1 / 0) if obstacle == "broken" else None
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    said = {"down": "it is down", "bad": "it is spoiled", "broken": "stays as it was"}[obstacle]
    assert said in caplog.text
    assert "memory_cache bench" in caplog.text
    assert b.cache.retrieve("a") is A
    assert b.run() == 0
    b.behind.is_down, b.behind.bad = False, set()
    b.behind.hold(A2)
    b.now += 3
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2


def test_a_refresh_that_ends_after_a_write_does_not_undo_it(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")

    def write() -> None:
        b.behind.hold(A2)
        b.cache.put(A2)

    b.behind.during = write
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2


def test_a_refresh_that_ends_after_a_delete_brings_nothing_back(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")

    def delete() -> None:
        b.behind.objects.clear()
        b.cache.drop("a")

    b.behind.during = delete
    assert b.run() == 1
    assert b.cache.retrieve("a") is None


def test_what_is_too_old_is_not_served_whatever_happens(on: Open) -> None:
    b = on("object_lifetime_maximum=5", A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.now += 4.9
    assert b.cache.retrieve("a") is A
    b.behind.is_down = True
    b.now += 0.1
    with pytest.raises(Unavailable):
        b.cache.retrieve("a")
    b.behind.is_down = False
    b.now += 1
    assert b.cache.retrieve("a") is A2


def test_stale_comes_first_and_then_the_maximum(on: Open) -> None:
    b = on("object_lifetime_stale=2,object_lifetime_maximum=5", A)
    b.cache.retrieve("a")
    b.behind.is_down = True
    for _ in range(4):
        b.now += 1
        assert b.cache.retrieve("a") is A
        b.run()
    b.now += 1
    with pytest.raises(Unavailable):
        b.cache.retrieve("a")


def test_a_refresh_prolongs_both_lifetimes(on: Open) -> None:
    b = on("object_lifetime_stale=2,object_lifetime_maximum=3", A)
    for _ in range(5):
        assert b.cache.retrieve("a") is A
        b.run()
        b.now += 2
    assert b.cache.retrieve("a") is A


def test_reconciling_prunes_the_vanished_and_replaces_the_changed(on: Open) -> None:
    b = on("", A, B, C)
    b.cache.retrieve_many(["a", "b", "c"])
    b.behind.hold(A2)
    del b.behind.objects["b"]
    result = b.cache.reconcile()
    assert result.difference == Difference(updated=((A2, A),), deleted=(B,))
    assert (result.kept, result.findings) == ((), ())
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A2, "c": C}
    assert not b.cache.reconcile().difference


def test_reconciling_while_nothing_answers_keeps_everything(on: Open) -> None:
    b = on("expire_on_reload=yes", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.reconcile()
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A, "b": B}


@pytest.mark.parametrize("batched", [True, False])
def test_reconciling_keeps_the_last_good_version_of_what_is_bad_and_goes_on(batched: bool, on: Open) -> None:
    b = on("", A, B, C, batched=batched)
    b.cache.retrieve_many(["a", "b", "c"])
    b.behind.bad = {"a"}
    b.behind.hold(A3, B2)
    del b.behind.objects["c"]
    result = b.cache.reconcile()
    assert result.difference == Difference(updated=((B2, B),), deleted=(C,))
    assert result.kept == ("a",)
    assert [str(finding) for finding in result.findings] == ["error [invalid-object] testing_widget 'a': it is spoiled"]
    assert b.cache.retrieve("a") is A
    assert b.cache.reconcile().kept == ("a",)
    b.behind.bad.clear()
    assert b.cache.reconcile().difference == Difference(updated=((A3, A),))


def test_reconciling_leaves_alone_what_is_changed_meanwhile(on: Open) -> None:
    b = on("", A, B)
    b.cache.retrieve_many(["a", "b"])

    def change() -> None:
        b.behind.hold(A2, C)
        b.cache.put(A2)
        b.cache.put(C)
        del b.behind.objects["b"]
        b.cache.drop("b")

    b.behind.during = change
    assert not b.cache.reconcile().difference
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A2, "c": C}


def test_a_read_that_began_before_a_reconciliation_is_not_kept(on: Open) -> None:
    b = on("", A, B)

    def others_write_and_we_reload() -> None:
        b.behind.hold(A2)
        b.cache.reconcile()

    b.behind.during = others_write_and_we_reload
    b.cache.retrieve("a")
    assert b.cache.retrieve("a") is A2


def test_a_read_that_has_ended_is_told_of_no_more_changes(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")
    b.run()
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.reconcile()
    assert b.cache._readings == []


def test_a_read_of_stores_that_were_replaced_is_not_kept(on: Open, behind: Open) -> None:
    b = on("", A)
    b.behind.during = lambda: b.cache.bind(behind(A2))
    b.cache.retrieve("a")
    assert b.cache.retrieve("a") is A2


def test_a_reconciliation_with_stores_that_were_replaced_changes_nothing(on: Open, behind: Open) -> None:
    b = on("", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.behind.objects.clear()
    b.behind.during = lambda: b.cache.bind(behind(A2, B))
    assert not b.cache.reconcile().difference
    assert b.cache.retrieve("a") is A
    assert b.cache.reconcile().difference == Difference(updated=((A2, A),))


def test_after_a_reload_that_changes_the_stores_behind_it_asks_the_new_ones(on: Open, behind: Open) -> None:
    b = on("", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.cache.bind(behind(A2, C))
    assert b.cache.reconcile().difference.updated == ((A2, A),)
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A2, "c": C}


def test_while_the_first_of_two_stores_is_down_its_objects_do_not_give_way_to_those_of_the_second(
    on: Open, behind: Open
) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.bind(Chain([b.behind, behind(A2, B)]))
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A, "b": B}
    b.behind.is_down = True
    b.now += 3
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    with pytest.raises(Unavailable):
        b.cache.reconcile()
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A, "b": B}
    b.behind.is_down = False
    del b.behind.objects["a"]
    assert b.cache.reconcile().difference == Difference(updated=((A2, A),))


def test_an_object_in_doubt_is_read_anew_at_its_next_use(on: Open) -> None:
    b = on("", A)
    b.cache.retrieve("a")
    b.cache.doubt("nobody")
    b.cache.doubt("a")
    b.behind.hold(A2)
    assert b.cache.retrieve("a") is A
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2
    assert b.run() == 0


def test_a_read_that_began_before_the_doubt_is_not_kept(on: Open) -> None:
    b = on("", A)

    def write_without_an_answer() -> None:
        b.behind.hold(A2)
        b.cache.doubt("a")

    b.behind.during = write_without_an_answer
    b.cache.retrieve("a")
    assert b.cache.retrieve("a") is A2


def test_a_closed_cache_refreshes_nothing(on: Open) -> None:
    b = on("object_lifetime_stale=1", A)
    b.cache.retrieve("a")
    b.now += 1
    b.cache.retrieve("a")
    b.asked()
    b.cache.close()
    assert b.run() == 1
    assert b.asked() == []
    assert b.cache.retrieve("a") is A


def test_closing_waits_for_the_refresh_under_way(on: Open) -> None:
    b = on("object_lifetime_stale=1", A)
    b.cache.retrieve("a")
    b.now += 1
    b.cache.retrieve("a")
    reading, may_end, closed = threading.Event(), threading.Event(), threading.Event()

    def hold_up() -> None:
        reading.set()
        may_end.wait(60)

    def close() -> None:
        b.cache.close()
        closed.set()

    b.behind.during = hold_up
    refresher, closer = threading.Thread(target=b.run), threading.Thread(target=close)
    refresher.start()
    assert reading.wait(60)
    closer.start()
    assert not closed.wait(0.05)
    may_end.set()
    assert closed.wait(60)
    refresher.join(60)
    closer.join(60)


def test_closing_does_not_wait_for_ever_for_stores_that_hang(
    on: Open, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sorcery_memory_cache.backed.PATIENCE", 0.05)
    b = on("object_lifetime_stale=1", A)
    b.cache.retrieve("a")
    b.now += 1
    b.cache.retrieve("a")
    reading, may_end = threading.Event(), threading.Event()

    def hang() -> None:
        reading.set()
        may_end.wait(30)

    b.behind.during = hang
    refresher = threading.Thread(target=b.run)
    refresher.start()
    assert reading.wait(60)
    b.behind.hold(A2)
    b.cache.close()
    assert "closed while the stores behind still owe an answer" in caplog.text
    may_end.set()
    refresher.join(60)
    assert b.cache.retrieve("a") is A


# Looking at some objects


def test_some_objects_are_looked_at_anew(on: Open) -> None:
    b = on("", A, B, C)
    b.cache.retrieve_many(["a", "b", "c"])
    b.behind.hold(A2)
    b.behind.objects.pop("b")
    b.behind.objects.pop("c")
    assert b.cache.reconcile(["a", "b"]).difference == Difference(updated=((A2, A),), deleted=(B,))
    assert b.cache.retrieve_many(["a", "b", "c"]) == {"a": A2, "c": C}
    assert not b.cache.reconcile(["a", "b"]).difference


def test_a_look_at_some_objects_that_is_not_answered_keeps_them(on: Open) -> None:
    b = on("expire_on_reload=yes", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.reconcile(["a"])
    b.behind.is_down = False
    b.behind.bad = {"a"}
    result = b.cache.reconcile(["a"])
    assert (result.kept, len(result.findings)) == (("a",), 1)
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A, "b": B}


def test_a_look_at_some_objects_leaves_alone_what_is_changed_meanwhile(on: Open) -> None:
    b = on("", A, B)
    b.cache.retrieve_many(["a", "b"])

    def change() -> None:
        b.cache.put(A2)
        b.cache.drop("b")

    b.behind.during = change
    assert not b.cache.reconcile(["a", "b"]).difference
    assert b.cache.retrieve_many(["a"]) == {"a": A2}


def test_a_read_that_began_before_a_look_at_its_object_is_not_kept(on: Open) -> None:
    b = on("", A, B)

    def others_write() -> None:
        b.behind.hold(A2)
        b.cache.reconcile(["a"])

    b.behind.during = others_write
    b.cache.retrieve("a")
    assert b.cache.retrieve("a") is A2


def test_a_refresh_does_not_undo_what_a_look_at_the_object_found_meanwhile(on: Open) -> None:
    b = on("object_lifetime_stale=3", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.now += 3
    b.cache.retrieve("a")
    looks: list[Difference] = []

    def others_write() -> None:
        b.behind.hold(A2)
        looks.append(b.cache.reconcile(["a"]).difference)

    b.behind.during = others_write
    assert b.run() == 1
    assert b.cache.retrieve("a") is A2
    assert looks == [Difference(updated=((A2, A),))]
    assert b.audience.heard == []


# What refreshes find


def test_what_a_refresh_finds_is_told_once(on: Open) -> None:
    b = on("object_lifetime_stale=3", A, B, C)
    b.cache.retrieve_many(["a", "b", "c"])
    b.behind.hold(A2)
    del b.behind.objects["b"]
    b.now += 3
    b.cache.retrieve_many(["a", "b", "c"])
    assert b.audience.heard == []
    b.run()
    assert sorted(b.audience.heard, key=str) == [("deleted", B), ("updated", A2, A)]
    assert b.audience.delivered == 1
    assert not b.cache.reconcile().difference
    b.now += 3
    b.cache.retrieve_many(["a", "c"])
    b.run()
    assert len(b.audience.heard) == 2


@pytest.mark.parametrize("obstacle", ["down", "bad"])
def test_a_refresh_without_a_good_answer_tells_nothing(on: Open, obstacle: str) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.is_down, b.behind.bad = obstacle == "down", {"a"}
    b.now += 3
    b.cache.retrieve("a")
    assert b.run() == 1
    assert b.audience.heard == []


@pytest.mark.parametrize("change", ["put", "drop", "reconcile", "expire", "bind"])
def test_what_is_changed_before_a_finding_becomes_visible_is_not_undone_by_it(on: Open, change: str) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.now += 3
    b.cache.retrieve("a")

    def meanwhile() -> None:
        b.behind.objects["a"] = A3
        {
            "put": lambda: b.cache.put(A3),
            "drop": lambda: b.cache.drop("a"),
            "reconcile": b.cache.reconcile,
            "expire": b.cache.expire,
            "bind": lambda: (b.cache.bind(b.behind), b.cache.reconcile()),
        }[change]()

    b.audience.before = meanwhile
    assert b.run() == 1
    assert b.audience.heard == ([("updated", A3, A)] if change in ("reconcile", "bind") else [])
    full = b.cache.settings.full_backend_cache
    assert b.cache.retrieve("a") is (None if full and change == "drop" else A3)


def test_observers_are_told_when_nobody_waits_for_the_refresh_any_more(on: Open) -> None:
    b = on("object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 3
    b.cache.retrieve("a")
    b.audience.deliver = b.cache.close  # an observer closes everything
    runner = threading.Thread(target=b.run, daemon=True)
    runner.start()
    runner.join(60)
    assert not runner.is_alive()


def test_what_came_together_is_renewed_together(on: Open) -> None:
    b = on("object_lifetime_stale=3", A, B)
    b.cache.retrieve_many(["a", "b"])
    b.asked()
    b.now += 3
    b.cache.retrieve_many(["a", "b"])
    assert b.run() == 1
    assert len(b.asked()) == 1


@pytest.mark.parametrize("behind", ["maximum_objects=1", "full_backend_cache=yes,object_lifetime_maximum=60"])
def test_a_doubt_outlasts_what_a_cache_behind_answers_that_doubts_too(on: Open, bench: Open, behind: str) -> None:
    front, back = on("", A, B), bench(behind, A, B)
    front.cache.bind(back.cache)
    assert front.cache.retrieve("a") is A
    back.behind.hold(A2)
    back.cache.doubt("a")
    front.cache.doubt("a")
    for _ in range(3):  # by the third look at the latest the cache behind has forgotten, or read, what it doubted
        front.now += 100
        assert front.cache.retrieve("a") in (A, A2)
        front.run()
        back.now += 100
        back.cache.retrieve("b")
        back.run()
    assert front.cache.retrieve("a") == A2
