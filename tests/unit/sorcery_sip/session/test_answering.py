"""The peer's first INVITE."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sorcery_sip.events import Cancelled as StackCancelled
from sorcery_sip.events import RequestReceived
from sorcery_sip.session import Answered, Cancelled, Confirmed, Ended, InviteSession, State
from sorcery_sip.session.requests import BAD_MEDIA
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire


def called(*headers: tuple[str, str], sdp: bytes | None = OFFER, **profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which bob is called and has not answered."""
    wire = Wire()
    bob, raw = wire.peer("bob", **profile), wire.raw()
    raw.ask("INVITE", bob, *headers, sdp=sdp, branch="first")
    wire.run(0.1)
    return wire, bob, raw


def test_nothing_is_sent_until_the_owner_says_so() -> None:
    wire, bob, raw = called()
    assert (raw.inbox, bob.session.state, bob.session.offer) == ([], State.INCOMING, OFFER)
    bob.session.trying(wire.now)
    wire.run(0.1)
    assert (raw.response("100 INVITE").to.tag, bob.session.state) == (None, State.INCOMING)


def test_a_1xx_and_the_2xx_tell_of_us_and_repeat_the_route() -> None:
    wire, bob, raw = called(("Record-Route", "<sip:10.0.0.2;lr>"), ("Record-Route", "<sip:10.0.0.1;lr>"))
    bob.session.progress(180, wire.now, headers=[("X-More", "yes")], reason="Alerting")
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    dialog = bob.session.dialog
    assert dialog is not None
    for response in (raw.response("180 INVITE"), raw.response("200 INVITE")):
        assert [str(route) for route in response.addresses("Record-Route")] == [
            "<sip:10.0.0.2;lr>",
            "<sip:10.0.0.1;lr>",
        ]
        assert (response.contacts[0].uri, response.to.tag) == (bob.contact.uri, dialog.local.tag)
        assert response.headers.get("Allow") == bob.profile.allow
        assert response.headers.get("Supported") == bob.profile.supported_value
    ringing = raw.response("180 INVITE")
    assert (ringing.reason, ringing.headers.get("X-More")) == ("Alerting", "yes")


def test_the_sdp_of_an_unreliable_1xx_comes_again_in_the_2xx() -> None:
    wire, bob, raw = called()
    bob.session.progress(183, wire.now, sdp=ANSWER)
    bob.session.progress(183, wire.now, sdp=b"v=0 other")
    bob.session.accept(wire.now)
    wire.run(0.1)
    bodies = [m.body for m in raw.inbox]
    assert bodies == [ANSWER, ANSWER, ANSWER]


def test_a_2xx_needs_a_description() -> None:
    wire, bob, raw = called(timers="always")
    with pytest.raises(ValueError, match="needs our session description"):
        bob.session.accept(wire.now)
    wire.run(0.1)
    assert bob.session.timer.interval == 0
    assert (raw.inbox, bob.session.state) == ([], State.INCOMING)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    assert (raw.response("200 INVITE").body, bob.session.state) == (ANSWER, State.CONNECTING)


def test_without_an_offer_ours_is_in_the_2xx_and_the_ack_answers() -> None:
    wire, bob, raw = called(sdp=None)
    bob.session.accept(wire.now, sdp=OFFER)
    wire.run(0.1)
    accepted = raw.response("200 INVITE")
    raw.ask("ACK", bob, cseq=1, tag=accepted.to.tag, sdp=ANSWER)
    wire.run(0.1)
    assert bob.told() == ["Answered", "Confirmed"]
    assert (bob.take(Answered).sdp, bob.session.offers.remote) == (ANSWER, ANSWER)


def test_an_ack_without_the_answer_ends_the_call_with_cause_58() -> None:
    wire, bob, raw = called(sdp=None)
    bob.session.accept(wire.now, sdp=OFFER)
    wire.run(0.1)
    raw.ask("ACK", bob, cseq=1, tag=raw.response("200 INVITE").to.tag)
    wire.run(0.1)
    assert raw.request("BYE").headers.get("Reason") == BAD_MEDIA[0][1]
    assert (bob.take(Ended).status, bob.told()) == (488, [])


def test_the_2xx_is_repeated_until_its_ack_comes() -> None:
    wire, bob, raw = called()
    started = wire.now
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(16.0)
    sendings = [round(at - started, 2) for at in wire.times("200 INVITE")]
    assert sendings == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5]
    raw.ask("ACK", bob, cseq=2, tag=raw.response("200 INVITE").to.tag)  # of another INVITE
    wire.run(4.0)
    assert bob.session.state is State.CONNECTING
    raw.ask("ACK", bob, cseq=1, tag=raw.response("200 INVITE").to.tag)
    wire.run(60.0)
    assert (len(wire.times("200 INVITE")), bob.session.state) == (8, State.CONFIRMED)
    bob.take(Confirmed)


def test_a_2xx_that_nobody_acknowledges_ends_the_call() -> None:
    wire, bob, raw = called()
    started = wire.now
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(40.0)
    ended = bob.take(Ended)
    assert (ended.by, ended.status, wire.times("BYE")[0]) == ("timeout", 408, started + 32.0)
    assert raw.request("BYE").to.tag == "raw"
    assert bob.told() == []


