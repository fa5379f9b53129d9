"""How sessions end."""

from __future__ import annotations

import pytest

from sorcery_sip.session import Challenged, Ended, Offered, RequestInDialog, State
from tests.unit.sorcery_sip.session.test_modifying import in_call, in_call_to_us
from tests.unit.sorcery_sip.session.test_offered import ask, tag_of
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Wire, established

REASON = ("Reason", "Q.850;cause=16")


def test_a_hang_up_before_the_answer_refuses_with_603_or_what_the_owner_says() -> None:
    for options, expected in (({}, 603), ({"status": 486}, 486)):
        wire = Wire()
        bob, raw = wire.peer("bob"), wire.raw()
        raw.ask("INVITE", bob, sdp=OFFER)
        wire.run(0.1)
        bob.session.hangup(wire.now, headers=[REASON], **options)
        wire.run(0.1)
        assert raw.response(f"{expected} INVITE").headers.get("Reason") == REASON[1]
        assert (bob.take(Ended).status, len(bob.agent)) == (expected, 0)


def test_a_hang_up_after_it_says_bye() -> None:
    wire, alice, raw = in_call()
    alice.session.hangup(wire.now, headers=[REASON])
    alice.session.hangup(wire.now)
    wire.run(0.1)
    assert raw.request("BYE").headers.get("Reason") == REASON[1]
    ended = alice.take(Ended)
    assert (ended.by, ended.status, ended.message, wire.seen("BYE")) == ("local", 200, None, ["BYE"])
    raw.answer(raw.request("BYE"), 200)
    wire.quiesce()
    assert set(alice.left_over().values()) == {0}


def test_a_bye_that_nobody_answers_leaves_nothing() -> None:
    wire, alice, _ = in_call()
    alice.session.hangup(wire.now)
    wire.quiesce()
    assert (len(alice.ended), set(alice.left_over().values())) == (1, {0})


def test_a_hang_up_waits_for_our_re_invite() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: b"v=0 new")
    wire.run(0.1)
    alice.session.hangup(wire.now, headers=[REASON])
    wire.run(5.0)
    assert (wire.messages("BYE"), alice.ended) == ([], [])
    raw.answer(raw.request("INVITE"), 200, sdp=ANSWER)
    wire.run(0.1)
    assert wire.seen("ACK", "BYE") == ["ACK", "BYE"]
    assert raw.request("BYE").headers.get("Reason") == REASON[1]
    assert (alice.take(Ended).by, alice.told()) == ("local", [])


def test_a_hang_up_waits_32_seconds_at_most() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: b"v=0 new")
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 100)
    wire.run(0.1)
    asked = wire.now
    alice.session.hangup(wire.now)
    wire.run(33.0)
    assert wire.times("BYE")[0] == pytest.approx(asked + 32.0)
    raw.answer(raw.request("BYE"), 200)
    wire.quiesce()
    assert (len(alice.ended), set(alice.left_over().values())) == (1, {0})


def test_a_re_invite_that_is_answered_too_late_is_acknowledged() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: b"v=0 new")
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 100)
    alice.session.hangup(wire.now)
    wire.run(32.5)
    raw.answer(raw.request("INVITE"), 200, sdp=ANSWER)
    wire.run(0.1)
    assert raw.request("ACK").cseq.number == raw.request("INVITE").cseq.number


def test_a_hang_up_waits_for_the_ack_to_our_2xx() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    raw.ask("INVITE", bob, sdp=OFFER)
    wire.run(0.1)
    bob.session.accept(wire.now, sdp=ANSWER)
    bob.session.hangup(wire.now)
    wire.run(5.0)
    assert wire.messages("BYE") == []
    raw.ask("ACK", bob, tag=tag_of(bob))
    wire.run(0.1)
    assert (wire.seen("BYE"), bob.take(Ended).by, bob.told()) == (["BYE"], "local", [])


def test_a_hang_up_whose_ack_never_comes_says_bye_all_the_same() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    raw.ask("INVITE", bob, sdp=OFFER)
    wire.run(0.1)
    bob.session.accept(wire.now, sdp=ANSWER)
    bob.session.hangup(wire.now)
    wire.run(33.0)
    assert raw.request("BYE")
    assert [event.by for event in bob.ended] == ["local"]


def test_a_hang_up_refuses_what_waits_for_us() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE", sdp=b"v=0 new")
    bob.take(Offered)
    bob.session.hangup(wire.now)
    wire.run(0.1)
    assert raw.response("487 INVITE")
    assert (raw.request("BYE").method, bob.take(Ended).by) == ("BYE", "local")


def test_a_hang_up_while_the_offer_of_a_2xx_waits() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    alice.call(raw, sdp=None)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 200, sdp=OFFER)
    wire.run(0.1)
    alice.session.hangup(wire.now, headers=[REASON])
    wire.run(0.1)
    assert (wire.seen("ACK", "BYE"), raw.request("BYE").headers.get("Reason")) == (["ACK", "BYE"], REASON[1])
    assert [event.by for event in alice.ended] == ["local"]


def test_byes_that_cross_are_both_answered() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.peer("bob")
    hers, his = established(wire, alice, bob)
    hers.hangup(wire.now)
    his.hangup(wire.now)
    wire.quiesce()
    assert sorted(wire.seen()) == ["200 BYE", "200 BYE", "BYE", "BYE"]
    assert [event.by for event in (*alice.ended, *bob.ended)] == ["local", "local"]


