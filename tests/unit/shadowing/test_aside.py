"""Work that nobody waits for."""

from __future__ import annotations

import logging
import threading

import pytest

from sorcery.shadowing.aside import Aside

PATIENCE = 60.0


def test_tasks_are_done_in_their_order_those_that_come_first_before() -> None:
    aside, gate, done = Aside("test", 10), threading.Event(), list[str]()
    started = threading.Event()

    def wait() -> None:
        started.set()
        gate.wait(PATIENCE)

    assert aside.offer(wait)
    assert started.wait(PATIENCE)
    for name in ("a", "b"):
        aside.offer(lambda name=name: done.append(name))  # type: ignore[misc]
    for name in ("1", "2"):
        aside.offer(lambda name=name: done.append(name), first=True)  # type: ignore[misc]
    gate.set()
    assert aside.settle(PATIENCE)
    assert done == ["1", "2", "a", "b"]
    aside.close()


def test_no_more_wait_than_may_and_nobody_is_held_up() -> None:
    aside, gate, started = Aside("test", 2), threading.Event(), threading.Event()

    def wait() -> None:
        started.set()
        gate.wait(PATIENCE)

    aside.offer(wait)
    assert started.wait(PATIENCE)
    assert [aside.offer(bool) for _ in range(4)] == [True, True, False, False]
    assert [aside.offer(bool, first=True) for _ in range(3)] == [True, True, False]
    assert not aside.settle(0.01)
    gate.set()
    assert aside.settle(PATIENCE)
    assert aside.offer(bool)
    aside.close()


def test_a_task_that_fails_is_logged_and_the_next_one_done(caplog: pytest.LogCaptureFixture) -> None:
    aside, done = Aside("test", 5), list[int]()
    with caplog.at_level(logging.ERROR, "sorcery.shadow"):
        aside.offer(lambda: 1 / 0)
        aside.offer(lambda: done.append(1))
        assert aside.settle(PATIENCE)
    assert (done, len(caplog.records)) == ([1], 1)
    aside.close()


def test_the_last_task_is_done_by_the_same_thread_after_what_is_under_way() -> None:
    aside, started, gate, done = Aside("test", 5), threading.Event(), threading.Event(), list[str]()

    def work() -> None:
        started.set()
        gate.wait(PATIENCE)
        done.append("work")

    aside.offer(work)
    aside.offer(lambda: done.append("never"))
    assert started.wait(PATIENCE)
    threading.Timer(0.05, gate.set).start()
    aside.close(lambda: done.append(threading.current_thread().name))
    aside._thread.join(PATIENCE)
    aside.close(lambda: done.append("again"))
    assert done == ["work", "test"]


def test_what_is_closed_takes_nothing() -> None:
    aside = Aside("test", 5)
    aside.close()
    aside.close()
    assert not aside.offer(bool)
    assert aside.settle(PATIENCE)
