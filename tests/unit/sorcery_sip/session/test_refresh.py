"""Session timers, in both roles."""

from __future__ import annotations

import pytest

from sorcery_sip.session import Answered, Ended, Refreshed, State
from tests.unit.sorcery_sip.session.test_offered import ask, tag_of
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Peer, Raw, Wire

ALLOW = ("Allow", "INVITE, ACK, BYE, UPDATE")


def calls(*answer: tuple[str, str], **profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which alice calls, and is answered with these headers."""
    wire = Wire()
    alice, raw = wire.peer("alice", **{"session_expires": 90, **profile}), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    raw.answer(raw.request("INVITE"), 200, *answer, sdp=ANSWER)
    wire.run(0.1)
    alice.events.clear()
    wire.log.clear()
    return wire, alice, raw


def is_called(*headers: tuple[str, str], **profile: object) -> tuple[Wire, Peer, Raw]:
    """Return a wire on which bob is called with these headers, and answers."""
    wire = Wire()
    bob, raw = wire.peer("bob", **profile), wire.raw()
    raw.ask("INVITE", bob, ("Allow", "INVITE, UPDATE"), *headers, sdp=OFFER)
    wire.run(0.1)
    bob.session.accept(wire.now, sdp=ANSWER)
    wire.run(0.1)
    raw.ask("ACK", bob, tag=tag_of(bob))
    wire.run(0.1)
    bob.events.clear()
    wire.log.clear()
    return wire, bob, raw


class TestAnswer:
    @pytest.mark.parametrize(
        ("headers", "timers", "expected"),
        [
            ([("Supported", "timer"), ("Session-Expires", "100")], "yes", "100;refresher=uac"),
            ([("Session-Expires", "100")], "yes", "100;refresher=uas"),  # a proxy put it in
            ([("Supported", "timer"), ("Session-Expires", "100;refresher=uas")], "yes", "100;refresher=uas"),
            ([("Supported", "timer")], "yes", None),
            ([("Supported", "timer")], "always", "1800;refresher=uas"),
            ([("Supported", "timer"), ("Min-SE", "2000")], "required", "2000;refresher=uas"),
            ([("Supported", "timer"), ("Session-Expires", "100")], "no", None),
            ([], "yes", None),
        ],
    )
    def test_the_2xx_names_interval_and_refresher(
        self, headers: list[tuple[str, str]], timers: str, expected: str | None
    ) -> None:
        _, bob, raw = is_called(*headers, timers=timers)
        answer = raw.response("200 INVITE")
        assert answer.headers.get("Session-Expires") == expected
        assert (answer.headers.get("Require") == "timer") is bool(expected and expected.endswith("uac"))
        assert bob.session.timer.interval == int((expected or "0").partition(";")[0])

    def test_who_refreshed_before_goes_on(self) -> None:
        wire, bob, raw = is_called(("Supported", "timer"), ("Session-Expires", "100;refresher=uas"))
        ask(wire, raw, bob, "UPDATE", ("Supported", "timer"), ("Session-Expires", "100"), sdp=None)
        assert raw.response("200 UPDATE").headers.get("Session-Expires") == "100;refresher=uas"

    @pytest.mark.parametrize(("interval", "expiry"), [(90, 60.0), (96, 64.0), (300, 268.0)])
    def test_a_peer_that_does_not_refresh_is_hung_up(self, interval: int, expiry: float) -> None:
        wire, bob, raw = is_called(("Supported", "timer"), ("Session-Expires", str(interval)))
        answered = wire.now - 0.2
        wire.run(expiry - 0.5)
        assert not bob.ended
        wire.run(1.0)
        ended = bob.take(Ended)
        assert (ended.by, ended.status) == ("timeout", 408)
        assert wire.times("BYE")[0] == pytest.approx(answered + expiry)
        assert raw.request("BYE")

    def test_a_refresh_of_the_peer_starts_it_anew(self) -> None:
        wire, bob, raw = is_called(("Supported", "timer"), ("Session-Expires", "90"))
        for cseq in range(2, 8):
            wire.run(45.0)
            ask(
                wire,
                raw,
                bob,
                "UPDATE",
                ("Supported", "timer"),
                ("Session-Expires", "90;refresher=uac"),
                cseq=cseq,
                sdp=None,
            )
        assert (bob.ended, bob.told()) == ([], ["Refreshed"] * 6)

    def test_a_change_without_interval_ends_the_timer(self) -> None:
        wire, bob, raw = is_called(("Supported", "timer"), ("Session-Expires", "90"))
        ask(wire, raw, bob, "UPDATE", sdp=None)
        assert "Session-Expires" not in raw.response("200 UPDATE").headers
        wire.run(3600.0)
        assert (bob.ended, bob.session.timer.interval) == ([], 0)


class TestRefresher:
    def test_an_answer_without_interval_ends_the_timer(self) -> None:
        wire, alice, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        wire.run(45.1)
        raw.answer(raw.request("UPDATE"), 200)
        wire.run(3600.0)
        assert (alice.ended, len({m.cseq.number for m in wire.messages("UPDATE")})) == ([], 1)

    def test_an_answer_that_differs_is_told(self) -> None:
        wire, alice, raw = calls(("Session-Expires", "90;refresher=uac"))
        wire.run(45.1)
        raw.answer(raw.request("INVITE"), 200, ("Session-Expires", "90;refresher=uac"), sdp=b"v=0 other")
        wire.run(0.1)
        assert (alice.take(Answered).sdp, alice.told()) == (b"v=0 other", ["Refreshed"])

    def test_after_half_the_interval_an_update_goes(self) -> None:
        wire, alice, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        answered = wire.now - 0.1
        for turn in range(3):
            wire.run(45.1)
            update = raw.request("UPDATE")
            assert (update.body, update.headers.get("Session-Expires")) == (b"", "90;refresher=uac")
            raw.answer(update, 200, ("Session-Expires", "90;refresher=uac"))
            wire.run(0.1)
            alice.take(Refreshed)
            assert len(wire.messages("UPDATE")) == turn + 1
        assert wire.times("UPDATE")[0] == pytest.approx(answered + 45.0 + 0.01, abs=0.02)

    def test_a_refresh_asks_for_the_interval_that_was_agreed(self) -> None:
        wire, _, raw = calls(ALLOW, ("Session-Expires", "100;refresher=uac"), session_expires=1800)
        wire.run(50.2)
        assert raw.request("UPDATE").headers.get("Session-Expires") == "100;refresher=uac"

    def test_a_refresh_that_is_too_brief_now_asks_for_more(self) -> None:
        wire, _, raw = calls(ALLOW, ("Session-Expires", "100;refresher=uac"), session_expires=1800)
        wire.run(50.2)
        raw.answer(raw.request("UPDATE"), 422, ("Min-SE", "120"))
        wire.run(0.1)
        update = raw.request("UPDATE")
        assert (update.headers.get("Session-Expires"), update.headers.get("Min-SE")) == ("120;refresher=uac", "120")

    def test_a_peer_without_update_gets_a_re_invite_with_what_is_active(self) -> None:
        wire, alice, raw = calls(("Session-Expires", "90;refresher=uac"))
        wire.run(45.5)
        assert raw.request("INVITE").body == OFFER
        raw.answer(raw.request("INVITE"), 200, ("Session-Expires", "90;refresher=uac"), sdp=ANSWER)
        wire.run(0.1)
        alice.take(Refreshed)
        assert alice.told() == []

    def test_a_refused_update_goes_again_with_what_is_active(self) -> None:
        wire, alice, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        wire.run(45.2)
        raw.answer(raw.request("UPDATE"), 488)
        wire.run(0.1)
        assert raw.request("UPDATE").body == OFFER
        raw.answer(raw.request("UPDATE"), 200, ("Session-Expires", "90;refresher=uac"), sdp=ANSWER)
        wire.run(0.1)
        alice.take(Refreshed)
        assert alice.session.state is State.CONFIRMED

    def test_a_peer_that_does_not_know_update_gets_a_re_invite(self) -> None:
        wire, _, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        wire.run(45.2)
        raw.answer(raw.request("UPDATE"), 501)
        wire.run(0.1)
        assert raw.request("INVITE").body == OFFER

    def test_a_503_is_tried_again_after_ten_seconds(self) -> None:
        wire, alice, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        wire.run(45.2)
        raw.answer(raw.request("UPDATE"), 503)
        wire.run(9.9)
        assert len(wire.messages("UPDATE")) == 1
        wire.run(0.2)
        assert len(wire.messages("UPDATE")) == 2
        assert not alice.ended

    def test_another_failure_ends_the_call(self) -> None:
        wire, alice, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        wire.run(45.2)
        for _ in range(2):
            raw.answer(raw.request("UPDATE"), 488)
            wire.run(0.1)
        ended = alice.take(Ended)
        assert (ended.by, ended.status, raw.request("BYE").method) == ("failure", 488, "BYE")

    def test_silence_ends_the_call(self) -> None:
        wire, alice, _ = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        wire.run(91.0)
        assert alice.take(Ended).by == "timeout"

    def test_it_waits_while_a_negotiation_is_open(self) -> None:
        wire, alice, raw = calls(ALLOW, ("Session-Expires", "90;refresher=uac"))
        dialog = alice.session.dialog
        assert dialog is not None
        wire.run(44.9)
        raw.ask("UPDATE", alice, cseq=1, tag=dialog.local.tag, call_id=dialog.call_id, sdp=b"v=0 new")
        wire.run(3.0)
        assert wire.seen("UPDATE") == ["UPDATE"]
        alice.session.refuse_offer(488, wire.now)
        wire.run(1.1)
        assert raw.request("UPDATE").body == b""

    def test_two_user_agents_keep_a_call_up(self) -> None:
        wire = Wire()
        alice, bob = wire.peer("alice", session_expires=90), wire.peer("bob")
        alice.call(bob)
        wire.run(0.1)
        bob.session.accept(wire.now, sdp=ANSWER)
        wire.run(1000.0)
        assert (alice.session.state, bob.session.state, alice.ended) == (State.CONFIRMED, State.CONFIRMED, [])
        assert len(wire.messages("UPDATE")) == 22


class TestWithoutTimerOfThePeer:
    def test_there_is_none(self) -> None:
        wire, alice, _ = calls(ALLOW)
        wire.run(3600.0)
        assert (alice.ended, wire.log) == ([], [])

    def test_or_one_all_the_same(self) -> None:
        wire, _, _ = calls(ALLOW, timers="always")
        wire.run(45.5)
        assert "UPDATE" in wire.seen()

    def test_or_the_call_ends(self) -> None:
        _, alice, raw = calls(ALLOW, timers="required")
        assert (alice.ended[0].by, alice.ended[0].status) == ("failure", 421)
        assert raw.request("ACK")
        assert raw.request("BYE")

    def test_a_profile_without_timers_takes_no_notice(self) -> None:
        wire, alice, _ = calls(ALLOW, ("Session-Expires", "90;refresher=uac"), timers="no")
        wire.run(3600.0)
        assert (alice.ended, wire.log) == ([], [])


def test_an_update_in_an_early_dialog_starts_no_timer() -> None:
    wire = Wire()
    alice, bob = wire.peer("alice", session_expires=90), wire.peer("bob", session_expires=90)
    hers = alice.call(bob)
    wire.run(0.1)
    bob.session.progress(180, wire.now)
    wire.run(0.1)
    for session in (hers, bob.session):
        session.modify(wire.now, None, "UPDATE")
        wire.run(0.1)
    assert ["Session-Expires" in message.headers for message in wire.messages("200 UPDATE")] == [False, False]
    wire.run(120.0)
    assert (alice.ended, bob.ended) == ([], [])


def test_an_interval_that_a_peer_names_in_an_early_update_starts_no_timer() -> None:
    wire = Wire()
    bob, raw = wire.peer("bob"), wire.raw()
    raw.ask("INVITE", bob, sdp=OFFER)
    wire.run(0.1)
    bob.session.progress(180, wire.now)
    ask(wire, raw, bob, "UPDATE", ("Supported", "timer"), ("Session-Expires", "90"), sdp=None)
    assert "Session-Expires" not in raw.response("200 UPDATE").headers
    wire.run(100.0)
    assert bob.ended == []
