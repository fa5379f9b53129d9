"""Laws of session descriptions: what is written is read again, and answers fit offers."""

from __future__ import annotations

import contextlib
import itertools
import random
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sorcery.pjsip import Endpoint
from sorcery_sip.errors import NegotiationFailed, SdpError
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.rtp.settings import RtpSettings
from sorcery_sip.sdp import (
    CODECS,
    Connection,
    Direction,
    MediaDescription,
    Origin,
    SessionDescription,
    numbered,
    parse_sdp,
    read_codecs,
    rtp_attributes,
    write_sdp,
)
from sorcery_sip.sdp.codecs import telephone_event

T = TypeVar("T")
AUDIO = sorted(name for name, codec in CODECS.items() if codec.media == "audio")
VIDEO = sorted(name for name, codec in CODECS.items() if codec.media == "video")

# a busy machine is no counterexample
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-./", min_size=1, max_size=12)
texts = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
connections = st.one_of(
    st.ip_addresses(v=4).map(lambda ip: Connection(str(ip))),
    st.ip_addresses(v=6).map(lambda ip: Connection(str(ip), is_ipv6=True)),
)
numbers = st.integers(0, 2**63)
origins = st.builds(Origin, words, numbers, numbers, st.ip_addresses().map(str))
attribute_names = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10).filter(
    lambda name: name not in {direction.value for direction in Direction} | {"rtpmap"}
)
attributes = st.lists(st.tuples(attribute_names, st.none() | texts), max_size=4).map(tuple)
lines = st.builds(
    MediaDescription,
    media=st.sampled_from(["audio", "video", "image", "application"]),
    port=st.integers(1, 65535),
    protocol=st.sampled_from(["RTP/AVP", "RTP/AVPF", "udptl"]),
    formats=st.lists(st.integers(0, 95).map(str) | st.just("t38"), min_size=1, max_size=6).map(tuple),
    connection=connections,
    direction=st.sampled_from(Direction),
    attributes=attributes,
)
declined = lines.map(lambda line: attrs.evolve(line.declined, connection=None))


@unhurried
@given(origins, texts, st.lists(lines, max_size=5).map(tuple), attributes)
def test_what_is_written_is_read_again(
    origin: Origin, name: str, media: tuple[MediaDescription, ...], above: tuple[tuple[str, str | None], ...]
) -> None:
    description = SessionDescription(origin=origin, name=name, media=media, attributes=above)
    assert parse_sdp(write_sdp(description)) == description


pieces = st.sampled_from(
    [
        *("v=0", "v=", "o=- 1 2 IN IP4 192.0.2.1", "o=-", "s=-", "s=", "t=0 0", "c=IN IP4 192.0.2.1", "c=IN IP6 ::1"),
        *("c=IN IP4 0.0.0.0", "c=x", "m=audio 6000 RTP/AVP 0", "m=audio 6000 RTP/AVP 0 8 96", "m=audio 0 RTP/AVP 0"),
        *("m=video 7000 RTP/AVP 99", "m=image 4000 udptl t38", "m=audio 99999 RTP/AVP 0", "m=", "m=audio 1 RTP/SAVP 0"),
        *("a=rtpmap:96 opus/48000/2", "a=rtpmap:99 H264/90000", "a=rtpmap:", "a=rtpmap:96", "a=rtpmap:x y/z"),
        *("a=fmtp:96", "a=fmtp", "a=sendonly", "a=inactive", "a=ptime:x", "a=ptime:²", "a=rtcp:x y", "a=rtcp:9", "a="),
        *(
            "",
            "x",
            "=",
            "a",
            "\x00",
            "ÿ",
            "m=audio ² RTP/AVP ²",
            "a=rtpmap:² PCMU/8000",
            "a=rtpmap:0 PCMU/" + "9" * 5000,
        ),
    ]
)
lists_of_pieces = st.lists(pieces, max_size=14).map("\r\n".join).map(str.encode)
good_head = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
broken = st.one_of(
    st.binary(max_size=200), lists_of_pieces, lists_of_pieces.map(lambda text: good_head.encode() + text)
)


