"""What a cache does while the stores behind it do not answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sorcery import InvalidObject, Unavailable
from sorcery.query import ALL
from sorcery.testing.types import Widget
from sorcery_memory_cache.counting import Figures
from sorcery_memory_cache.outage import RETRY, Outage

A, A2, B = Widget(id="a", size=1), Widget(id="a", size=2), Widget(id="b")

Open = Callable[..., Any]
AGED = "object_lifetime_maximum=5,serve_unavailable=100"


@pytest.fixture(params=["", "full_backend_cache=yes"], ids=["some", "all"])
def on(request: pytest.FixtureRequest, bench: Open) -> Open:
    """Return what puts a cache of either sort on the bench."""

    def set_up(arguments: str = "", *objects: Widget) -> Any:
        return bench(",".join(filter(None, (request.param, arguments))), *objects)

    return set_up


def test_an_old_object_is_served_to_a_stated_age_while_its_store_is_down_and_no_longer(on: Open) -> None:
    b = on(AGED, A)
    b.cache.retrieve("a")
    b.behind.is_down = True
    for b.now in (1004.9, 1005.0, 1050.0, 1104.9):
        assert b.cache.retrieve("a") is A
        assert b.cache.retrieve_many(["a"]) == {"a": A}
    b.now = 1105.0
    with pytest.raises(Unavailable):
        b.cache.retrieve("a")
    with pytest.raises(Unavailable):
        b.cache.retrieve_many(["a"])


def test_an_old_object_is_read_anew_as_soon_as_its_store_answers(on: Open) -> None:
    b = on(AGED, A)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.is_down = True
    assert b.cache.retrieve("a") is A
    b.behind.is_down = False
    b.behind.hold(A2)
    b.now += RETRY
    assert b.cache.retrieve("a") is A2
    b.asked()
    assert b.cache.retrieve("a") is A2
    assert b.asked() == []


def test_an_old_object_is_not_served_while_its_store_answers(on: Open) -> None:
    b = on(AGED, A)
    b.cache.retrieve("a")
    b.behind.hold(A2)
    b.now += 5
    assert b.cache.retrieve("a") is A2
    assert b.counted("stale_served") == (0,)


def test_an_old_object_that_vanished_is_not_served_in_a_later_outage(bench: Open) -> None:
    b = bench(AGED, A, B)
    b.cache.retrieve_many(["a", "b"])
    b.behind.objects.clear()
    b.now += 5
    assert b.cache.retrieve("a") is None
    assert b.cache.retrieve_many(["b"]) == {}
    b.behind.is_down = True
    for id in ("a", "b"):
        with pytest.raises(Unavailable):
            b.cache.retrieve(id)


def test_after_a_question_without_an_answer_a_while_passes_until_the_next(on: Open) -> None:
    b = on(AGED, A)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.is_down = True
    b.asked()
    for _ in range(10):
        assert b.cache.retrieve("a") is A
    assert len(b.asked()) == 1
    b.now += RETRY
    for _ in range(10):
        assert b.cache.retrieve("a") is A
    assert len(b.asked()) == 1
    assert b.counted("unavailable", "stale_served") == (2, 20)


def test_the_silence_that_one_object_meets_spares_the_readers_of_the_others(on: Open) -> None:
    b = on(AGED, A, B)
    b.cache.retrieve_many(["a", "b"])
    b.now += 5
    b.behind.is_down = True
    assert b.cache.retrieve("a") is A
    b.asked()
    assert b.cache.retrieve("b") is B
    assert b.cache.retrieve_many(["a", "b"]) == {"a": A, "b": B}
    assert b.asked() == []


def test_an_object_that_is_not_held_is_asked_for_all_the_same(bench: Open) -> None:
    b = bench(AGED, A)
    b.behind.is_down = True
    for _ in range(2):
        with pytest.raises(Unavailable):
            b.cache.retrieve("b")
    assert b.asked() == ["b", "b"]
    b.cache.put(A)
    b.now += 5
    with pytest.raises(Unavailable):
        b.cache.retrieve_many(["a", "b"])


def test_while_one_reader_tries_again_the_others_do_not_wait(on: Open) -> None:
    b = on(AGED, A)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.is_down = True
    b.cache.retrieve("a")
    b.now += RETRY
    asking, may_fail = threading.Event(), threading.Event()
    ask = b.behind._ask

    def hang(what: object) -> None:
        asking.set()
        assert may_fail.wait(60)
        ask(what)

    b.behind._ask = hang
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(b.cache.retrieve, "a")
        assert asking.wait(60)
        b.now += 10 * RETRY
        assert pool.submit(b.cache.retrieve, "a").result(60) is A
        may_fail.set()
        assert first.result(60) is A


def test_a_bad_row_is_no_silence(bench: Open) -> None:
    b = bench(AGED, A)
    b.cache.retrieve("a")
    b.behind.bad = {"a"}
    b.now += 5
    for _ in range(2):
        with pytest.raises(InvalidObject):
            b.cache.retrieve("a")
    assert b.cache.retrieve_many(["a"]) == {}


def test_an_object_that_met_silence_is_not_asked_for_again_at_once_though_others_are_answered(bench: Open) -> None:
    b = bench(AGED, A)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.is_down = True
    assert b.cache.retrieve("a") is A
    b.behind.is_down = False
    assert b.cache.retrieve("b") is None
    b.asked()
    assert b.cache.retrieve("a") is A
    assert b.asked() == []


def test_what_is_too_old_is_read_by_its_readers_and_not_aside(bench: Open) -> None:
    b = bench(f"{AGED},object_lifetime_stale=3", A)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.is_down = True
    for _ in range(2):
        assert b.cache.retrieve("a") is A
    assert b.run() == 0


def test_a_row_that_is_bad_is_not_served_in_a_later_outage(bench: Open) -> None:
    b = bench(AGED, A)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.bad = {"a"}
    with pytest.raises(InvalidObject):
        b.cache.retrieve("a")
    b.behind.is_down = True
    with pytest.raises(Unavailable):
        b.cache.retrieve("a")


def test_a_whole_that_is_served_in_an_outage_answers_searches_too(bench: Open) -> None:
    b = bench(f"full_backend_cache=yes,{AGED}", A, B)
    b.cache.retrieve("a")
    b.now += 5
    b.behind.is_down = True
    assert [obj.id for obj in b.cache.search(ALL)] == ["a", "b"]
    b.now += 100
    with pytest.raises(Unavailable):
        b.cache.search(ALL)
    assert b.counted("expired", "entries") == (2, 0)


def test_a_refresh_without_an_answer_is_known_to_readers(bench: Open) -> None:
    b = bench(f"{AGED},object_lifetime_stale=4", A)
    b.cache.retrieve("a")
    b.now += 4.5
    b.behind.is_down = True
    b.cache.retrieve("a")
    b.run()
    b.asked()
    b.now += 0.9
    assert b.cache.retrieve("a") is A
    assert b.asked() == []


def test_an_outage_begins_with_a_question_that_is_not_answered_and_ends_with_one_that_is() -> None:
    now = [100.0]
    figures = Figures()
    outage = Outage(lambda: now[0], figures)
    assert not outage.is_on(now[0])
    with pytest.raises(Unavailable), outage.watch():
        raise Unavailable("behind", "down")
    assert outage.is_on(now[0] + 0.9)
    assert not outage.is_on(now[0] + RETRY)
    now[0] += RETRY
    with outage.watch():
        assert outage.is_on(now[0] + 1000)
    assert not outage.is_on(now[0])
    assert figures.unavailable.value == 1


def test_an_answer_that_is_an_error_is_an_answer() -> None:
    outage = Outage(lambda: 100.0, Figures())
    with pytest.raises(InvalidObject), outage.watch():
        raise InvalidObject("testing_widget", "a", "it is spoiled")
    assert not outage.is_on(100.0)
