import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.rtp.telephone_event import DIGITS, EventDetector, Heard, event_payloads


def packets(digit: str, timestamp: int, duration: int = 800) -> list[tuple[int, bytes]]:
    return [(timestamp, payload) for payload in event_payloads(digit, duration, 160)]


def heard(sent: list[tuple[int, bytes]]) -> list[Heard]:
    detector = EventDetector()
    return [news for timestamp, payload in sent for news in detector.feed(timestamp, payload)]


def test_a_digit_grows_and_says_its_end_three_times() -> None:
    assert [payload.hex() for payload in event_payloads("5", 480, 160)] == [
        "050a00a0",
        "050a0140",
        *["058a01e0"] * 3,
    ]


def test_the_shortest_digit_has_one_step() -> None:
    assert [payload.hex() for payload in event_payloads("0", 0, 160)] == ["008a00a0"] * 3


def test_the_longest_digit_is_as_long_as_can_be_said() -> None:
    assert list(event_payloads("#", 1 << 20, 160))[-1].hex() == "0b8affff"


def test_what_is_no_digit_cannot_be_sent() -> None:
    with pytest.raises(ValueError):
        list(event_payloads("x", 480, 160))


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_is_told_once_with_its_duration(digit: str) -> None:
    assert heard(packets(digit, 1000)) == [Heard(digit, False), Heard(digit, True, 800)]


@given(st.sets(st.integers(0, 6), max_size=6), st.text(DIGITS, min_size=1, max_size=4))
def test_each_digit_is_told_once_whatever_is_lost(lost: set[int], digits: str) -> None:
    sent = [
        packet
        for place, digit in enumerate(digits)
        for number, packet in enumerate(packets(digit, place * 2000))
        if number not in lost
    ]
    news = heard(sent)
    assert "".join(digit for digit, ended, _ in news if not ended) == digits
    assert "".join(digit for digit, ended, _ in news if ended)[: len(digits)] in (digits, digits[:-1])


@given(st.permutations(range(7)))
def test_each_digit_is_told_once_in_whatever_order_its_packets_come(order: list[int]) -> None:
    sent = packets("7", 1000)
    assert [news[:2] for news in heard([sent[number] for number in order])] == [("7", False), ("7", True)]


def test_a_packet_of_an_earlier_digit_says_nothing() -> None:
    one, other = packets("1", 1000), packets("2", 3000)
    assert [news.digit for news in heard([*one, *other[:2], one[-1], *other[2:]])] == ["1", "1", "2", "2"]


def test_the_same_digit_again_is_told_again() -> None:
    assert [news.ended for news in heard(packets("4", 0xFFFFFF00) + packets("4", 2000))] == [False, True] * 2


def test_a_digit_whose_end_is_lost_ends_with_the_next() -> None:
    assert heard(packets("1", 1000)[:3] + packets("2", 4000)[:1]) == [
        Heard("1", False),
        Heard("1", True, 480),
        Heard("2", False),
    ]


def test_a_digit_that_outlasts_its_duration_field_is_one_digit() -> None:
    first = [
        (1000, payload) for payload in itertools.takewhile(lambda p: p[1] < 0x80, event_payloads("9", 0xFFFF, 160))
    ]
    assert heard(first + packets("9", 1000 + 0xFFFF)) == [Heard("9", False), Heard("9", True, 0xFFFF + 800)]


def test_a_digit_can_be_ended_from_outside() -> None:
    detector = EventDetector()
    detector.feed(*packets("3", 1000)[0])
    assert detector.is_open
    assert detector.end() == (Heard("3", True, 160),)
    assert not detector.is_open
    assert detector.end() == ()
    assert detector.feed(*packets("3", 1000)[-1]) == ()


@pytest.mark.parametrize("payload", [b"", b"\x05\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff\x8a\x00\xa0"])
def test_what_is_no_digit_says_nothing(payload: bytes) -> None:
    assert EventDetector().feed(1, payload) == ()
