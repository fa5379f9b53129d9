import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.rtp.g711 import decode, encode
from sorcery_sip.rtp.sound_file import read_sound

SAMPLES = [0, 1000, -1000, 32767, -32768, 5] * 100


def sln() -> bytes:
    return b"".join(sample.to_bytes(2, "little", signed=True) for sample in SAMPLES)


def wav(rate: int = 8000, width: int = 2, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setframerate(rate)
        file.setsampwidth(width)
        file.setnchannels(channels)
        file.writeframes(sln())
    return out.getvalue()


@pytest.mark.parametrize(("name", "data"), [("x.wav", wav()), ("x.sln", sln()), ("x.sln", sln() + b"\x01")])
def test_samples_become_both_kinds_of_g711(name: str, data: bytes) -> None:
    sound = read_sound(name, data)
    assert (sound.ulaw, sound.alaw) == (encode(SAMPLES, "ulaw"), encode(SAMPLES, "alaw"))


@pytest.mark.parametrize(("codec", "other"), [("ulaw", "alaw"), ("alaw", "ulaw")])
def test_g711_stays_as_it_is_and_becomes_the_other(codec: str, other: str) -> None:
    octets = encode(SAMPLES, codec)
    sound = read_sound(f"x.{codec}", octets)
    assert getattr(sound, codec) == octets
    assert getattr(sound, other) == encode(decode(octets, codec), other)


def test_a_sound_comes_in_frames() -> None:
    frames = list(read_sound("x.wav", wav()).frames("alaw"))
    assert [len(frame) for frame in frames] == [160] * 4
    assert b"".join(frames).startswith(encode(SAMPLES, "alaw"))


def test_another_codec_is_refused_at_once() -> None:
    with pytest.raises(UnsupportedFormat, match="opus"):
        read_sound("x.wav", wav()).frames("opus")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (wav(rate=44100), "44100 samples/s, 16 bit, 1 channels; it has to be format 1, 8000"),
        (wav(width=1), "8000 samples/s, 8 bit"),
        (wav(channels=2), "2 channels"),
        (b"", "no WAV file"),
        (b"no wav at all, though long enough", "no WAV file"),
        (wav()[:30], "without its 'fmt ' or its 'data'"),
        (wav()[:20] + b"\x07\x00" + wav()[22:], "WAV format 7"),
    ],
    ids=["rate", "bits", "channels", "empty", "other", "cut", "mu-law"],
)
def test_a_wav_that_cannot_be_played_is_refused_with_its_name_and_what_it_has_to_be(data: bytes, what: str) -> None:
    with pytest.raises(SoundError, match=rf"folder/x\.wav: .*{what}"):
        read_sound("folder/x.wav", data)


def test_another_kind_of_file_is_refused() -> None:
    with pytest.raises(SoundError, match=r"x\.mp3: .*\.wav, \.sln, \.ulaw, \.alaw"):
        read_sound("x.mp3", b"")


@given(st.binary(max_size=100), st.integers(0, 60))
def test_any_octets_are_a_wav_or_refused(noise: bytes, place: int) -> None:
    data = wav()[:place] + noise + wav()[place + len(noise) :]
    try:
        read_sound("x.wav", data)
    except SoundError:
        return


def test_other_chunks_are_passed_over() -> None:
    data = wav()
    with_more = data[:12] + b"LIST\x03\x00\x00\x00abc\x00" + data[12:]
    assert read_sound("x.wav", with_more).ulaw == encode(SAMPLES, "ulaw")


def test_a_wav_that_was_cut_off_is_played_as_far_as_it_goes() -> None:
    assert len(read_sound("x.wav", wav()[:-100]).ulaw) == 550
