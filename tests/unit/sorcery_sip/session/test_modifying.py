"""Changes that we ask for."""

from __future__ import annotations

import pytest

from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.session import Answered, Challenged, Ended, Offered, OfferFailed, Refreshed, State
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire, established

NEW, REPLY = b"v=0 new", b"v=0 reply"


def in_call(**profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which alice has called, and talks."""
    wire = Wire()
    alice, raw = wire.peer("alice", **profile), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 200, ("Allow", "INVITE, UPDATE"), sdp=ANSWER)
    wire.run(0.1)
    alice.events.clear()
    wire.log.clear()
    return wire, alice, raw


def in_call_to_us(**profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which bob was called, and talks."""
    wire = Wire()
    bob, raw = wire.peer("bob", **profile), wire.raw()
    raw.ask("INVITE", bob, ("Allow", "INVITE"), sdp=OFFER)
    wire.run(0.1)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    raw.ask("ACK", bob, tag=raw.response("200 INVITE").to.tag)
    wire.run(0.1)
    bob.events.clear()
    wire.log.clear()
    return wire, bob, raw


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_change_is_offered_and_answered(method: str) -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.peer("bob")
    hers, his = established(wire, alice, bob)
    assert hers.peer_allows("UPDATE")
    hers.modify(wire.now, lambda: NEW, method, headers=[("X-More", "yes")])  # type: ignore[arg-type]
    wire.run(0.1)
    offered = bob.take(Offered)
    assert (offered.sdp, offered.method) == (NEW, method)
    request = wire.messages(method)[0]
    assert (request.headers.get("X-More"), request.contacts[0].uri) == ("yes", alice.contact.uri)
    assert "Session-Expires" in request.headers
    his.answer_offer(REPLY, wire.now)
    wire.run(0.1)
    assert alice.take(Answered).sdp == REPLY
    assert (hers.offers.local, hers.offers.remote) == (his.offers.remote, his.offers.local) == (NEW, REPLY)
    assert wire.seen("ACK") == (["ACK"] if method == "INVITE" else [])


def test_one_is_sent_at_a_time_and_made_when_it_is_sent() -> None:
    wire, alice, raw = in_call()
    made: list[str] = []

    def make(name: str) -> bytes:
        made.append(name)
        return name.encode()

    alice.session.modify(wire.now, lambda: make("first"))
    alice.session.modify(wire.now, lambda: make("second"), "UPDATE")
    alice.session.modify(wire.now, lambda: make("third"))
    wire.run(0.1)
    assert (made, wire.seen("INVITE", "UPDATE")) == (["first"], ["INVITE"])
    raw.answer(raw.request("INVITE"), 200, sdp=REPLY)
    wire.run(0.1)
    assert wire.seen("INVITE", "UPDATE") == ["INVITE", "UPDATE"]
    raw.answer(raw.request("UPDATE"), 200, sdp=REPLY)
    wire.run(0.1)
    assert (made, raw.request("INVITE").body) == (["first", "second", "third"], b"third")


def test_a_bare_update_may_go_while_an_invite_runs() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    alice.session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    assert wire.seen("INVITE", "UPDATE") == ["INVITE", "UPDATE"]
    raw.answer(raw.request("UPDATE"), 200)
    wire.run(0.1)
    alice.take(Refreshed)
    raw.answer(raw.request("INVITE"), 200, sdp=REPLY)
    wire.run(0.1)
    assert alice.take(Answered).sdp == REPLY


def test_after_a_491_it_is_asked_for_again() -> None:
    for wire, peer, raw, least, most in ((*in_call(), 2.1, 4.1), (*in_call_to_us(), 0.0, 2.0)):
        peer.session.modify(wire.now, lambda: NEW)
        wire.run(0.1)
        first = raw.request("INVITE")
        raw.answer(first, 491)
        refused = wire.now + 0.01
        wire.run(5.0)
        again = raw.request("INVITE")
        at = next(sent.at for sent in wire.log if sent.what == "INVITE" and sent.message.cseq == again.cseq)
        assert again.cseq.number == first.cseq.number + 1
        assert least <= at - refused <= most
        raw.answer(again, 200, sdp=REPLY)
        wire.run(0.1)
        assert (peer.take(Answered).sdp, peer.told()) == (REPLY, [])


@pytest.mark.parametrize(("is_caller", "least", "most"), [(True, 2.1, 4.1), (False, 0.0, 2.0)])
def test_the_wait_after_a_491_is_drawn_from_the_whole_range(is_caller: bool, least: float, most: float) -> None:
    waits = []
    for seed in range(30):
        wire, peer, raw = in_call(seed=seed) if is_caller else in_call_to_us(seed=seed)
        peer.session.modify(wire.now, lambda: NEW)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), 491)
        refused = wire.now + 0.01
        wire.run(5.0)
        again = raw.request("INVITE").cseq
        waits.append(
            next(sent.at for sent in wire.log if sent.what == "INVITE" and sent.message.cseq == again) - refused
        )
    assert least <= min(waits) < least + 0.4
    assert most - 0.4 < max(waits) <= most


