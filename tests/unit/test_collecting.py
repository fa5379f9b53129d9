from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator

import pytest

from sorcery.collecting import uncollected


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    was = gc.isenabled()
    gc.enable()
    yield
    (gc.enable if was else gc.disable)()


def test_the_collector_waits_and_then_goes_on_whatever_the_work_came_to() -> None:
    seen = []
    with pytest.raises(ZeroDivisionError), uncollected():
        seen.append(gc.isenabled() / 0)
    with uncollected():
        seen.append(gc.isenabled())
    assert seen == [False]
    assert gc.isenabled()


def test_it_goes_on_behind_the_outermost_work_only() -> None:
    with uncollected():
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_goes_on_when_the_last_of_several_threads_is_ready() -> None:
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        with uncollected():
            begun.set()
            may_end.wait(30)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(30)
    with uncollected():
        pass
    assert not gc.isenabled()
    may_end.set()
    thread.join(30)
    assert gc.isenabled()


def test_a_collector_that_is_switched_off_stays_so() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_it_goes_on_in_a_process_that_is_forked_meanwhile() -> None:
    with uncollected():
        child = os.fork()
        if child == 0:
            os._exit(0 if gc.isenabled() else 1)
        _, status = os.waitpid(child, 0)
        assert not gc.isenabled()
    assert os.waitstatus_to_exitcode(status) == 0
