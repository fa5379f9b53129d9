"""What all transactions are made of: states, inputs, actions, and the tables that join them.

A machine is data: for a state and an input, the next state and what to do. A pair without a row means that
the input changes nothing. Timers are therefore never cancelled: one that has lost its meaning meets no row.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Action", "Input", "Machine", "State", "Step"]


class _Constant(enum.Enum):
    """An enumeration whose members are hashed by identity: each message looks up several in tables."""

    __hash__ = object.__hash__


class State(_Constant):
    """Where a transaction stands (RFC 3261 17)."""

    INITIAL = "initial"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    TERMINATED = "terminated"


class Input(_Constant):
    """What can happen to a transaction. A timer bears its letter of RFC 3261, appendix A."""

    START = "start"
    REQUEST = "request"
    PROVISIONAL = "1xx"
    FINAL = "final"
    TIMER_E = "E"
    TIMER_F = "F"
    TIMER_J = "J"
    TIMER_K = "K"
    TRANSPORT_ERROR = "transport error"


class Action(_Constant):
    """What a transaction wants done."""

    SEND = "send the message at hand, and remember it"
    RESEND = "send the message remembered"
    DELIVER = "give the message at hand to the user"
    REPORT_TIMEOUT = "tell the user that nobody answered"
    REPORT_FAILURE = "tell the user that the network refused"
    START_E = "first wait before a retransmission"
    BACK_OFF_E = "twice as long a wait, up to T2"
    SLOW_E = "a wait of T2"
    START_F = "longest wait for a final response"
    START_J = "wait for repeats of the request"
    START_K = "wait for repeats of the response"


class Step(NamedTuple):
    """A row's right side."""

    state: State
    actions: tuple[Action, ...] = ()


Machine = Mapping[tuple[State, Input], Step]