def test_glare_of_two_user_agents_ends_well() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice"), wire.peer("bob")
    hers, his = established(wire, alice, bob)
    hers.modify(wire.now, lambda: b"v=0 hers")
    his.modify(wire.now, lambda: b"v=0 his")
    for _ in range(20):
        wire.run(1.0)
        for peer in (alice, bob):
            if "Offered" in peer.told():
                peer.take(Offered)
                peer.session.answer_offer(b"v=0 answer of " + peer.name.encode(), wire.now)
    assert sorted(wire.seen("491 INVITE")) == ["491 INVITE"] * 2
    alice.take(Answered)
    bob.take(Answered)
    assert (hers.offers.local, hers.offers.remote) == (his.offers.remote, his.offers.local)


def test_after_ten_491_it_has_failed() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    for _ in range(10):
        wire.run(5.0)
        raw.answer(raw.request("INVITE"), 491)
    wire.run(60.0)
    assert (alice.take(OfferFailed).status, len({m.cseq.number for m in wire.messages("INVITE")})) == (491, 10)
    assert alice.session.offers.local == OFFER


def test_it_waits_as_long_as_retry_after_says() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW, "UPDATE")
    wire.run(0.1)
    raw.answer(raw.request("UPDATE"), 500, ("Retry-After", "7 (busy);duration=3"))
    wire.run(7.0)
    assert len({m.cseq.number for m in wire.messages("UPDATE")}) == 1
    wire.run(0.1)
    assert len({m.cseq.number for m in wire.messages("UPDATE")}) == 2


@pytest.mark.parametrize("status", [488, 500, 603])
def test_another_refusal_leaves_all_as_it_was(status: int) -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), status)
    wire.run(0.1)
    assert alice.take(OfferFailed).status == status
    assert (alice.session.offers.local, alice.session.offers.remote, alice.session.state) == (
        OFFER,
        ANSWER,
        State.CONFIRMED,
    )


@pytest.mark.parametrize(("status", "by"), [(481, "failure"), (408, "timeout")])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_481_and_a_408_end_the_call(status: int, by: str, method: str) -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW, method)  # type: ignore[arg-type]
    wire.run(0.1)
    raw.answer(raw.request(method), status)
    wire.run(0.1)
    ended = alice.take(Ended)
    assert (ended.by, ended.status, raw.request("BYE").method) == (by, status, "BYE")


def test_a_peer_that_has_vanished_ends_the_call() -> None:
    wire, alice, _ = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(33.0)
    ended = alice.take(Ended)
    assert (ended.by, ended.status, ended.message) == ("timeout", 408, None)
    wire.quiesce()
    assert (len(alice.ended), set(alice.left_over().values())) == (1, {0})


def test_a_peer_that_vanishes_after_a_100_ends_the_call_too() -> None:
    wire, alice, raw = in_call(provisional_timeout=60.0)
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 100)
    wire.run(61.0)
    assert alice.take(Ended).by == "timeout"
    wire.quiesce()
    assert set(alice.left_over().values()) == {0}


def test_a_re_invite_without_an_offer_asks_for_one() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, None)
    wire.run(0.1)
    assert raw.request("INVITE").body == b""
    raw.answer(raw.request("INVITE"), 200, sdp=NEW)
    wire.run(0.1)
    offered = alice.take(Offered)
    assert (offered.sdp, offered.method, wire.messages("ACK")) == (NEW, "ACK", [])
    alice.session.answer_offer(REPLY, wire.now)
    wire.run(0.1)
    assert raw.request("ACK").body == REPLY
    assert (alice.session.offers.local, alice.session.offers.remote) == (REPLY, NEW)


def test_a_2xx_without_an_answer_changes_nothing() -> None:
    wire, alice, raw = in_call()
    for make in (lambda: NEW, None):
        alice.session.modify(wire.now, make)
        wire.run(0.1)
        raw.answer(raw.request("INVITE"), 200)
        wire.run(0.1)
        assert (alice.take(OfferFailed).status, alice.session.offers.is_open) == (488, False)
    assert len(wire.messages("ACK")) == 2


def test_a_reliable_1xx_to_a_re_invite_may_answer() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    invite = raw.request("INVITE")
    for _ in range(2):
        raw.answer(invite, 183, ("Require", "100rel"), ("RSeq", "9"), sdp=REPLY)
        wire.run(0.1)
    assert len(wire.messages("PRACK")) == 1
    raw.answer(raw.request("PRACK"), 200)
    raw.answer(invite, 200)
    wire.run(0.1)
    assert (alice.take(Answered).sdp, alice.told()) == (REPLY, [])


def test_a_challenge_is_answered_with_the_next_number() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    first = raw.request("INVITE")
    raw.answer(first, 401, ("WWW-Authenticate", 'Digest realm="a",nonce="b"'))
    wire.run(0.1)
    assert alice.take(Challenged).request.method == "INVITE"
    alice.session.authenticate([("Authorization", "Digest x")], wire.now)
    wire.run(0.1)
    again = raw.request("INVITE")
    assert (again.cseq.number, again.body, again.headers.get("Authorization")) == (
        first.cseq.number + 1,
        NEW,
        "Digest x",
    )
    raw.answer(again, 200, sdp=REPLY)
    wire.run(0.1)
    assert raw.request("ACK").headers.get("Authorization") == "Digest x"
    alice.session.modify(wire.now, lambda: OFFER)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 407)
    wire.run(0.1)
    alice.take(Challenged)
    alice.session.give_up(wire.now)
    assert alice.take(OfferFailed).status == 407


