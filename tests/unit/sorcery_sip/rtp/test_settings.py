import pytest

from sorcery_sip.rtp.settings import TELEPHONE_EVENT, Format, RtpSettings


def test_sounds_are_made_in_the_first_format_that_is_sound() -> None:
    settings = RtpSettings(send={101: Format(TELEPHONE_EVENT), 8: Format("alaw"), 0: Format("ulaw")})
    assert settings.codec == Format("alaw")


def test_nothing_agreed_is_no_codec() -> None:
    assert RtpSettings(send={101: Format(TELEPHONE_EVENT)}).codec is None


@pytest.mark.parametrize(("sends", "receives", "held"), [(True, True, False), (True, False, True), (False, True, True)])
def test_a_stream_that_goes_one_way_is_held(sends: bool, receives: bool, held: bool) -> None:
    assert RtpSettings(sends=sends, receives=receives).is_held is held


def test_packets_shorter_than_10_ms_are_refused() -> None:
    with pytest.raises(ValueError, match="ptime"):
        RtpSettings(ptime=0)
