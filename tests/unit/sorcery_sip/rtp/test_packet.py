import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.errors import ParseError
from sorcery_sip.rtp.packet import HEADER, RtpPacket, is_rtcp, parse_rtp, write_rtp

PACKETS = st.builds(
    RtpPacket,
    number=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=40),
    marker=st.booleans(),
)


def head(flags: int) -> bytes:
    return HEADER.pack(flags, 0, 1, 160, 7)


@given(PACKETS)
def test_what_is_written_is_read_again(packet: RtpPacket) -> None:
    assert parse_rtp(write_rtp(packet)) == packet


@given(st.binary(max_size=64))
def test_octets_are_a_packet_or_refused(data: bytes) -> None:
    try:
        packet = parse_rtp(data)
    except ParseError:
        return
    assert len(packet.payload) <= len(data) - HEADER.size


@pytest.mark.parametrize(
    ("flags", "rest"),
    [
        (0x80, b"sound"),
        (0x82, b"CSR1CSR2" + b"sound"),
        (0x90, b"\xbe\xde\x00\x01EXT1" + b"sound"),
        (0xA0, b"sound" + b"\x00\x00\x03"),
        (0xB1, b"CSR1" + b"\xbe\xde\x00\x00" + b"sound" + b"\x01"),
    ],
)
def test_contributors_extension_and_padding_are_no_payload(flags: int, rest: bytes) -> None:
    assert parse_rtp(head(flags) + rest).payload == b"sound"


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80" * 11, head(0x40) + b"x", head(0x8F) + b"x", head(0x90) + b"\xbe\xde\x00\x09x", head(0xA0) + b"\x09"],
    ids=["empty", "short", "version 1", "contributors", "extension", "padding"],
)
def test_what_ends_within_its_header_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_rtp(data)


def test_padding_of_nothing_is_refused() -> None:
    with pytest.raises(ParseError):
        parse_rtp(head(0xA0) + b"x\x00")


def test_the_second_octet_tells_rtcp_from_rtp() -> None:
    assert all(map(is_rtcp, range(200, 208)))
    assert not any(map(is_rtcp, (0, 8, 101, 0x80 | 0, 0x80 | 101, 127, 255)))
