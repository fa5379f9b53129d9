"""Changes that the peer asks for."""

from __future__ import annotations

import pytest

from sorcery_sip.session import (
    Answered,
    Cancelled,
    Confirmed,
    Ended,
    Offered,
    OfferFailed,
    OfferWanted,
    Refreshed,
    State,
)
from tests.unit.sorcery_sip.session.test_modifying import in_call, in_call_to_us
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire

NEW, REPLY = b"v=0 new", b"v=0 reply"


def tag_of(peer: Peer) -> str:
    dialog = peer.session.dialog
    assert dialog is not None
    return dialog.local.tag or ""


def ask(
    wire: Wire, raw: Raw, bob: Peer, method: str, *headers: tuple[str, str], cseq: int = 2, sdp: bytes | None = NEW
) -> None:
    raw.ask(method, bob, *headers, cseq=cseq, tag=tag_of(bob), sdp=sdp, branch=f"{method}{cseq}")
    wire.run(0.1)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_an_offer_is_answered_by_the_owner(method: str) -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, method, ("Contact", f"<sip:moved@{raw.address}>"))
    offered = bob.take(Offered)
    assert (offered.sdp, offered.method, bob.session.is_negotiating) == (NEW, method, True)
    bob.session.answer_offer(REPLY, wire.now, headers=[("X-More", "yes")])
    wire.run(0.1)
    answer = raw.response(f"200 {method}")
    assert (answer.body, answer.headers.get("X-More")) == (REPLY, "yes")
    assert (answer.contacts[0].uri, answer.headers.get("Allow")) == (bob.contact.uri, bob.profile.allow)
    assert (bob.session.offers.local, bob.session.offers.remote) == (REPLY, NEW)
    bob.session.answer_offer(b"v=0 twice", wire.now)
    assert bob.session.offers.local == REPLY


def test_a_2xx_to_a_re_invite_refreshes_the_target_and_is_repeated_until_its_ack() -> None:
    wire, bob, raw = in_call_to_us()
    raw.ask("INVITE", bob, cseq=2, tag=tag_of(bob), sdp=NEW)
    wire.run(0.1)
    bob.session.answer_offer(REPLY, wire.now)
    wire.run(4.0)
    assert len(wire.messages("200 INVITE")) == 4
    raw.ask("ACK", bob, cseq=2, tag=tag_of(bob))
    wire.run(10.0)
    assert len(wire.messages("200 INVITE")) == 4
    assert bob.told() == ["Offered"]


def test_a_re_invite_moves_the_peer() -> None:
    wire = Wire()
    bob, raw, other = wire.peer("bob"), wire.raw(), wire.raw()
    raw.ask("INVITE", bob, sdp=OFFER)
    wire.run(0.1)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    other.ask("INVITE", bob, cseq=2, tag=tag_of(bob), sdp=NEW)
    wire.run(0.1)
    bob.session.answer_offer(REPLY, wire.now)
    wire.run(0.1)
    other.ask("ACK", bob, cseq=2, tag=tag_of(bob))
    wire.run(0.1)
    bob.session.hangup(wire.now)
    wire.run(0.1)
    assert str(other.request("BYE").uri) == f"sip:raw@{other.address}"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_an_offer_may_be_refused_and_what_was_agreed_stays(method: str) -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, method)
    bob.session.refuse_offer(488, wire.now, headers=[("Warning", '399 h "no"')])
    wire.run(0.1)
    assert raw.response(f"488 {method}").headers.get("Warning") == '399 h "no"'
    assert (bob.session.offers.local, bob.session.offers.remote, bob.session.state) == (ANSWER, OFFER, State.CONFIRMED)
    ask(wire, raw, bob, method, cseq=3)
    assert len(bob.told()) == 2


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_the_same_description_is_a_refresh(method: str) -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, method, sdp=OFFER)
    assert raw.response(f"200 {method}").body == ANSWER
    bob.take(Refreshed)
    assert bob.told() == []


def test_an_update_without_a_description_is_a_refresh() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "UPDATE", sdp=None)
    assert raw.response("200 UPDATE").body == b""
    bob.take(Refreshed)


def test_a_re_invite_without_an_offer_gets_ours_and_its_ack_answers() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE", sdp=None)
    bob.take(OfferWanted)
    bob.session.answer_offer(NEW, wire.now)
    wire.run(0.1)
    assert raw.response("200 INVITE").body == NEW
    raw.ask("ACK", bob, cseq=2, tag=tag_of(bob), sdp=REPLY)
    wire.run(0.1)
    assert bob.take(Answered).sdp == REPLY
    assert (bob.session.offers.local, bob.session.offers.remote, bob.told()) == (NEW, REPLY, [])


