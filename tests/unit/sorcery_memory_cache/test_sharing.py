"""Readers who wait for one another's question, and answers without waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from sorcery import InvalidObject, Unavailable
from sorcery.query import ALL, Query
from sorcery.testing.types import Widget
from sorcery.wizard import PENDING, Immediate

A, A2, B = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="b")

Open = Callable[..., Any]
FULL = "full_backend_cache=yes"


class Held:
    """Holds up the next question to the store behind a cache until `go`."""

    def __init__(self, bench: Any) -> None:
        self.asking, self.may_go = threading.Event(), threading.Event()
        bench.behind.during = self._wait

    def _wait(self) -> None:
        self.asking.set()
        assert self.may_go.wait(60)

    def go(self) -> None:
        self.may_go.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(10) as pool:
        yield pool


def waiting(b: Any, count: int) -> None:
    """Wait until so many readers have missed."""
    until = time.monotonic() + 60
    while b.counted("misses")[0] < count and time.monotonic() < until:
        time.sleep(0.001)


def readers(b: Any, pool: ThreadPoolExecutor, held: Held, count: int = 5) -> list[Future[Any]]:
    """Return the answers of readers who want the same object while the first of them is held up."""
    first = pool.submit(b.cache.retrieve, "a")
    assert held.asking.wait(60)
    others = [pool.submit(b.cache.retrieve, "a") for _ in range(count - 1)]
    waiting(b, count)
    held.go()
    return [first, *others]


def test_many_who_miss_one_object_put_one_question(bench: Open, pool: ThreadPoolExecutor) -> None:
    b = bench("", A)
    assert [each.result(60) for each in readers(b, pool, Held(b))] == [A] * 5
    assert b.asked() == ["a"]


def test_many_whose_object_is_too_old_put_one_question(bench: Open, pool: ThreadPoolExecutor) -> None:
    b = bench("object_lifetime_maximum=5", A)
    b.cache.put(A)
    b.behind.hold(A2)
    b.now += 5
    assert [each.result(60) for each in readers(b, pool, Held(b))] == [A2] * 5
    assert b.asked() == ["a"]


def test_the_error_of_one_question_is_that_of_all_who_wait(bench: Open, pool: ThreadPoolExecutor) -> None:
    b = bench("", A)
    held = Held(b)
    wait = b.behind.during

    def fail() -> None:
        wait()
        raise Unavailable("behind", "it is down")

    b.behind.during = fail
    for each in readers(b, pool, held):
        with pytest.raises(Unavailable, match="it is down"):
            each.result(60)
    assert b.asked() == ["a"]
    assert b.cache.retrieve("a") is A


def test_absence_is_the_answer_of_all_who_wait(bench: Open, pool: ThreadPoolExecutor) -> None:
    b = bench("")
    assert [each.result(60) for each in readers(b, pool, Held(b))] == [None] * 5
    assert b.asked() == ["a"]


@pytest.mark.parametrize("change", ["drop", "put", "doubt", "reconcile", "bind", "expire"])
def test_who_comes_after_a_change_does_not_wait_for_a_question_from_before_it(
    bench: Open, pool: ThreadPoolExecutor, change: str
) -> None:
    b = bench("maximum_objects=1", A)
    held = Held(b)
    first = pool.submit(b.cache.retrieve, "a")
    assert held.asking.wait(60)
    b.behind.objects["a"] = A2
    changes: dict[str, Callable[[], object]] = {
        "drop": lambda: b.cache.drop("a"),
        "put": lambda: (b.cache.put(A2), b.cache.put(B)),  # which evicts it
        "doubt": lambda: b.cache.doubt("a"),
        "reconcile": lambda: b.cache.reconcile(["a"]),
        "bind": lambda: b.cache.bind(b.behind),
        "expire": lambda: b.cache.expire("a"),
    }
    changes[change]()
    assert pool.submit(b.cache.retrieve, "a").result(60) is A2
    held.go()
    assert first.result(60) is A
    assert b.cache.retrieve("a") is A2


def test_a_reader_who_is_interrupted_leaves_the_others_an_error(bench: Open, pool: ThreadPoolExecutor) -> None:
    b = bench("", A)
    held = Held(b)
    wait = b.behind.during

    def interrupt() -> None:
        wait()
        raise KeyboardInterrupt

    b.behind.during = interrupt
    first, *others = readers(b, pool, held)
    assert isinstance(first.exception(60), KeyboardInterrupt)
    for each in others:
        with pytest.raises(Unavailable, match="interrupted"):
            each.result(60)


def test_where_a_whole_is_not_held_many_who_want_one_object_put_one_question(
    bench: Open, pool: ThreadPoolExecutor
) -> None:
    b = bench(f"{FULL},maximum_objects=1", A, B)
    b.cache.retrieve("a")
    b.asked()
    assert [each.result(60) for each in readers(b, pool, Held(b))] == [A] * 5
    assert b.asked() == ["a"]


# Answers without waiting


@pytest.mark.parametrize("arguments", ["", FULL])
def test_what_is_held_is_known_at_once(bench: Open, arguments: str) -> None:
    b = bench(arguments, A)
    is_immediate: bool = isinstance(b.cache, Immediate)
    assert is_immediate
    assert b.cache.retrieve_now("a") is PENDING
    assert b.cache.search_now(ALL) is PENDING
    assert b.asked() == []
    b.cache.retrieve("a")
    assert b.cache.retrieve_now("a") is A
    assert b.cache.retrieve_now("b") is (None if arguments else PENDING)


def test_a_whole_answers_every_question_at_once(bench: Open) -> None:
    b = bench(FULL, A, B)
    b.cache.populate()
    b.asked()
    assert list(b.cache.search_now(ALL)) == [A, B]
    assert list(b.cache.search_now(Query(prefix="b"))) == [B]
    assert b.asked() == []


def test_searches_are_answered_at_once_where_the_stores_behind_can(bench: Open) -> None:
    b = bench("", A)
    backend = bench(FULL, A)
    b.cache.bind(backend.cache)
    assert b.cache.search_now(ALL) is PENDING
    backend.cache.populate()
    assert list(b.cache.search_now(ALL)) == [A]


@pytest.mark.parametrize("arguments", ["", FULL])
def test_a_stale_object_is_known_at_once_and_read_anew_aside(bench: Open, arguments: str) -> None:
    b = bench(f"{arguments},object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.now += 3
    assert b.cache.retrieve_now("a") is A
    assert b.run() == 1
    assert b.cache.retrieve_now("a") is A2


@pytest.mark.parametrize("arguments", ["", FULL])
def test_an_object_that_is_too_old_is_not_known_at_once_save_in_an_outage(bench: Open, arguments: str) -> None:
    b = bench(f"{arguments},object_lifetime_maximum=5,serve_unavailable=60", A)
    b.cache.retrieve("a")
    b.now += 5
    assert b.cache.retrieve_now("a") is PENDING
    assert b.cache.search_now(ALL) is PENDING
    b.behind.is_down = True
    b.cache.retrieve("a")
    b.asked()
    assert b.cache.retrieve_now("a") is A
    assert b.asked() == []


def test_a_whole_that_cannot_be_held_knows_nothing_at_once(bench: Open) -> None:
    b = bench(f"{FULL},maximum_objects=1", A, B)
    b.cache.retrieve("a")
    assert b.cache.retrieve_now("a") is PENDING
    assert b.cache.search_now(ALL) is PENDING


def test_a_known_absence_is_known_at_once(bench: Open) -> None:
    b = bench("negative_lifetime=5", A)
    assert b.cache.retrieve("b") is None
    assert b.cache.retrieve_now("b") is None


def test_a_bad_object_is_not_known_at_once(bench: Open) -> None:
    b = bench("negative_lifetime=5", A)
    b.behind.bad = {"a"}
    with pytest.raises(InvalidObject):
        b.cache.retrieve("a")
    assert b.cache.retrieve_now("a") is PENDING
