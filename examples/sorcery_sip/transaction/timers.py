"""How long a transaction waits for what (RFC 3261 17, appendix A), on a transport that may lose messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import attrs

from sorcery_sip.transaction.machine import Action, Input

__all__ = ["DEFAULT_TIMERS", "WAITS", "Timers", "Wait"]

LEAST_T1 = 0.1
TIMEOUT_IN_T1 = 64
PROVISIONAL_AGAIN = 60.0
"""How long a caller hears nothing before the last 1xx is sent again (RFC 3261 13.3.1.1)."""


def _raised(seconds: float) -> float:
    return max(seconds, LEAST_T1)


@attrs.frozen(slots=True)
class Timers:
    """The base values, in seconds.

    `t1` is raised to 0.1 where it is smaller. `timer_b` is how long a final response may take (`timer_t1` and
    `timer_b` of a `system` section, there in milliseconds).
    """

    t1: float = attrs.field(default=0.5, converter=_raised)
    timer_b: float = 32.0
    t2: float = 4.0
    t4: float = 5.0

    timeout: float = attrs.field(init=False)
    """Timers B, D, F, H, J, L and M, and the wait after a CANCEL: `timer_b`, but never less than 64 times T1."""

    @timeout.default
    def _timeout(self) -> float:
        return max(self.timer_b, TIMEOUT_IN_T1 * self.t1)


DEFAULT_TIMERS = Timers()


class Wait(NamedTuple):
    """Which timer an action starts, and for how long: of the base values and the transaction's last interval."""

    timer: Input
    seconds: Callable[[Timers, float], float]
    repeats: bool = False
    """Whether the wait is the interval that the next one of its kind goes by."""


def _first(timers: Timers, _: float) -> float:
    return timers.t1


def _doubled(_: Timers, last: float) -> float:
    return 2 * last


def _doubled_to_t2(timers: Timers, last: float) -> float:
    return min(2 * last, timers.t2)


def _t2(timers: Timers, _: float) -> float:
    return timers.t2


def _t4(timers: Timers, _: float) -> float:
    return timers.t4


def _timeout(timers: Timers, _: float) -> float:
    return timers.timeout


def _minute(_timers: Timers, _: float) -> float:
    return PROVISIONAL_AGAIN


WAITS: Final[Mapping[Action, Wait]] = {
    Action.START_A: Wait(Input.TIMER_A, _first, repeats=True),
    Action.BACK_OFF_A: Wait(Input.TIMER_A, _doubled, repeats=True),
    Action.START_B: Wait(Input.TIMER_B, _timeout),
    Action.START_D: Wait(Input.TIMER_D, _timeout),
    Action.START_E: Wait(Input.TIMER_E, _first, repeats=True),
    Action.BACK_OFF_E: Wait(Input.TIMER_E, _doubled_to_t2, repeats=True),
    Action.SLOW_E: Wait(Input.TIMER_E, _t2, repeats=True),
    Action.START_F: Wait(Input.TIMER_F, _timeout),
    Action.START_G: Wait(Input.TIMER_G, _first, repeats=True),
    Action.BACK_OFF_G: Wait(Input.TIMER_G, _doubled_to_t2, repeats=True),
    Action.START_H: Wait(Input.TIMER_H, _timeout),
    Action.START_I: Wait(Input.TIMER_I, _t4),
    Action.START_J: Wait(Input.TIMER_J, _timeout),
    Action.START_K: Wait(Input.TIMER_K, _t4),
    Action.START_L: Wait(Input.TIMER_L, _timeout),
    Action.START_M: Wait(Input.TIMER_M, _timeout),
    Action.START_PROVISIONAL: Wait(Input.TIMER_PROVISIONAL, _minute),
    Action.START_CANCEL: Wait(Input.TIMER_CANCEL, _timeout),
}