def test_a_422_raises_the_interval() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 422, ("Min-SE", "4000"))
    wire.run(0.1)
    assert raw.request("INVITE").headers.get("Session-Expires") == "4000"


def test_nothing_is_offered_before_the_first_answer_has_surely_arrived() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    session = alice.call(raw)
    session.modify(wire.now, lambda: NEW, "UPDATE")
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 183, sdp=ANSWER)
    wire.run(0.1)
    assert wire.messages("UPDATE") == []
    raw.answer(raw.request("INVITE"), 183, ("Require", "100rel"), ("RSeq", "1"), sdp=ANSWER)
    wire.run(0.1)
    assert wire.messages("UPDATE") == []  # the PRACK goes first
    raw.answer(raw.request("PRACK"), 200)
    wire.run(0.1)
    assert raw.request("UPDATE").body == NEW


def test_each_sending_of_a_re_invite_has_reliable_responses_of_its_own() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    for number, refusal in (("900", 401), ("20", 491), ("3", 200)):
        invite = raw.request("INVITE")
        raw.answer(invite, 183, ("Require", "100rel"), ("RSeq", number))
        wire.run(0.1)
        raw.answer(raw.request("PRACK"), 200)
        raw.answer(invite, refusal, sdp=REPLY if refusal == 200 else None)
        wire.run(0.1)
        if refusal == 401:
            alice.session.authenticate([("Authorization", "Digest x")], wire.now)
        wire.run(5.0)
    racks = [(prack.headers.get("RAck") or "").split()[0] for prack in wire.messages("PRACK")]
    assert racks == ["900", "20", "3"]


def test_a_change_that_cannot_be_described_has_failed_and_the_next_one_goes() -> None:
    def fail() -> bytes:
        raise NegotiationFailed(500, "no port is free")

    wire, alice, raw = in_call()
    alice.session.modify(wire.now, None, "UPDATE")
    alice.session.modify(wire.now, fail)
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    raw.answer(raw.request("UPDATE"), 200)
    wire.run(0.1)
    assert alice.take(OfferFailed).status == 500
    assert raw.request("INVITE").body == NEW


def test_updates_go_one_by_one() -> None:
    wire, alice, raw = in_call()
    for _ in range(2):
        alice.session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    assert wire.seen("UPDATE") == ["UPDATE"]
    raw.answer(raw.request("UPDATE"), 200)
    wire.run(0.1)
    assert wire.seen("UPDATE") == ["UPDATE"] * 2


@pytest.mark.parametrize("sdp", [OFFER, None])
def test_a_change_of_the_caller_waits_for_a_1xx(sdp: bytes | None) -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    session = alice.call(raw, sdp=sdp)
    session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    assert wire.messages("UPDATE") == []
    raw.answer(raw.request("INVITE"), 180)
    wire.run(0.1)
    assert raw.request("UPDATE")


def test_an_offer_in_a_2xx_that_is_refused_ends_the_call() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, None)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 200, sdp=NEW)
    wire.run(0.1)
    alice.session.refuse_offer(488, wire.now)
    wire.run(0.1)
    assert (wire.seen("ACK", "BYE"), alice.take(Ended).status) == (["ACK", "BYE"], 488)


def test_a_challenge_while_a_hang_up_waits_is_a_refusal() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    alice.session.hangup(wire.now)
    raw.answer(raw.request("INVITE"), 401)
    wire.run(0.1)
    assert (alice.told(), wire.seen("BYE")) == (["Ended"], ["BYE"])


@pytest.mark.parametrize("retry_after", ["11", "never"])
def test_who_asks_for_a_long_wait_refuses(retry_after: str) -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 500, ("Retry-After", retry_after))
    wire.run(0.1)
    assert alice.take(OfferFailed).status == 500


def test_a_2xx_to_a_re_invite_moves_the_peer() -> None:
    wire, alice, raw = in_call()
    moved = wire.raw()
    alice.session.modify(wire.now, lambda: NEW)
    wire.run(0.1)
    contact = ("Contact", f"<sip:them@{moved.address}>")
    raw.answer(raw.request("INVITE"), 200, contact, contact=False, sdp=REPLY)
    wire.run(0.1)
    assert moved.request("ACK").body == b""


def test_a_change_that_waits_is_dropped_by_a_hang_up() -> None:
    wire, alice, raw = in_call()
    alice.session.modify(wire.now, lambda: NEW)
    alice.session.modify(wire.now, lambda: OFFER)
    wire.run(0.1)
    alice.session.hangup(wire.now)
    raw.answer(raw.request("INVITE"), 200, sdp=REPLY)
    wire.run(0.1)
    assert wire.seen("INVITE", "ACK", "BYE") == ["INVITE", "ACK", "BYE"]
