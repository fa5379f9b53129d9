"""The client's side of an INVITE (RFC 3261 17.1.1, RFC 6026 7.2)."""

from __future__ import annotations

from typing import Final

from sorcery_sip.transaction.machine import Action, Input, Machine, State, Step

__all__ = ["INVITE_CLIENT"]

_ACCEPTED = Step(State.ACCEPTED, (Action.DELIVER, Action.FORGET, Action.START_M))
_FAILED = Step(State.COMPLETED, (Action.SEND, Action.DELIVER, Action.START_D))  # what is sent is the ACK

INVITE_CLIENT: Final[Machine] = {
    (State.INITIAL, Input.START): Step(State.CALLING, (Action.SEND, Action.START_A, Action.START_B)),
    (State.CALLING, Input.TIMER_A): Step(State.CALLING, (Action.RESEND, Action.BACK_OFF_A)),
    (State.CALLING, Input.TIMER_B): Step(State.TERMINATED, (Action.REPORT_TIMEOUT,)),
    (State.CALLING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.DELIVER, Action.FORGET)),
    (State.CALLING, Input.SUCCESS): _ACCEPTED,
    (State.CALLING, Input.FAILURE): _FAILED,
    (State.CALLING, Input.TRANSPORT_ERROR): Step(State.TERMINATED, (Action.REPORT_FAILURE,)),
    (State.PROCEEDING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.DELIVER,)),
    (State.PROCEEDING, Input.SUCCESS): _ACCEPTED,
    (State.PROCEEDING, Input.FAILURE): _FAILED,
    (State.PROCEEDING, Input.CANCELLED): Step(State.PROCEEDING, (Action.START_CANCEL,)),
    (State.PROCEEDING, Input.TIMER_CANCEL): Step(State.TERMINATED, (Action.REPORT_TIMEOUT,)),
    (State.ACCEPTED, Input.SUCCESS): Step(State.ACCEPTED, (Action.DELIVER,)),
    (State.ACCEPTED, Input.TIMER_M): Step(State.TERMINATED),
    (State.COMPLETED, Input.FAILURE): Step(State.COMPLETED, (Action.RESEND,)),
    (State.COMPLETED, Input.TIMER_D): Step(State.TERMINATED),
}
"""A transport error after a final response is no news to a user who has his answer: the peer repeats that, or not."""
