"""The tables, row by row against RFC 3261 figures 6 and 8 and RFC 6026 figures 5 and 7."""

import pytest

from sorcery_sip.transaction.client import NON_INVITE_CLIENT
from sorcery_sip.transaction.invite_client import INVITE_CLIENT
from sorcery_sip.transaction.invite_server import INVITE_SERVER
from sorcery_sip.transaction.machine import Action, Input, Machine, State, input_of
from sorcery_sip.transaction.server import NON_INVITE_SERVER
from sorcery_sip.transaction.timers import WAITS

MACHINES = [NON_INVITE_CLIENT, NON_INVITE_SERVER, INVITE_CLIENT, INVITE_SERVER]


def ends(machine: Machine) -> set[Input]:
    return {happened for (_, happened), step in machine.items() if step.state is State.TERMINATED}


@pytest.mark.parametrize("machine", MACHINES)
def test_nothing_happens_after_the_end(machine: Machine) -> None:
    assert not [state for state, _ in machine if state is State.TERMINATED]


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_that_is_entered_can_be_left(machine: Machine) -> None:
    left = {state for state, _ in machine}
    assert {step.state for step in machine.values()} - left == {State.TERMINATED}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_timer_that_is_started_has_a_row_and_every_row_of_a_timer_is_reached(machine: Machine) -> None:
    actions = {action for step in machine.values() for action in step.actions}
    started = {WAITS[action].timer for action in actions if action in WAITS}
    awaited = {happened for _, happened in machine if happened.name.startswith("TIMER")}
    assert started == awaited


def test_a_server_forgets_nothing_before_timer_j() -> None:
    assert ends(NON_INVITE_SERVER) == {Input.TIMER_J, Input.TRANSPORT_ERROR}


def test_a_server_of_an_invite_ends_by_timers_only() -> None:
    assert ends(INVITE_SERVER) == {Input.TIMER_H, Input.TIMER_I, Input.TIMER_L}


@pytest.mark.parametrize("machine", [NON_INVITE_SERVER, INVITE_SERVER])
def test_a_server_sends_nothing_to_repeats_before_it_has_answered(machine: Machine) -> None:
    assert (State.TRYING, Input.REQUEST) not in machine
    assert machine[State.PROCEEDING, Input.REQUEST].actions == (Action.RESEND,)


def test_repeats_of_an_accepted_invite_are_absorbed() -> None:
    assert (State.ACCEPTED, Input.REQUEST) not in INVITE_SERVER


def test_a_client_delivers_one_final_response() -> None:
    delivering = {pair for pair, step in NON_INVITE_CLIENT.items() if Action.DELIVER in step.actions}
    assert {state for state, _ in delivering} == {State.TRYING, State.PROCEEDING}


def test_a_client_of_an_invite_delivers_one_failure_and_every_2xx() -> None:
    delivering = {pair for pair, step in INVITE_CLIENT.items() if Action.DELIVER in step.actions}
    assert {state for state, happened in delivering if happened is Input.FAILURE} == {State.CALLING, State.PROCEEDING}
    assert (State.ACCEPTED, Input.SUCCESS) in delivering


def test_after_a_provisional_response_retransmissions_are_slow_and_those_of_an_invite_end() -> None:
    assert NON_INVITE_CLIENT[State.TRYING, Input.TIMER_E].actions == (Action.RESEND, Action.BACK_OFF_E)
    assert NON_INVITE_CLIENT[State.PROCEEDING, Input.TIMER_E].actions == (Action.RESEND, Action.SLOW_E)
    assert INVITE_CLIENT[State.CALLING, Input.TIMER_A].actions == (Action.RESEND, Action.BACK_OFF_A)
    assert (State.PROCEEDING, Input.TIMER_A) not in INVITE_CLIENT


def test_an_invite_that_rings_is_ended_by_nothing_but_a_cancel_without_effect() -> None:
    ended = {
        happened for (state, happened), step in INVITE_CLIENT.items()
        if state is State.PROCEEDING and step.state is State.TERMINATED
    }  # fmt: skip
    assert ended == {Input.TIMER_CANCEL}


@pytest.mark.parametrize(
    ("method", "status", "happened"),
    [
        ("INVITE", 199, Input.PROVISIONAL),
        ("INVITE", 200, Input.SUCCESS),
        ("INVITE", 299, Input.SUCCESS),
        ("INVITE", 300, Input.FAILURE),
        ("INVITE", 699, Input.FAILURE),
        ("BYE", 100, Input.PROVISIONAL),
        ("BYE", 200, Input.FINAL),
        ("BYE", 481, Input.FINAL),
    ],
)
def test_only_for_an_invite_it_matters_how_it_went(method: str, status: int, happened: Input) -> None:
    assert input_of(method, status) is happened
