import itertools

from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.rtp.outgoing import OutgoingStream, Translation
from sorcery_sip.rtp.packet import HEADER, RtpPacket, parse_rtp, write_rtp

SAME = list(range(128))


def stream() -> OutgoingStream:
    return OutgoingStream(ssrc=0xAAAA, sequence=0xFFFE, timestamp=0xFFFFFF00)


def relay(way: Translation, packet: RtpPacket, now: float) -> RtpPacket | None:
    data = bytearray(write_rtp(packet))
    return parse_rtp(bytes(data)) if way.apply(data, len(data), HEADER.unpack_from(data), now) else None


def sound(sequence: int, ssrc: int = 7, *, number: int = 0, marker: bool = False) -> RtpPacket:
    return RtpPacket(number, sequence & 0xFFFF, sequence * 160 & 0xFFFFFFFF, ssrc, b"x" * 160, marker)


def test_the_first_packet_follows_what_the_stream_began_with() -> None:
    packet = parse_rtp(stream().packet("player", 0, 0x50, b"x", 1.0))
    assert packet == RtpPacket(0, 0xFFFF, 0x50, 0xAAAA, b"x", marker=True)


def test_packets_of_one_talker_are_numbered_without_another_marker() -> None:
    out = stream()
    packets = [parse_rtp(out.packet("player", 0, number * 160, b"x", number * 0.02)) for number in range(3)]
    assert [packet.sequence for packet in packets] == [0xFFFF, 0, 1]
    assert [packet.marker for packet in packets] == [True, False, False]
    assert (out.packets, out.octets) == (3, 3)


def test_the_position_goes_on_with_the_time() -> None:
    out = stream()
    assert out.position(5.0) == 0xFFFFFF00
    out.packet("player", 0, 1000, b"x", 5.0)
    assert out.position(5.5) == 5000


def test_the_position_is_never_within_the_packet_that_was_sent_last() -> None:
    out = stream()
    out.packet("player", 0, 1000, b"x", 5.0)
    assert out.position(5.001) == 1160


def test_a_player_goes_on_after_the_whole_length_of_a_digit() -> None:
    out = stream()
    for number in range(5):
        out.packet("digit", 101, 1000, b"x", 5 + number * 0.02)
    assert out.position(5.1) == 1800


def test_a_player_goes_on_after_the_whole_length_of_a_digit_that_was_relayed() -> None:
    out = stream()
    way = Translation(out, SAME)
    for number in range(5):
        relay(way, RtpPacket(101, number, 70_000, 7, b"x"), 5 + number * 0.02)
    assert out.position(5.1) == (0xFFFFFF00 + 800) & 0xFFFFFFFF


def test_relayed_packets_get_the_streams_name_number_and_payload_number() -> None:
    numbers = list(SAME)
    numbers[8] = 99
    packet = relay(Translation(stream(), numbers), sound(500, number=8), 1.0)
    assert packet == RtpPacket(99, 0xFFFF, 0xFFFFFF00, 0xAAAA, b"x" * 160, marker=True)


def test_relayed_packets_keep_their_distances_and_their_markers() -> None:
    way = Translation(stream(), SAME)
    relay(way, sound(500), 1.0)
    packets = [relay(way, sound(number, marker=number == 504), 1.0) for number in (501, 504, 503)]
    assert [packet and (packet.sequence, packet.timestamp, packet.marker) for packet in packets] == [
        (0, 0xFFFFFF00 + 160, False),
        (3, (0xFFFFFF00 + 640) & 0xFFFFFFFF, True),
        (2, (0xFFFFFF00 + 480) & 0xFFFFFFFF, False),
    ]


def test_what_the_other_side_has_no_number_for_stays_here() -> None:
    out = stream()
    assert relay(Translation(out, [-1] * 128), sound(1), 1.0) is None
    assert (out.packets, out.sequence) == (0, 0xFFFE)


def test_nothing_is_relayed_while_somebody_plays() -> None:
    out = stream()
    out.takers += 1
    assert relay(Translation(out, SAME), sound(1), 1.0) is None


def test_a_relay_goes_on_where_a_player_ended() -> None:
    out = stream()
    way = Translation(out, SAME)
    relay(way, sound(500), 1.0)
    last = parse_rtp(out.packet("player", 0, 7000, b"x", 1.02))
    packet = relay(way, sound(700), 1.12)
    assert packet is not None
    assert (packet.sequence, packet.timestamp, packet.marker) == (last.sequence + 1, 7800, True)


