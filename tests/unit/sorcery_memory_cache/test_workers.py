"""The threads in which one cache reads anew."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from sorcery_memory_cache.workers import THREADS, Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    workers = Workers("bench")
    yield workers
    workers.close()
    for thread in threads():  # none is left for the next test to count
        thread.join(60)


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("bench")]


def test_threads_are_made_at_need_and_a_few_at_most(workers: Workers) -> None:
    assert threads() == []
    hold, begun = threading.Event(), [threading.Event() for _ in range(THREADS + 1)]

    def task(number: int) -> None:
        begun[number].set()
        hold.wait(60)

    for number in range(THREADS + 1):
        workers.submit(lambda number=number: task(number))  # type: ignore[misc]
    assert all(each.wait(60) for each in begun[:THREADS])
    assert not begun[THREADS].wait(0.05)
    assert len(threads()) == THREADS
    hold.set()
    assert begun[THREADS].wait(60)


def test_closing_forgets_what_waits_and_ends_the_threads_without_waiting_for_them(workers: Workers) -> None:
    hold, begun, never = threading.Event(), threading.Barrier(THREADS + 1), threading.Event()

    def task() -> None:
        begun.wait(60)
        hold.wait(60)

    for _ in range(THREADS):
        workers.submit(task)
    begun.wait(60)
    workers.submit(never.set)
    workers.close()
    assert threads()
    hold.set()
    for thread in threads():
        thread.join(60)
    assert threads() == []
    assert not never.is_set()


def test_nothing_is_done_after_closing(workers: Workers) -> None:
    workers.close()
    workers.submit(lambda: pytest.fail("it was closed"))
    assert threads() == []
    workers.close()


def test_a_task_may_close_its_own_workers(workers: Workers) -> None:
    closed = threading.Event()

    def task() -> None:
        workers.close()
        closed.set()

    workers.submit(task)
    assert closed.wait(60)


def test_threads_end_when_there_is_nothing_to_do(workers: Workers) -> None:
    for _ in range(2):
        done = threading.Event()
        workers.submit(done.set)
        assert done.wait(60)
        for thread in threads():
            thread.join(60)
        assert threads() == []


def test_a_task_that_is_broken_off_is_logged_and_the_next_ones_are_done(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    hold, done = threading.Event(), threading.Event()

    def leave() -> None:
        hold.wait(60)
        sys.exit("an observer has had enough")

    for _ in range(THREADS):
        workers.submit(leave)
    workers.submit(done.set)
    hold.set()
    assert done.wait(60)
    assert "an observer has had enough" in caplog.text


def test_tasks_are_done_also_when_the_main_thread_has_ended() -> None:
    program = """
import subprocess
import sys
import threading
from sorcery_memory_cache.workers import Workers

def go_on():
    threading.main_thread().join()
    done = threading.Event()
    Workers("bench").submit(done.set)
    print(done.wait(60))

threading.Thread(target=go_on).start()
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert run.stdout == "True\n", run.stderr
