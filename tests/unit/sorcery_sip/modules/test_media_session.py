"""The media of one call, with ports that are no sockets."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.errors import NegotiationFailed, NoPorts
from sorcery_sip.io.ports import PortRange
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.modules.sdp_handlers import RemoteMedia, SdpHandler, Terms
from sorcery_sip.rtp.settings import DtmfMode, Format, RtpSettings
from sorcery_sip.sdp import CODECS, Direction, MediaDescription, SessionDescription, parse_sdp


class Port:
    """A port that remembers what it was told."""

    def __init__(self, ip: str, number: int) -> None:
        self.local = (ip, number)
        self.settings: RtpSettings | None = None
        self.partner: Port | None = None
        self.is_closed = False

    def configure(self, settings: RtpSettings) -> None:
        assert not self.is_closed
        self.settings = settings

    def connect(self, other: Port) -> None:
        self.partner, other.partner = other, self

    def disconnect(self) -> None:
        if self.partner is not None:
            self.partner.partner = None
        self.partner = None

    def close(self) -> None:
        self.is_closed = True


class Ports:
    """Opens ports until `left` have been opened."""

    def __init__(self) -> None:
        self.opened: list[Port] = []
        self.left = 100

    def __call__(self, ip: str, ports: PortRange) -> Any:
        if len(self.opened) >= self.left:
            raise NoPorts(f"all media ports from {ports.first} to {ports.last} are in use")
        self.opened.append(Port(ip, 10000 + 2 * len(self.opened)))
        return self.opened[-1]

    @property
    def open(self) -> list[Port]:
        return [port for port in self.opened if not port.is_closed]


@attrs.frozen(eq=False)
class Picture:
    """A stream of another media type."""

    local: MediaDescription
    port: Port
    remote_is_holding: bool = False

    def begin(self) -> None:
        self.port.configure(RtpSettings())

    def pause(self) -> None:
        self.port.configure(RtpSettings(sends=False))


class ImageHandler:
    """Takes every fax."""

    media = "image"

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def answer(self, offered: MediaDescription, before: Picture | None, terms: Terms) -> Picture | None:
        return self.offer(before, terms)

    def offer(self, before: Picture | None, terms: Terms) -> Picture | None:
        port = self._ports("192.0.2.1", PortRange(4000, 4100)) if before is None else before.port
        line = MediaDescription(media="image", port=port.local[1], protocol="udptl", formats=("t38",))
        return Picture(line, port)

    def apply(self, offered: Picture, answered: MediaDescription, terms: Terms) -> Picture | None:
        return offered


@pytest.fixture
def ports() -> Ports:
    return Ports()


Make = Callable[..., MediaSession]


@pytest.fixture
def make(ports: Ports) -> Iterator[Make]:
    """Make the media of a call with an endpoint that has these options; all ports are closed in the end."""
    made = []
    rtp = RtpPorts(None, ports)

    def make(allow: str = "ulaw,alaw", **options: str) -> MediaSession:
        pairs = [("allow", allow), *options.items()]
        endpoint = Endpoint.from_objectset("alice", pairs)
        handlers: tuple[SdpHandler[Any], ...] = (*rtp.handlers(endpoint), ImageHandler(ports))
        media = MediaSession(endpoint, handlers, address, random=random.Random(1))
        made.append(media)
        return media

    yield make
    for media in made:
        media.close()
    assert not ports.open


def address(ipv6: bool | None) -> MediaAddress:
    return MediaAddress("", "2001:db8::1" if ipv6 else "192.0.2.1")


HEAD = "v=0\no=bob 5 7 IN IP4 198.51.100.2\ns=-\nc=IN IP4 198.51.100.2\nt=0 0\n"
AUDIO = "m=audio 6000 RTP/AVP 0 8 101\na=rtpmap:101 telephone-event/8000\n"
VIDEO = "m=video 7000 RTP/AVP 99 100\na=rtpmap:99 H264/90000\na=fmtp:99 packetization-mode=1\na=rtpmap:100 VP8/90000\n"
IMAGE = "m=image 4000 udptl t38\n"


def sdp(*streams: str, head: str = HEAD) -> bytes:
    return "".join([head, *streams]).encode()


def streams(written: bytes) -> tuple[MediaDescription, ...]:
    return parse_sdp(written).media


def failure(attempt: Callable[[], object]) -> NegotiationFailed:
    with pytest.raises(NegotiationFailed) as caught:
        attempt()
    return caught.value


# -- answers


def test_an_answer_has_our_codecs_in_our_order_our_address_and_the_offer_s_numbers(make: Make) -> None:
    media = make("alaw,ulaw,g722")
    assert media.answer(sdp(AUDIO)).decode().split("\r\n") == [
        "v=0",
        "o=- 5 8 IN IP4 192.0.2.1",
        "s=Asterisk",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 10000 RTP/AVP 8 0 101",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=ptime:20",
        "a=maxptime:140",
        "a=sendrecv",
        "",
    ]
    assert (media.formats, media.dtmf) == (("alaw", "ulaw"), "rfc4733")


def test_the_port_is_told_what_was_agreed(make: Make, ports: Ports) -> None:
    make("alaw,ulaw", rtp_timeout="30", rtp_symmetric="yes", rtp_keepalive="5").answer(sdp(AUDIO + "a=rtcp:6009\n"))
    settings = ports.opened[0].settings
    assert settings is not None
    formats = {8: Format("alaw"), 0: Format("ulaw"), 101: Format("telephone-event")}
    assert (settings.send, settings.receive) == (formats, formats)
    assert (settings.remote, settings.remote_rtcp) == (("198.51.100.2", 6000), ("198.51.100.2", 6009))
    assert (settings.timeout, settings.keepalive, settings.symmetric) == (30, 5, True)
    assert (settings.dtmf, settings.codec) == (DtmfMode.EVENTS, Format("alaw"))
    assert settings.follow_codec
    assert ports.opened[0].local[0] == "0.0.0.0"


def test_owner_and_session_name_are_the_endpoint_s(make: Make) -> None:
    written = make(sdp_owner="pbx", sdp_session="my pbx").answer(sdp(AUDIO)).decode()
    assert "o=pbx 5 8 " in written
    assert "s=my pbx\r\n" in written


def test_a_description_that_was_parsed_already_is_not_parsed_again(make: Make) -> None:
    assert streams(make().answer(parse_sdp(sdp(AUDIO))))[0].port == 10000


def test_a_preference_for_the_remote_order_is_followed(make: Make) -> None:
    assert streams(make("alaw,ulaw", incoming_call_offer_pref="remote").answer(sdp(AUDIO)))[0].formats[:2] == ("0", "8")


def test_preferred_codec_only_answers_with_one(make: Make) -> None:
    assert streams(make("alaw,ulaw", preferred_codec_only="yes").answer(sdp(AUDIO)))[0].formats == ("8", "101")


def test_an_offer_without_a_common_codec_is_488_and_opens_nothing(make: Make, ports: Ports) -> None:
    error = failure(lambda: make("g722").answer(sdp(AUDIO)))
    assert (error.status, error.code) == (488, 305)
    assert ports.opened == []


def test_digits_alone_are_no_codec(make: Make) -> None:
    text = "m=audio 6000 RTP/AVP 101\na=rtpmap:101 telephone-event/8000\n"
    assert failure(lambda: make().answer(sdp(text))).status == 488


def test_an_endpoint_without_codecs_takes_nothing(make: Make) -> None:
    assert failure(lambda: make("!all").answer(sdp(AUDIO))).status == 488
    assert failure(lambda: make("!all").offer()).status == 488


def test_broken_sdp_is_400_in_a_new_call_and_415_in_one_with_media(make: Make) -> None:
    media = make()
    assert failure(lambda: media.answer(b"x")).status == 400
    media.answer(sdp(AUDIO))
    error = failure(lambda: media.answer(b"x"))
    assert (error.status, error.code) == (415, 399)


def test_a_failed_negotiation_leaves_everything_as_it_was(make: Make, ports: Ports) -> None:
    media = make("ulaw")
    before = media.answer(sdp(AUDIO))
    settings = ports.opened[0].settings
    failure(lambda: media.answer(sdp("m=audio 6000 RTP/AVP 3\n")))
    assert (media.local_sdp, media.formats, ports.opened[0].settings) == (before, ("ulaw",), settings)


def test_a_refused_offer_is_told_in_the_log(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    failure(lambda: make().answer(sdp(AUDIO.replace("RTP/AVP", "RTP/SAVP"))))
    (message,) = caplog.messages
    assert message == (
        "endpoint 'alice': offer refused with 488: 'RTP/SAVP' needs SRTP, which is not available; offer RTP/AVP"
    )


def test_without_a_free_port_the_answer_is_500(make: Make, ports: Ports) -> None:
    ports.left = 0
    error = failure(lambda: make().answer(sdp(AUDIO)))
    assert (error.status, error.text) == (500, "no port for media: all media ports from 5000 to 31000 are in use")


def test_when_the_second_stream_finds_no_port_the_first_gives_its_own_back(make: Make, ports: Ports) -> None:
    ports.left = 1
    assert failure(lambda: make("ulaw,h264").answer(sdp(AUDIO, VIDEO))).status == 500
    assert (len(ports.opened), ports.open) == (1, [])


def test_ports_of_a_negotiation_that_fails_later_are_closed(make: Make, ports: Ports) -> None:
    error = failure(lambda: make("ulaw,h264").answer(sdp(AUDIO, VIDEO.replace("RTP/AVP", "RTP/SAVP"))))
    assert "SRTP" in error.text
    assert (len(ports.opened), ports.open) == (1, [])


def test_a_host_name_in_a_c_line_is_488(make: Make) -> None:
    error = failure(
        lambda: make().answer(sdp(AUDIO, head=HEAD.replace("c=IN IP4 198.51.100.2", "c=IN IP4 no.example")))
    )
    assert (error.status, "'no.example'" in error.text) == (488, True)


# -- several streams


def test_streams_beyond_the_limit_and_of_unknown_media_are_declined_in_their_place(make: Make) -> None:
    offer = sdp(AUDIO, AUDIO.replace("6000", "6002"), "m=application 9 UDP/BFCP *\n", VIDEO)
    written = streams(make().answer(offer))
    assert [(each.media, each.port, each.formats) for each in written] == [
        ("audio", 10000, ("0", "8", "101")),
        ("audio", 0, ("0", "8", "101")),
        ("application", 0, ("*",)),
        ("video", 0, ("99", "100")),
    ]
    assert all(each.attributes == () for each in written[1:])


def test_a_second_sound_stream_has_no_digits(make: Make) -> None:
    written = streams(make(max_audio_streams="2").answer(sdp(AUDIO, AUDIO.replace("6000", "6002"))))
    assert [each.formats for each in written] == [("0", "8", "101"), ("0", "8")]


def test_a_stream_of_another_protocol_is_declined_alone(make: Make) -> None:
    written = streams(make().answer(sdp("m=audio 5000 TCP/RTP/AVP 0\n", AUDIO)))
    assert [each.port for each in written] == [0, 10000]


def test_video_is_answered_with_the_peer_s_parameters(make: Make) -> None:
    video = streams(make("ulaw,vp8,h264").answer(sdp(AUDIO, VIDEO)))[1]
    assert (video.media, video.formats, video.get("fmtp")) == ("video", ("100", "99"), "99 packetization-mode=1")


def test_pictures_of_two_calls_are_relayed_once_both_have_them(make: Make, ports: Ports) -> None:
    one, other = make("ulaw,h264"), make("ulaw,h264")
    one.answer(sdp(AUDIO, VIDEO))
    other.answer(sdp(AUDIO))
    one.join(other)
    assert ports.opened[1].partner is None
    other.answer(sdp(AUDIO, VIDEO))
    assert ports.opened[1].partner is ports.opened[3]
    one.part()
    assert ports.opened[1].partner is None
    other.answer(sdp(AUDIO, VIDEO.replace("7000", "7002")))
    assert ports.opened[1].partner is None


# -- direction and hold


@pytest.mark.parametrize(
    ("line", "ours", "holds"),
    [
        ("a=sendonly\n", Direction.RECVONLY, True),
        ("a=inactive\n", Direction.INACTIVE, True),
        ("a=recvonly\n", Direction.SENDONLY, False),
        ("c=IN IP4 0.0.0.0\n", Direction.RECVONLY, True),
        ("", Direction.SENDRECV, False),
    ],
)
def test_directions_are_answered_and_tell_of_hold(
    make: Make, ports: Ports, line: str, ours: Direction, holds: bool
) -> None:
    media = make()
    assert streams(media.answer(sdp(AUDIO, line)))[0].direction is ours
    assert media.remote_is_holding is holds
    settings = ports.opened[0].settings
    assert settings is not None
    assert (settings.sends, settings.receives) == (ours.sends, ours.receives)


def test_nothing_is_sent_to_no_address(make: Make, ports: Ports) -> None:
    media = make()
    media.answer(sdp(AUDIO, "c=IN IP4 0.0.0.0\n"))
    assert ports.opened[0].settings is not None
    assert ports.opened[0].settings.remote is None
    assert media.remote_media is None


def test_our_hold_offers_sendonly_and_answers_so(make: Make) -> None:
    media = make()
    media.answer(sdp(AUDIO))
    media.hold(True)
    assert streams(media.offer())[0].direction is Direction.SENDONLY
    media.apply(sdp(AUDIO + "a=recvonly\n"))
    assert not media.remote_is_holding
    assert streams(media.answer(sdp(AUDIO)))[0].direction is Direction.SENDONLY
    assert streams(media.answer(sdp(AUDIO + "a=sendonly\n")))[0].direction is Direction.INACTIVE
    assert media.remote_is_holding
    media.hold(False)
    assert streams(media.offer())[0].direction is Direction.SENDRECV


# -- offers


def test_a_first_offer_has_all_that_is_allowed_and_a_random_id(make: Make) -> None:
    written = make("ulaw,opus,h264").offer()
    origin = parse_sdp(written).origin
    assert origin.session_id == origin.version > 0
    audio, video = streams(written)
    assert audio.formats == ("0", "107", "101", "96")
    assert (video.formats, video.connection) == (("99",), audio.connection)


def test_an_offer_to_the_other_leg_has_what_both_allow_in_the_caller_s_order(make: Make) -> None:
    other = (attrs.evolve(CODECS["opus"], payload_type=120, fmtp="stereo=1"), CODECS["ulaw"], CODECS["gsm"])
    (audio,) = streams(make("ulaw,alaw,opus,h264").offer(other))
    assert audio.formats == ("107", "0", "101", "96")
    assert ("fmtp", "107 stereo=1") in audio.attributes


def test_the_other_leg_may_be_told_by_names(make: Make) -> None:
    (audio,) = streams(make("ulaw,alaw").offer(["slin", "alaw", "nonsense"]))
    assert audio.formats == ("8", "101")


def test_no_codec_in_common_with_the_other_leg_is_488(make: Make) -> None:
    assert failure(lambda: make("ulaw").offer(["g722"])).status == 488


def test_an_answer_with_other_numbers_is_sent_in_those_and_received_in_ours(make: Make, ports: Ports) -> None:
    media = make("opus,ulaw")
    media.offer()
    assert not media.codecs
    media.apply(sdp("m=audio 6000 RTP/AVP 96 97\na=rtpmap:96 opus/48000/2\na=rtpmap:97 telephone-event/8000\n"))
    settings = ports.opened[0].settings
    assert settings is not None
    assert {number: known.name for number, known in settings.send.items()} == {96: "opus", 97: "telephone-event"}
    assert settings.receive[107].name == "opus"
    assert settings.receive[96].name == "telephone-event"  # our own number for it at 8000 Hz
    assert media.formats == ("opus",)


@pytest.mark.parametrize(
    "answer",
    [
        sdp("m=audio 6000 RTP/AVP 3\n"),
        sdp("m=audio 0 RTP/AVP 0\n"),
        sdp("m=video 6000 RTP/AVP 31\n"),
        sdp(AUDIO, AUDIO),
        sdp(),
    ],
    ids=["other codec", "declined", "other media", "more lines", "fewer lines"],
)
def test_an_answer_that_does_not_fit_fails_and_leaves_what_was(make: Make, answer: bytes) -> None:
    media = make("ulaw")
    media.answer(sdp(AUDIO))
    before = media.local_sdp
    media.offer()
    assert failure(lambda: media.apply(answer)).status == 488
    assert media.formats == ("ulaw",)
    media.withdraw()
    assert media.local_sdp == before


def test_an_answer_without_an_offer_fails(make: Make) -> None:
    assert failure(lambda: make().apply(sdp(AUDIO))).status == 488


def test_another_answer_takes_the_place_of_the_first(make: Make, ports: Ports) -> None:
    media = make("ulaw,alaw")
    media.offer()
    media.apply(sdp("m=audio 6000 RTP/AVP 0\n"))
    media.apply(sdp("m=audio 6666 RTP/AVP 8\n"))
    assert media.formats == ("alaw",)
    assert media.remote_media is not None
    assert (media.remote_media.port, len(ports.open)) == (6666, 1)


def test_a_video_stream_that_the_answer_declines_gives_its_port_back(make: Make, ports: Ports) -> None:
    media = make("ulaw,h264")
    media.offer()
    media.apply(sdp(AUDIO, "m=video 0 RTP/AVP 99\n"))
    media.withdraw()
    assert [port.local[1] for port in ports.open] == [10000]


def test_ports_that_a_final_answer_did_not_want_are_given_back(make: Make, ports: Ports) -> None:
    media = make("ulaw,h264")
    media.offer()
    media.apply(sdp(AUDIO, "m=video 0 RTP/AVP 99\n"))
    media.settle()
    assert [port.local[1] for port in ports.open] == [10000]
    media.apply(sdp(AUDIO, VIDEO))
    assert (media.formats, len(ports.open)) == (("ulaw",), 1)


@pytest.mark.parametrize("we_called", [True, False])
def test_what_is_agreed_may_be_offered_again_as_it_is(make: Make, we_called: bool) -> None:
    media = make()
    if we_called:
        media.offer()
        media.apply(sdp(AUDIO))
        media.settle()
    else:
        media.answer(sdp(AUDIO))
    said = media.local_sdp
    media.apply(sdp(AUDIO.replace("6000", "6500")))
    assert media.remote_media is not None
    assert (media.remote_media.port, media.local_sdp) == (6500, said)


def test_settling_keeps_the_ports_of_an_offer_without_an_answer(make: Make, ports: Ports) -> None:
    media = make()
    media.offer()
    media.settle()
    media.apply(sdp(AUDIO))
    assert len(ports.open) == 1


def test_an_offer_that_came_to_nothing_gives_its_ports_back(make: Make, ports: Ports) -> None:
    media = make()
    media.offer()
    media.withdraw()
    assert (media.local_sdp, ports.open, media.audio) == (b"", [], None)


def test_later_offers_have_what_is_in_use_or_with_all_codecs_everything(make: Make) -> None:
    media = make("ulaw,alaw,g722")
    media.answer(sdp("m=audio 6000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\n"))
    assert streams(media.offer())[0].formats == ("0", "101")
    media.withdraw()
    assert streams(media.offer(all_codecs=True))[0].formats == ("0", "8", "9", "101")


def test_numbers_stay_those_of_the_first_negotiation(make: Make) -> None:
    media = make("opus")
    media.answer(sdp("m=audio 6000 RTP/AVP 120 99\na=rtpmap:120 opus/48000/2\na=rtpmap:99 telephone-event/8000\n"))
    assert streams(media.offer())[0].formats == ("120", "101", "99")


def test_versions_rise_and_the_id_is_the_peer_s_once_it_has_one(make: Make) -> None:
    media = make()
    first = parse_sdp(media.offer()).origin
    media.apply(sdp(AUDIO))
    second = parse_sdp(media.offer()).origin
    media.apply(sdp(AUDIO))
    third = parse_sdp(media.offer()).origin
    assert first.session_id not in (5, 0)
    assert [(each.session_id, each.version) for each in (second, third)] == [(5, 8), (5, 9)]


def test_the_same_ports_serve_later_negotiations(make: Make, ports: Ports) -> None:
    media = make()
    media.answer(sdp(AUDIO))
    media.offer()
    media.apply(sdp(AUDIO))
    media.answer(sdp(AUDIO.replace("6000", "6002")))
    assert len(ports.opened) == 1


# -- other kinds of stream


def test_a_fax_takes_the_slot_of_the_sound_which_comes_back_with_its_port(make: Make, ports: Ports) -> None:
    media = make()
    media.answer(sdp(AUDIO))
    assert [(each.media, each.port) for each in streams(media.offer(media=["image"]))] == [("image", 10002)]
    media.apply(sdp(IMAGE))
    assert ports.opened[0].settings == RtpSettings(sends=False, receives=False)
    assert media.audio is not None
    assert media.audio.local == ports.opened[0].local
    assert not media.codecs
    assert [(each.media, each.port) for each in streams(media.offer(["ulaw"], media=["audio"]))] == [("audio", 10000)]
    media.apply(sdp(AUDIO))
    assert media.formats == ("ulaw",)
    assert ports.opened[0].settings != RtpSettings(sends=False, receives=False)
    assert len(ports.open) == 2


def test_a_fax_that_the_peer_offers_is_answered_in_its_slot(make: Make) -> None:
    media = make()
    media.answer(sdp(AUDIO))
    assert [each.media for each in streams(media.answer(sdp(IMAGE)))] == ["image"]
    assert [each.port for each in streams(media.answer(sdp(AUDIO)))] == [10000]


def test_slots_that_an_offer_does_not_need_stay_with_port_0(make: Make) -> None:
    media = make("ulaw,h264")
    media.answer(sdp(AUDIO, VIDEO))
    written = streams(media.offer(media=["image"]))
    assert [(each.media, each.port != 0) for each in written] == [("image", True), ("video", False)]


def test_a_declined_slot_is_used_again_for_what_is_new(make: Make) -> None:
    media = make("ulaw,h264")
    media.answer(sdp(AUDIO, "m=text 0 RTP/AVP 98\n"))
    assert [each.media for each in streams(media.offer(media=["audio", "video"], all_codecs=True))] == [
        "audio",
        "video",
    ]


# -- direct media


def test_direct_media_writes_where_the_other_leg_is_with_its_numbers_and_comes_back(make: Make, ports: Ports) -> None:
    one, other = make("opus,ulaw", rtp_timeout="30", rtcp_mux="yes"), make("opus")
    one.answer(sdp("m=audio 6000 RTP/AVP 107 0\na=rtpmap:107 opus/48000/2\na=rtcp-mux\n"))
    other.answer(sdp("m=audio 7000 RTP/AVP 120\na=rtpmap:120 opus/48000/2\n", head=HEAD.replace(".100.2", ".100.9")))
    one.direct(other.remote_media)
    (audio,) = streams(one.offer())
    assert audio.connection is not None
    assert (audio.connection.host, audio.port, audio.formats[0]) == ("198.51.100.9", 7000, "120")
    assert "rtcp-mux" not in audio
    assert parse_sdp(one.local_sdp).origin.address == "192.0.2.1"
    one.apply(sdp("m=audio 6000 RTP/AVP 120\na=rtpmap:120 opus/48000/2\n"))
    assert ports.opened[0].settings is not None
    assert ports.opened[0].settings.timeout == 0
    one.direct(None)
    (audio,) = streams(one.offer())
    assert audio.connection is not None
    assert (audio.connection.host, audio.port) == ("192.0.2.1", 10000)


def test_direct_media_between_address_families_passes_through_us(make: Make) -> None:
    media = make("ulaw")
    media.answer(sdp(AUDIO))
    media.direct(RemoteMedia("2001:db8::9", 7000, (CODECS["ulaw"],)))
    assert b"c=IN IP4 192.0.2.1" in media.offer()


def test_direct_media_offers_only_what_both_have(make: Make) -> None:
    media = make("ulaw,alaw")
    media.answer(sdp(AUDIO))
    media.direct(RemoteMedia("198.51.100.9", 7000, (CODECS["alaw"],)))
    assert streams(media.offer())[0].formats == ("8", "101")


# -- digits, packet times, families, feedback


@pytest.mark.parametrize(
    ("mode", "with_events", "without"),
    [
        ("rfc4733", "rfc4733", "none"),
        ("auto", "rfc4733", "inband"),
        ("auto_info", "rfc4733", "info"),
        ("info", "info", "info"),
        ("inband", "inband", "inband"),
        ("none", "none", "none"),
    ],
)
def test_how_digits_go_is_decided_by_the_mode_and_what_is_agreed(
    make: Make, ports: Ports, mode: str, with_events: str, without: str
) -> None:
    media = make("ulaw", dtmf_mode=mode)
    formats = streams(media.answer(sdp(AUDIO)))[0].formats
    assert media.dtmf == with_events
    assert formats == (("0", "101") if with_events == "rfc4733" else ("0",))
    media.answer(sdp("m=audio 6000 RTP/AVP 0\n"))
    assert media.dtmf == without
    assert ports.opened[0].settings is not None
    assert (ports.opened[0].settings.dtmf is DtmfMode.INBAND) is (without == "inband")


def test_packets_are_as_long_as_allow_says_or_with_use_ptime_as_the_peer_likes(make: Make, ports: Ports) -> None:
    offer = sdp(AUDIO + "a=ptime:40\n")
    assert streams(make("ulaw:30").answer(offer))[0].get("ptime") == "30"
    assert streams(make("ulaw:30", use_ptime="yes").answer(offer))[0].get("ptime") == "40"
    assert ports.opened[1].settings is not None
    assert ports.opened[1].settings.ptime == 40


@pytest.mark.parametrize("use_ptime", ["no", "yes"])
def test_of_several_codecs_the_shortest_packets_count_while_the_peer_wishes_nothing(make: Make, use_ptime: str) -> None:
    media = make("ulaw:30,alaw:40,g722", use_ptime=use_ptime)
    for formats, ptime in (("0", "30"), ("8", "40"), ("8 0", "30"), ("0 8 9", "20")):
        assert streams(media.answer(sdp(f"m=audio 6000 RTP/AVP {formats}\n")))[0].get("ptime") == ptime
    assert streams(make("ulaw:30,alaw:40", use_ptime=use_ptime).offer())[0].get("ptime") == "30"


def test_packets_that_allow_wants_too_short_break_no_call(make: Make) -> None:
    assert streams(make("ulaw:5").answer(sdp(AUDIO)))[0].get("ptime") == "10"


@pytest.mark.parametrize("wish", ["x", "0", "99999", "9", "²"])
def test_a_wish_that_is_no_packet_time_is_not_followed(make: Make, wish: str) -> None:
    assert streams(make("ulaw", use_ptime="yes").answer(sdp(AUDIO + f"a=ptime:{wish}\n")))[0].get("ptime") == "20"


def test_a_longer_wish_than_the_codec_bears_is_cut(make: Make) -> None:
    assert streams(make("ulaw", use_ptime="yes").answer(sdp(AUDIO + "a=ptime:500\n")))[0].get("ptime") == "140"


def test_a_wish_is_cut_to_what_every_codec_of_the_answer_bears(make: Make) -> None:
    offer = sdp("m=audio 6000 RTP/AVP 0 107\na=rtpmap:107 opus/48000/2\na=ptime:100\n")
    (audio,) = streams(make("ulaw,opus", use_ptime="yes").answer(offer))
    assert (audio.get("ptime"), audio.get("maxptime")) == ("60", "60")


def test_an_ipv6_offer_is_answered_with_an_ipv6_address(make: Make, ports: Ports) -> None:
    head = HEAD.replace("c=IN IP4 198.51.100.2", "c=IN IP6 2001:db8::2")
    written = parse_sdp(make().answer(sdp(AUDIO, head=head)))
    assert (written.media[0].connection, written.origin.address) != (None, "192.0.2.1")
    assert ports.opened[0].local[0] == "::"


def test_a_peer_that_moves_between_address_families_has_one_port_at_a_time(make: Make, ports: Ports) -> None:
    media = make()
    ipv6 = HEAD.replace("c=IN IP4 198.51.100.2", "c=IN IP6 2001:db8::2")
    for head in (HEAD, ipv6, HEAD, ipv6):
        media.answer(sdp(AUDIO, head=head))
        assert [port.local[0] for port in ports.open] == ["::" if head is ipv6 else "0.0.0.0"]


def test_an_address_with_a_zone_is_488(make: Make) -> None:
    head = HEAD.replace("c=IN IP4 198.51.100.2", "c=IN IP6 fe80::2%eth0")
    assert failure(lambda: make().answer(sdp(AUDIO, head=head))).status == 488


def test_a_peer_of_a_family_that_we_have_no_address_of_is_488(ports: Ports) -> None:
    endpoint = Endpoint(id="alice", allow=["ulaw"])
    handlers = RtpPorts(None, ports).handlers(endpoint)
    media = MediaSession(endpoint, handlers, lambda ipv6: MediaAddress("", "192.0.2.1"), random=random.Random(1))
    offer = sdp(AUDIO, head=HEAD.replace("c=IN IP4 198.51.100.2", "c=IN IP6 2001:db8::2"))
    error = failure(lambda: media.answer(offer))
    assert (error.status, "no IPv6 address" in error.text) == (488, True)
    assert ports.opened == []


def test_rtp_ipv6_offers_an_ipv6_address(make: Make) -> None:
    assert "c=IN IP6 2001:db8::1" in make(rtp_ipv6="yes").offer().decode()


def test_rtcp_mux_has_to_be_wanted_by_both(make: Make, ports: Ports) -> None:
    wanted = sdp(AUDIO + "a=rtcp-mux\n")
    answers = [make(rtcp_mux=ours).answer(offer) for ours in ("yes", "no") for offer in (wanted, sdp(AUDIO))]
    assert ["rtcp-mux" in streams(answer)[0] for answer in answers] == [True, False, False, False]
    assert [port.settings.rtcp_mux for port in ports.opened if port.settings] == [True, False, False, False]


def test_plain_media_is_refused_where_encryption_is_wanted(make: Make) -> None:
    assert "media_encryption=sdes" in failure(lambda: make(media_encryption="sdes").answer(sdp(AUDIO))).text
    assert "media_encryption=sdes" in failure(lambda: make(media_encryption="sdes").offer()).text
    optimistic = make(media_encryption="sdes", media_encryption_optimistic="yes")
    assert streams(optimistic.offer())[0].protocol == "RTP/AVP"


def test_feedback_profiles_are_answered_as_offered(make: Make) -> None:
    offer = sdp(AUDIO.replace("RTP/AVP", "RTP/AVPF"))
    assert streams(make(use_avpf="yes").answer(offer))[0].protocol == "RTP/AVPF"
    assert streams(make(media_use_received_transport="yes").answer(offer))[0].protocol == "RTP/AVPF"
    assert failure(lambda: make().answer(offer)).status == 488


def test_ice_candidates_are_not_answered(make: Make) -> None:
    offer = sdp(AUDIO + "a=ice-ufrag:abcd\na=candidate:1 1 UDP 1 198.51.100.2 6000 typ host\n")
    assert b"candidate" not in make(ice_support="yes").answer(offer)


# -- two legs


def test_an_answer_may_be_given_again_with_what_the_other_leg_has(make: Make) -> None:
    media, other = make("ulaw,alaw"), make("alaw")
    media.answer(sdp(AUDIO))
    other.answer(sdp(AUDIO))
    assert media.shares_codec(other)
    assert streams(media.answer_again(other.codecs))[0].formats == ("8", "101")
    assert media.formats == ("alaw",)


def test_an_answer_cannot_be_given_again_without_an_offer_or_a_common_codec(make: Make) -> None:
    media = make("ulaw")
    assert failure(lambda: media.answer_again(["ulaw"])).status == 488
    media.answer(sdp(AUDIO))
    assert failure(lambda: media.answer_again(["alaw"])).status == 488
    assert media.formats == ("ulaw",)
    media.offer()
    assert failure(lambda: media.answer_again(["ulaw"])).text == "there is no offer to answer"


def test_two_calls_without_a_common_codec_cannot_be_relayed(make: Make) -> None:
    one, other = make("ulaw"), make("alaw")
    assert not one.shares_codec(other)
    one.answer(sdp(AUDIO))
    other.answer(sdp(AUDIO))
    assert not one.shares_codec(other)


def test_closing_gives_every_port_back_and_may_be_done_twice(make: Make, ports: Ports) -> None:
    media = make("ulaw,h264")
    media.answer(sdp(AUDIO, VIDEO))
    media.answer(sdp(IMAGE, "m=video 0 RTP/AVP 99\n"))
    media.offer(media=["audio", "video"])
    media.close()
    media.close()
    assert ports.open == []


def test_after_the_end_nothing_is_agreed_and_no_port_opened(make: Make, ports: Ports) -> None:
    media = make()
    media.answer(sdp(AUDIO))
    media.close()
    for attempt in (lambda: media.answer(sdp(AUDIO)), media.offer):
        assert failure(attempt).text == "the media of the call are gone"
    assert len(ports.opened) == 1


def test_a_text_with_a_line_end_from_a_store_is_500_and_nothing_is_left_open(ports: Ports) -> None:
    endpoint = Endpoint(id="alice", allow=["ulaw"], sdp_session="a\nb")
    media = MediaSession(endpoint, RtpPorts(None, ports).handlers(endpoint), address, random=random.Random(1))
    assert failure(lambda: media.answer(sdp(AUDIO))).status == 500
    assert ports.open == []


def description(*lines: MediaDescription) -> SessionDescription:
    return attrs.evolve(parse_sdp(sdp()), media=lines)


def test_codecs_of_a_description_made_by_hand_are_negotiated_too(make: Make) -> None:
    (line,) = streams(sdp(AUDIO))
    assert streams(make().answer(description(line)))[0].formats == ("0", "8", "101")
