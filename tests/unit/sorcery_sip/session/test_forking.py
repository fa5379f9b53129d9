"""Several peers that answer one INVITE of ours."""

from __future__ import annotations

from sorcery_sip.session import Accepted, Ended, Progressed, State
from tests.unit.sorcery_sip.session.wire import ANSWER, Peer, Raw, Wire

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
