"""The server's side of an INVITE (RFC 3261 17.2.1, RFC 6026 7.1).

A 2xx is repeated by who accepted the call, until the ACK comes; everything else is repeated here.
"""

from __future__ import annotations

from typing import Final

from sorcery_sip.transaction.machine import Action, Input, Machine, State, Step

__all__ = ["INVITE_SERVER"]

_ACCEPTED = Step(State.ACCEPTED, (Action.PASS_ON, Action.FORGET, Action.START_L))
_FAILED = Step(State.COMPLETED, (Action.SEND, Action.START_G, Action.START_H))

INVITE_SERVER: Final[Machine] = {
    (State.TRYING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.SEND, Action.START_PROVISIONAL)),
    (State.TRYING, Input.SUCCESS): _ACCEPTED,
    (State.TRYING, Input.FAILURE): _FAILED,
    (State.PROCEEDING, Input.REQUEST): Step(State.PROCEEDING, (Action.RESEND,)),
    (State.PROCEEDING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.SEND,)),
    (State.PROCEEDING, Input.TIMER_PROVISIONAL): Step(State.PROCEEDING, (Action.RESEND, Action.START_PROVISIONAL)),
    (State.PROCEEDING, Input.SUCCESS): _ACCEPTED,
    (State.PROCEEDING, Input.FAILURE): _FAILED,
    (State.PROCEEDING, Input.TRANSPORT_ERROR): Step(State.PROCEEDING, (Action.REPORT_FAILURE,)),
    (State.ACCEPTED, Input.SUCCESS): Step(State.ACCEPTED, (Action.PASS_ON,)),
    (State.ACCEPTED, Input.ACK): Step(State.ACCEPTED, (Action.DELIVER,)),
    (State.ACCEPTED, Input.TRANSPORT_ERROR): Step(State.ACCEPTED, (Action.REPORT_FAILURE,)),
    (State.ACCEPTED, Input.TIMER_L): Step(State.TERMINATED),
    (State.COMPLETED, Input.REQUEST): Step(State.COMPLETED, (Action.RESEND,)),
    (State.COMPLETED, Input.TIMER_G): Step(State.COMPLETED, (Action.RESEND, Action.BACK_OFF_G)),
    (State.COMPLETED, Input.ACK): Step(State.CONFIRMED, (Action.FORGET, Action.START_I)),
    (State.COMPLETED, Input.TRANSPORT_ERROR): Step(State.COMPLETED, (Action.REPORT_FAILURE,)),
    (State.COMPLETED, Input.TIMER_H): Step(State.TERMINATED),
    (State.CONFIRMED, Input.TIMER_I): Step(State.TERMINATED),
}
"""In ACCEPTED an ACK comes by only from a client older than RFC 3261, which gives it the branch of its INVITE."""
