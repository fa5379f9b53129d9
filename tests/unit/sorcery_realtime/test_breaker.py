from __future__ import annotations

import functools

import pytest

from sorcery_database import Fault
from sorcery_realtime.breaker import Breaker


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_closed_breaker_admits_everybody(clock: Clock) -> None:
    breaker = Breaker(clock=clock)
    assert breaker.outage is None
    assert [breaker.admits() for _ in range(3)] == [True, True, True]


def test_an_open_one_says_why_and_since_when_and_admits_one_trial_after_each_pause(clock: Clock) -> None:
    breaker = Breaker(clock=clock, now=lambda: 3661.0, draw=lambda: 1.0)
    assert breaker.open("no route", Fault.SILENT)
    assert str(breaker.outage) == "no route (since 01:01:01 UTC)"
    admitted = []
    for _ in range(20):
        assert not breaker.admits()
        clock.time += breaker.pause()
        admitted.append(round(clock.time - 100, 3))
        assert breaker.admits()
        breaker.open("no route still", Fault.SILENT)
    assert admitted[:7] == [0.1, 0.3, 0.7, 1.5, 3.1, 5.1, 7.1]
    assert admitted[-1] - admitted[-2] == pytest.approx(2.0)


def test_what_is_found_again_is_no_news_and_keeps_the_time_when_it_began(clock: Clock) -> None:
    now = iter([10.0, 20.0, 30.0])
    breaker = Breaker(clock=clock, now=lambda: next(now))
    assert breaker.open("first", Fault.SILENT)
    assert not breaker.open("second", Fault.CROWDED)
    assert breaker.outage is not None
    assert (breaker.outage.reason, breaker.outage.fault, breaker.outage.since) == ("second", Fault.CROWDED, 10.0)


def test_success_closes_it_and_the_next_outage_begins_with_short_pauses(clock: Clock) -> None:
    breaker = Breaker(clock=clock, draw=lambda: 1.0)
    breaker.open("down", Fault.SILENT)
    for _ in range(10):
        clock.time += breaker.pause()
        assert breaker.admits()
    over = breaker.close()
    assert over is not None
    assert over.reason == "down"
    assert breaker.close() is None
    breaker.open("down again", Fault.SILENT)
    assert breaker.pause() == pytest.approx(0.1)


def test_processes_that_found_it_down_together_try_again_at_different_times(clock: Clock) -> None:
    pauses = []
    for each in range(40):
        breaker = Breaker(clock=clock, draw=functools.partial(float, each / 40))
        breaker.open("down", Fault.SILENT)
        pauses.append(breaker.pause())
    assert len(set(pauses)) == 40
    assert min(pauses) == 0
    assert max(pauses) < 0.1
