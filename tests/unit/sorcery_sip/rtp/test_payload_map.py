from sorcery_sip.rtp.payload_map import NOTHING, OTHER, SOUND, kinds, number_of, relayed_numbers
from sorcery_sip.rtp.settings import COMFORT_NOISE, TELEPHONE_EVENT, Format

ULAW, OPUS, EVENT = Format("ulaw"), Format("opus", 48000, 2), Format(TELEPHONE_EVENT)


def test_a_format_is_sent_on_under_the_number_the_other_side_has_for_it() -> None:
    numbers = relayed_numbers({0: ULAW, 107: OPUS, 101: EVENT}, {96: EVENT, 111: OPUS, 0: ULAW})
    assert {number: numbers[number] for number in (0, 107, 101)} == {0: 0, 107: 111, 101: 96}


def test_what_the_other_side_does_not_have_is_not_sent_on() -> None:
    numbers = relayed_numbers({0: ULAW, 101: EVENT}, {0: ULAW, 101: Format(TELEPHONE_EVENT, 48000)})
    assert numbers == [0] + [-1] * 127


def test_the_first_of_two_numbers_for_a_format_is_used() -> None:
    assert relayed_numbers({0: ULAW}, {97: ULAW, 98: ULAW})[0] == 97
    assert number_of(ULAW, {97: ULAW, 98: ULAW}) == 97


def test_a_format_without_a_number_has_none() -> None:
    assert number_of(ULAW, {111: OPUS}) is None


def test_every_number_is_sound_or_something_else_or_nothing() -> None:
    table = kinds({0: ULAW, 13: Format(COMFORT_NOISE), 101: EVENT})
    assert [table[number] for number in (0, 13, 101, 8)] == [SOUND, OTHER, OTHER, NOTHING]
