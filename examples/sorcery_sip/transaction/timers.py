"""How long a transaction waits for what (RFC 3261 17, appendix A), on a transport that may lose messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from sorcery_sip.transaction.machine import Action, Input

__all__ = ["DEFAULT_TIMERS", "WAITS", "Timers"]

LEAST_T1 = 0.1
TIMEOUT_IN_T1 = 64


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

    @property
    def timeout(self) -> float:
        """Timers F and J: `timer_b`, but never less than 64 times T1."""
        return max(self.timer_b, TIMEOUT_IN_T1 * self.t1)


DEFAULT_TIMERS = Timers()

WAITS: Final[Mapping[Action, tuple[Input, Callable[[Timers, float], float]]]] = {
    Action.START_E: (Input.TIMER_E, lambda timers, _: timers.t1),
    Action.BACK_OFF_E: (Input.TIMER_E, lambda timers, last: min(2 * last, timers.t2)),
    Action.SLOW_E: (Input.TIMER_E, lambda timers, _: timers.t2),
    Action.START_F: (Input.TIMER_F, lambda timers, _: timers.timeout),
    Action.START_J: (Input.TIMER_J, lambda timers, _: timers.timeout),
    Action.START_K: (Input.TIMER_K, lambda timers, _: timers.t4),
}
"""Which timer an action starts, and for how long: of the base values and the transaction's last interval."""
