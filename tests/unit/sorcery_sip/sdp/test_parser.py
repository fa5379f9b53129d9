"""Octets as session descriptions."""

from __future__ import annotations

import pytest

from sorcery_sip.errors import ParseError, SdpError
from sorcery_sip.sdp import Connection, Direction, Origin, parse_sdp
from sorcery_sip.sdp.parser import MAX_FORMATS, MAX_MEDIA

HEAD = "v=0\r\no=alice 5 7 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
AUDIO = "m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"


def refusal(text: str) -> str:
    with pytest.raises(SdpError) as caught:
        parse_sdp(text.encode())
    return str(caught.value)


def test_a_description_is_read_into_its_parts() -> None:
    description = parse_sdp((HEAD + "a=tool:x\r\n" + AUDIO).encode())
    assert description.origin == Origin("alice", 5, 7, "192.0.2.1")
    assert (description.name, description.attributes) == ("-", (("tool", "x"),))
    (audio,) = description.media
    assert (audio.media, audio.port, audio.protocol, audio.formats) == ("audio", 6000, "RTP/AVP", ("0", "101"))
    assert (audio.connection, audio.direction) == (Connection("192.0.2.1"), Direction.SENDRECV)
    assert audio.attributes == (("rtpmap", "101 telephone-event/8000"), ("fmtp", "101 0-16"))


def test_what_stands_for_the_session_is_in_each_stream_unless_it_says_otherwise() -> None:
    text = HEAD + "a=sendonly\r\n" + AUDIO + "m=audio 6002 RTP/AVP 0\r\nc=IN IP6 2001:db8::1\r\na=recvonly\r\n"
    first, second = parse_sdp(text.encode()).media
    assert (first.direction, first.connection) == (Direction.SENDONLY, Connection("192.0.2.1"))
    assert (second.direction, second.connection) == (Direction.RECVONLY, Connection("2001:db8::1", is_ipv6=True))


def test_the_last_direction_of_a_stream_counts() -> None:
    assert parse_sdp((HEAD + AUDIO + "a=sendrecv\r\na=inactive\r\n").encode()).media[0].direction is Direction.INACTIVE


def test_flags_and_values_of_attributes_are_told_apart() -> None:
    (audio,) = parse_sdp((HEAD + AUDIO + "a=rtcp-mux\r\na=mid:\r\n").encode()).media
    assert "rtcp-mux" in audio
    assert audio.get("rtcp-mux") is None
    assert audio.get("mid") == ""
    assert audio.get("rtpmap") == "101 telephone-event/8000"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_end_as_they_like_and_blank_ones_are_passed_over(end: str) -> None:
    text = (HEAD + "\r\n" + AUDIO + "\r\n").replace("\r\n", end)
    assert parse_sdp(text.encode()).media[0].formats == ("0", "101")


def test_lines_that_calls_do_not_need_are_passed_over() -> None:
    text = HEAD.replace("t=0 0\r\n", "") + "b=AS:64\r\ni=x\r\ny=z\r\n" + AUDIO + "k=clear:x\r\n"
    assert len(parse_sdp(text.encode()).media) == 1


def test_bytes_that_are_no_utf_8_are_no_error() -> None:
    assert parse_sdp((HEAD.replace("s=-", "s=\xff") + AUDIO).encode("latin-1")).media


def test_an_address_of_a_multicast_group_loses_its_suffix() -> None:
    assert parse_sdp((HEAD + AUDIO + "c=IN IP4 224.2.1.1/127\r\n").encode()).media[0].connection == Connection(
        "224.2.1.1"
    )


def test_a_stream_of_several_ports_has_the_first() -> None:
    assert parse_sdp((HEAD + AUDIO.replace("6000", "6000/2")).encode()).media[0].port == 6000


def test_a_declined_stream_needs_neither_an_address_nor_names_for_its_numbers() -> None:
    text = HEAD.replace("c=IN IP4 192.0.2.1\r\n", "") + "m=audio 0 RTP/AVP 99\r\n"
    assert parse_sdp(text.encode()).media[0].is_declined


def test_a_space_before_the_number_of_a_codec_does_no_harm() -> None:
    text = HEAD + "m=audio 6000 RTP/AVP 101\r\na=rtpmap: 101 telephone-event/8000\r\n"
    assert parse_sdp(text.encode()).media[0].formats == ("101",)


def test_formats_that_are_no_numbers_are_kept() -> None:
    assert parse_sdp((HEAD + "m=image 4000 udptl t38\r\n").encode()).media[0].formats == ("t38",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no o= line"),
        ("hello", "SDP line 1: 'hello' is no line"),
        (HEAD.replace("v=0", "v=1"), "version '1' is unknown"),
        (HEAD.replace("s=-", "s="), "no s= line"),
        (HEAD.replace("o=alice 5 7", "o=alice 5"), "SDP line 2: o='alice 5 IN IP4 192.0.2.1' is no origin"),
        (HEAD.replace("o=alice 5 7", "o=alice x 7"), "'x' in an o= line is no number"),
        (HEAD.replace("c=IN IP4", "c=IN IP5"), "SDP line 4: c='IN IP5 192.0.2.1' is no connection"),
        (HEAD + "m=audio 6000 RTP/AVP\r\n", "lacks something"),
        (HEAD + "m=audio x RTP/AVP 0\r\n", "SDP line 6: 'x' is no port"),
        (HEAD + "m=audio 65536 RTP/AVP 0\r\n", "'65536' is no port"),
        (HEAD + "m=audio ²² RTP/AVP 0\r\n", "is no port"),
        (HEAD + "m=audio 6000 RTP/AVP 128\r\n", "'128' is no payload type"),
        (HEAD + "m=audio 6000 RTP/AVP 99\r\n", "payload type 99 means nothing by itself"),
        (HEAD.replace("c=IN IP4 192.0.2.1\r\n", "") + AUDIO, "the audio stream has no address"),
        (HEAD + AUDIO + "a=\r\n", "an attribute has no name"),
        (HEAD + AUDIO + "a=fmtp:101 0-15\ra=x\r\n", "has a line end in it"),
        (HEAD + "m=audio 0 RTP/AVP 0\r\n" * (MAX_MEDIA + 1), f"more than {MAX_MEDIA} m= lines"),
    ],
)
def test_what_is_no_description_is_refused_with_the_line_and_what_is_wrong(text: str, says: str) -> None:
    assert says in refusal(text)


def test_as_many_streams_as_there_may_be_are_read() -> None:
    assert len(parse_sdp((HEAD + "m=audio 0 RTP/AVP 0\r\n" * MAX_MEDIA).encode()).media) == MAX_MEDIA


def test_formats_beyond_the_limit_are_not_looked_at() -> None:
    numbers = " ".join(str(number) for number in range(80))
    (audio,) = parse_sdp((HEAD + f"m=audio 6000 RTP/AVP {numbers}\r\n").encode()).media
    assert audio.formats == tuple(str(number) for number in range(MAX_FORMATS))


def test_an_error_is_a_bad_request_and_knows_its_line() -> None:
    with pytest.raises(ParseError) as caught:
        parse_sdp(b"v=0\r\nx\r\n")
    assert (caught.value.status, caught.value.line) == (400, 2)  # type: ignore[attr-defined]
