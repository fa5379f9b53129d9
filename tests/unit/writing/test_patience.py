from __future__ import annotations

from collections.abc import Callable

import pytest

from sorcery import Unavailable
from sorcery.writing.patience import persist


class Waiting:
    """A clock that only waiting moves."""

    def __init__(self, *, ends_after: float = 1e9) -> None:
        self.time, self.pauses, self._ends_after = 0.0, list[float](), ends_after

    def clock(self) -> float:
        return self.time

    def is_over(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.time += seconds
        return self.time >= self._ends_after


def silent(times: int, *, uncertain: bool = False) -> Callable[[], str]:
    """Return an attempt that fails so many times."""
    left = [times]

    def attempt() -> str:
        if left[0]:
            left[0] -= 1
            error = Unavailable("realtime ps_aors", "no route")
            error.is_uncertain = uncertain
            raise error
        return "stored"

    return attempt


def test_what_is_stored_at_once_waits_for_nothing() -> None:
    waiting = Waiting()
    assert persist(silent(0), 5, is_over=waiting.is_over, clock=waiting.clock) == "stored"
    assert waiting.pauses == []


def test_a_store_that_comes_back_in_time_takes_the_change() -> None:
    waiting = Waiting()
    assert persist(silent(7), 5, is_over=waiting.is_over, clock=waiting.clock, draw=lambda: 1.0) == "stored"
    assert waiting.pauses == [0.05, 0.1, 0.2, 0.4, 0.5, 0.5, 0.5]


def test_one_that_does_not_is_unavailable_when_the_time_is_over_and_not_before() -> None:
    waiting = Waiting()
    with pytest.raises(Unavailable, match="no route"):
        persist(silent(10**6), 5, is_over=waiting.is_over, clock=waiting.clock)
    assert waiting.time == pytest.approx(5)


def test_a_change_that_may_have_been_stored_is_not_made_again() -> None:
    waiting = Waiting()
    with pytest.raises(Unavailable):
        persist(silent(1, uncertain=True), 5, is_over=waiting.is_over, clock=waiting.clock)
    assert waiting.pauses == []


def test_nobody_waits_in_a_system_that_is_being_closed() -> None:
    waiting = Waiting(ends_after=0.1)
    with pytest.raises(Unavailable):
        persist(silent(10**6), 600, is_over=waiting.is_over, clock=waiting.clock, draw=lambda: 1.0)
    assert waiting.time < 1
