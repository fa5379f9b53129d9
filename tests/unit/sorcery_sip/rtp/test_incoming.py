import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.rtp.incoming import IncomingStream


def feed(stream: IncomingStream, sequences: list[int], ssrc: int = 7) -> None:
    for sequence in sequences:
        stream.count(sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, ssrc, 160, sequence * 0.02)


def test_packets_octets_and_losses_are_counted() -> None:
    stream = IncomingStream()
    feed(stream, [10, 11, 13, 14, 17])
    assert (stream.packets, stream.octets, stream.expected, stream.lost) == (5, 800, 8, 3)


@given(st.integers(0, 0xFFFF), st.sets(st.integers(1, 98)), st.randoms(use_true_random=False))
def test_losses_are_what_is_missing_in_whatever_order_the_rest_comes(
    first: int, lost: set[int], chance: object
) -> None:
    sequences = [first + number for number in range(100) if number not in lost]
    middle = sequences[1:-1]
    chance.shuffle(middle)  # type: ignore[attr-defined]
    stream = IncomingStream()
    feed(stream, [sequences[0], *middle, sequences[-1]])
    assert stream.lost == len(lost)


def test_a_sequence_that_goes_round_counts_on() -> None:
    stream = IncomingStream()
    feed(stream, list(range(0xFFF0, 0xFFF0 + 70_000)))
    assert (stream.lost, stream.highest) == (0, 0xFFF0 + 69_999)


def test_a_leap_is_no_loss() -> None:
    stream = IncomingStream()
    feed(stream, [1, 2, 20_000, 20_001])
    assert (stream.packets, stream.lost) == (4, 0)


def test_another_source_is_counted_after_the_first() -> None:
    stream = IncomingStream()
    feed(stream, [1, 2, 4])
    feed(stream, [100, 103], ssrc=8)
    assert (stream.ssrc, stream.packets, stream.lost) == (8, 5, 3)


def test_doubled_packets_make_up_for_lost_ones() -> None:
    stream = IncomingStream()
    feed(stream, [1, 1, 2])
    assert stream.lost == -1


def test_packets_that_keep_their_pace_have_no_jitter() -> None:
    stream = IncomingStream()
    feed(stream, list(range(100)))
    assert stream.jitter == pytest.approx(0, abs=1e-9)


def test_jitter_comes_near_to_how_much_packets_are_late() -> None:
    stream = IncomingStream()
    for number in range(400):
        stream.count(number, number * 160, 7, 160, number * 0.02 + (0.004 if number % 2 else 0))
    assert stream.jitter == pytest.approx(0.004, rel=0.01)


def test_a_leap_of_the_timestamp_is_no_jitter() -> None:
    stream = IncomingStream()
    stream.count(1, 160, 7, 160, 0.02)
    stream.count(2, 999_999, 7, 160, 0.04)
    assert stream.jitter == 0


def test_packets_of_a_digit_count_and_leave_the_jitter_alone() -> None:
    stream = IncomingStream()
    feed(stream, [1, 2])
    for sequence in range(3, 9):
        stream.count_event(sequence, 7, 4, sequence * 0.02)
    feed(stream, [9, 10])
    assert (stream.packets, stream.lost) == (10, 0)
    assert stream.jitter == pytest.approx(0, abs=1e-9)
    assert stream.time == pytest.approx(0.2)


def test_a_report_tells_the_losses_since_the_last_one() -> None:
    stream = IncomingStream()
    feed(stream, [1, 2, 3, 5])
    assert stream.report() == (256 // 5, 1, 5, 0)
    feed(stream, [6, 7])
    assert stream.report() == (0, 1, 7, 0)
    feed(stream, [15])
    assert stream.report() == (7 * 256 // 8, 8, 15, 0)


def test_a_report_without_packets_is_of_nothing_lost() -> None:
    assert IncomingStream().report() == (0, 0, 0, 0)
