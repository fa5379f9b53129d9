import hashlib
import itertools

import pytest

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.rtp.g711 import FRAME, SILENCE, decode, encode, in_frames

CODECS = ["ulaw", "alaw"]
ALL = range(-0x8000, 0x8000)


@pytest.mark.parametrize(
    ("codec", "samples"),
    [
        ("ulaw", {0: 0xFF, 3: 0xFF, 4: 0xFE, 1000: 0xCE, 32767: 0x80, -4: 0x7F, -5: 0x7E, -32768: 0x00}),
        ("alaw", {0: 0xD5, 15: 0xD5, 16: 0xD4, 1000: 0xFA, 32767: 0xAA, -1: 0x55, -17: 0x54, -32768: 0x2A}),
    ],
)
def test_samples_have_the_octets_of_the_recommendation(codec: str, samples: dict[int, int]) -> None:
    assert {sample: encode([sample], codec)[0] for sample in samples} == samples


@pytest.mark.parametrize(
    ("codec", "digest"),
    [
        # made of what `audioop` says, which Python had until 3.12
        ("ulaw", "a1b40b00"),
        ("alaw", "141c0a10"),
    ],
)
def test_octets_mean_what_they_mean_elsewhere(codec: str, digest: str) -> None:
    assert hashlib.sha256(repr(list(decode(range(256), codec))).encode()).hexdigest()[:8] == digest


@pytest.mark.parametrize("codec", CODECS)
def test_an_octet_survives_decoding_and_encoding(codec: str) -> None:
    octets = bytes(octet for octet in range(256) if (codec, octet) != ("ulaw", 0x7F))  # minus zero is zero
    assert encode(decode(octets, codec), codec) == octets


@pytest.mark.parametrize("codec", CODECS)
def test_a_sample_comes_back_nearly_as_it_was(codec: str) -> None:
    for sample, again in zip(ALL, decode(encode(ALL, codec), codec), strict=True):
        assert abs(sample - again) <= max(16, abs(sample) // 16 + 20), sample


@pytest.mark.parametrize("codec", CODECS)
def test_a_louder_sample_is_never_quieter_afterwards(codec: str) -> None:
    again = decode(encode(ALL, codec), codec)
    assert all(one <= other for one, other in itertools.pairwise(again))


@pytest.mark.parametrize("codec", CODECS)
def test_silence_is_silent(codec: str) -> None:
    assert len(SILENCE[codec]) == FRAME
    assert max(map(abs, decode(SILENCE[codec], codec))) <= 8


def test_another_codec_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedFormat, match="g722"):
        encode([0], "g722")


def test_pieces_of_any_size_become_frames_and_the_last_is_filled_up() -> None:
    frames = list(in_frames([b"a" * 100, b"", b"b" * 300], "ulaw"))
    assert [len(frame) for frame in frames] == [FRAME] * 3
    assert b"".join(frames) == b"a" * 100 + b"b" * 300 + b"\xff" * 80


def test_nothing_has_no_frames() -> None:
    assert list(in_frames([], "alaw")) == []
