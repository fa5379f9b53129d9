"""Calls from beginning to end, between two user agents."""

from __future__ import annotations

from sorcery_sip.session import Accepted, Confirmed, Ended, Progressed, State
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Wire, established

NOTHING = {"sessions": 0, "dialogs": 0, "invites": 0, "waiting": 0, "deadlines": 0, "transactions": 0}


def test_a_call_is_made_answered_and_hung_up() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.peer("bob")
    hers = alice.call(bob)
    wire.run(0.1)
    his = bob.session
    assert (his.is_incoming, his.state, his.offer) == (True, State.INCOMING, OFFER)
    his.trying(wire.now)
    his.progress(180, wire.now)
    wire.run(0.1)
    assert (hers.state, his.state) == (State.EARLY, State.EARLY)
    assert alice.take(Progressed).response.status == 180
    his.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    accepted = alice.take(Accepted)
    assert (accepted.sdp, hers.state, his.state) == (ANSWER, State.CONFIRMED, State.CONFIRMED)
    assert (hers.offers.local, hers.offers.remote) == (his.offers.remote, his.offers.local) == (OFFER, ANSWER)
    alice.take(Confirmed)
    bob.take(Confirmed)
    hers.hangup(wire.now, headers=[("Reason", "Q.850;cause=16")])
    wire.run(0.1)
    ended = bob.take(Ended)
    assert (ended.by, ended.status, ended.message and ended.message.headers.get("Reason")) == (
        "remote",
        200,
        "Q.850;cause=16",
    )
    assert alice.take(Ended).by == "local"
    assert wire.seen() == ["INVITE", "100 INVITE", "180 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]


def test_nothing_is_left_when_a_call_is_over() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.peer("bob")
    _, his = established(wire, alice, bob)
    his.hangup(wire.now)
    wire.quiesce()
    assert [event.by for event in (*alice.ended, *bob.ended)] == ["remote", "local"]
    assert alice.left_over() == bob.left_over() == NOTHING
