"""The client's side of a request, and the machine for those other than INVITE (RFC 3261 17.1.2)."""

from __future__ import annotations

from typing import Final

import attrs

from sorcery_sip.address import Address
from sorcery_sip.message.messages import Request
from sorcery_sip.transaction.key import ClientKey
from sorcery_sip.transaction.machine import Action, Input, Machine, State, Step

__all__ = ["NON_INVITE_CLIENT", "ClientTransaction"]

NON_INVITE_CLIENT: Final[Machine] = {
    (State.INITIAL, Input.START): Step(State.TRYING, (Action.SEND, Action.START_E, Action.START_F)),
    (State.TRYING, Input.TIMER_E): Step(State.TRYING, (Action.RESEND, Action.BACK_OFF_E)),
    (State.TRYING, Input.TIMER_F): Step(State.TERMINATED, (Action.REPORT_TIMEOUT,)),
    (State.TRYING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.DELIVER,)),
    (State.TRYING, Input.FINAL): Step(State.COMPLETED, (Action.DELIVER, Action.START_K)),
    (State.TRYING, Input.TRANSPORT_ERROR): Step(State.TERMINATED, (Action.REPORT_FAILURE,)),
    (State.PROCEEDING, Input.TIMER_E): Step(State.PROCEEDING, (Action.RESEND, Action.SLOW_E)),
    (State.PROCEEDING, Input.TIMER_F): Step(State.TERMINATED, (Action.REPORT_TIMEOUT,)),
    (State.PROCEEDING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.DELIVER,)),
    (State.PROCEEDING, Input.FINAL): Step(State.COMPLETED, (Action.DELIVER, Action.START_K)),
    (State.PROCEEDING, Input.TRANSPORT_ERROR): Step(State.TERMINATED, (Action.REPORT_FAILURE,)),
    (State.COMPLETED, Input.TIMER_K): Step(State.TERMINATED),
}


@attrs.define(slots=True, eq=False)
class ClientTransaction:
    """One request of ours on its way to a response; only the stack that holds it changes it."""

    key: ClientKey
    request: Request = attrs.field(repr=False)
    destination: Address
    machine: Machine = attrs.field(default=NON_INVITE_CLIENT, repr=False)
    state: State = State.INITIAL
    wire: bytes = attrs.field(default=b"", repr=False)
    """What is sent again: the request, later the ACK to a failure."""
    interval: float = 0.0
    """The present wait before a retransmission, in seconds."""
    timers: int = attrs.field(default=0, repr=False)
    """How many of its timers run; the table counts."""
    is_cancelled: bool = False
    """Whether the user wants no answer to the INVITE any more."""
    waiting_cancel: Request | None = attrs.field(default=None, repr=False)
    """A CANCEL that is to be sent once a provisional response has come."""
