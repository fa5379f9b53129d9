"""Several peers that answer one INVITE of ours."""

from __future__ import annotations

import gc
import weakref

from sorcery_sip.message import reply
from sorcery_sip.session import Accepted, Ended, Offered, Progressed, State
from sorcery_sip.session.forking import MAX_FORKS
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire

OTHER = b"v=0 other answer"


def forked(**profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which alice's call has reached two peers: one plays media, so does the other."""
    wire = Wire()
    alice, raw = wire.peer("alice", **profile), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 183, tag="one", sdp=ANSWER)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 183, tag="two", sdp=OTHER)
    wire.run(0.1)
    return wire, alice, raw


def test_the_media_of_another_fork_are_followed_or_not() -> None:
    for follow, expected in ((True, OTHER), (False, None)):
        _, alice, _ = forked(follow_early_media_fork=follow)
        assert [alice.take(Progressed).sdp for _ in range(2)] == [ANSWER, expected]
        assert alice.session.offers.remote == (expected or ANSWER)
        assert len(alice.agent._core.dialogs) == 2


def test_the_first_2xx_wins_and_the_other_dialogs_are_gone() -> None:
    wire, alice, raw = forked(follow_early_media_fork=False)
    raw.answer(raw.request("INVITE"), 200, tag="two", sdp=OTHER)
    wire.run(0.1)
    assert alice.take(Accepted).sdp == OTHER
    dialog = alice.session.dialog
    assert dialog is not None
    assert (dialog.remote.tag, list(alice.agent._core.dialogs)) == ("two", [dialog.id])
    assert alice.session.offers.remote == OTHER


def test_the_winner_may_have_answered_in_its_1xx_already() -> None:
    wire, alice, raw = forked()
    raw.answer(raw.request("INVITE"), 200, tag="one")
    wire.run(0.1)
    assert (alice.take(Accepted).sdp, alice.session.offers.remote) == (ANSWER, ANSWER)


def test_a_winner_that_never_answered_the_offer_ends_the_call() -> None:
    wire, alice, raw = forked()
    raw.answer(raw.request("INVITE"), 200, tag="three")
    wire.run(0.1)
    assert (wire.seen("ACK", "BYE"), alice.take(Ended).status) == (["ACK", "BYE"], 488)


def test_a_further_2xx_is_acknowledged_and_ended_and_the_call_goes_on() -> None:
    wire, alice, raw = forked()
    for tag in ("two", "one", "three", "one"):
        raw.answer(raw.request("INVITE"), 200, tag=tag, sdp=ANSWER)
        wire.run(0.1)
    acks = [ack.to.tag for ack in wire.messages("ACK")]
    byes = [bye.to.tag for bye in wire.messages("BYE")]
    assert (acks, byes) == (["two", "one", "three", "one"], ["one", "three"])
    assert (alice.session.state, alice.ended) == (State.CONFIRMED, [])
    for bye in wire.messages("BYE"):
        raw.answer(bye, 200)
    alice.session.hangup(wire.now)
    wire.run(0.1)
    raw.answer(raw.request("BYE"), 200)
    wire.quiesce()
    assert set(alice.left_over().values()) == {0}


def test_the_2xx_of_a_call_that_is_over_and_gone_are_acknowledged_and_those_of_forks_ended() -> None:
    wire, alice, raw = forked()
    raw.answer(raw.request("INVITE"), 200, tag="one", sdp=ANSWER)
    wire.run(0.1)
    gone = weakref.ref(alice.session)
    alice.session.hangup(wire.now)
    wire.run(0.1)
    raw.answer(raw.request("BYE"), 200)
    wire.run(0.1)
    gc.disable()
    alice.sessions.clear()
    alice.events.clear()
    alice.ended.clear()
    try:
        assert gone() is None
    finally:
        gc.enable()
    wire.log.clear()
    for tag in ("one", "two"):
        raw.answer(raw.request("INVITE"), 200, tag=tag, sdp=ANSWER)
        wire.run(0.1)
    told = [(sent.what, sent.message.to.tag, sent.destination) for sent in wire.log if sent.what in ("ACK", "BYE")]
    assert told == [("ACK", "one", raw.address), ("ACK", "two", raw.address), ("BYE", "two", raw.address)]
    wire.quiesce()
    assert set(alice.left_over().values()) == {0}


def test_each_fork_has_reliable_responses_of_its_own() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    for tag, number in (("one", "7"), ("two", "3"), ("one", "8"), ("one", "7"), ("two", "5")):
        raw.answer(raw.request("INVITE"), 183, ("Require", "100rel"), ("RSeq", number), tag=tag)
        wire.run(0.01)
    wire.run(0.1)
    assert [(prack.to.tag, (prack.headers.get("RAck") or "").split()[0]) for prack in wire.messages("PRACK")] == [
        ("one", "7"),
        ("two", "3"),
        ("one", "8"),
    ]
    assert alice.told() == ["Progressed"] * 3


