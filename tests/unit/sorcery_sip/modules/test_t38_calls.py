"""A fax through two legs of a call: real sessions and real negotiations, datagrams and time left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_sip import Address, Request, Response
from sorcery_sip.modules.fax import Fax, FaxState
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.t38 import DECISION
from sorcery_sip.pbx.bridge import relay
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.sdp import MediaDescription, parse_sdp
from tests.unit.sorcery_sip.modules.call_bench import SDP, Bench, Message, in_loop

HEAD = "v=0\r\no=- 1 2 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\n"
FAX = HEAD + "m=image 4004 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:9600\r\na=T38FaxUdpEC:t38UDPRedundancy\r\n"
BESIDE_AUDIO = HEAD + "m=audio 0 RTP/AVP 0\r\nm=image 4004 udptl t38\r\n"
AUDIO = SDP.replace("1 1 IN", "1 3 IN")
OPTIONS = {"allow": "ulaw", "direct_media": "no", "t38_udptl": "yes", "t38_udptl_ec": "redundancy"}


class Udptl:
    """A socket for faxes that remembers its partner."""

    def __init__(self, host: str) -> None:
        self.local = (host, 6000)
        self.partner: Udptl | None = None
        self.remote: tuple[str, int] | None = None
        self.is_closed = False

    def configure(self, remote: tuple[str, int] | None, *, symmetric: bool = False) -> None:
        self.remote = remote

    def connect(self, other: Udptl) -> None:
        self.partner, other.partner = other, self

    def disconnect(self) -> None:
        self.partner = None

    def close(self) -> None:
        self.is_closed = True


class FaxBench(Bench):
    """A bench whose calls may fax: alice has called 100, which is bob."""

    def __init__(self, sorcery: Sorcery) -> None:
        super().__init__(sorcery)
        self.sockets: list[Udptl] = []
        self._cseq = 1

    def bridge(self, **bob: str) -> None:
        """Bring both legs up and join them."""
        self.sorcery.create(Endpoint.from_objectset("alice", OPTIONS.items()))
        self.alice, self.to = self.answered()
        self.bob, invite = self.dial(Endpoint.from_objectset("bob", {**OPTIONS, **bob}.items()))
        self.send(self.answer_to(invite, 200, body=SDP))
        self.alice.technology.bridged(self.bob)  # the bridge's other half, the sound, has no part in this
        self.bob.technology.bridged(self.alice)
        self.relayed()

    def reinvite(self, body: str) -> list[Message]:
        """Let alice offer something else, and return what is sent until nothing is told from leg to leg."""
        self._cseq += 1
        return self.send(self.request(to=self.to, cseq=self._cseq, body=body)) + self.relayed()

    def acknowledge(self) -> None:
        self.send(self.request("ACK", to=self.to, cseq=self._cseq))

    def relayed(self) -> list[Message]:
        """Tell each channel what happened to the other, as their bridge does, and return what is sent."""
        found = self.sent()
        while self.alice._events or self.bob._events:
            for channel, other in ((self.alice, self.bob), (self.bob, self.alice)):
                while channel._events:
                    relay(channel._events.popleft(), other)
            found += self.sent()
        return found

    def fax(self, channel: Channel) -> Fax:
        found: Fax = cast(Any, channel.technology).session.remembered[Fax]
        return found

    def _make(self, endpoint: Endpoint, peer: Address, **attributes: Any) -> CallSession:
        session = super()._make(endpoint, peer, **attributes)
        fax = Fax(endpoint, self._open_udptl)
        session.media = MediaSession(
            endpoint,
            (*self.rtp.handlers(endpoint), fax),
            lambda ipv6: self.network.media(endpoint, peer, ipv6=ipv6),
            random=cast(Any, session.media)._random,
        )
        self.surroundings.t38.watch(session, fax)
        return session

    def _open_udptl(self, host: str) -> Udptl:
        self.sockets.append(Udptl(host))
        return self.sockets[-1]


@pytest.fixture
def bench(sorcery: Sorcery) -> Iterator[FaxBench]:
    made = FaxBench(sorcery)
    yield made
    made.close()


def invite_in(messages: list[Message]) -> Request:
    (found,) = [each for each in messages if isinstance(each, Request) and each.method == "INVITE"]
    return found


def finals(messages: list[Message]) -> list[int]:
    return [each.status for each in messages if isinstance(each, Response) and each.status >= 200]


def lines(message: Message) -> tuple[MediaDescription, ...]:
    return parse_sdp(message.body).media


def response_in(messages: list[Message]) -> Response:
    (found,) = [each for each in messages if isinstance(each, Response) and each.status >= 200]
    return found


def go_over(bench: FaxBench, offer: str = FAX) -> Response:
    """Let alice begin a fax that bob accepts, and return what she is answered."""
    invite = invite_in(bench.reinvite(offer))
    answer = response_in(bench.send(bench.answer_to(invite, 200, body=FAX)) + bench.relayed())
    bench.acknowledge()
    return answer


@in_loop
def test_a_fax_goes_through_both_legs(bench: FaxBench) -> None:
    bench.bridge()
    sent = bench.reinvite(FAX)
    assert finals(sent) == []
    invite = invite_in(sent)
    (offered,) = lines(invite)
    assert (offered.media, offered.port, offered.protocol, offered.formats) == ("image", 6000, "udptl", ("t38",))
    assert (offered.get("T38MaxBitRate"), offered.get("T38FaxUdpEC")) == ("9600", "t38UDPRedundancy")
    sent = bench.send(bench.answer_to(invite, 200, body=FAX)) + bench.relayed()
    answer = response_in(sent)
    (answered,) = lines(answer)
    assert (answer.status, answered.media, answered.port) == (200, "image", 6000)
    assert answered.get("T38FaxUdpEC") == "t38UDPRedundancy"
    one, other = bench.sockets
    assert (one.partner, other.partner) == (other, one)
    assert (one.remote, other.remote) == (("192.0.2.7", 4004), ("192.0.2.7", 4004))


@in_loop
def test_a_fax_beside_a_declined_audio_stream_keeps_both_places(bench: FaxBench) -> None:
    bench.bridge()
    answered = lines(go_over(bench, BESIDE_AUDIO))
    assert [(line.media, line.port > 0) for line in answered] == [("audio", False), ("image", True)]


@in_loop
def test_alice_goes_back_to_audio_and_so_does_bob(bench: FaxBench) -> None:
    bench.bridge()
    go_over(bench)
    sent = bench.reinvite(AUDIO)
    assert [line.media for line in lines(response_in(sent))] == ["audio"]
    bench.acknowledge()
    invite = invite_in(sent)
    assert [line.media for line in lines(invite) if not line.is_declined] == ["audio"]
    bench.send(bench.answer_to(invite, 200, body=AUDIO))
    assert bench.relayed() == []
    assert bench.fax(bench.alice).state is bench.fax(bench.bob).state is FaxState.AUDIO
    assert {socket.partner for socket in bench.sockets} == {None}


@in_loop
def test_bob_is_offered_the_codecs_of_alice_when_audio_comes_back(bench: FaxBench) -> None:
    bench.bridge(allow="alaw,ulaw")
    go_over(bench)
    (offered,) = [line for line in lines(invite_in(bench.reinvite(AUDIO))) if not line.is_declined]
    assert "0" in offered.formats
    assert "8" not in offered.formats


@in_loop
def test_bob_refuses_and_audio_goes_on(bench: FaxBench) -> None:
    bench.bridge()
    invite = invite_in(bench.reinvite(FAX))
    sent = bench.send(bench.answer_to(invite, 488)) + bench.relayed()
    assert finals(sent) == [488]
    bench.acknowledge()
    assert bench.alice.is_up
    assert bench.bob.is_up
    assert cast(Any, bench.alice.technology).session.media.formats == ("ulaw",)
    assert all(socket.is_closed for socket in bench.sockets)


@in_loop
def test_bob_answers_without_a_fax_and_is_offered_audio(bench: FaxBench) -> None:
    bench.bridge()
    invite = invite_in(bench.reinvite(FAX))
    declined = HEAD + "m=image 0 udptl t38\r\n"
    sent = bench.send(bench.answer_to(invite, 200, body=declined)) + bench.relayed()
    assert finals(sent) == [488]
    again = invite_in(sent)
    assert [line.media for line in lines(again) if not line.is_declined] == ["audio"]
    assert bench.bob.is_up


@in_loop
def test_a_second_fax_refused_after_a_first_is_refused_to_both(bench: FaxBench) -> None:
    bench.bridge()
    go_over(bench)
    sent = bench.reinvite(AUDIO)
    bench.acknowledge()
    bench.send(bench.answer_to(invite_in(sent), 200, body=AUDIO))
    bench.relayed()
    invite = invite_in(bench.reinvite(FAX.replace("1 2 IN", "1 4 IN")))
    assert finals(bench.send(bench.answer_to(invite, 488)) + bench.relayed()) == [488]
    bench.acknowledge()
    assert bench.fax(bench.bob).state is FaxState.AUDIO


@in_loop
def test_after_five_seconds_alice_is_refused_and_bob_brought_back(bench: FaxBench) -> None:
    bench.bridge()
    invite = invite_in(bench.reinvite(FAX))
    (timer,) = [work for seconds, work in bench.later if seconds == DECISION]
    timer()
    assert finals(bench.relayed()) == [488]
    bench.acknowledge()
    sent = bench.send(bench.answer_to(invite, 200, body=FAX)) + bench.relayed()
    assert [line.media for line in lines(invite_in(sent)) if not line.is_declined] == ["audio"]


@in_loop
def test_a_fax_that_alice_takes_back_changes_nothing_and_bob_is_brought_back(bench: FaxBench) -> None:
    bench.bridge()
    invite = invite_in(bench.reinvite(FAX))
    sent = bench.send(bench.request("CANCEL", to=bench.to, cseq=bench._cseq, branch=str(bench._branches)))
    assert sorted(finals(sent)) == [200, 487]
    bench.acknowledge()
    assert bench.fax(bench.alice).state is FaxState.AUDIO
    sent = bench.send(bench.answer_to(invite, 200, body=FAX)) + bench.relayed()
    assert bench.fax(bench.alice).state is FaxState.AUDIO
    assert cast(Any, bench.alice.technology).session.media.formats
    assert [line.media for line in lines(invite_in(sent)) if not line.is_declined] == ["audio"]


@in_loop
def test_a_leg_that_may_not_fax_keeps_the_call_on_audio(bench: FaxBench) -> None:
    bench.bridge(t38_udptl="no")
    assert finals(bench.reinvite(FAX)) == [488]
    assert bench.sockets == []


@in_loop
def test_an_image_of_port_0_is_answered_declined(bench: FaxBench) -> None:
    bench.bridge()
    sent = bench.reinvite(AUDIO + "m=image 0 udptl t38\r\n")
    assert [(line.media, line.port > 0) for line in lines(response_in(sent))] == [("audio", True), ("image", False)]


@in_loop
def test_a_call_may_begin_as_a_fax(bench: FaxBench) -> None:
    bench.sorcery.create(Endpoint.from_objectset("alice", OPTIONS.items()))
    bench.send(bench.request(body=FAX))
    bench.pbx.channels[-1].answer()
    assert [line.media for line in lines(response_in(bench.sent()))] == ["image"]


@in_loop
def test_the_sockets_of_a_fax_go_with_the_call(bench: FaxBench) -> None:
    bench.bridge()
    go_over(bench)
    bench.alice.hangup()
    bench.bob.hangup()
    bench.sent()
    assert all(socket.is_closed for socket in bench.sockets)
