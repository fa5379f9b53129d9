"""What an endpoint's options say about streams."""

from __future__ import annotations

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.modules.rtp_conf import RtpConf
from sorcery_sip.modules.rtp_options import RtpOptions


def options(media: str = "audio", **pairs: str) -> RtpOptions:
    found = RtpOptions.of(media, Endpoint.from_objectset("alice", list(pairs.items())), RtpConf())
    assert found is not None
    return found


def test_codecs_are_those_of_the_media_type_in_the_order_of_allow() -> None:
    allow = "vp8,alaw,opus,h264,ulaw"
    assert [codec.name for codec in options(allow=allow).allowed] == ["alaw", "opus", "ulaw"]
    assert [codec.name for codec in options("video", allow=allow).allowed] == ["vp8", "h264"]


def test_formats_that_do_not_go_in_rtp_are_left_out() -> None:
    assert [codec.name for codec in options(allow="png,ulaw,silk16,t140").allowed] == ["ulaw"]


def test_a_media_type_of_which_nothing_is_allowed_has_no_options() -> None:
    assert RtpOptions.of("video", Endpoint(id="alice", allow=["ulaw"]), RtpConf()) is None


def test_framing_is_the_packet_time_up_to_what_the_codec_bears() -> None:
    assert [codec.ptime for codec in options(allow="ulaw:30,alaw,opus:200,g723").allowed] == [30, 20, 60, 30]


def test_framing_is_ten_milliseconds_at_least() -> None:
    assert [codec.ptime for codec in options(allow="ulaw:5,alaw:1").allowed] == [10, 10]


def test_the_non_standard_g726_is_written_as_the_standard_one() -> None:
    (codec,) = options(allow="g726aal2", g726_non_standard="yes").allowed
    assert codec.rtpmap == "G726-32/8000"


def test_timeouts_and_digits_belong_to_sound_alone() -> None:
    pairs = {"allow": "ulaw,h264", "rtp_timeout": "9", "rtp_timeout_hold": "8", "rtp_keepalive": "7"}
    sound, picture = options(**pairs), options("video", **pairs)
    assert (sound.timeout, sound.hold_timeout, sound.keepalive, sound.wants_events) == (9, 8, 7, True)
    assert (picture.timeout, picture.hold_timeout, picture.keepalive, picture.wants_events) == (0, 0, 0, False)


@pytest.mark.parametrize(("mode", "wants"), [("rfc4733", True), ("auto", True), ("auto_info", True), ("info", False)])
def test_modes_of_digits_that_need_packets_of_their_own(mode: str, wants: bool) -> None:
    assert options(allow="ulaw", dtmf_mode=mode).wants_events is wants


def test_each_media_type_has_its_own_limit() -> None:
    pairs = {"allow": "ulaw,h264", "max_audio_streams": "2", "max_video_streams": "3"}
    assert (options(**pairs).limit, options("video", **pairs).limit) == (2, 3)
