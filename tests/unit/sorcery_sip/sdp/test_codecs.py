"""Codecs and what SDP calls them."""

from __future__ import annotations

import attrs
import pytest

from sorcery_sip.sdp import CODECS, MediaDescription, codecs, numbered, read_codecs, rtp_attributes
from sorcery_sip.sdp.codecs import telephone_event


def line(formats: str, *attributes: str, media: str = "audio") -> MediaDescription:
    pairs = tuple((name, value) for name, _, value in (text.partition(":") for text in attributes))
    return MediaDescription(
        media=media, port=6000, protocol="RTP/AVP", formats=tuple(formats.split()), attributes=pairs
    )


def read(formats: str, *attributes: str, media: str = "audio") -> list[tuple[str, int]]:
    return [(codec.name, codec.payload_type) for codec in read_codecs(line(formats, *attributes, media=media))]


def test_numbers_of_rfc_3551_mean_themselves() -> None:
    assert read("0 8 9 3 18 4") == [("ulaw", 0), ("alaw", 8), ("g722", 9), ("gsm", 3), ("g729", 18), ("g723", 4)]


def test_an_rtpmap_counts_more_than_the_number() -> None:
    assert read("0 96", "rtpmap:0 PCMA/8000", "rtpmap:96 PCMU/8000") == [("alaw", 0), ("ulaw", 96)]


@pytest.mark.parametrize(
    ("rtpmap", "name"),
    [
        ("opus/48000/2", "opus"),
        ("OPUS/48000/2", "opus"),
        ("PCMU/8000/1", "ulaw"),
        ("G722/16000", "g722"),
        ("speex/16000", "speex16"),
        ("L16/44100", "slin44"),
        ("AMR-WB/16000", "amrwb"),
        ("iLBC/8000", "ilbc"),
    ],
)
def test_names_of_encodings_are_asterisk_s_formats(rtpmap: str, name: str) -> None:
    assert read("100", f"rtpmap:100 {rtpmap}") == [(name, 100)]


@pytest.mark.parametrize("rtpmap", ["opus/48000", "x/8000", "PCMU/x", "", "telephone-event/x", "telephone-event"])
def test_what_we_do_not_know_is_left_out(rtpmap: str) -> None:
    assert read("0 100", f"rtpmap:100 {rtpmap}") == [("ulaw", 0)]


def test_what_is_no_number_is_left_out() -> None:
    assert read("0 x 99999999999", "rtpmap:x PCMU/8000") == [("ulaw", 0)]


def test_a_codec_of_another_media_type_is_left_out() -> None:
    assert read("99", "rtpmap:99 H264/90000") == []
    assert read("99 0", "rtpmap:99 H264/90000", media="video") == [("h264", 99)]


def test_digits_are_read_with_their_clock_rate() -> None:
    (codec,) = read_codecs(line("102", "rtpmap:102 telephone-event/48000", "fmtp:102 0-15"))
    assert (codec.name, codec.clock_rate, codec.fmtp) == ("telephone-event", 48000, "0-16")


def test_parameters_are_those_of_the_peer_and_g729_never_has_silence_of_annex_b() -> None:
    amr, g729 = read_codecs(line("98 18", "rtpmap:98 AMR/8000", "fmtp:98 octet-align=1", "fmtp:18 annexb=yes"))
    assert (amr.fmtp, g729.fmtp) == ("octet-align=1", "annexb=no")


def test_a_g7221_of_another_bit_rate_is_another_codec() -> None:
    assert read("99", "rtpmap:99 G7221/16000", "fmtp:99 bitrate=32000") == [("siren7", 99)]
    assert read("99", "rtpmap:99 G7221/16000", "fmtp:99 bitrate=24000") == []


def test_g726_32_may_mean_the_packing_of_aal2() -> None:
    offered = line("96 97", "rtpmap:96 G726-32/8000", "rtpmap:97 AAL2-G726-32/8000")
    assert [codec.name for codec in read_codecs(offered)] == ["g726", "g726aal2"]
    assert [codec.name for codec in read_codecs(offered, g726_is_aal2=True)] == ["g726aal2", "g726aal2"]


def test_a_codec_says_of_itself_what_rtpmap_says() -> None:
    assert CODECS["opus"].rtpmap == "opus/48000/2"
    assert CODECS["g722"].rtpmap == "G722/8000"


def test_attributes_are_rtpmap_and_fmtp_of_each_then_the_packet_times() -> None:
    codecs = (CODECS["ulaw"], CODECS["g729"], telephone_event(8000))
    assert rtp_attributes(codecs, 20) == (
        ("rtpmap", "0 PCMU/8000"),
        ("rtpmap", "18 G729/8000"),
        ("fmtp", "18 annexb=no"),
        ("rtpmap", "101 telephone-event/8000"),
        ("fmtp", "101 0-16"),
        ("ptime", "20"),
        ("maxptime", "140"),
    )


def test_video_has_no_packet_times() -> None:
    assert rtp_attributes((CODECS["vp8"],)) == (("rtpmap", "100 VP8/90000"),)


def test_usual_numbers_are_given_where_they_are_free() -> None:
    codecs = numbered([CODECS["ulaw"], CODECS["opus"], telephone_event(8000), telephone_event(48000)])
    assert [codec.payload_type for codec in codecs] == [0, 107, 101, 96]


def test_what_had_a_number_keeps_it_and_nothing_else_gets_it() -> None:
    before = (attrs.evolve(CODECS["opus"], payload_type=101),)
    codecs = numbered([CODECS["opus"], telephone_event(8000)], before)
    assert [codec.payload_type for codec in codecs] == [101, 96]


def test_numbers_above_95_come_first_then_those_from_35_and_then_there_are_none() -> None:
    events = [telephone_event(rate, -1) for rate in range(1000, 1100)]
    numbers = [codec.payload_type for codec in numbered(events)]
    assert numbers == [*range(96, 128), *range(35, 64)]


def test_long_parameters_of_strangers_are_read_and_not_kept_in_memory() -> None:
    kept = codecs._codec.cache_info().currsize
    for place in range(5):
        (amr,) = read_codecs(line("98", "rtpmap:98 AMR/8000", f"fmtp:98 x={place}{'0' * 60_000}"))
        assert amr.fmtp.startswith(f"x={place}")
    assert codecs._codec.cache_info().currsize == kept
