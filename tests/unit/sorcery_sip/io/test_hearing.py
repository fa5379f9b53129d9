import pytest

from sorcery_sip.io.hearing import Hearing
from sorcery_sip.pbx.media import Dtmf
from sorcery_sip.rtp.packet import RtpPacket
from sorcery_sip.rtp.settings import TELEPHONE_EVENT, DtmfMode, Format, RtpSettings
from sorcery_sip.rtp.telephone_event import event_payloads
from sorcery_sip.rtp.tones import dtmf_tone

ULAW, EVENT = Format("ulaw"), Format(TELEPHONE_EVENT)


@pytest.fixture
def heard() -> list[Dtmf]:
    return []


@pytest.fixture
def hearing(heard: list[Dtmf]) -> Hearing:
    hearing = Hearing()
    hearing.on_dtmf = heard.append
    return hearing


def send(
    hearing: Hearing, digit: str, *, timestamp: int = 1000, ssrc: int = 7, relayed: bool = False, cut: int = 0
) -> None:
    payloads = list(event_payloads(digit, 800, 160))
    for payload in payloads[: len(payloads) - cut]:
        hearing.event(EVENT, RtpPacket(101, 1, timestamp, ssrc, payload), 1.0, relayed=relayed)


def test_a_digit_is_told_with_its_milliseconds(hearing: Hearing, heard: list[Dtmf]) -> None:
    send(hearing, "5", relayed=True)
    assert heard == [Dtmf("5", False, 0, True), Dtmf("5", True, 100, True)]


def test_another_source_begins_anew(hearing: Hearing, heard: list[Dtmf]) -> None:
    send(hearing, "5", cut=3)
    send(hearing, "6", ssrc=8)
    assert [(news.digit, news.ended) for news in heard] == [("5", False), ("5", True), ("6", False), ("6", True)]


def test_a_digit_of_which_nothing_comes_any_more_ends(hearing: Hearing, heard: list[Dtmf]) -> None:
    send(hearing, "5", cut=3)
    hearing.check(1.4)
    assert len(heard) == 1
    hearing.check(1.5)
    hearing.check(9.0)
    assert heard[1:] == [Dtmf("5", True, 80)]


def test_tones_are_listened_to_when_digits_go_inband(hearing: Hearing, heard: list[Dtmf]) -> None:
    assert hearing.configure(RtpSettings(dtmf=DtmfMode.INBAND))
    for frame in [*dtmf_tone("5", 100).frames("ulaw"), *[b"\xff" * 160] * 3]:
        hearing.sound(ULAW, frame, relayed=True)
    assert [(news.digit, news.ended, news.relayed) for news in heard] == [("5", False, True), ("5", True, True)]


def test_tones_are_no_digits_otherwise(hearing: Hearing, heard: list[Dtmf]) -> None:
    assert not hearing.configure(RtpSettings())
    for frame in dtmf_tone("5", 100).frames("ulaw"):
        hearing.sound(ULAW, frame, relayed=False)
    assert heard == []


def test_a_codec_that_cannot_be_listened_to_has_no_digits(hearing: Hearing, heard: list[Dtmf]) -> None:
    hearing.configure(RtpSettings(dtmf=DtmfMode.INBAND))
    hearing.sound(Format("opus", 48000, 2), b"\xff" * 160, relayed=False)
    assert heard == []


def test_the_sound_itself_goes_to_who_wants_it(hearing: Hearing) -> None:
    got: list[tuple[str, bytes]] = []
    hearing.on_audio = lambda codec, payload: got.append((codec, payload))
    assert hearing.configure(RtpSettings())
    hearing.sound(ULAW, b"sound", relayed=False)
    assert got == [("ulaw", b"sound")]


def test_nobody_need_listen() -> None:
    send(Hearing(), "5")