def test_a_fork_whose_contact_cannot_be_used_is_left_to_itself() -> None:
    wire, alice, raw = forked()
    raw.answer(raw.request("INVITE"), 200, tag="one", sdp=ANSWER)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 200, ("Contact", "<tel:+49>"), tag="three", contact=False, sdp=ANSWER)
    wire.run(0.1)
    assert (len(wire.messages("ACK")), wire.messages("BYE"), alice.session.state) == (1, [], State.CONFIRMED)


def test_a_1xx_whose_contact_cannot_be_used_makes_no_dialog() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 180, ("Contact", "<tel:+49>"), contact=False)
    wire.run(0.1)
    assert (alice.told(), alice.session.state, alice.session.dialog) == ([], State.CALLING, None)


def test_an_unreachable_winner_after_its_2xx_changes_nothing() -> None:
    wire, alice, raw = forked()
    raw.answer(raw.request("INVITE"), 200, tag="one", sdp=ANSWER)
    wire.run(0.1)
    alice.stack.transport_failed(raw.address, wire.now)
    wire.run(0.1)
    assert (alice.session.state, alice.ended) == (State.CONFIRMED, [])


def test_only_one_early_offer_is_taken() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    session = alice.call(raw, sdp=None)
    wire.run(0.1)
    for tag in ("one", "two"):
        raw.answer(raw.request("INVITE"), 183, ("Require", "100rel"), ("RSeq", "1"), tag=tag, sdp=OFFER)
        wire.run(0.1)
    assert (alice.take(Offered).sdp, [prack.to.tag for prack in wire.messages("PRACK")]) == (OFFER, ["two"])
    session.answer_offer(ANSWER, wire.now)
    wire.run(0.1)
    assert raw.request("PRACK").to.tag == "one"
    raw.answer(raw.request("INVITE"), 200, tag="two")
    wire.run(0.1)
    assert alice.take(Ended).status == 488  # it never had our answer


def test_the_last_contact_of_the_winner_counts() -> None:
    wire = Wire()
    alice, raw, moved = wire.peer("alice"), wire.raw(), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 180)
    wire.run(0.1)
    contact = ("Contact", f"<sip:them@{moved.address}>")
    raw.answer(raw.request("INVITE"), 200, contact, contact=False, sdp=ANSWER)
    wire.run(0.1)
    alice.session.hangup(wire.now)
    wire.run(0.1)
    assert str(moved.request("BYE").uri) == f"sip:them@{moved.address}"


def test_the_fork_whose_media_are_followed_is_the_one_that_we_talk_to() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    session = alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 183, ("Require", "100rel"), ("RSeq", "1"), tag="one", sdp=ANSWER)
    wire.run(0.1)
    raw.answer(raw.request("PRACK"), 200)
    raw.answer(raw.request("INVITE"), 183, tag="two", sdp=OTHER)
    wire.run(0.1)
    session.modify(wire.now, lambda: b"v=0 more", "UPDATE")  # waits: this answer may have been lost
    session.modify(wire.now, None, "UPDATE")
    wire.run(0.1)
    assert [(update.to.tag, update.body) for update in wire.messages("UPDATE")] == [("two", b"")]


def test_a_2xx_without_tag_and_answer_ends_the_call() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    invite = raw.request("INVITE")
    accepted = reply(invite, 200, headers=[("Contact", f"<sip:them@{raw.address}>")])
    raw.say(accepted.with_headers(accepted.headers.with_set("To", str(invite.to))), alice)
    wire.run(0.1)
    assert (alice.take(Ended).status, wire.seen("ACK", "BYE")) == (488, ["ACK", "BYE"])


def test_an_update_of_ours_that_crosses_the_2xx_is_not_answered_by_it() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    session = alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 183, ("Require", "100rel"), ("RSeq", "1"), sdp=ANSWER)
    wire.run(0.1)
    raw.answer(raw.request("PRACK"), 200)
    wire.run(0.1)
    session.modify(wire.now, lambda: b"v=0 more", "UPDATE")
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 200, sdp=ANSWER)
    wire.run(0.1)
    assert (alice.take(Accepted).sdp, session.offers.local) == (None, OFFER)
    raw.answer(raw.request("UPDATE"), 200, sdp=OTHER)
    wire.run(0.1)
    assert (session.offers.local, session.offers.remote) == (b"v=0 more", OTHER)


def test_no_more_forks_are_followed_than_one_call_may_have() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    for number in range(100):
        raw.answer(raw.request("INVITE"), 180, tag=f"fork{number}")
    wire.run(0.1)
    assert len(alice.agent._core.dialogs) == len(alice.told()) == MAX_FORKS
    raw.answer(raw.request("INVITE"), 200, tag="fork99", sdp=ANSWER)
    wire.run(0.1)
    assert (alice.take(Accepted).sdp, len(alice.agent._core.dialogs)) == (ANSWER, 1)
