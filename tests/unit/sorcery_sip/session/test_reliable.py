"""Reliable provisional responses: the pure part, then over the wire."""

from __future__ import annotations

import pytest

from sorcery_sip.message import Headers, Request, Response, SipUri
from sorcery_sip.session import Accepted, Answered, Ended, Offered, OfferWanted, Progressed, State
from sorcery_sip.session.deadlines import Deadlines
from sorcery_sip.session.reliable import InOrder, ReliableResponses, acknowledged, sequence_number
from sorcery_sip.session.requests import BAD_MEDIA
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire

RELIABLE = ("Require", "100rel")


def test_a_reliable_response_requires_100rel_and_has_a_number() -> None:
    def response(*fields: tuple[str, str]) -> Response:
        return Response(183, "", Headers(fields))

    assert sequence_number(response(RELIABLE, ("RSeq", "17"))) == 17
    assert sequence_number(response(("RSeq", "17"))) is None
    assert sequence_number(response(RELIABLE)) is None
    assert sequence_number(response(RELIABLE, ("RSeq", "x"))) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 1 INVITE", (17, 1)),
        ("17  1   INVITE", (17, 1)),
        ("17 1", None),
        ("17 1 BYE", None),
        ("x 1 INVITE", None),
        ("", None),
    ],
)
def test_rack_names_a_response_and_its_invite(text: str, expected: tuple[int, int] | None) -> None:
    assert acknowledged(Request("PRACK", SipUri("h"), Headers([("RAck", text)]))) == expected


def test_repeats_and_what_follows_a_gap_are_not_taken() -> None:
    order = InOrder()
    assert [order.takes(number) for number in (5, 5, 7, 6, 7, 6)] == [True, False, False, True, True, False]


def test_one_is_outstanding_and_the_next_waits_for_its_prack() -> None:
    sent: list[str | None] = []
    responses = ReliableResponses(
        7, Deadlines(), 0.5, lambda response, now: sent.append(response.headers.get("RSeq")), lambda now: None
    )
    responses.add(Response(183, "a"), has_sdp=True, now=0.0)
    responses.add(Response(180, "b"), has_sdp=False, now=0.0)
    assert (sent, responses.awaits_sdp) == (["7"], True)
    assert responses.acknowledge(8, 0.1) is False
    assert responses.acknowledge(7, 0.1) is True
    assert (sent, responses.awaits_sdp) == (["7", "8"], False)
    assert responses.acknowledge(7, 0.2) is False
    responses.close()
    assert [responses.acknowledge(8, 0.3), responses.acknowledge(8, 0.4)] == [True, False]


def test_it_is_sent_six_times_and_then_given_up() -> None:
    deadlines = Deadlines()
    sent: list[float] = []
    given_up: list[float] = []
    responses = ReliableResponses(1, deadlines, 0.5, lambda response, now: sent.append(now), given_up.append)
    responses.add(Response(183, ""), has_sdp=False, now=0.0)
    while (when := deadlines.next()) is not None:
        deadlines.handle(when)
    assert sent == [0.0, 1.0, 3.0, 7.0, 15.0, 31.0]
    assert given_up == [32.5]


def call(ours: str, theirs: str, sdp: bytes | None = OFFER) -> tuple[Wire, Peer, Peer]:
    wire = Wire()
    alice, bob = wire.peer("alice", rel100=ours), wire.peer("bob", rel100=theirs)
    alice.call(bob, sdp=sdp)
    wire.run(0.1)
    return wire, alice, bob


@pytest.mark.parametrize(
    ("caller", "callee", "is_reliable"),
    [
        ("yes", "no", False),
        ("yes", "yes", False),
        ("yes", "peer_supported", True),
        ("no", "peer_supported", False),
        ("yes", "required", True),
        ("required", "yes", True),
        ("required", "no", False),
    ],
)
def test_the_option_and_the_peer_decide_what_is_reliable(caller: str, callee: str, is_reliable: bool) -> None:
    wire, _, bob = call(caller, callee)
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    (ringing,) = wire.messages("180 INVITE")
    assert ("RSeq" in ringing.headers, "100rel" in ringing.tokens("Require")) == (is_reliable, is_reliable)
    assert bool(wire.messages("PRACK")) is is_reliable
    assert wire.messages("INVITE")[0].headers.get("Require") == ("100rel" if caller == "required" else None)