def test_what_else_comes_after_our_bye_is_refused() -> None:
    wire, bob, raw = in_call_to_us()
    bob.session.hangup(wire.now)
    for cseq, method in enumerate(("INVITE", "UPDATE", "INFO"), 2):
        ask(wire, raw, bob, method, cseq=cseq, sdp=None)
        assert raw.response(f"481 {method}")
    assert bob.told() == ["Ended"]


def test_a_bye_may_be_challenged_after_the_end() -> None:
    wire, alice, raw = in_call()
    alice.session.hangup(wire.now)
    wire.run(0.1)
    raw.answer(raw.request("BYE"), 401, ("WWW-Authenticate", 'Digest realm="a",nonce="b"'))
    wire.run(0.1)
    assert alice.told() == ["Ended", "Challenged"]
    alice.take(Challenged).session.authenticate([("Authorization", "Digest x")], wire.now)
    wire.run(0.1)
    assert raw.request("BYE").headers.get("Authorization") == "Digest x"
    raw.answer(raw.request("BYE"), 200)
    wire.quiesce()
    assert set(alice.left_over().values()) == {0}


def test_a_bye_whose_challenge_is_not_answered_is_over() -> None:
    wire, alice, raw = in_call()
    alice.session.hangup(wire.now)
    wire.run(0.1)
    raw.answer(raw.request("BYE"), 401)
    wire.run(0.1)
    alice.session.give_up(wire.now)
    wire.quiesce()
    assert set(alice.left_over().values()) == {0}


def test_the_owner_may_answer_a_request_after_the_end_and_nothing_else_happens() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INFO", sdp=None)
    asked = bob.take(RequestInDialog)
    raw.ask("BYE", bob, cseq=3, tag=tag_of(bob))
    wire.run(0.1)
    wire.log.clear()
    session = bob.session
    session.respond(asked.received, 200, wire.now)
    session.trying(wire.now)
    session.progress(180, wire.now)
    session.accept(wire.now)
    session.reject(486, wire.now)
    session.modify(wire.now, lambda: b"v=0 new")
    session.answer_offer(b"v=0 x", wire.now)
    session.refuse_offer(488, wire.now)
    session.request("INFO", wire.now)
    session.authenticate([], wire.now)
    session.give_up(wire.now)
    session.hangup(wire.now)
    wire.run(0.1)
    assert (wire.seen(), len(bob.ended), session.state) == (["200 INFO"], 1, State.DISCONNECTED)


def test_an_early_bye_of_the_callee_takes_our_call_back() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    invite = raw.request("INVITE")
    raw.answer(invite, 180)
    wire.run(0.1)
    raw.ask("BYE", alice, cseq=1, tag=invite.from_.tag, call_id=invite.call_id)
    wire.run(0.1)
    assert raw.response("200 BYE")
    raw.answer(raw.request("CANCEL"), 200)
    raw.answer(invite, 487)
    wire.run(0.1)
    assert [event.by for event in alice.ended] == ["remote"]


def test_a_failed_early_change_takes_the_call_back() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.raw()
    session = alice.call(bob)
    wire.run(0.1)
    bob.answer(bob.request("INVITE"), 180, ("Allow", "UPDATE"))
    wire.run(0.1)
    session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    bob.answer(bob.request("UPDATE"), 481)
    wire.run(0.1)
    assert (wire.seen("CANCEL", "BYE"), alice.ended) == (["CANCEL"], [])
    bob.answer(bob.request("INVITE"), 487)
    wire.run(0.1)
    assert [event.by for event in alice.ended] == ["failure"]


def test_a_failed_early_change_of_the_callee_refuses_the_call() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    raw.ask("INVITE", bob, sdp=OFFER)
    wire.run(0.1)
    bob.session.progress(180, wire.now)
    bob.session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    raw.answer(raw.request("UPDATE"), 481)
    wire.run(0.1)
    assert raw.response("487 INVITE")
    assert (wire.messages("BYE"), bob.ended[0].status) == ([], 481)


def test_a_peer_that_cannot_be_told_what_it_asked_for_is_gone() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE", sdp=b"v=0 new")
    bob.session.trying(wire.now)
    wire.run(0.1)
    bob.stack.transport_failed(raw.address, wire.now)
    wire.quiesce()
    assert raw.request("BYE")
    assert ([event.status for event in bob.ended], set(bob.left_over().values())) == ([503], {0})


def test_an_end_comes_once() -> None:
    wire, bob, raw = in_call_to_us()
    bob.session.ending.end("failure", 500, None, "first", wire.now)
    bob.session.ending.end("failure", 500, None, "second", wire.now)
    bob.session.ending.terminate("failure", 500, None, "third", wire.now)
    wire.run(0.1)
    assert ([event.reason for event in bob.ended], wire.seen("BYE")) == (["first"], [])
    ask(wire, raw, bob, "INFO", sdp=None)
    assert raw.response("481 INFO")


def test_a_user_agent_is_parting_until_its_last_bye_is_answered() -> None:
    wire, alice, raw = in_call()
    assert not alice.agent.is_parting
    alice.session.hangup(wire.now)
    wire.run(0.1)
    assert (len(alice.agent), alice.agent.is_parting) == (0, True)
    raw.answer(raw.request("BYE"), 200)
    wire.run(0.1)
    assert not alice.agent.is_parting
