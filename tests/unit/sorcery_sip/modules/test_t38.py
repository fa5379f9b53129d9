"""Two legs go to T.38 together: what is held, passed on, answered and refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip import Address, Headers, Request, RequestReceived
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import PASS, Decision, Verdict
from sorcery_sip.modules.fax import Fax, FaxState
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.sdp_handlers import Terms
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.t38 import DECISION, T38Supplement
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.events import T38
from sorcery_sip.sdp import MediaDescription, parse_sdp

HEAD = b"v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
FAX_OFFER = HEAD + b"m=image 5000 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:9600\r\n"
AUDIO_OFFER = HEAD + b"m=audio 5000 RTP/AVP 0\r\n"
TERMS = Terms(address=MediaAddress("", "203.0.113.1"))


class Port:
    def __init__(self, host: str) -> None:
        self.local, self.partner = (host, 4000), cast("Port | None", None)

    def configure(self, remote: tuple[str, int] | None, *, symmetric: bool = False) -> None:
        pass

    def connect(self, other: Port) -> None:
        self.partner, other.partner = other, self

    def disconnect(self) -> None:
        self.partner = None

    def close(self) -> None:
        pass


class Timer:
    def __init__(self, seconds: float, work: Callable[[], None]) -> None:
        self.seconds, self.work, self.is_cancelled = seconds, work, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Leg:
    """A call that is up: what was done to its SIP session and media, which are simple-minded."""

    def __init__(self, world: World, name: str, **options: Any) -> None:
        endpoint = Endpoint(id=name, **{"t38_udptl": True, **options})
        self.fax = Fax(endpoint, Port)
        self.asked: list[tuple[Any, ...]] = []
        self.session = CallSession(endpoint=endpoint, settings=cast(Any, None), media=cast(Any, self), transport=None)
        self.session.begin(cast(Any, self))
        self.channel = Channel(f"PJSIP/{name}-1", cast(Any, None), id=name, created=1.0, state=ChannelState.UP)
        self.session.channel = self.channel
        self.supplement = world.supplement
        self.supplement.watch(self.session, self.fax)
        self._offered: Any = None

    # as a SIP session

    def modify(self, now: float, make_sdp: Callable[[], bytes] | None) -> None:
        assert make_sdp is not None
        self.asked.append(("offered", make_sdp()))

    def refuse_offer(self, status: int, now: float) -> None:
        self.asked.append(("refused", status))

    # as its media

    codecs = ()

    def offer(self, codecs: object, *, media: tuple[str, ...]) -> bytes:
        if media == ("audio",):
            return b"audio"
        self._offered = self.fax.offer(self.fax.stream, TERMS)
        return b"image" if self._offered is not None else b""

    # what its peer does

    def receive(self, sdp: bytes, to_tag: str = "2") -> Decision:
        to = "<sip:b@pbx>" + (f";tag={to_tag}" if to_tag else "")
        headers = Headers([("To", to), ("Content-Type", "application/sdp")])
        received = RequestReceived(Request("INVITE", SipUri("pbx"), headers, sdp), Address("192.0.2.7", 5060), None)
        return self.supplement.incoming_request(self.session, received)

    def accept(self, offer: bytes = FAX_OFFER) -> None:
        """Answer our offer with a fax of its own, or without one."""
        agreed = self.fax.apply(self._offered, media_of(offer), TERMS)
        if agreed is not None:
            agreed.begin()

    def back_to_audio(self) -> None:
        """Take the fax out of force, as a negotiation of audio does."""
        assert self.fax.stream is not None
        self.fax.stream.pause()

    def events(self) -> list[T38]:
        found = [event for event in self.channel._events if isinstance(event, T38)]
        self.channel._events.clear()
        return found


class World:
    """What carries calls on, and its clock."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []
        self.supplement = T38Supplement(cast(Any, self), self._later)

    def _later(self, seconds: float, work: Callable[[], None]) -> Timer:
        self.timers.append(Timer(seconds, work))
        return self.timers[-1]

    def clock(self) -> float:
        return 0.0

    def changed(self) -> None:
        pass

    def answer_offer(self, session: CallSession, sdp: bytes) -> None:
        leg = cast(Any, session.media)
        stream = leg.fax.answer(media_of(sdp), leg.fax.stream, TERMS)
        if stream is None:
            leg.refuse_offer(488, 0.0)
        else:
            leg.asked.append(("answered", b"image"))
            stream.begin()


