"""Requests inside a dialog that change nothing, or make no sense."""

from __future__ import annotations

import pytest

from sorcery_sip.session import Challenged, RequestInDialog, ResponseInDialog
from tests.unit.sorcery_sip.session.test_modifying import in_call, in_call_to_us
from tests.unit.sorcery_sip.session.test_offered import ask, tag_of
from tests.unit.sorcery_sip.session.wire import OFFER, Wire


def test_numbers_have_to_rise() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "INFO", cseq=5, sdp=None)
    ask(wire, raw, bob, "OPTIONS", cseq=4, sdp=None)
    assert raw.response("500 OPTIONS").reason == "Invalid CSeq"
    assert bob.told() == ["RequestInDialog"]


def test_options_tell_what_we_can_do() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "OPTIONS", sdp=None)
    answer = raw.response("200 OPTIONS")
    assert (answer.headers.get("Accept"), answer.headers.get("Allow")) == ("application/sdp", bob.profile.allow)
    assert answer.headers.get("Supported") == bob.profile.supported_value


@pytest.mark.parametrize("method", ["INFO", "MESSAGE", "REFER", "NOTIFY"])
def test_what_the_session_does_not_know_is_the_owners(method: str) -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, method, sdp=b"hello")
    asked = bob.take(RequestInDialog)
    assert (asked.received.request.method, asked.received.request.body) == (method, b"hello")
    bob.session.respond(asked.received, 202, wire.now, headers=[("X-More", "yes")], body=b"thanks")
    wire.run(0.1)
    answer = raw.response(f"202 {method}")
    assert (answer.headers.get("X-More"), answer.body) == ("yes", b"thanks")


def test_a_method_that_is_not_allowed() -> None:
    wire, bob, raw = in_call_to_us()
    ask(wire, raw, bob, "DANCE", sdp=None)
    assert (raw.response("405 DANCE").headers.get("Allow"), bob.told()) == (bob.profile.allow, [])


def test_a_cancel_of_nothing_and_a_prack_to_who_has_called() -> None:
    wire, alice, raw = in_call()
    dialog = alice.session.dialog
    assert dialog is not None
    raw.ask("CANCEL", alice, cseq=1, tag=dialog.local.tag, call_id=dialog.call_id)
    raw.ask("PRACK", alice, ("RAck", "1 1 INVITE"), cseq=2, tag=dialog.local.tag, call_id=dialog.call_id)
    wire.run(0.1)
    assert raw.response("481 CANCEL")
    assert raw.response("400 PRACK").reason == "Unexpected PRACK"


def test_a_request_of_no_dialog_is_not_ours() -> None:
    wire, bob, raw = in_call_to_us()
    raw.ask("INFO", bob, cseq=2, tag="another")
    wire.run(0.1)
    assert raw.response("481 INFO")  # by whoever looks after strays
    assert bob.told() == []


def test_a_stray_ack_changes_nothing() -> None:
    wire, bob, raw = in_call_to_us()
    raw.ask("ACK", bob, tag=tag_of(bob))
    raw.ask("ACK", bob, tag="another")
    wire.run(0.1)
    assert (bob.told(), wire.log[2:]) == ([], [])


class TestOurs:
    def test_the_response_is_told(self) -> None:
        wire, alice, raw = in_call()
        alice.session.request("INFO", wire.now, headers=[("X-More", "yes")], body=b"5", content_type="application/dtmf")
        wire.run(0.1)
        info = raw.request("INFO")
        assert (info.body, info.headers.get("Content-Type"), info.headers.get("X-More")) == (
            b"5",
            "application/dtmf",
            "yes",
        )
        raw.answer(info, 100)
        raw.answer(info, 415)
        wire.run(0.1)
        told = alice.take(ResponseInDialog)
        assert (told.response.status, told.request.method, alice.told()) == (415, "INFO", [])

    def test_silence_is_a_408_and_an_unreachable_peer_a_503(self) -> None:
        wire, alice, raw = in_call()
        alice.session.request("INFO", wire.now)
        wire.run(33.0)
        assert alice.take(ResponseInDialog).response.status == 408
        alice.session.request("INFO", wire.now)
        alice.stack.transport_failed(raw.address, wire.now)
        assert alice.take(ResponseInDialog).response.status == 503

    def test_a_challenge_is_answered(self) -> None:
        wire, alice, raw = in_call()
        alice.session.request("INFO", wire.now, body=b"5")
        wire.run(0.1)
        for _ in range(5):
            raw.answer(raw.request("INFO"), 401)
            wire.run(0.1)
            alice.take(Challenged)
            alice.session.authenticate([("Authorization", "Digest x")], wire.now)
            wire.run(0.1)
        assert (raw.request("INFO").body, raw.request("INFO").headers.get("Authorization")) == (b"5", "Digest x")
        raw.answer(raw.request("INFO"), 401)
        wire.run(0.1)
        assert alice.take(ResponseInDialog).response.status == 401

    def test_there_has_to_be_a_dialog(self) -> None:
        wire = Wire()
        alice, raw = wire.peer("alice"), wire.raw()
        session = alice.call(raw)
        with pytest.raises(ValueError, match="INFO needs a dialog"):
            session.request("INFO", wire.now)

    def test_they_follow_the_route_and_go_to_where_it_leads(self) -> None:
        wire = Wire()
        bob, raw, proxy = wire.peer("bob"), wire.raw(), wire.raw()
        raw.ask("INVITE", bob, ("Record-Route", f"<sip:{proxy.address};lr>"), sdp=OFFER)
        wire.run(0.1)
        bob.session.progress(180, wire.now)
        bob.session.request("INFO", wire.now)
        wire.run(0.1)
        info = proxy.request("INFO")
        assert (str(info.uri), info.headers.get("Route")) == (f"sip:raw@{raw.address}", f"<sip:{proxy.address};lr>")

    def test_where_the_way_is_not_known_they_go_to_where_the_peer_was_heard_last(self) -> None:
        wire = Wire()
        bob, raw = wire.peer("bob"), wire.raw()
        raw.ask("INVITE", bob, ("Contact", "<sip:raw@phone.example>"), sdp=OFFER)
        wire.run(0.1)
        bob.session.progress(180, wire.now)
        bob.session.request("INFO", wire.now)
        wire.run(0.1)
        assert str(raw.request("INFO").uri) == "sip:raw@phone.example"


def test_a_response_tells_where_the_peer_is_too() -> None:
    wire = Wire()
    alice, raw, moved = wire.peer("alice"), wire.raw(), wire.raw()
    alice.call(raw)
    wire.run(0.1)
    contact = ("Contact", "<sip:them@phone.example>")
    raw.answer(raw.request("INVITE"), 200, contact, contact=False, sdp=OFFER)
    wire.run(0.1)
    alice.session.request("INFO", wire.now)
    wire.run(0.1)
    moved.answer(raw.request("INFO"), 200)
    wire.run(0.1)
    alice.session.request("MESSAGE", wire.now)
    wire.run(0.1)
    assert moved.request("MESSAGE")


def test_what_a_peer_allows_is_what_it_said_last() -> None:
    wire, bob, raw = in_call_to_us()
    assert (bob.session.peer_allows("INVITE"), bob.session.peer_allows("UPDATE")) == (True, False)
    ask(wire, raw, bob, "OPTIONS", ("Allow", "INVITE, UPDATE"), ("Allow", "INFO"), sdp=None)
    assert [bob.session.peer_allows(method) for method in ("UPDATE", "INFO", "REFER")] == [True, True, False]
