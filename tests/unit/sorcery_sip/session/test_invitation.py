"""What our first INVITE says, and where it goes."""

from __future__ import annotations

import pytest

from sorcery_sip.message import NameAddr, SipUri
from sorcery_sip.session import OutgoingInvite, State
from tests.unit.sorcery_sip.session.test_calling import ringing
from tests.unit.sorcery_sip.session.wire import OFFER, Wire


def test_it_says_who_we_are_and_what_we_can_do() -> None:
    _, alice, raw = ringing(session_expires=600, min_se=120, max_forwards=20)
    invite = raw.request("INVITE")
    headers = invite.headers
    assert (headers.get("Max-Forwards"), headers.get("Session-Expires"), headers.get("Min-SE")) == (
        "20",
        "600",
        "120",
    )
    assert headers.get("Supported") == "100rel, timer, replaces, norefersub"
    assert "UPDATE" in invite.headers.elements("Allow")
    assert (headers.get("Require"), headers.get("Content-Type"), invite.body) == (None, "application/sdp", OFFER)
    assert (invite.contacts[0].uri, invite.from_.tag) == (alice.contact.uri, alice.session.id.partition("/")[2])
    assert invite.to.tag is None
    assert (alice.session.state, alice.session.invite.call_id) == (State.CALLING, invite.call_id)


def test_it_requires_what_the_profile_requires() -> None:
    _, _, raw = ringing(rel100="required", timers="required")
    assert raw.request("INVITE").headers.get("Require") == "100rel, timer"


def test_without_timers_there_is_none() -> None:
    _, _, raw = ringing(rel100="no", timers="no")
    headers = raw.request("INVITE").headers
    assert ("Session-Expires" in headers, headers.get("Supported")) == (False, "replaces, norefersub")


def test_routes_and_headers_are_the_owners() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    routes = (NameAddr(SipUri("10.0.0.9")), NameAddr(SipUri("10.0.0.8")))
    alice.call(raw, routes=routes, headers=(("X-More", "yes"),), call_id="mine")
    wire.run(0.1)
    invite = raw.request("INVITE")
    assert str(invite.uri) == "sip:10.0.0.9"  # a strict router finds itself in the Request-URI
    assert [str(route) for route in invite.addresses("Route")] == ["<sip:10.0.0.8>", f"<sip:them@{raw.address}>"]
    assert (invite.headers.get("X-More"), invite.call_id) == ("yes", "mine")


def test_a_destination_is_needed() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    wanted = OutgoingInvite(
        uri=SipUri("x"), from_=alice.contact, to=alice.contact, contact=alice.contact, destinations=()
    )
    with pytest.raises(ValueError, match="no destination for sip:x"):
        alice.agent.outgoing(wanted, alice.profile, 0.0)
    assert (len(alice.agent), raw.inbox) == (0, [])


def test_one_that_cannot_be_written_is_no_call() -> None:
    wire = Wire()
    alice, raw = wire.peer("alice"), wire.raw()
    with pytest.raises(ValueError, match="line end"):
        alice.call(raw, headers=(("X-Name", "a\r\nb: c"),))
    assert set(alice.left_over().values()) == {0}
