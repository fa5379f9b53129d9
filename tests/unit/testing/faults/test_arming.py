"""Faults strike the calls that they are armed for, and no others."""

from __future__ import annotations

import threading

import pytest

from sorcery import StoreRefused, Unavailable
from sorcery.testing.faults import OPERATIONS, Call, Faults


class Place:
    label = "a store"


def call(faults: Faults, operation: str, *ids: str) -> str:
    with faults.around(operation, [Place()], ids):  # type: ignore[list-item]
        return "done"


def test_without_a_fault_nothing_goes_wrong() -> None:
    assert call(Faults(), "retrieve") == "done"


def test_a_fault_names_the_store_and_the_operation_until_it_is_lifted() -> None:
    faults = Faults()
    with faults.fail("search") as fault:
        assert call(faults, "retrieve") == "done"
        for _ in range(2):
            with pytest.raises(Unavailable, match="a store is unavailable: a fault was injected into search"):
                call(faults, "search", "x")
    assert call(faults, "search") == "done"
    assert fault.calls == [Call("search", ("a store",), ("x",))] * 2


def test_a_fault_without_operations_strikes_all_of_them() -> None:
    faults = Faults()
    with faults.fail():
        for operation in OPERATIONS:
            with pytest.raises(Unavailable):
                call(faults, operation)


def test_an_operation_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no operation 'comit'; use any of open, retrieve"):
        Faults().fail("comit")


def test_a_counted_fault_strikes_as_often() -> None:
    faults = Faults()
    faults.fail("commit", times=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            call(faults, "commit")
    assert call(faults, "commit") == "done"


def test_a_fault_chooses_by_the_call() -> None:
    faults = Faults()
    faults.fail("retrieve", when=lambda call: "bob" in call.ids)
    assert call(faults, "retrieve", "alice") == "done"
    with pytest.raises(Unavailable):
        call(faults, "retrieve", "bob")


def test_the_error_is_the_one_given_or_made_of_the_call() -> None:
    faults = Faults()
    refused = StoreRefused("a store", "aor", "x", "full")
    with faults.fail("prepare", error=refused), pytest.raises(StoreRefused) as caught:
        call(faults, "prepare")
    assert caught.value is refused
    with faults.fail("prepare", error=lambda call: OSError(call.operation)), pytest.raises(OSError, match="prepare"):
        call(faults, "prepare")


def test_with_after_the_operation_is_done_first() -> None:
    faults, done = Faults(), []
    for after in (False, True):
        with faults.fail("commit", after=after), pytest.raises(Unavailable), faults.around("commit", ()):
            done.append(after)
    assert done == [True]


def test_a_hanging_call_goes_on_when_the_fault_is_lifted() -> None:
    faults, answers = Faults(), []
    fault = faults.hang("retrieve")
    caller = threading.Thread(target=lambda: answers.append(call(faults, "retrieve")))
    caller.start()
    fault.wait()
    assert caller.is_alive()
    assert answers == []
    faults.lift()
    caller.join(30)
    assert answers == ["done"]


def test_a_call_hangs_for_the_seconds_given() -> None:
    faults = Faults()
    fault = faults.hang("retrieve", seconds=0.001)
    assert call(faults, "retrieve") == "done"
    assert len(fault.calls) == 1


def test_waiting_for_a_call_that_does_not_come_ends() -> None:
    with pytest.raises(TimeoutError, match=r"0 of 1 calls came within 0\.01 s"):
        Faults().fail("load").wait(timeout=0.01)


def test_a_threat_is_told_without_counting() -> None:
    faults = Faults()
    faults.fail("retrieve", times=1, when=lambda call: "bob" in call.ids)
    bob, alice = (Call("retrieve", ("a store",), (id,)) for id in ("bob", "alice"))
    assert faults.threatens(bob)
    assert faults.threatens(bob)
    assert not faults.threatens(alice)