@pytest.mark.parametrize("repeats", [False, True])
def test_the_owner_refuses(repeats: bool) -> None:
    wire, bob, raw = called()
    if repeats:
        bob.session.progress(180, wire.now)
    bob.session.reject(486, wire.now, headers=[("X-Why", "busy")], reason="Go away")
    bob.session.reject(603, wire.now)
    bob.session.accept(wire.now)
    wire.run(0.1)
    refusal = raw.response("486 INVITE")
    assert (refusal.reason, refusal.headers.get("X-Why"), refusal.to.tag is None) == ("Go away", "busy", False)
    ended = bob.take(Ended)
    assert (ended.by, ended.status, bob.told(), len(bob.agent)) == ("local", 486, [], 0)


def test_statuses_that_make_no_sense_are_refused() -> None:
    wire, bob, _ = called()
    for status in (100, 200, 99):
        with pytest.raises(ValueError, match="no provisional response"):
            bob.session.progress(status, wire.now)
    for status in (200, 180, 700):
        with pytest.raises(ValueError, match="refuses nothing"):
            bob.session.reject(status, wire.now)


def test_a_cancel_is_answered_and_the_invite_487() -> None:
    wire, bob, raw = called()
    bob.session.progress(180, wire.now)
    raw.ask("CANCEL", bob, ("Reason", "SIP;cause=200"), branch="first")
    wire.run(0.1)
    assert raw.response("200 CANCEL")
    assert raw.response("487 INVITE").to.tag == raw.response("180 INVITE").to.tag
    assert bob.told() == ["Cancelled", "Ended"]
    assert bob.take(Cancelled).received.request.headers.get("Reason") == "SIP;cause=200"
    assert bob.take(Ended).by == "remote"
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    assert "200 INVITE" not in wire.seen()


def test_a_cancel_after_the_2xx_changes_nothing() -> None:
    wire, bob, raw = called()
    bob.session.accept(wire.now, sdp=ANSWER)
    raw.ask("CANCEL", bob, branch="first")
    wire.run(0.1)
    assert (raw.response("200 CANCEL").status, bob.told(), bob.session.state) == (200, [], State.CONNECTING)


def test_an_invite_that_was_cancelled_before_there_was_a_session_is_over_at_once() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    del wire.peers[bob.address]
    raw.ask("INVITE", bob, sdp=OFFER, branch="first")
    raw.ask("CANCEL", bob, branch="first")
    wire.peers[bob.address] = bob
    waiting: list[RequestReceived] = []
    bob.on_stray = waiting.append
    wire.run(0.1)
    bob.agent.incoming(waiting[0], bob.profile, wire.now, contact=bob.contact)
    wire.run(0.1)
    assert raw.response("487 INVITE")
    assert (bob.told(), len(bob.agent)) == (["Cancelled", "Ended"], 0)
    assert not bob.agent.handle(StackCancelled(waiting[0].transaction, waiting[0]), 0.0)  # type: ignore[arg-type]


def test_a_bye_instead_of_a_cancel_ends_the_call_too() -> None:
    wire, bob, raw = called()
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    raw.ask("BYE", bob, cseq=2, tag=raw.response("180 INVITE").to.tag)
    wire.run(0.1)
    assert raw.response("200 BYE")
    assert raw.response("487 INVITE")
    assert (bob.take(Ended).by, len(bob.agent)) == ("remote", 0)


def test_a_caller_who_cannot_be_reached_is_gone() -> None:
    wire, bob, raw = called()
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    bob.stack.transport_failed(raw.address, wire.now)
    bob.stack.transport_failed(raw.address, wire.now)
    wire.run(0.1)
    ended = bob.take(Ended)
    assert (ended.by, ended.status, bob.told()) == ("failure", 503, [])
    wire.quiesce()
    assert set(bob.left_over().values()) == {0}


def test_an_invite_that_makes_no_session_raises() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    request = raw.ask("OPTIONS", bob)
    wire.run(0.1)
    with pytest.raises(ValueError, match="OPTIONS makes no session"):
        bob.agent.incoming(RequestReceived(request, raw.address, None), bob.profile, 0.0, contact=bob.contact)


def test_after_the_answer_nothing_else_is_said() -> None:
    wire, bob, raw = called()
    bob.session.accept(wire.now, sdp=ANSWER)
    bob.session.progress(180, wire.now)
    bob.session.accept(wire.now, sdp=b"v=0 other")
    bob.session.reject(486, wire.now)
    bob.session.trying(wire.now)
    wire.run(0.1)
    assert (wire.seen(), raw.response("200 INVITE").body, bob.ended) == (["INVITE", "200 INVITE"], ANSWER, [])


def test_a_change_of_the_callee_waits_for_a_1xx() -> None:
    wire, bob, raw = called()
    bob.session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    assert wire.messages("UPDATE") == []
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    assert raw.request("UPDATE")


BAD = [("X-Name", "a\r\nb: c")]


@pytest.mark.parametrize(
    "say",
    [
        lambda session: session.accept(0.1, headers=BAD, sdp=ANSWER),
        lambda session: session.reject(486, 0.1, headers=BAD),
        lambda session: session.hangup(0.1, headers=BAD),
    ],
)
def test_a_response_that_cannot_be_written_leaves_the_invite_to_be_answered(
    say: Callable[[InviteSession], None],
) -> None:
    wire, bob, raw = called()
    with pytest.raises(ValueError, match="line end"):
        say(bob.session)
    bob.session.reject(500, wire.now)
    wire.run(0.1)
    assert raw.response("500 INVITE")
    assert len(bob.ended) == 1
    raw.ask("ACK", bob, tag=raw.response("500 INVITE").to.tag, branch="first")
    wire.quiesce()
    assert set(bob.left_over().values()) == {0}