def test_the_answer_in_a_reliable_1xx_is_the_answer_and_the_200_has_none() -> None:
    wire, alice, bob = call("yes", "peer_supported")
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(0.1)
    assert alice.take(Progressed).sdp == ANSWER
    assert bob.session.is_offer_settled
    bob.session.accept(wire.now)
    wire.run(0.1)
    assert alice.take(Accepted).sdp is None
    assert wire.messages("200 INVITE")[0].body == b""
    assert alice.session.state is State.CONFIRMED
    assert (alice.session.offers.local, alice.session.offers.remote) == (OFFER, ANSWER)
    assert wire.messages("PRACK")[0].headers.get("RAck") == (
        f"{wire.messages('183 INVITE')[0].headers.get('RSeq')} {wire.messages('INVITE')[0].cseq}"
    )


def test_a_200_waits_for_the_prack_of_a_1xx_with_sdp() -> None:
    wire, _, bob = call("yes", "peer_supported")
    wire.fate = lambda message: () if wire.now < 5 and getattr(message, "method", "") == "PRACK" else (0.01,)
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(1.0)
    bob.session.accept(wire.now)
    bob.session.accept(wire.now, headers=[("X-Second", "")])
    bob.session.progress(180, wire.now)
    wire.run(2.0)
    assert wire.messages("200 INVITE") == []
    wire.run(10.0)
    (accepted,) = wire.messages("200 INVITE")
    assert "X-Second" not in accepted.headers
    assert wire.messages("180 INVITE") == []
    assert bob.session.state is State.CONFIRMED


def test_a_200_does_not_wait_for_the_prack_of_a_1xx_without_sdp() -> None:
    wire, _, bob = call("yes", "peer_supported")
    wire.fate = lambda message: () if getattr(message, "method", "") == "PRACK" else (0.01,)
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(60.0)
    assert (len(wire.messages("180 INVITE")), bob.session.state) == (1, State.CONFIRMED)


def test_the_call_is_given_up_with_504_when_no_prack_comes() -> None:
    wire, alice, bob = call("yes", "required")
    wire.fate = lambda message: () if getattr(message, "method", "") == "PRACK" else (0.01,)
    started = wire.now
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(60.0)
    sendings = [round(at - started, 2) for at in wire.times("183 INVITE")]
    assert sendings == [0.0, 1.0, 3.0, 7.0, 15.0, 31.0]
    assert wire.times("504 INVITE")[0] == round(started + 32.5, 3)
    ended = bob.take(Ended)
    assert (ended.by, ended.status) == ("timeout", 504)
    assert alice.take(Ended).status == 504


def test_without_an_offer_ours_goes_into_the_first_reliable_1xx_and_the_prack_answers() -> None:
    wire, alice, bob = call("yes", "peer_supported", sdp=None)
    assert bob.session.offer is None
    bob.session.progress(183, wire.now, sdp=OFFER)
    wire.run(0.1)
    offered = alice.take(Offered)
    assert (offered.sdp, offered.method, wire.messages("PRACK")) == (OFFER, "PRACK", [])
    alice.session.answer_offer(ANSWER, wire.now)
    wire.run(0.1)
    assert bob.take(Answered).sdp == ANSWER
    bob.session.accept(wire.now)
    wire.run(0.1)
    assert alice.take(Accepted).sdp is None
    assert (alice.session.offers.local, bob.session.offers.local) == (ANSWER, OFFER)
    assert alice.session.state is bob.session.state is State.CONFIRMED