def test_another_source_goes_on_where_the_first_ended() -> None:
    way = Translation(stream(), SAME)
    relay(way, sound(500), 1.0)
    packet = relay(way, sound(9, ssrc=8), 1.02)
    assert packet is not None
    assert (packet.sequence, packet.timestamp, packet.marker, packet.ssrc) == (0, 0xFFFFFF00 + 160, True, 0xAAAA)


def test_a_player_goes_on_after_the_highest_number_that_was_relayed() -> None:
    out = stream()
    way = Translation(out, SAME)
    for number in (500, 503, 501):
        relay(way, sound(number), 1.0)
    assert parse_rtp(out.packet("player", 0, out.position(1.02), b"x", 1.02)).sequence == 3


def keeping(out: OutgoingStream) -> Translation:
    return Translation(out, SAME, keeps_names=True)


def test_a_stream_that_begins_as_a_relay_bears_the_names_of_its_source() -> None:
    way = keeping(stream())
    assert [relay(way, sound(number), 1.0) for number in (0xFFFF, 0x10000)] == [
        sound(0xFFFF, marker=True),
        sound(0x10000),
    ]


def test_after_a_way_without_us_the_same_source_goes_on_under_its_own_numbers() -> None:
    out = stream()
    relay(keeping(out), sound(500), 1.0)
    assert relay(keeping(out), sound(900), 9.0) == sound(900, marker=True)


def test_a_source_that_is_behind_what_was_sent_since_goes_on_after_it() -> None:
    out = stream()
    way = keeping(out)
    relay(way, sound(500), 1.0)
    last = [parse_rtp(out.packet("player", 0, out.position(1.02), b"x", 1.02)) for _ in range(3)][-1]
    packet = relay(way, sound(501), 1.1)
    assert packet is not None
    assert (packet.ssrc, packet.sequence, packet.marker) == (7, last.sequence + 1, True)


def test_who_talks_after_a_pause_does_not_use_numbers_that_may_have_been_used_on_another_way() -> None:
    out = stream()
    relay(keeping(out), sound(500), 1.0)
    assert parse_rtp(out.packet("soon", 0, out.position(1.1), b"x", 1.1)).ssrc == 7
    assert parse_rtp(out.packet("later", 0, out.position(9.0), b"x", 9.0)).ssrc == 0xAAAA


def test_a_stream_that_the_peer_knows_keeps_its_name() -> None:
    out = stream()
    out.packet("player", 0, out.position(1.0), b"x", 1.0)
    packet = relay(keeping(out), sound(500), 1.1)
    assert packet is not None
    assert (packet.ssrc, packet.sequence) == (0xAAAA, 0)


@given(st.lists(st.tuples(st.sampled_from("abp"), st.integers(1, 5)), min_size=1, max_size=30))
def test_no_number_comes_twice_and_none_is_left_out_whoever_talks(turns: list[tuple[str, int]]) -> None:
    out = stream()
    ways = {"a": Translation(out, SAME), "b": Translation(out, SAME)}
    counters, sent, now = {"a": 0xFFF0, "b": 3, "p": 0}, list[RtpPacket](), 1.0
    for talker, count in turns:
        for _ in range(count):
            counters[talker] += 1
            now += 0.02
            if talker == "p":
                sent.append(parse_rtp(out.packet("p", 0, out.position(now), b"x", now)))
            else:
                packet = relay(ways[talker], sound(counters[talker], ssrc=ord(talker)), now)
                assert packet is not None
                sent.append(packet)
    assert [packet.sequence for packet in sent] == [(0xFFFF + place) & 0xFFFF for place in range(len(sent))]
    steps = [(b.timestamp - a.timestamp) & 0xFFFFFFFF for a, b in itertools.pairwise(sent)]
    assert all(159 <= step <= 161 for step in steps), steps


def test_ways_are_alike_when_they_lead_to_the_same_stream_under_the_same_numbers() -> None:
    out = stream()
    assert Translation(out, SAME).is_like(Translation(out, list(SAME)))
    assert not Translation(out, SAME).is_like(Translation(out, [-1] * 128))
    assert not Translation(out, SAME).is_like(Translation(stream(), SAME))
    assert not Translation(out, SAME).is_like(keeping(out))
