"""What all transactions are made of: states, inputs, actions, and the tables that join them.

A machine is data: for a state and an input, the next state and what to do. A pair without a row means that
the input changes nothing. Timers are therefore never cancelled: one that has lost its meaning meets no row.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

__all__ = ["Action", "Input", "Machine", "State", "Step", "input_of"]


class _Constant(enum.Enum):
    """An enumeration whose members are hashed by identity: each message looks up several in tables."""

    __hash__ = object.__hash__


class State(_Constant):
    """Where a transaction stands (RFC 3261 17, RFC 6026 7)."""

    INITIAL = "initial"
    CALLING = "calling"
    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class Input(_Constant):
    """What can happen to a transaction. A timer bears its letter of RFC 3261, appendix A, and RFC 6026."""

    START = "start"
    REQUEST = "request"
    ACK = "ACK"
    CANCELLED = "we sent a CANCEL"
    PROVISIONAL = "1xx"
    FINAL = "final response to a request other than INVITE"
    SUCCESS = "2xx to INVITE"
    FAILURE = "300 to 699 to INVITE"
    TIMER_A = "A"
    TIMER_B = "B"
    TIMER_D = "D"
    TIMER_E = "E"
    TIMER_F = "F"
    TIMER_G = "G"
    TIMER_H = "H"
    TIMER_I = "I"
    TIMER_J = "J"
    TIMER_K = "K"
    TIMER_L = "L"
    TIMER_M = "M"
    TIMER_PROVISIONAL = "time for the last 1xx again"
    TIMER_CANCEL = "a CANCEL had no effect"
    TRANSPORT_ERROR = "transport error"


class Action(_Constant):
    """What a transaction wants done."""

    SEND = "send the message at hand, and remember it"
    PASS_ON = "send the message at hand"
    RESEND = "send the message remembered"
    FORGET = "let go of the message remembered"
    DELIVER = "give the message at hand to the user"
    REPORT_TIMEOUT = "tell the user that nobody answered"
    REPORT_FAILURE = "tell the user that the network refused"
    START_A = "first wait before a retransmission of an INVITE"
    BACK_OFF_A = "twice as long a wait"
    START_B = "longest wait for a response to an INVITE"
    START_D = "wait for repeats of a failure, to acknowledge them"
    START_E = "first wait before a retransmission"
    BACK_OFF_E = "twice as long a wait, up to T2"
    SLOW_E = "a wait of T2"
    START_F = "longest wait for a final response"
    START_G = "first wait before a retransmission of a failure"
    BACK_OFF_G = "twice as long a wait, up to T2, before the next"
    START_H = "longest wait for an ACK"
    START_I = "wait for repeats of the ACK"
    START_J = "wait for repeats of the request"
    START_K = "wait for repeats of the response"
    START_L = "wait for repeats of an accepted INVITE"
    START_M = "wait for repeats of a 2xx, and for those of other branches"
    START_PROVISIONAL = "wait before a 1xx is sent again"
    START_CANCEL = "longest wait for what a CANCEL brings about"


class Step(NamedTuple):
    """A row's right side."""

    state: State
    actions: tuple[Action, ...] = ()


Machine = Mapping[tuple[State, Input], Step]


def input_of(method: str, status: int) -> Input:
    """Return what a response with `status` is to the transaction of a request of that method."""
    if status < 200:
        return Input.PROVISIONAL
    if method != "INVITE":
        return Input.FINAL
    return Input.SUCCESS if status < 300 else Input.FAILURE
