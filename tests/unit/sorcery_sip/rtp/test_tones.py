import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.errors import SoundError, UnsupportedFormat
from sorcery_sip.rtp.g711 import FRAME, SILENCE, decode
from sorcery_sip.rtp.listening import share
from sorcery_sip.rtp.tones import DTMF, US_TONES, Element, Tone, dtmf_tone, parse_tone


def frames(text: str, count: int, codec: str = "ulaw") -> list[bytes]:
    return list(itertools.islice(parse_tone(text).frames(codec), count))


def test_elements_have_frequencies_and_durations() -> None:
    assert parse_tone("440+480/2000, 0/4000") == Tone(again=(Element(440, 480, 2000), Element(0, 0, 4000)))


def test_what_has_an_exclamation_mark_is_played_once() -> None:
    assert parse_tone("!950/330,!1400/330|0") == Tone((Element(950, 0, 330), Element(1400, 0, 330)), (Element(0),))


def test_an_exclamation_mark_after_the_repeated_part_has_begun_is_repeated_too() -> None:
    assert parse_tone("440/100,!480/100") == Tone(again=(Element(440, 0, 100), Element(480, 0, 100)))


@pytest.mark.parametrize("name", US_TONES)
def test_every_tone_with_a_name_can_be_read(name: str) -> None:
    assert parse_tone(US_TONES[name]).frames("alaw")


@pytest.mark.parametrize("text", ["", "440,", "x", "440+", "440/x", "440+480+620", "-5", "44O", "440/-1", "५४"])
def test_what_is_no_tone_is_refused_with_the_part_that_is_wrong(text: str) -> None:
    with pytest.raises(SoundError, match="no element"):
        parse_tone(text)


def test_a_frequency_that_cannot_be_heard_at_this_rate_is_refused() -> None:
    with pytest.raises(SoundError, match="at most 4000 Hz"):
        parse_tone("4001")


@given(st.text(max_size=12))
def test_any_text_is_a_tone_or_refused(text: str) -> None:
    try:
        parse_tone(text)
    except SoundError:
        return


@pytest.mark.parametrize("codec", ["ulaw", "alaw"])
def test_a_tone_has_its_frequencies_and_nothing_else(codec: str) -> None:
    samples = decode(b"".join(frames("440+480", 50, codec)), codec)
    assert share(samples, 440) == pytest.approx(0.5, abs=0.01)
    assert share(samples, 480) == pytest.approx(0.5, abs=0.01)


def test_a_modulated_tone_keeps_its_carrier_and_has_sidebands() -> None:
    samples = decode(b"".join(frames("1000*50", 50)), "ulaw")
    assert share(samples, 1000) > 0.5
    assert share(samples, 950) == pytest.approx(share(samples, 1050), rel=0.05)
    assert share(samples, 950) > 0.05


def test_a_cadence_comes_round_again() -> None:
    heard = [frame != SILENCE["ulaw"] for frame in frames("480+620/500,0/500", 100)]
    assert heard == ([True] * 25 + [False] * 25) * 2


def test_a_long_element_lasts_as_long_as_it_says() -> None:
    heard = [frame != SILENCE["ulaw"] for frame in frames("440/2500,0/1000", 175)]
    assert heard == [True] * 125 + [False] * 50


def test_no_seam_can_be_heard_after_a_second() -> None:
    octets = b"".join(frames("441", 100))
    assert octets[:8000] == octets[8000:]
    assert share(decode(octets[7600:8400], "ulaw"), 441) > 0.99


def test_a_tone_that_is_played_once_ends_with_a_full_frame() -> None:
    octets = b"".join(parse_tone("!440/330").frames("ulaw"))
    assert len(octets) == 17 * FRAME
    assert octets.endswith(b"\xff" * 80)


def test_every_call_for_frames_begins_anew() -> None:
    tone = parse_tone("440")
    assert next(tone.frames("ulaw")) == next(tone.frames("ulaw"))


def test_another_codec_is_refused_at_once() -> None:
    with pytest.raises(UnsupportedFormat):
        parse_tone("440").frames("opus")


@pytest.mark.parametrize("digit", DTMF)
def test_a_digit_sounds_as_its_two_frequencies(digit: str) -> None:
    samples = decode(b"".join(dtmf_tone(digit, 100).frames("ulaw")), "ulaw")
    assert [share(samples, frequency) > 0.45 for frequency in DTMF[digit]] == [True, True]
