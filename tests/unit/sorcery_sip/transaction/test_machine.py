"""The tables, row by row against RFC 3261 figures 6 and 8."""

import pytest

from sorcery_sip.transaction.client import NON_INVITE_CLIENT
from sorcery_sip.transaction.machine import Action, Input, Machine, State
from sorcery_sip.transaction.server import NON_INVITE_SERVER


@pytest.mark.parametrize("machine", [NON_INVITE_CLIENT, NON_INVITE_SERVER])
def test_nothing_happens_after_the_end(machine: Machine) -> None:
    assert not [state for state, _ in machine if state is State.TERMINATED]


@pytest.mark.parametrize("machine", [NON_INVITE_CLIENT, NON_INVITE_SERVER])
def test_every_state_that_is_entered_can_be_left(machine: Machine) -> None:
    left = {state for state, _ in machine}
    assert {step.state for step in machine.values()} - left == {State.TERMINATED}


def test_a_server_forgets_nothing_before_timer_j() -> None:
    ends = {pair for pair, step in NON_INVITE_SERVER.items() if step.state is State.TERMINATED}
    assert {happened for _, happened in ends} == {Input.TIMER_J, Input.TRANSPORT_ERROR}


def test_a_server_sends_nothing_to_repeats_before_it_has_answered() -> None:
    assert (State.TRYING, Input.REQUEST) not in NON_INVITE_SERVER
    assert NON_INVITE_SERVER[State.PROCEEDING, Input.REQUEST].actions == (Action.RESEND,)


def test_a_client_delivers_one_final_response() -> None:
    delivering = {pair for pair, step in NON_INVITE_CLIENT.items() if Action.DELIVER in step.actions}
    assert {state for state, _ in delivering} == {State.TRYING, State.PROCEEDING}


def test_after_a_provisional_response_retransmissions_are_slow() -> None:
    assert NON_INVITE_CLIENT[State.TRYING, Input.TIMER_E].actions == (Action.RESEND, Action.BACK_OFF_E)
    assert NON_INVITE_CLIENT[State.PROCEEDING, Input.TIMER_E].actions == (Action.RESEND, Action.SLOW_E)
