"""Session descriptions as octets."""

from __future__ import annotations

import attrs
import pytest

from sorcery_sip.sdp import Connection, Direction, MediaDescription, Origin, SessionDescription, parse_sdp, write_sdp

HERE, THERE = Connection("192.0.2.1"), Connection("2001:db8::1", is_ipv6=True)
AUDIO = MediaDescription(
    media="audio",
    port=6000,
    protocol="RTP/AVP",
    formats=("0", "8"),
    connection=HERE,
    direction=Direction.SENDONLY,
    attributes=(("rtpmap", "0 PCMU/8000"), ("rtcp-mux", None)),
)
DESCRIPTION = SessionDescription(origin=Origin("-", 3, 4, "192.0.2.1"), name="Asterisk", media=(AUDIO,))


def test_a_description_is_written_in_the_order_of_the_grammar() -> None:
    assert write_sdp(DESCRIPTION).decode().split("\r\n") == [
        "v=0",
        "o=- 3 4 IN IP4 192.0.2.1",
        "s=Asterisk",
        "c=IN IP4 192.0.2.1",
        "t=0 0",
        "m=audio 6000 RTP/AVP 0 8",
        "a=rtpmap:0 PCMU/8000",
        "a=rtcp-mux",
        "a=sendonly",
        "",
    ]


def test_the_address_of_the_first_stream_stands_for_all_and_only_others_have_their_own() -> None:
    media = (AUDIO, attrs.evolve(AUDIO, connection=THERE), attrs.evolve(AUDIO, port=6004))
    text = write_sdp(attrs.evolve(DESCRIPTION, media=media)).decode()
    assert text.count("c=") == 2
    assert "m=audio 6000 RTP/AVP 0 8\r\nc=IN IP6 2001:db8::1\r\n" in text
    assert parse_sdp(text.encode()).media == media


def test_a_declined_stream_is_its_line_alone() -> None:
    text = write_sdp(attrs.evolve(DESCRIPTION, media=(AUDIO.declined, AUDIO))).decode()
    assert "m=audio 0 RTP/AVP 0 8\r\nm=audio 6000 RTP/AVP 0 8\r\n" in text


def test_a_session_attribute_stands_above_the_streams() -> None:
    text = write_sdp(attrs.evolve(DESCRIPTION, attributes=(("group", "BUNDLE 0"),))).decode()
    assert "t=0 0\r\na=group:BUNDLE 0\r\nm=audio" in text


@pytest.mark.parametrize("name", ["a\r\nb=AS:1", "a\nb", "a\rb"])
def test_a_line_end_in_a_text_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="line end"):
        write_sdp(attrs.evolve(DESCRIPTION, name=name))
