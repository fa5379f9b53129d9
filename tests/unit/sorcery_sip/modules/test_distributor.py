"""Order, overload and the way back from the worker threads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from sorcery_sip import Address, RequestReceived
from sorcery_sip.modules.distributor import HIGH_WATER, LOW_WATER, SERIALIZERS, Distributor
from sorcery_sip.modules.pipeline import Result

PHONE = Address("192.0.2.7", 5062)


class Work:
    """A handler that waits until it may go on, and remembers in which order it was called."""

    def __init__(self) -> None:
        self.go, self.done = threading.Event(), []  # type: ignore[var-annotated]
        self.wakes, self.finished = threading.Semaphore(0), threading.Semaphore(0)

    def handle(self, received: RequestReceived) -> Result:
        assert self.go.wait(60)
        self.done.append(received.request.cseq.number)
        self.finished.release()
        return Result(received, None, stateless=True)

    def wait_for(self, count: int) -> None:
        """Wait until so many more requests have been handled."""
        for _ in range(count):
            assert self.finished.acquire(timeout=60)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def distributor(work: Work) -> Iterator[Distributor]:
    made = Distributor(work.handle, work.wakes.release, workers=4)
    yield made
    work.go.set()
    made.close(10)


def received(server: Any, call_id: str, number: int = 1) -> RequestReceived:
    fields = {"Call-ID": call_id, "CSeq": f"{number} REGISTER"}
    return RequestReceived(server.request(fields=fields), PHONE, None)


def test_what_belongs_together_stays_in_order(server: Any, distributor: Distributor, work: Work) -> None:
    for number in range(1, 201):
        distributor.submit(received(server, "one", number))
    work.go.set()
    work.wait_for(200)
    assert work.done == list(range(1, 201))


def test_every_result_can_be_fetched_once_and_was_announced(server: Any, distributor: Distributor, work: Work) -> None:
    work.go.set()
    for number in range(1, 101):
        distributor.submit(received(server, f"call {number}", number))
    found: list[int] = []
    while len(found) < 100:
        assert work.wakes.acquire(timeout=60)
        found += [result.received.request.cseq.number for result in distributor.results()]
    assert sorted(found) == list(range(1, 101))
    assert distributor.pending == 0


def test_one_that_blocks_does_not_stop_the_others(server: Any, work: Work) -> None:
    blocked = threading.Event()

    def handle(request: RequestReceived) -> Result:
        if request.request.call_id == "slow":
            assert blocked.wait(60)
        return work.handle(request)

    work.go.set()
    distributor = Distributor(handle, work.wakes.release, workers=2)
    distributor.submit(received(server, "slow", 99))
    others = [
        f"call {number}"
        for number in range(40)
        if hash((f"call {number}", "1")) % SERIALIZERS != hash(("slow", "1")) % SERIALIZERS
    ]
    for number, call_id in enumerate(others, 1):
        distributor.submit(received(server, call_id, number))
    work.wait_for(len(others))
    assert 99 not in work.done
    blocked.set()
    distributor.close(10)
    assert work.done[-1] == 99


def test_overload_begins_at_the_high_mark_and_ends_at_the_low_one(server: Any) -> None:
    steps, taken, request = threading.Semaphore(0), threading.Semaphore(0), received(server, "one")

    def handle(request: RequestReceived) -> Result:
        taken.release()
        assert steps.acquire(timeout=60)
        return Result(request, None, stateless=True)

    distributor = Distributor(handle, lambda: None, workers=1)
    distributor.submit(request)
    assert taken.acquire(timeout=60)
    for _ in range(HIGH_WATER - 1):
        distributor.submit(request)
    assert not distributor.is_overloaded
    distributor.submit(request)
    for _ in range(HIGH_WATER - LOW_WATER - 1):
        assert distributor.is_overloaded
        steps.release()
        assert taken.acquire(timeout=60)
    assert distributor.is_overloaded
    steps.release()
    assert taken.acquire(timeout=60)
    assert not distributor.is_overloaded
    steps.release(HIGH_WATER + 1)
    distributor.close(10)


def test_closing_lets_every_serializer_have_its_turn(server: Any, work: Work) -> None:
    work.go.set()
    distributor = Distributor(work.handle, work.wakes.release, workers=3)
    for number in range(50):
        distributor.submit(received(server, f"call {number}", number + 1))
    distributor.close(10)
    assert len(work.done) == 50


def test_a_request_may_have_a_handler_of_its_own(open_pbx: Any, work: Work, distributor: Distributor) -> None:
    handled: list[RequestReceived] = []
    done = threading.Event()

    def handle(received: RequestReceived) -> Result:
        handled.append(received)
        done.set()
        return Result(received, None, stateless=True)

    mine = received(open_pbx, "one")
    distributor.submit(mine, handle)
    assert done.wait(60)
    assert handled == [mine]
    assert work.done == []