def test_an_early_offer_that_is_refused_takes_the_call_back() -> None:
    wire, alice, bob = call("yes", "peer_supported", sdp=None)
    bob.session.progress(183, wire.now, sdp=OFFER)
    wire.run(0.1)
    alice.take(Offered)
    alice.session.refuse_offer(488, wire.now)
    wire.run(2.0)
    assert wire.messages("CANCEL")[0].headers.get("Reason") == BAD_MEDIA[0][1]
    assert {type(event) for event in (*alice.ended, *bob.ended)} == {Ended}
    assert wire.messages("200 PRACK")


def test_without_an_offer_an_unreliable_1xx_has_no_sdp() -> None:
    wire, _, bob = call("yes", "no", sdp=None)
    bob.session.progress(183, wire.now, sdp=OFFER)
    wire.run(0.1)
    assert wire.messages("183 INVITE")[0].body == b""
    assert not bob.session.offers.is_open


@pytest.mark.parametrize("rack", [("RAck", "1 1 INVITE"), ("RAck", "rubbish"), ("X-Nothing", "")])
def test_a_prack_for_nothing_is_refused(rack: tuple[str, str]) -> None:
    wire = Wire()
    bob, raw = wire.peer("bob", rel100="required"), wire.raw()
    raw.ask("INVITE", bob, ("Supported", "100rel"), sdp=OFFER)
    wire.run(0.1)
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(0.1)
    tag = raw.response("183 INVITE").to.tag
    raw.ask("PRACK", bob, rack, cseq=2, tag=tag)
    wire.run(0.1)
    refusal = raw.response("400 PRACK")
    assert refusal.reason == "Unexpected PRACK"
    number = raw.response("183 INVITE").headers.get("RSeq")
    raw.ask("PRACK", bob, ("RAck", f"{number} 1 INVITE"), cseq=3, tag=tag)
    wire.run(0.1)
    assert raw.response("200 PRACK").cseq.number == 3


def test_an_offer_in_a_prack_is_the_owners_to_answer() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob", rel100="required"), wire.raw()
    raw.ask("INVITE", bob, ("Supported", "100rel"), sdp=OFFER)
    wire.run(0.1)
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(0.1)
    early = raw.response("183 INVITE")
    raw.ask("PRACK", bob, ("RAck", f"{early.headers.get('RSeq')} 1 INVITE"), cseq=2, tag=early.to.tag, sdp=b"v=0 more")
    wire.run(0.1)
    offered = bob.take(Offered)
    assert (offered.sdp, offered.method) == (b"v=0 more", "PRACK")
    bob.session.answer_offer(b"v=0 yes", wire.now)
    wire.run(0.1)
    assert raw.response("200 PRACK").body == b"v=0 yes"


def test_a_prack_without_the_answer_we_need_ends_the_call() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob", rel100="required"), wire.raw()
    raw.ask("INVITE", bob, ("Supported", "100rel"))
    wire.run(0.1)
    bob.session.progress(183, wire.now, sdp=OFFER)
    wire.run(0.1)
    early = raw.response("183 INVITE")
    raw.ask("PRACK", bob, ("RAck", f"{early.headers.get('RSeq')} 1 INVITE"), cseq=2, tag=early.to.tag)
    wire.run(0.1)
    assert raw.response("488 INVITE")
    assert bob.take(Ended).status == 488


def prack(wire: Wire, raw: Raw, bob: Peer, early: Response, cseq: int, sdp: bytes | None = None) -> None:
    raw.ask("PRACK", bob, ("RAck", f"{early.headers.get('RSeq')} 1 INVITE"), cseq=cseq, tag=early.to.tag, sdp=sdp)
    wire.run(0.1)


