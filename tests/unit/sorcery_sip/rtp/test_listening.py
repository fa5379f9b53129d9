import itertools
import random

import pytest

from sorcery_sip.rtp.g711 import FRAME, SILENCE, decode, encode
from sorcery_sip.rtp.listening import DtmfListener, ToneMeter, share
from sorcery_sip.rtp.telephone_event import DIGITS, Heard
from sorcery_sip.rtp.tones import dtmf_tone, parse_tone

CODECS = ["ulaw", "alaw"]


def listen(codec: str, *sounds: bytes) -> list[Heard]:
    listener = DtmfListener(codec)
    octets = b"".join(sounds)
    pieces = [octets[begin : begin + FRAME] for begin in range(0, len(octets), FRAME)]
    return [news for piece in pieces for news in listener.feed(piece)]


def digit(of: str, milliseconds: int = 100, codec: str = "ulaw") -> bytes:
    return b"".join(dtmf_tone(of, milliseconds).frames(codec))


def silence(frames: int, codec: str = "ulaw") -> bytes:
    return SILENCE[codec] * frames


@pytest.mark.parametrize("codec", CODECS)
def test_digits_that_are_tones_are_told_in_their_order(codec: str) -> None:
    sounds = [sound for of in DIGITS for sound in (digit(of, 80, codec), silence(3, codec))]
    news = listen(codec, *sounds)
    assert "".join(of for of, ended, _ in news if not ended) == DIGITS
    assert "".join(of for of, ended, _ in news if ended) == DIGITS


def test_a_digit_lasts_about_as_long_as_its_tone() -> None:
    news = listen("ulaw", silence(2), digit("5", 400), silence(5))
    assert news[-1].duration == pytest.approx(3200, abs=250)


def test_the_same_digit_twice_is_two() -> None:
    news = listen("ulaw", digit("1", 60), silence(3), digit("1", 60), silence(3))
    assert [ended for _, ended, _ in news] == [False, True] * 2


@pytest.mark.parametrize("shift", range(0, 102, 17))
def test_a_digit_of_50_ms_is_heard_wherever_it_begins(shift: int) -> None:
    assert [of for of, _, _ in listen("ulaw", b"\xff" * shift, digit("8", 50), silence(4))] == ["8", "8"]


def test_a_digit_of_10_ms_is_none() -> None:
    assert listen("ulaw", silence(2), digit("5", 10), silence(4)) == []


@pytest.mark.parametrize("tone", ["440", "697", "1209", "350+440", "697+770", "480+620", "1209+1336", "941+480"])
def test_other_tones_are_no_digits(tone: str) -> None:
    octets = b"".join(itertools.islice(parse_tone(tone).frames("ulaw"), 50))
    assert listen("ulaw", octets) == []


def test_noise_is_no_digit() -> None:
    chance = random.Random(1)
    assert listen("ulaw", encode([chance.randrange(-8000, 8000) for _ in range(80_000)], "ulaw")) == []


def test_a_digit_is_heard_through_some_noise() -> None:
    chance = random.Random(2)
    samples = [sample + chance.randrange(-2000, 2000) for sample in decode(digit("9", 100), "ulaw")]
    assert [of for of, _, _ in listen("ulaw", encode(samples, "ulaw"), silence(4))] == ["9", "9"]


def test_a_digit_that_can_hardly_be_heard_is_none() -> None:
    samples = [sample // 400 for sample in decode(digit("9", 200), "ulaw")]
    assert listen("ulaw", encode(samples, "ulaw")) == []


@pytest.mark.parametrize("codec", CODECS)
def test_a_meter_tells_which_frequency_arrives(codec: str) -> None:
    meter = ToneMeter(codec)
    for frame in itertools.islice(parse_tone("440").frames(codec), 10):
        assert meter.heard([440]) is None
        meter.feed(frame)
    assert meter.heard([300, 1000, 440]) == 440
    assert meter.share(440) > 0.99


def test_a_meter_forgets_what_was_before() -> None:
    meter = ToneMeter()
    for text in ("440", "1000"):
        for frame in itertools.islice(parse_tone(text).frames("ulaw"), 10):
            meter.feed(frame)
    assert meter.heard([440, 1000]) == 1000


def test_a_meter_hears_nothing_in_silence() -> None:
    meter = ToneMeter()
    meter.feed(silence(20))
    assert meter.share(440) == 0
    assert meter.heard([440, 1000]) is None


def test_nothing_has_no_share_in_silence() -> None:
    assert share([0] * 100, 440) == 0
