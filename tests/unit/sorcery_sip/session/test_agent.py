"""Calls from beginning to end, between two user agents."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from sorcery_sip.address import Address
from sorcery_sip.events import (
    Dropped,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
    TransportFailed,
)
from sorcery_sip.message import Request, Response, Via, reply
from sorcery_sip.session import Accepted, Confirmed, Ended, InviteSession, Progressed, RequestInDialog, State
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Wire, established

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


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def _answered(wire: Wire, alice: Peer, bob: Peer) -> None:
    established(wire, alice, bob)
    alice.session.hangup(wire.now)


def _answered_reliably(wire: Wire, alice: Peer, bob: Peer) -> None:
    alice.call(bob)
    wire.run(0.1)
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(0.1)
    assert wire.seen("PRACK")
    bob.session.accept(wire.now)
    wire.run(0.1)
    bob.session.hangup(wire.now)


def _held(wire: Wire, alice: Peer, bob: Peer) -> None:
    established(wire, alice, bob)
    alice.session.modify(wire.now, lambda: OFFER)
    wire.run(0.1)
    bob.session.answer_offer(ANSWER, wire.now)
    wire.run(0.1)
    alice.session.modify(wire.now, lambda: OFFER)
    wire.run(0.1)
    bob.session.hangup(wire.now)


def _refused(wire: Wire, alice: Peer, bob: Peer) -> None:
    alice.call(bob)
    wire.run(0.1)
    bob.session.reject(486, wire.now)


def _cancelled(wire: Wire, alice: Peer, bob: Peer) -> None:
    alice.call(bob)
    wire.run(0.1)
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    alice.session.hangup(wire.now)


def _unanswered(wire: Wire, alice: Peer, bob: Peer) -> None:
    wire.fate = lambda message: ()
    alice.call(bob)


@pytest.mark.parametrize("play", [_answered, _answered_reliably, _held, _refused, _cancelled, _unanswered])
@pytest.mark.usefixtures("without_collector")
def test_a_call_that_is_over_is_freed_without_the_garbage_collector(play: Callable[[Wire, Peer, Peer], None]) -> None:
    wire = Wire()
    alice, bob = wire.peer("alice", rel100="yes"), wire.peer("bob", rel100="peer_supported")
    play(wire, alice, bob)
    wire.quiesce()
    assert alice.ended
    known = [weakref.ref(session) for peer in (alice, bob) for session in peer.sessions]
    for peer in (alice, bob):
        peer.sessions.clear()
        peer.events.clear()
        peer.ended.clear()
    assert [session() for session in known] == [None] * len(known)


class TestOutgoing:
    def test_each_message_is_seen_once_with_its_destination_and_may_be_changed(self) -> None:
        wire = Wire()
        alice, bob = wire.peer("alice"), wire.peer("bob")
        seen: list[tuple[str, bool]] = []

        def mark(session: InviteSession, message: Request | Response, destination: Address) -> Request | Response:
            name = message.method if isinstance(message, Request) else str(message.status)
            seen.append(
                (name, session.data == "hers" and destination == bob.address and message.via.branch is not None)
            )
            return message.with_headers(message.headers.with_set("X-Seen", "yes"))

        alice.agent.on_outgoing = mark
        assert alice.agent.on_outgoing is mark
        hers = alice.call(bob, data="hers")
        wire.fate = lambda message: () if wire.now < 2 and isinstance(message, Request) else (0.01,)
        wire.run(4.0)
        bob.session.accept(wire.now, sdp=ANSWER)
        wire.run(0.1)
        bob.session.request("OPTIONS", wire.now)
        wire.run(0.1)
        hers.hangup(wire.now)
        wire.run(0.1)
        assert seen == [("INVITE", True), ("ACK", True), ("200", True), ("BYE", True)]
        ours = [sent.message for sent in wire.log if sent.source == alice.address]
        assert len(ours) > 4
        assert all(message.headers.get("X-Seen") == "yes" for message in ours)
        assert hers.invite.headers.get("X-Seen") == "yes"

    def test_a_request_that_goes_again_is_filtered_anew(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        alice.agent.on_outgoing = lambda session, message, destination: message.with_headers(
            message.headers.with_added("X-Seen", "yes")
        )
        alice.call(raw)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), 401)
        wire.run(0.1)
        alice.session.authenticate([], wire.now)
        wire.run(0.1)
        assert raw.request("INVITE").headers.get_all("X-Seen") == ("yes",)


def test_force_rport_is_for_all_responses() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    raw.ask("OPTIONS", bob)  # any request, for its address
    stray: list[RequestReceived] = []
    bob.on_stray = stray.append
    invite = raw.ask("INVITE", bob, sdp=OFFER)
    wire.run(0.1)
    received = next(event for event in stray if event.request.method == "INVITE")
    assert invite.via.branch == received.request.via.branch
    session = bob.agent.incoming(received, bob.profile, wire.now, contact=bob.contact, force_rport=True, tag="mine")
    assert received.transaction is not None
    session.progress(180, wire.now)
    wire.run(0.1)
    assert (received.transaction.force_rport, raw.response("180 INVITE").to.tag) == (True, "mine")


def test_events_of_others_are_not_handled() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    request = raw.ask("OPTIONS", alice)
    received = RequestReceived(request, raw.address, None)
    assert alice.agent.belongs(received) is None
    own = request.with_via(Via.create("192.0.2.1", 5060, "own"))
    transaction = alice.stack.request(own, raw.address, 0.0)
    response = reply(own, 200)
    for event in (
        received,
        ResponseReceived(response, raw.address, None),
        ResponseReceived(response, raw.address, transaction),
        TransactionTimedOut(transaction),
        TransportFailed(transaction),
        Dropped("rubbish", raw.address),
    ):
        assert alice.agent.handle(event, 0.0) is False


def test_a_request_in_a_dialog_belongs_to_its_session() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.peer("bob")
    _, his = established(wire, alice, bob)
    alice.session.request("INFO", wire.now)
    wire.run(0.1)
    asked = bob.take(RequestInDialog)
    assert bob.agent.belongs(asked.received) is his
    assert his.id.startswith(asked.received.request.call_id)