def test_an_ack_that_leaves_our_new_offer_unanswered_leaves_the_call_as_it_was() -> None:
    wire, bob, raw = in_call_to_us()
    before = (bob.session.offers.local, bob.session.offers.remote)
    ask(wire, raw, bob, "INVITE", sdp=None)
    bob.take(OfferWanted)
    bob.session.answer_offer(NEW, wire.now)
    wire.run(0.1)
    raw.ask("ACK", bob, cseq=2, tag=tag_of(bob))
    wire.run(0.1)
    assert bob.take(OfferFailed).status == 488
    assert (bob.session.offers.local, bob.session.offers.remote) == before
    assert (bob.session.state, bob.session.offers.is_open, bob.told()) == (State.CONFIRMED, False, [])


def test_a_re_invite_that_waits_long_gets_a_100() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE")
    bob.session.trying(wire.now)
    wire.run(0.1)
    assert raw.response("100 INVITE").cseq.number == 2


class TestOverlap:
    def test_a_re_invite_meets_ours(self) -> None:
        wire, bob, raw = in_call_to_us()
        bob.session.modify(wire.now, lambda: NEW)
        ask(wire, raw, bob, "INVITE")
        assert raw.response("491 INVITE")

    def test_a_re_invite_meets_an_update_of_ours_with_an_offer(self) -> None:
        wire, bob, raw = in_call_to_us()
        bob.session.modify(wire.now, lambda: NEW, "UPDATE")
        ask(wire, raw, bob, "INVITE")
        assert raw.response("491 INVITE")

    def test_an_update_meets_our_offer(self) -> None:
        wire, bob, raw = in_call_to_us()
        bob.session.modify(wire.now, lambda: NEW)
        ask(wire, raw, bob, "UPDATE")
        assert raw.response("491 UPDATE")
        ask(wire, raw, bob, "UPDATE", cseq=3, sdp=None)
        assert raw.response("200 UPDATE")

    def test_a_second_re_invite_comes_before_the_first_is_answered(self) -> None:
        wire, bob, raw = in_call_to_us()
        ask(wire, raw, bob, "INVITE")
        ask(wire, raw, bob, "INVITE", cseq=3)
        refusal = raw.response("500 INVITE")
        assert refusal.cseq.number == 3
        assert 0 <= int(refusal.headers.get("Retry-After") or "x") <= 9
        bob.session.answer_offer(REPLY, wire.now)
        wire.run(0.1)
        assert raw.response("200 INVITE").cseq.number == 2

    def test_an_update_comes_before_their_offer_is_answered(self) -> None:
        wire, bob, raw = in_call_to_us()
        ask(wire, raw, bob, "UPDATE")
        ask(wire, raw, bob, "UPDATE", cseq=3)
        assert 0 <= int(raw.response("500 UPDATE").headers.get("Retry-After") or "x") <= 9

    def test_an_update_with_an_offer_comes_before_the_first_answer(self) -> None:
        wire = Wire()
        bob, raw = wire.peer("bob"), wire.raw()
        raw.ask("INVITE", bob, sdp=OFFER)
        wire.run(0.1)
        bob.session.progress(183, wire.now, sdp=ANSWER)
        ask(wire, raw, bob, "UPDATE")
        assert "Retry-After" in raw.response("500 UPDATE").headers

    def test_a_re_invite_in_an_early_dialog_of_ours_meets_our_invite(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        alice.call(raw)
        wire.run(0.1)
        invite = raw.request("INVITE")
        raw.answer(invite, 180)
        wire.run(0.1)
        raw.ask("INVITE", alice, cseq=1, tag=invite.from_.tag, call_id=invite.call_id, sdp=NEW)
        wire.run(0.1)
        assert raw.response("491 INVITE")

    def test_a_re_invite_while_the_offer_of_their_2xx_waits_for_our_answer(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        alice.call(raw, sdp=None)
        wire.run(0.1)
        invite = raw.request("INVITE")
        raw.answer(invite, 200, sdp=OFFER)
        wire.run(0.1)
        raw.ask("INVITE", alice, cseq=1, tag=invite.from_.tag, call_id=invite.call_id, sdp=NEW)
        wire.run(0.1)
        assert "Retry-After" in raw.response("500 INVITE").headers

    def test_a_re_invite_after_our_2xx_shows_that_it_has_come(self) -> None:
        wire = Wire()
        bob, raw = wire.peer("bob"), wire.raw()
        raw.ask("INVITE", bob, sdp=OFFER)
        wire.run(0.1)
        bob.session.accept(wire.now, sdp=ANSWER)
        wire.run(0.1)
        ask(wire, raw, bob, "INVITE")
        bob.take(Confirmed)
        bob.take(Offered)
        bob.session.answer_offer(REPLY, wire.now)
        wire.run(40.0)
        assert {m.cseq.number for m in wire.messages("200 INVITE")[2:]} == {2}

    def test_a_re_invite_before_the_answer_to_the_offer_in_our_2xx(self) -> None:
        wire = Wire()
        bob, raw = wire.peer("bob"), wire.raw()
        raw.ask("INVITE", bob)
        wire.run(0.1)
        bob.session.accept(wire.now, sdp=OFFER)
        wire.run(0.1)
        ask(wire, raw, bob, "INVITE")
        assert (raw.response("491 INVITE").status, bob.session.state) == (491, State.CONNECTING)


class TestRefusals:
    @pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
    def test_an_extension_that_nobody_knows(self, method: str) -> None:
        wire, bob, raw = in_call_to_us()
        ask(wire, raw, bob, method, ("Require", "timer, warp, 100rel, weft"))
        assert (raw.response(f"420 {method}").headers.get("Unsupported"), bob.told()) == ("warp, weft", [])

    @pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
    def test_too_brief_an_interval(self, method: str) -> None:
        wire, bob, raw = in_call_to_us(min_se=120)
        ask(wire, raw, bob, method, ("Session-Expires", "119"))
        assert raw.response(f"422 {method}").headers.get("Min-SE") == "120"
        ask(wire, raw, bob, method, ("Session-Expires", "150"), ("Min-SE", "200"), cseq=3)
        assert raw.response(f"422 {method}").headers.get("Min-SE") == "200"

    def test_a_body_that_is_no_description(self) -> None:
        wire, bob, raw = in_call_to_us()
        raw.ask("INVITE", bob, cseq=2, tag=tag_of(bob), body=b"hello", content_type="text/plain")
        wire.run(0.1)
        assert (raw.response("415 INVITE").headers.get("Accept"), bob.told()) == ("application/sdp", [])

    def test_replaces_inside_a_dialog_ends_the_call(self) -> None:
        wire, bob, raw = in_call_to_us()
        ask(wire, raw, bob, "INVITE", ("Replaces", "x;to-tag=a;from-tag=b"))
        assert raw.response("488 INVITE")
        assert raw.request("BYE")
        assert bob.take(Ended).status == 488

    def test_a_contact_that_cannot_be_read(self) -> None:
        wire, bob, raw = in_call_to_us()
        ask(wire, raw, bob, "INVITE", ("Contact", "<<broken"))
        bob.take(Offered)
        bob.session.answer_offer(REPLY, wire.now)
        wire.run(0.1)
        assert raw.response("200 INVITE")


def test_a_re_invite_may_be_taken_back_and_the_call_goes_on() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE")
    bob.take(Offered)
    raw.ask("CANCEL", bob, cseq=2, tag=tag_of(bob), branch="INVITE2")
    wire.run(0.1)
    assert raw.response("200 CANCEL")
    assert raw.response("487 INVITE")
    bob.take(Cancelled)
    bob.session.answer_offer(REPLY, wire.now)
    wire.run(0.1)
    assert (bob.session.state, bob.session.offers.local, bob.ended) == (State.CONFIRMED, ANSWER, [])
    bob.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    assert raw.request("INVITE").body == NEW


def test_ours_goes_when_theirs_is_taken_back_or_refused() -> None:
    for is_taken_back in (True, False):
        wire, bob, raw = in_call_to_us()
        ask(wire, raw, bob, "INVITE")
        bob.session.modify(wire.now, lambda: b"v=0 ours")
        if is_taken_back:
            raw.ask("CANCEL", bob, cseq=2, tag=tag_of(bob), branch="INVITE2")
        else:
            bob.session.refuse_offer(488, wire.now)
        wire.run(0.1)
        assert raw.request("INVITE").body == b"v=0 ours"


def test_ours_waits_for_theirs() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE")
    bob.session.modify(wire.now, lambda: b"v=0 ours")
    wire.run(0.1)
    assert wire.seen("INVITE") == ["INVITE"]
    bob.session.answer_offer(REPLY, wire.now)
    wire.run(0.1)
    assert wire.seen("INVITE") == ["INVITE"]  # and for the ACK
    raw.ask("ACK", bob, cseq=2, tag=tag_of(bob))
    wire.run(0.1)
    assert raw.request("INVITE").body == b"v=0 ours"


def test_what_waits_is_answered_487_when_the_peer_says_bye() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INVITE")
    raw.ask("BYE", bob, cseq=3, tag=tag_of(bob))
    wire.run(0.1)
    assert raw.response("200 BYE")
    assert raw.response("487 INVITE").cseq.number == 2
    assert len(bob.ended) == 1


def test_the_caller_is_offered_too() -> None:
    wire, alice, raw = in_call()
    dialog = alice.session.dialog
    assert dialog is not None
    raw.ask("UPDATE", alice, cseq=1, tag=dialog.local.tag, call_id=dialog.call_id, sdp=NEW)
    wire.run(0.1)
    assert alice.take(Offered).sdp == NEW