@unhurried
@given(broken)
def test_whatever_comes_is_a_description_or_an_sdp_error(data: bytes) -> None:
    with contextlib.suppress(SdpError):
        parse_sdp(data)


class Port:
    """A port that takes everything."""

    numbers = itertools.count(10000, 2)

    def __init__(self, ip: str) -> None:
        self.local = (ip, next(self.numbers))
        self.is_closed = False
        self.settings = RtpSettings()

    def configure(self, settings: RtpSettings) -> None:
        assert not self.is_closed
        self.settings = settings

    def close(self) -> None:
        self.is_closed = True


class Call:
    """The media of one call, and the ports that it opened."""

    def __init__(self, options: dict[str, str]) -> None:
        self.ports: list[Port] = []
        self.endpoint = Endpoint.from_objectset("alice", list(options.items()))
        self.media = MediaSession(
            self.endpoint, RtpPorts(None, self._open).handlers(self.endpoint), self._address, random=random.Random(1)
        )

    def _open(self, ip: str, _: object) -> Any:
        self.ports.append(Port(ip))
        return self.ports[-1]

    def port(self, line: MediaDescription) -> Port:
        (port,) = [port for port in self.ports if port.local[1] == line.port]
        assert not port.is_closed
        return port

    @staticmethod
    def _address(ipv6: bool | None) -> MediaAddress:
        return MediaAddress("", "2001:db8::1" if ipv6 else "192.0.2.1")


@st.composite
def calls(draw: st.DrawFn, codecs: st.SearchStrategy[list[str]] | None = None) -> Call:
    some = st.lists(st.sampled_from(["ulaw", "alaw", "g722", "opus", "gsm", "h264", "vp8"]), unique=True, min_size=1)
    options = {
        "allow": ",".join(draw(codecs or some)),
        "dtmf_mode": draw(st.sampled_from(["rfc4733", "info", "auto", "inband"])),
        "incoming_call_offer_pref": draw(st.sampled_from(["local", "remote", "local_first", "remote_first"])),
        "outgoing_call_offer_pref": draw(st.sampled_from(["local", "remote_merge", "local_merge", "remote_first"])),
        "max_audio_streams": draw(st.sampled_from(["1", "2"])),
        "rtcp_mux": draw(st.sampled_from(["yes", "no"])),
        "rtp_port_start": "7000",  # a small range is made quickly
        "rtp_port_end": "7010",
        "use_ptime": draw(st.sampled_from(["yes", "no"])),
    }
    return Call(options)


@st.composite
def offers(draw: st.DrawFn) -> SessionDescription:
    """A description as a phone could offer it: known codecs by drawn numbers, and what we do not know beside them."""
    family = draw(st.booleans())
    host = Connection("2001:db8::2" if family else "198.51.100.2", family)
    media = []
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(["audio", "audio", "video", "application"]))
        names = draw(
            st.lists(st.sampled_from(VIDEO if kind == "video" else AUDIO), unique=True, min_size=1, max_size=5)
        )
        taken = numbered([attrs.evolve(CODECS[name]) for name in names])
        if kind == "audio" and draw(st.booleans()):
            taken = numbered((*taken, telephone_event(8000, draw(st.integers(96, 127)))))
        media.append(
            MediaDescription(
                media=kind,
                port=draw(st.sampled_from([0, 6000, 7000, 65534])),
                protocol="RTP/AVP",
                formats=tuple(str(codec.payload_type) for codec in taken),
                connection=draw(st.sampled_from([host, Connection("0.0.0.0")])) if not family else host,
                direction=draw(st.sampled_from(Direction)),
                attributes=rtp_attributes(taken, draw(st.sampled_from([0, 20, 30, 1000]))),
            )
        )
    return SessionDescription(origin=draw(origins), media=tuple(media))


