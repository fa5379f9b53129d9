"""The wizard `memory` does what every wizard does, alone and shared by two systems."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from sorcery import AlreadyExists, Conflict, Sorcery
from sorcery.registry import Registry
from sorcery.testing.conformance import HELD, TYPES, WizardConformance
from sorcery.testing.types import Group, Widget
from sorcery_memory import MemorySpace, MemoryWizard

Pair = tuple[Sorcery, Sorcery]

ROUNDS = 50


class TestMemory(WizardConformance):
    survives_reopening = False
    refused_texts = frozenset()

    @pytest.fixture
    def sorcery(self) -> Iterator[Sorcery]:
        with Sorcery.open("memory:", types=TYPES) as sorcery:
            yield sorcery


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Open two systems on one memory."""
    space, registry = MemorySpace(), Registry()
    registry.register("memory", lambda: MemoryWizard(space))
    with Sorcery.open("memory:", types=TYPES, registry=registry) as first:
        with Sorcery.open("memory:", types=TYPES, registry=registry) as second:
            yield first, second
            for name in HELD:
                assert second.retrieve_all(name) == first.retrieve_all(name)
            before = first.retrieve_all(Widget)
        assert first.retrieve_all(Widget) == before


class TestSharedMemory(WizardConformance):
    survives_reopening = False
    refused_texts = frozenset()

    @pytest.fixture
    def sorcery(self, pair: Pair) -> Sorcery:
        return pair[0]


class TestTwoSystems:
    """What holds between two systems that share their memory."""

    def test_writers_of_both_lose_no_update(self, pair: Pair) -> None:
        pair[0].create(Widget(id="one", size=0))

        def increment(sorcery: Sorcery) -> int:
            lost = 0
            for _ in range(ROUNDS):
                while True:
                    read = sorcery.retrieve_by_id(Widget, "one")
                    assert read is not None
                    try:
                        sorcery.update(read.evolve(size=read.size + 1), expected=read)
                    except Conflict:
                        lost += 1
                        continue
                    break
            return lost

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(increment, pair * 2, timeout=60))
        assert [widget.size for widget in pair[1].retrieve_all(Widget)] == [4 * ROUNDS]

    def test_one_of_two_creates_of_an_id_wins(self, pair: Pair) -> None:
        together = threading.Barrier(2)

        def create(sorcery: Sorcery) -> list[str]:
            won = []
            for number in range(ROUNDS):
                together.wait(timeout=30)
                try:
                    sorcery.create(Widget(id=str(number)))
                except AlreadyExists:
                    continue
                won.append(str(number))
            return won

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(create, pair, timeout=60)
        assert sorted(first + second) == [widget.id for widget in pair[0].retrieve_all(Widget)]
        assert len(first) + len(second) == ROUNDS

    def test_the_other_sees_all_of_a_transaction_or_nothing(self, pair: Pair) -> None:
        first, second = pair
        is_done = threading.Event()

        def write() -> None:
            for _ in range(ROUNDS):
                with first.transaction() as changes:
                    changes.create(Widget(id="left"))
                    changes.create(Widget(id="right"))
                with first.transaction() as changes:
                    changes.delete(Widget(id="right"))
                    changes.delete(Widget(id="left"))
            is_done.set()

        thread = threading.Thread(target=write)
        thread.start()
        while not is_done.is_set():
            assert len(second.retrieve_all(Widget)) in (0, 2)
        thread.join()

    def test_a_system_that_watches_hears_in_order_what_the_other_does(self, pair: Pair) -> None:
        first, second = pair
        heard: list[str] = []
        is_told = threading.Event()
        second.observe(Widget, created=lambda new: heard.append(new.id))
        second.observe(Group, created=lambda new: is_told.set())
        with second.watch():
            for number in range(ROUNDS):
                first.create(Widget(id=str(number)))
            first.create(Group(id="last"))
            assert is_told.wait(timeout=30)
        assert heard == [str(number) for number in range(ROUNDS)]