def media_of(sdp: bytes) -> MediaDescription:
    return parse_sdp(sdp).media[0]


def relay(source: Leg, to: Leg) -> list[str]:
    """Tell a leg what happened to the other, as their bridge does."""
    events = source.events()
    for event in events:
        to.supplement.tell(to.session, event)
    return [event.request for event in events]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def legs(world: World) -> tuple[Leg, Leg]:
    one, other = Leg(world, "one"), Leg(world, "other")
    world.supplement.bridged(one.session, other.session)
    world.supplement.bridged(other.session, one.session)
    return one, other


# -- what is held


def test_a_reinvite_to_fax_is_held_and_the_other_leg_asked(world: World, legs: tuple[Leg, Leg]) -> None:
    one, _ = legs
    decision = one.receive(FAX_OFFER)
    assert (decision.verdict, one.asked) == (Verdict.TAKE, [])
    (event,) = one.events()
    assert (event.request, event.parameters["max_bit_rate"]) == ("negotiate", 9600)
    assert [timer.seconds for timer in world.timers] == [DECISION] == [5.0]


@pytest.mark.parametrize(
    ("sdp", "to_tag"),
    [
        (AUDIO_OFFER, "2"),
        (FAX_OFFER, ""),
        (FAX_OFFER.replace(b"5000 udptl", b"0 udptl"), "2"),
        (AUDIO_OFFER + b"a=x:image\r\n", "2"),
    ],
)
def test_audio_a_first_invite_and_a_fax_that_is_declined_are_not_held(
    legs: tuple[Leg, Leg], sdp: bytes, to_tag: str
) -> None:
    assert legs[0].receive(sdp, to_tag) is PASS


def test_without_t38_udptl_nothing_is_held(world: World) -> None:
    leg = Leg(world, "none", t38_udptl=False)
    assert leg.receive(FAX_OFFER) is PASS
    assert leg.events() == []