def called_reliably(sdp: bytes | None = OFFER) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which bob, who answers reliably, is called."""
    wire = Wire()
    bob, raw = wire.peer("bob", rel100="required"), wire.raw()
    raw.ask("INVITE", bob, ("Supported", "100rel"), ("Allow", "UPDATE"), sdp=sdp, branch="first")
    wire.run(0.1)
    return wire, bob, raw


def test_only_the_prack_of_the_1xx_with_our_offer_has_to_answer_it() -> None:
    wire, bob, raw = called_reliably(sdp=None)
    bob.session.progress(180, wire.now)
    bob.session.progress(183, wire.now, sdp=OFFER)  # waits for the PRACK of the 180
    wire.run(0.1)
    prack(wire, raw, bob, raw.response("180 INVITE"), 2)
    assert bob.ended == []
    prack(wire, raw, bob, raw.response("183 INVITE"), 3, ANSWER)
    assert bob.take(Answered).sdp == ANSWER


def test_our_offer_in_an_update_waits_for_the_prack_of_our_answer() -> None:
    wire, bob, raw = called_reliably()
    bob.session.progress(183, wire.now, sdp=ANSWER)
    bob.session.modify(wire.now, lambda: b"v=0 more", "UPDATE")
    wire.run(0.1)
    assert wire.messages("UPDATE") == []
    prack(wire, raw, bob, raw.response("183 INVITE"), 2)
    assert raw.request("UPDATE").body == b"v=0 more"


def test_what_waits_goes_once_a_prack_has_answered_our_offer() -> None:
    wire, bob, raw = called_reliably(sdp=None)
    bob.session.progress(183, wire.now, sdp=OFFER)
    bob.session.modify(wire.now, lambda: b"v=0 more", "UPDATE")
    wire.run(0.1)
    assert wire.messages("UPDATE") == []
    prack(wire, raw, bob, raw.response("183 INVITE"), 2, ANSWER)
    assert raw.request("UPDATE").body == b"v=0 more"


def test_an_update_of_ours_that_crosses_our_2xx_is_no_offer_in_it() -> None:
    wire, bob, raw = called_reliably()
    bob.session.progress(183, wire.now, sdp=ANSWER)
    wire.run(0.1)
    prack(wire, raw, bob, raw.response("183 INVITE"), 2)
    bob.session.modify(wire.now, lambda: b"v=0 more", "UPDATE")
    bob.session.accept(wire.now)
    wire.run(0.1)
    raw.ask("ACK", bob, cseq=1, tag=raw.response("200 INVITE").to.tag)
    wire.run(0.1)
    assert (bob.session.state, bob.ended) == (State.CONFIRMED, [])
    raw.answer(raw.request("UPDATE"), 200, sdp=b"v=0 yes")
    wire.run(0.1)
    assert bob.take(Answered).sdp == b"v=0 yes"


def test_an_offer_in_a_late_prack_does_not_push_a_re_invite_aside() -> None:
    wire, bob, raw = called_reliably()
    bob.session.progress(180, wire.now)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    early = raw.response("180 INVITE")
    raw.ask("ACK", bob, cseq=1, tag=early.to.tag)
    raw.ask("INVITE", bob, cseq=2, tag=early.to.tag, branch="again")
    wire.run(0.1)
    bob.take(OfferWanted)
    prack(wire, raw, bob, early, 3, b"v=0 more")
    bob.session.answer_offer(OFFER, wire.now)
    wire.run(0.1)
    assert raw.response("200 INVITE").cseq.number == 2
    assert raw.response("200 PRACK").body == b""


def test_an_offer_in_a_late_prack_does_not_meet_the_one_that_our_re_invite_asks_for() -> None:
    wire, bob, raw = called_reliably()
    bob.session.progress(180, wire.now)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    early = raw.response("180 INVITE")
    raw.ask("ACK", bob, cseq=1, tag=early.to.tag)
    wire.run(0.1)
    bob.session.modify(wire.now, None)
    wire.run(0.1)
    prack(wire, raw, bob, early, 2, b"v=0 more")
    raw.answer(raw.request("INVITE"), 200, sdp=b"v=0 theirs")
    wire.run(0.1)
    assert bob.take(Offered).sdp == b"v=0 theirs"
