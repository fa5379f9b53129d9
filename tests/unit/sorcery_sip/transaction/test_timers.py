import pytest

from sorcery_sip.transaction.machine import Action
from sorcery_sip.transaction.timers import DEFAULT_TIMERS, WAITS, Timers


def waits(timers: Timers, first: Action, following: Action, count: int) -> list[float]:
    intervals = [WAITS[first][1](timers, 0.0)]
    while len(intervals) < count:
        intervals.append(WAITS[following][1](timers, intervals[-1]))
    return intervals


def test_retransmissions_back_off_to_t2() -> None:
    assert waits(DEFAULT_TIMERS, Action.START_E, Action.BACK_OFF_E, 6) == [0.5, 1, 2, 4, 4, 4]
    assert waits(DEFAULT_TIMERS, Action.START_E, Action.SLOW_E, 3) == [0.5, 4, 4]


@pytest.mark.parametrize(
    ("t1", "timer_b", "raised_t1", "timeout"),
    [(0.5, 32, 0.5, 32), (0.01, 1, 0.1, 6.4), (0.1, 6.4, 0.1, 6.4), (0.5, 1, 0.5, 32), (0.5, 40, 0.5, 40)],
)
def test_base_values_below_the_least_are_raised(t1: float, timer_b: float, raised_t1: float, timeout: float) -> None:
    timers = Timers(t1=t1, timer_b=timer_b)
    assert timers.t1 == raised_t1
    assert timers.timeout == pytest.approx(timeout)


def test_the_last_waits() -> None:
    assert [WAITS[action][1](DEFAULT_TIMERS, 0) for action in (Action.START_F, Action.START_J, Action.START_K)] == [
        32,
        32,
        5,
    ]