def test_a_second_reinvite_meanwhile_is_answered_491(legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    one.receive(FAX_OFFER)
    assert one.receive(FAX_OFFER).status == 491
    relay(one, other)
    assert other.receive(FAX_OFFER).status == 491


def test_after_five_seconds_of_silence_it_is_refused(world: World, legs: tuple[Leg, Leg]) -> None:
    one, _ = legs
    one.receive(FAX_OFFER)
    world.timers[0].work()
    assert (one.asked, one.fax.state) == ([("refused", 488)], FaxState.AUDIO)
    world.timers[0].work()
    assert len(one.asked) == 1


def test_a_call_that_ends_takes_its_timer_with_it(world: World, legs: tuple[Leg, Leg]) -> None:
    one, _ = legs
    one.receive(FAX_OFFER)
    world.supplement.ended(one.session)
    world.supplement.ended(one.session)
    assert world.timers[0].is_cancelled


def test_a_call_that_is_over_hears_nothing_of_its_fax(legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    go_over(one, other)
    one.supplement.ended(one.session)
    one.back_to_audio()
    assert one.events() == []


# -- both legs


def test_both_legs_go_over_together(world: World, legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    one.receive(FAX_OFFER)
    relay(one, other)
    assert other.asked == [("offered", b"image")]
    assert one.asked == []
    other.accept()
    assert relay(other, one) == ["negotiated"]
    assert one.asked == [("answered", b"image")]
    assert world.timers[0].is_cancelled
    assert one.fax.stream is not None
    assert other.fax.stream is not None
    assert cast(Port, one.fax.stream.port.socket).partner is other.fax.stream.port.socket
    assert (one.events(), other.events()) == ([], [])


def go_over(one: Leg, other: Leg) -> None:
    one.receive(FAX_OFFER)
    relay(one, other)
    other.accept()
    relay(other, one)
    one.asked.clear()
    other.asked.clear()


def test_the_other_leg_refuses_and_audio_goes_on(legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    one.receive(FAX_OFFER)
    relay(one, other)
    other.supplement.offer_failed(other.session, 488)
    other.supplement.offer_failed(other.session, 488)
    assert other.asked == [("offered", b"image")]
    assert relay(other, one) == ["refused"]
    assert one.asked == [("refused", 488)]
    assert (one.fax.state, other.fax.state) == (FaxState.AUDIO, FaxState.AUDIO)


def test_the_other_leg_answers_without_a_fax_and_is_offered_audio_again(legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    one.receive(FAX_OFFER)
    relay(one, other)
    other.supplement.offer_failed(other.session, 200)
    assert relay(other, one) == ["refused"]
    assert one.asked == [("refused", 488)]
    assert other.asked[-1] == ("offered", b"audio")


@pytest.mark.parametrize("options", [{"t38_udptl": False}])
def test_a_leg_that_may_not_fax_refuses_at_once(world: World, options: dict[str, Any]) -> None:
    one, other = Leg(world, "one"), Leg(world, "other", **options)
    one.receive(FAX_OFFER)
    relay(one, other)
    assert relay(other, one) == ["refused"]
    assert (one.asked, other.asked) == ([("refused", 488)], [])


def test_a_leg_that_is_not_up_yet_refuses_at_once(world: World) -> None:
    one, other = Leg(world, "one"), Leg(world, "other")
    other.channel._state = ChannelState.RINGING
    one.receive(FAX_OFFER)
    relay(one, other)
    assert relay(other, one) == ["refused"]


def test_a_peer_that_goes_back_to_audio_takes_the_other_leg_along(legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    go_over(one, other)
    one.back_to_audio()
    assert relay(one, other) == ["terminate"]
    assert other.asked == [("offered", b"audio")]
    other.back_to_audio()
    assert relay(other, one) == ["terminate"]
    assert (one.asked, one.fax.state, other.fax.state) == ([], FaxState.AUDIO, FaxState.AUDIO)


def test_an_answer_that_comes_too_late_brings_the_other_leg_back(world: World, legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    one.receive(FAX_OFFER)
    relay(one, other)
    world.timers[0].work()
    other.accept()
    relay(other, one)
    assert relay(one, other) == ["terminate"]
    assert other.asked[-1] == ("offered", b"audio")


def test_both_peers_may_ask_at_once(legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    one.receive(FAX_OFFER)
    other.receive(FAX_OFFER)
    relay(one, other)
    assert other.asked == [("answered", b"image")]
    relay(other, one)
    assert one.asked == [("answered", b"image")]
    assert (one.fax.state, other.fax.state) == (FaxState.FAX, FaxState.FAX)


def test_a_reinvite_during_a_fax_is_answered_at_once(legs: tuple[Leg, Leg]) -> None:
    go_over(*legs)
    assert legs[0].receive(FAX_OFFER) is PASS


def test_a_call_that_began_as_a_fax_takes_the_leg_that_it_is_joined_to_along(world: World) -> None:
    one, other = Leg(world, "one"), Leg(world, "other")
    world.answer_offer(one.session, FAX_OFFER)
    one.events()
    world.supplement.bridged(one.session, other.session)
    world.supplement.bridged(other.session, one.session)
    assert relay(one, other) == ["negotiate"]
    assert other.asked == [("offered", b"image")]
    other.accept()
    assert relay(other, one) == ["negotiated"]
    assert cast(Any, one.fax.stream).port.socket.partner is cast(Any, other.fax.stream).port.socket


def test_a_leg_that_faxes_already_says_so(world: World, legs: tuple[Leg, Leg]) -> None:
    one, other = legs
    go_over(one, other)
    world.supplement.tell(other.session, T38("negotiate"))
    assert [event.request for event in other.events()] == ["negotiated"]


def test_a_call_without_fax_refuses(world: World) -> None:
    leg = Leg(world, "plain")
    del leg.session.remembered[Fax]
    world.supplement.tell(leg.session, T38("negotiate"))
    world.supplement.tell(leg.session, T38("negotiated"))
    world.supplement.bridged(leg.session, None)
    world.supplement.offer_failed(leg.session, 488)
    assert [event.request for event in leg.events()] == ["refused"]
    assert leg.receive(FAX_OFFER) is PASS
