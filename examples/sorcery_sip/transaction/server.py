"""The server's side of a request, and the machine for those other than INVITE (RFC 3261 17.2.2)."""

from __future__ import annotations

from typing import Final

import attrs

from sorcery_sip.address import Address
from sorcery_sip.transaction.key import ServerKey
from sorcery_sip.transaction.machine import Action, Input, Machine, State, Step

__all__ = ["NON_INVITE_SERVER", "ServerTransaction"]

NON_INVITE_SERVER: Final[Machine] = {
    (State.TRYING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.SEND,)),
    (State.TRYING, Input.FINAL): Step(State.COMPLETED, (Action.SEND, Action.START_J)),
    (State.PROCEEDING, Input.REQUEST): Step(State.PROCEEDING, (Action.RESEND,)),
    (State.PROCEEDING, Input.PROVISIONAL): Step(State.PROCEEDING, (Action.SEND,)),
    (State.PROCEEDING, Input.FINAL): Step(State.COMPLETED, (Action.SEND, Action.START_J)),
    (State.PROCEEDING, Input.TRANSPORT_ERROR): Step(State.TERMINATED, (Action.REPORT_FAILURE,)),
    (State.COMPLETED, Input.REQUEST): Step(State.COMPLETED, (Action.RESEND,)),
    (State.COMPLETED, Input.TIMER_J): Step(State.TERMINATED),
    (State.COMPLETED, Input.TRANSPORT_ERROR): Step(State.TERMINATED, (Action.REPORT_FAILURE,)),
}


@attrs.define(slots=True, eq=False)
class ServerTransaction:
    """One request on its way to an answer; only the stack that holds it changes it."""

    key: ServerKey
    source: Address
    """Where the request came from."""
    machine: Machine = attrs.field(default=NON_INVITE_SERVER, repr=False)
    state: State = State.TRYING
    wire: bytes = attrs.field(default=b"", repr=False)
    """The last response as sent, as long as repeats of the request get it again."""
    destination: Address | None = None
    """Where the last response went."""
    interval: float = 0.0
    """The present wait before a retransmission, in seconds."""
    timers: int = attrs.field(default=0, repr=False)
    """How many of its timers run; the table counts."""
    force_rport: bool = False
    """Whether its responses go to the port that the request came from, whatever the Via says."""
    to_tag: str | None = None
    """The To tag of the responses to an INVITE: a CANCEL is answered with the same."""
    is_cancelled: bool = False
    """Whether a CANCEL came before there was a final response to the INVITE."""