def unless_refused(attempt: Callable[[T], bytes | None], sdp: T, statuses: set[int]) -> bytes | None:
    """Return what an attempt returns, None where it is refused with one of these."""
    try:
        return attempt(sdp)
    except NegotiationFailed as refusal:
        if refusal.status not in statuses:
            raise
        return None


def complements(ours: Direction, theirs: Direction) -> bool:
    return not (ours.sends and not theirs.receives) and not (ours.receives and not theirs.sends)


def check_answer(offer: SessionDescription, answer: SessionDescription) -> None:
    assert [line.media for line in answer.media] == [line.media for line in offer.media]
    assert [line.protocol for line in answer.media] == [line.protocol for line in offer.media]
    for offered, answered in zip(offer.media, answer.media, strict=True):
        assert not (offered.is_declined and not answered.is_declined)
        assert set(answered.formats) <= set(offered.formats)
        if answered.is_declined:
            assert answered.formats == offered.formats
        else:
            assert complements(answered.direction, offered.direction)
            meant = {codec.payload_type: codec.name for codec in read_codecs(offered)}
            assert all(meant[codec.payload_type] == codec.name for codec in read_codecs(answered))
    assert answer.origin.session_id == offer.origin.session_id
    assert answer.origin.version > offer.origin.version


@unhurried
@given(calls(), st.lists(offers(), min_size=1, max_size=3))
def test_an_answer_fits_its_offer_and_a_refusal_changes_nothing(call: Call, drawn: list[SessionDescription]) -> None:
    media = call.media
    for offer in drawn:
        offer = parse_sdp(write_sdp(offer))
        before = (media.local_sdp, media.formats)
        answer = unless_refused(media.answer, offer, {488})
        if answer is None:
            assert (media.local_sdp, media.formats) == before
        else:
            check_answer(offer, parse_sdp(answer))
            assert media.formats
            assert media.local_sdp == answer
    media.close()
    assert all(port.is_closed for port in call.ports)


@unhurried
@given(calls(), calls(), st.booleans(), st.booleans())
def test_our_answers_are_accepted_by_us_and_both_sides_agree(
    caller: Call, callee: Call, holding: bool, again: bool
) -> None:
    caller.media.hold(holding)
    for _ in range(1 + again):
        offer = caller.media.offer()
        answer = unless_refused(callee.media.answer, offer, {488})
        assume(answer is not None)
        assert answer is not None
        caller.media.apply(answer)
        ours, theirs = caller.media.codecs, callee.media.codecs
        assert {codec.name for codec in ours} == {codec.name for codec in theirs}
        assert callee.media.remote_is_holding is (holding and "audio" in [codec.media for codec in ours])
        assert (caller.media.dtmf == "rfc4733") is (callee.media.dtmf == "rfc4733")
        for offered, answered in zip(parse_sdp(offer).media, parse_sdp(answer).media, strict=True):
            if not answered.is_declined:
                one, other = caller.port(offered), callee.port(answered)
                assert set(one.settings.send) <= set(other.settings.receive)
                assert set(other.settings.send) <= set(one.settings.receive)
                assert one.settings.sends is other.settings.receives
                assert one.settings.remote is not None
                assert one.settings.remote[1] == other.local[1]
    for call in (caller, callee):
        call.media.close()
        assert all(port.is_closed for port in call.ports)


@unhurried
@given(calls(), st.lists(st.binary(max_size=100) | broken, max_size=3))
def test_no_octets_make_a_negotiation_raise_anything_else(call: Call, data: list[bytes]) -> None:
    media = call.media
    for each in data:
        for attempt in (media.answer, media.apply):
            unless_refused(attempt, each, {400, 415, 488})
        media.offer()
        unless_refused(media.apply, each, {400, 415, 488})
    media.close()
    assert all(port.is_closed for port in call.ports)
