"""What every writable storage driver keeps true while many threads use it."""

# ruff: noqa: D102 - the name of each test says what it holds

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from sorcery import AlreadyExists, Conflict, Sorcery, Transaction
from sorcery.testing.types import Group, Widget

__all__ = ["SharingConformance"]

T = TypeVar("T")

WRITERS, READERS, ROUNDS = 8, 4, 5


class SharingConformance:
    """What every writable wizard passes under several threads; fixture as for `WritingConformance`."""

    def test_many_writers_and_readers_lose_nothing(self, sorcery: Sorcery) -> None:
        stop = threading.Event()

        def write(writer: int) -> int:
            for number in range(ROUNDS):
                sorcery.create(Widget(id=f"{writer}-{number}"))
                sorcery.update(Widget(id=f"{writer}-{number}", size=writer))
            sorcery.delete(Widget(id=f"{writer}-0"))
            return ROUNDS - 1

        def read() -> None:
            while not stop.wait(0.001):
                found = sorcery.retrieve_by_fields(Widget, **{"size >=": 0})
                assert all(obj.size in (5, int(obj.id[0])) for obj in found)

        written = sum(_with_readers(stop, read, write, range(WRITERS)))
        found = sorcery.retrieve_all(Widget)
        assert len(found) == written == WRITERS * (ROUNDS - 1)
        assert all(obj.size == int(obj.id[0]) for obj in found)

    def test_readers_see_all_of_a_transaction_or_nothing(self, sorcery: Sorcery) -> None:
        stop = threading.Event()
        pair = (Widget(id="left"), Widget(id="right"))

        def write(_: int) -> None:
            for _ in range(ROUNDS):
                with sorcery.transaction() as transaction:
                    transaction.create(pair[0])
                    transaction.create(Group(id="between"))
                    transaction.create(pair[1])
                with sorcery.transaction() as transaction:
                    transaction.delete(pair[1])
                    transaction.delete(Group(id="between"))
                    transaction.delete(pair[0])

        def read() -> None:
            while not stop.wait(0.001):
                assert len(sorcery.retrieve_all(Widget)) in (0, 2)

        _with_readers(stop, read, write, range(1))
        assert sorcery.retrieve_all(Widget) == []

    def test_readers_see_nothing_of_a_transaction_that_is_refused(self, sorcery: Sorcery) -> None:
        stop = threading.Event()
        before = [Widget(id="left", size=1), Widget(id="taken", size=1)]
        for obj in before:
            sorcery.create(obj)

        def write(_: int) -> None:
            for _ in range(ROUNDS):
                for error, last in ((AlreadyExists, {}), (Conflict, {"expected": Widget(id="taken", size=9)})):
                    with pytest.raises(error), sorcery.transaction() as transaction:
                        _change_all(transaction, before, **last)

        def read() -> None:
            while not stop.wait(0.001):
                assert sorcery.retrieve_all(Widget) == before
                assert sorcery.retrieve_by_id(Group, "between") is None

        _with_readers(stop, read, write, range(1))

    def test_one_of_many_creates_of_an_id_wins(self, sorcery: Sorcery) -> None:
        together = threading.Barrier(WRITERS)

        def write(writer: int) -> int | None:
            together.wait(timeout=30)
            try:
                sorcery.create(Widget(id="one", size=writer))
            except AlreadyExists:
                return None
            return writer

        with ThreadPoolExecutor(WRITERS) as pool:
            winners = [won for won in pool.map(write, range(WRITERS), timeout=60) if won is not None]
        assert [obj.size for obj in sorcery.retrieve_all(Widget)] == winners

    def test_observers_hear_each_objects_changes_in_order(self, sorcery: Sorcery) -> None:
        heard: list[tuple[int, int]] = []
        sorcery.observe(Widget, updated=lambda new, old: heard.append((new.size, old.size)))
        sorcery.create(Widget(id="one", size=0))

        def write(writer: int) -> None:
            for number in range(ROUNDS):
                sorcery.update(Widget(id="one", size=100 * (writer + 1) + number))

        with ThreadPoolExecutor(READERS) as pool:
            list(pool.map(write, range(READERS), timeout=60))
        assert len(heard) == READERS * ROUNDS
        assert [old for _, old in heard] == [0, *(new for new, _ in heard[:-1])]
        final = sorcery.retrieve_by_id(Widget, "one")
        assert final is not None
        assert final.size == heard[-1][0]


def _change_all(transaction: Transaction, objects: Sequence[Widget], expected: Widget | None = None) -> None:
    """Change and create something, and at last what is refused."""
    left, taken = objects
    transaction.create(Group(id="between"))
    transaction.update(left.evolve(size=2))
    if expected is None:
        transaction.create(taken)
    else:
        transaction.delete(taken, expected=expected)


def _with_readers(
    stop: threading.Event, read: Callable[[], None], write: Callable[[int], T], writers: Sequence[int]
) -> list[T]:
    """Run the writers while readers read; raises what any of them raised."""
    with ThreadPoolExecutor(READERS + len(writers)) as pool:
        reading = [pool.submit(read) for _ in range(READERS)]
        try:
            results = list(pool.map(write, writers, timeout=60))
        finally:
            stop.set()
        for reader in reading:
            reader.result(timeout=30)
    return results
