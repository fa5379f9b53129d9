import asyncio
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.io.media import RtpPort, open_rtp
from sorcery_sip.pbx.media import Dtmf
from sorcery_sip.rtp.rtcp import Report, ReportBlock, SenderInfo, parse_reports, write_report
from sorcery_sip.rtp.settings import COMFORT_NOISE, DtmfMode, Format
from sorcery_sip.rtp.telephone_event import event_payloads
from sorcery_sip.rtp.tones import dtmf_tone, parse_tone
from tests.unit.sorcery_sip.io.phones import ALAW, EVENT, ULAW, Phone, Scene, scene, until


class Forever:
    def frames(self, codec: str) -> Iterator[bytes]:
        while True:
            yield codec[:1].encode() * 160


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_connected_ports_hear_one_another(ip: str) -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        for speaker, port, listener in ((scene.alice, scene.one, scene.bob), (scene.bob, scene.other, scene.alice)):
            for number in range(3):
                speaker.say(port, payload=bytes([number]) * 160)
            packets = [await listener.hear() for _ in range(3)]
            assert [packet.payload[0] for packet in packets] == [0, 1, 2]
            assert [(packet.sequence - packets[0].sequence) & 0xFFFF for packet in packets] == [0, 1, 2]
            assert [packet.marker for packet in packets] == [True, False, False]

    scene(play, ip)


def test_each_leg_has_one_ssrc_whoever_talks() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.say(scene.one, ssrc=7)
        scene.alice.say(scene.one, ssrc=8)
        packets = [await scene.bob.hear() for _ in range(2)]
        assert {packet.ssrc for packet in packets} == {scene.other.outgoing.ssrc}
        assert packets[1].sequence == (packets[0].sequence + 1) & 0xFFFF

    scene(play)


def test_what_the_other_leg_has_no_number_for_stays_here() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(receive={0: ULAW, 8: ALAW})
        scene.one.connect(scene.other)
        scene.alice.say(scene.one, number=8)
        scene.alice.say(scene.one, number=0)
        assert (await scene.bob.hear()).number == 0
        assert scene.one.incoming.packets == 2
        assert not scene.bob.has_heard()

    scene(play)


def test_a_port_that_is_disconnected_hears_no_more() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.other.disconnect()
        scene.alice.say(scene.one)
        await scene.heard(1)
        assert not scene.bob.has_heard()

    scene(play)


def test_a_port_that_is_connected_to_a_third_lets_go_of_the_second() -> None:
    async def play(scene: Scene) -> None:
        third = open_rtp("127.0.0.1", scene.ports, scene.media)
        scene.configure()
        third.configure(scene.other.settings)
        scene.one.connect(scene.other)
        scene.one.connect(third)
        scene.bob.say(scene.other)
        scene.bob.say(third)
        await scene.alice.hear()
        await until(lambda: scene.other.incoming.packets)
        assert not scene.alice.has_heard()
        third.close()

    scene(play)


@pytest.mark.parametrize("closed", ["one", "other"])
def test_a_leg_that_is_closed_leaves_the_other_alone(closed: str) -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        left = scene.other if closed == "one" else scene.one
        getattr(scene, closed).close()
        (scene.bob if closed == "one" else scene.alice).say(left)
        await until(lambda: left.incoming.packets == 1)

    scene(play)


def test_a_new_negotiation_does_not_break_a_relay() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        packets = []
        for _ in range(2):
            scene.alice.say(scene.one)
            packets.append(await scene.bob.hear())
            scene.configure()
        assert packets[1].sequence == (packets[0].sequence + 1) & 0xFFFF
        assert packets[1].timestamp == (packets[0].timestamp + 160) & 0xFFFFFFFF
        assert not packets[1].marker

    scene(play)


def test_a_negotiation_of_other_numbers_counts_at_once_for_both_legs() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.other.configure(attrs.evolve(scene.other.settings, send={99: ULAW}))
        scene.alice.say(scene.one)
        assert (await scene.bob.hear()).number == 99

    scene(play)


@pytest.mark.parametrize(
    "changes", [{"sends": False}, {"remote": None}, {"remote": ("0.0.0.0", 4000)}], ids=["direction", "none", "0.0.0.0"]
)
def test_nothing_is_sent_to_who_wants_nothing(changes: dict[str, Any]) -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.other.configure(attrs.evolve(scene.other.settings, **changes))
        scene.other.play(Forever())
        scene.media.players.turn()
        scene.alice.say(scene.one)
        await scene.heard(1)
        assert not scene.bob.has_heard()
        assert scene.other.outgoing.packets == 0

    scene(play)


def test_nothing_is_taken_from_who_is_not_to_send() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(receives=False)
        scene.one.connect(scene.other)
        scene.alice.say(scene.one)
        await scene.heard(1)
        assert scene.one.statistics["dropped"] == 1
        assert not scene.bob.has_heard()

    scene(play)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80", b"\x80\x00" + b"x" * 9, b"\x00\x00" + b"x" * 30, b"\x80\x62" + b"x" * 30, b"\x80\xc8" + b"x" * 30],
    ids=["empty", "one octet", "short", "no version", "unknown number", "RTCP"],
)
def test_what_is_no_rtp_that_was_agreed_is_dropped_and_counted(data: bytes) -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.rtp.sendto(data, scene.one.local)
        await scene.heard(1)
        scene.alice.say(scene.one)
        await scene.bob.hear()
        assert (scene.one.statistics["dropped"], scene.one.statistics["received"]) == (1, 1)

    scene(play)


def test_a_broken_packet_of_a_digit_is_dropped_and_counted() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.alice.rtp.sendto(b"\x90\x65" + bytes(10) + b"\xbe\xde\xff\xff", scene.one.local)
        await scene.heard(1)
        assert (scene.one.statistics["dropped"], scene.one.statistics["received"]) == (1, 0)

    scene(play)


def test_strangers_are_not_heard() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.say(scene.one)
        await scene.bob.hear()
        stranger = Phone()
        for _ in range(9):
            stranger.say(scene.one)
        await scene.heard(10)
        stranger.close()
        assert not scene.bob.has_heard()
        assert scene.one.statistics["dropped"] == 9

    scene(play)


def test_symmetric_rtp_answers_to_where_packets_come_from() -> None:
    async def play(scene: Scene) -> None:
        nat = Phone()
        scene.configure(symmetric=True)
        scene.one.connect(scene.other)
        for _ in range(4):
            nat.say(scene.one)
        await scene.heard(4)
        scene.bob.say(scene.other)
        await nat.hear()
        assert not scene.alice.has_heard()
        nat.close()

    scene(play)


def test_an_echo_sends_back_sound_and_no_digits() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.echo(True)
        scene.alice.say(scene.one, payload=b"a" * 160)
        scene.alice.say(scene.one, number=101, payload=bytes.fromhex("050a00a0"))
        scene.alice.say(scene.one, payload=b"b" * 160)
        packets = [await scene.alice.hear() for _ in range(2)]
        assert [packet.payload[:1] for packet in packets] == [b"a", b"b"]
        assert {packet.ssrc for packet in packets} == {scene.one.outgoing.ssrc}
        scene.one.echo(False)
        scene.alice.say(scene.one)
        await scene.heard(4)
        assert not scene.alice.has_heard()

    scene(play)


def test_what_is_played_goes_out_in_time_and_then_it_is_over() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        assert scene.one.codec == "ulaw"
        playing = scene.one.play(parse_tone("!440/60"))
        packets = [await scene.alice.hear() for _ in range(3)]
        assert b"".join(packet.payload for packet in packets) == b"".join(parse_tone("!440/60").frames("ulaw"))
        assert [packet.timestamp - packets[0].timestamp for packet in packets] == [0, 160, 320]
        assert await playing is True

    scene(play)


def test_what_is_played_goes_before_what_would_be_relayed() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.say(scene.one)
        before = await scene.bob.hear()
        playing = scene.other.play(Forever())
        scene.media.players.turn()
        played = await scene.bob.hear()
        scene.alice.say(scene.one)
        await scene.heard(2)
        playing.stop()
        scene.alice.say(scene.one, payload=b"y" * 160)
        after = await scene.bob.hear()
        while after.payload[:1] == b"u":
            played, after = after, await scene.bob.hear()
        assert after.payload[:1] == b"y"
        assert (before.ssrc, after.sequence) == (after.ssrc, (played.sequence + 1) & 0xFFFF)
        assert (played.marker or played.sequence != before.sequence + 1, after.marker) == (True, True)

    scene(play)


def test_playing_something_else_stops_what_played_before() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        one = scene.one.play(Forever())
        other = scene.one.play(Forever())
        assert await one is False
        other.stop()
        assert await other is False

    scene(play)


def test_time_passes_for_a_sound_that_nobody_can_be_sent() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(remote=None)
        assert await scene.one.play(parse_tone("!440/60")) is True

    scene(play)


def test_a_codec_that_cannot_be_made_is_refused_and_what_plays_goes_on() -> None:
    async def play(scene: Scene) -> None:
        with pytest.raises(UnsupportedFormat, match="no codec"):
            scene.one.play(Forever())
        scene.configure()
        playing = scene.one.play(Forever())
        scene.one.configure(attrs.evolve(scene.one.settings, send={9: Format("g722")}))
        with pytest.raises(UnsupportedFormat, match="g722"):
            scene.one.play(Forever())
        with pytest.raises(UnsupportedFormat, match="g722"):
            await playing

    scene(play)


@pytest.mark.parametrize(("follow", "number"), [(True, 8), (False, 0)])
def test_sounds_follow_the_peer_to_another_codec_where_that_is_wanted(follow: bool, number: int) -> None:
    async def play(scene: Scene) -> None:
        both = {0: ULAW, 8: ALAW}
        scene.configure(send=both, receive=both, follow_codec=follow)
        scene.alice.say(scene.one, number=8)
        await scene.heard(1)
        scene.one.play(Forever())
        packet = await scene.alice.hear()
        assert (packet.number, packet.payload[:1]) == (number, b"a" if follow else b"u")

    scene(play)


def test_the_peer_is_followed_again_after_a_new_negotiation() -> None:
    async def play(scene: Scene) -> None:
        both = {0: ULAW, 8: ALAW}
        for count in (1, 2):
            scene.configure(send=both, receive=both)
            assert scene.one.codec == "ulaw"
            scene.alice.say(scene.one, number=8)
            await scene.heard(count)
            assert scene.one.codec == "alaw"

    scene(play)


def test_streams_have_the_clock_of_their_codec() -> None:
    async def play(scene: Scene) -> None:
        opus = {111: Format("opus", 48000, 2)}
        scene.configure(send=opus, receive=opus, keepalive=1)
        for _ in range(2):
            scene.now += 1
            scene.media.checks.turn()
        first, second = [await scene.alice.hear() for _ in range(2)]
        assert second.timestamp == (first.timestamp + 48_000) & 0xFFFFFFFF

    scene(play)


def test_octets_are_those_of_payloads() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.say(scene.one)
        await scene.bob.hear()
        assert scene.one.statistics["received_octets"] == 160
        assert scene.other.statistics["sent_octets"] == 160

    scene(play)


def test_digits_are_told_and_relayed_under_the_other_legs_number() -> None:
    async def play(scene: Scene) -> None:
        heard: list[Dtmf] = []
        scene.configure()
        scene.one.on_dtmf(heard.append)
        scene.one.connect(scene.other)
        for payload in event_payloads("5", 800, 160):
            scene.alice.say(scene.one, number=101, payload=payload)
        packets = [await scene.bob.hear() for _ in range(7)]
        assert {packet.number for packet in packets} == {96}
        assert heard == [Dtmf("5", False, 0, True), Dtmf("5", True, 100, True)]

    scene(play)


def test_digits_that_the_other_leg_cannot_take_are_told_as_not_relayed() -> None:
    async def play(scene: Scene) -> None:
        heard: list[Dtmf] = []
        scene.configure()
        scene.other.configure(attrs.evolve(scene.other.settings, send={0: ULAW}))
        scene.one.on_dtmf(heard.append)
        scene.one.connect(scene.other)
        scene.alice.say(scene.one, number=101, payload=bytes.fromhex("058a0320"))
        await until(lambda: len(heard) == 2)
        assert {news.relayed for news in heard} == {False}

    scene(play)


def test_a_digit_whose_end_never_comes_ends_by_itself() -> None:
    async def play(scene: Scene) -> None:
        heard: list[Dtmf] = []
        scene.configure()
        scene.one.on_dtmf(heard.append)
        scene.alice.say(scene.one, number=101, payload=bytes.fromhex("050a0320"))
        await until(lambda: heard)
        scene.now += 1
        scene.media.checks.turn()
        assert heard[1:] == [Dtmf("5", True, 100)]

    scene(play)


def test_who_hears_a_digit_may_close_the_port() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.one.on_dtmf(lambda _: scene.one.close())
        for _ in range(3):
            scene.alice.say(scene.one, number=101, payload=bytes.fromhex("050a00a0"))
        await until(lambda: len(scene.ports) == scene.free - 1)

    scene(play)


def test_inband_digits_are_heard_in_what_is_relayed() -> None:
    async def play(scene: Scene) -> None:
        heard: list[Dtmf] = []
        scene.configure(dtmf=DtmfMode.INBAND)
        scene.one.on_dtmf(heard.append)
        scene.one.connect(scene.other)
        for frame in [*dtmf_tone("7", 100).frames("ulaw"), *[b"\xff" * 160] * 3]:
            scene.alice.say(scene.one, payload=frame)
        await until(lambda: len(heard) == 2)
        assert [(news.digit, news.relayed) for news in heard] == [("7", True)] * 2

    scene(play)


def test_a_digit_that_is_sent_arrives_at_another_port() -> None:
    async def play(scene: Scene) -> None:
        heard: list[Dtmf] = []
        scene.configure()
        scene.one.configure(attrs.evolve(scene.one.settings, remote=scene.other.local))
        numbers = {0: ULAW, 101: EVENT}
        scene.other.configure(attrs.evolve(scene.other.settings, remote=scene.one.local, receive=numbers))
        scene.other.on_dtmf(heard.append)
        assert await scene.one.send_dtmf("#", 60) is True
        await until(lambda: len(heard) == 2)
        assert heard == [Dtmf("#", False), Dtmf("#", True, 60)]

    scene(play)


def test_no_more_than_a_hundred_digits_wait() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        waiting = [scene.one.send_dtmf("1") for _ in range(100)]
        with pytest.raises(ValueError, match="wait to be sent"):
            scene.one.send_dtmf("2")
        waiting[7].stop()
        scene.one.send_dtmf("2")

    scene(play)


def test_closing_stops_what_plays_and_what_is_sent() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        playing = [scene.one.play(Forever()), scene.one.send_dtmf("1"), scene.one.send_dtmf("2")]
        scene.one.close()
        scene.one.close()
        assert [await one for one in playing] == [False] * 3

    scene(play)


def test_all_sound_goes_to_who_listens() -> None:
    async def play(scene: Scene) -> None:
        heard: list[tuple[str, bytes]] = []
        scene.configure()
        scene.one.on_audio(lambda codec, payload: heard.append((codec, payload)))
        scene.alice.say(scene.one, payload=b"sound")
        await until(lambda: heard)
        assert heard == [("ulaw", b"sound")]
        scene.one.on_audio(None)
        scene.alice.say(scene.one)
        await scene.heard(2)
        assert len(heard) == 1

    scene(play)


@pytest.mark.parametrize(("sends", "seconds"), [(True, 30), (False, 300)], ids=["talking", "held"])
def test_a_peer_that_is_gone_is_told_once_after_the_time_that_was_agreed(sends: bool, seconds: float) -> None:
    async def play(scene: Scene) -> None:
        told: list[float] = []
        scene.configure(timeout=30, hold_timeout=300, sends=sends)
        scene.one.on_timeout(lambda: told.append(scene.now))
        scene.now += 10
        scene.alice.say(scene.one)
        await scene.heard(1)
        for later in (seconds - 1, 1, 1, 1000):
            scene.now += later
            scene.media.checks.turn()
        assert told == [1010 + seconds]

    scene(play)


def test_a_new_negotiation_gives_the_peer_its_time_again() -> None:
    async def play(scene: Scene) -> None:
        told: list[str] = []
        scene.configure(timeout=30)
        scene.one.on_timeout(lambda: told.append("gone"))
        scene.now += 29
        scene.configure(timeout=30)
        scene.now += 29
        scene.media.checks.turn()
        assert told == []
        scene.now += 1
        scene.media.checks.turn()
        assert told == ["gone"]

    scene(play)


@pytest.mark.parametrize("changes", [{}, {"receives": False, "hold_timeout": 30}], ids=["noise", "held"])
def test_a_peer_whose_packets_are_not_taken_in_is_alive_and_a_stranger_does_not_stand_in_for_it(
    changes: dict[str, Any],
) -> None:
    async def play(scene: Scene) -> None:
        told: list[str] = []
        scene.configure(timeout=30, symmetric=True, **changes)
        scene.one.on_timeout(lambda: told.append("gone"))
        scene.now += 20
        scene.alice.say(scene.one, number=13, payload=b"x")
        await scene.heard(1)
        scene.now += 20
        scene.bob.say(scene.one, number=13, payload=b"x")
        await scene.heard(2)
        scene.media.checks.turn()
        assert told == []
        assert scene.one.peer.destination == scene.alice.address
        scene.now += 10
        scene.media.checks.turn()
        assert told == ["gone"]

    scene(play)


def test_what_is_no_rtp_is_no_sign_of_life() -> None:
    async def play(scene: Scene) -> None:
        told: list[str] = []
        scene.configure(timeout=30)
        scene.one.on_timeout(lambda: told.append("gone"))
        scene.now += 20
        for octets in (b"x" * 20, b"\x80\x0d", write_report(Report(7), "alice")):
            scene.alice.rtp.sendto(octets, scene.one.local)
        await scene.heard(3)
        scene.now += 10
        scene.media.checks.turn()
        assert told == ["gone"]

    scene(play)


def test_nobody_is_missed_where_no_time_was_agreed() -> None:
    async def play(scene: Scene) -> None:
        scene.one.on_timeout(lambda: pytest.fail("nobody asked for that"))
        scene.media.checks.turn()
        scene.configure(timeout=0)
        scene.now += 1e6
        scene.media.checks.turn()

    scene(play)


def test_who_is_told_that_the_peer_is_gone_may_close_the_port() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(timeout=30)
        scene.one.on_timeout(scene.one.close)
        scene.now += 30
        scene.media.checks.turn()
        assert len(scene.ports) == scene.free - 1

    scene(play)


def test_a_port_that_was_closed_meanwhile_misses_nobody() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(timeout=30)
        scene.one.on_timeout(lambda: pytest.fail("it is closed"))
        scene.one.on_dtmf(lambda news: scene.one.close() if news.ended else None)
        scene.alice.say(scene.one, number=101, payload=bytes.fromhex("050a00a0"))
        await scene.heard(1)
        scene.now += 30
        scene.media.checks.turn()
        assert len(scene.ports) == scene.free - 1

    scene(play)


def test_comfort_noise_goes_where_nothing_else_has_gone() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(keepalive=10)
        for later in (9, 1, 9, 1):
            scene.now += later
            scene.media.checks.turn()
        packets = [await scene.alice.hear() for _ in range(2)]
        assert [(packet.number, packet.payload) for packet in packets] == [(13, b"\x7f")] * 2
        assert packets[1].timestamp == (packets[0].timestamp + 80_000) & 0xFFFFFFFF
        assert not scene.alice.has_heard()

    scene(play)


def test_comfort_noise_is_relayed_where_both_know_it() -> None:
    async def play(scene: Scene) -> None:
        numbers = {0: ULAW, 13: Format(COMFORT_NOISE)}
        scene.configure(send=numbers, receive=numbers)
        scene.one.connect(scene.other)
        scene.alice.say(scene.one, number=13, payload=b"\x7f")
        assert (await scene.bob.hear()).number == 13

    scene(play)


def test_a_port_that_ends_the_stream_reports_every_five_seconds() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.alice.say(scene.one, ssrc=77)
        scene.alice.say(scene.one, ssrc=77, skip=3)
        await scene.heard(2)
        scene.now += 4
        scene.media.checks.turn()
        scene.now += 1
        scene.media.checks.turn()
        (report,) = parse_reports(await scene.alice.hear_rtcp())
        assert (report.ssrc, report.sender) == (scene.one.outgoing.ssrc, None)
        assert [(block.ssrc, block.lost) for block in report.blocks] == [(77, 2)]
        scene.now += 4
        scene.media.checks.turn()
        with pytest.raises(BlockingIOError):
            scene.alice.rtcp.recv(2048)

    scene(play)


def test_reports_of_one_leg_reach_the_other_in_its_own_terms() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.alice.say(scene.one, ssrc=77)
        to_bob = await scene.bob.hear()
        scene.bob.say(scene.other, ssrc=88)
        to_alice = await scene.alice.hear()
        block = ReportBlock(to_alice.ssrc, 1, 2, to_alice.sequence, 3)
        said = Report(77, SenderInfo(1 << 40, scene.alice.sequence * 160, 1, 160), (block,))
        scene.alice.rtcp.sendto(write_report(said, "alice"), (scene.one.local[0], scene.one.local[1] + 1))
        (report,) = parse_reports(await scene.bob.hear_rtcp())
        assert report.ssrc == to_bob.ssrc
        assert report.sender == SenderInfo(1 << 40, to_bob.timestamp, 1, 160)
        assert [(block.ssrc, block.lost, block.highest & 0xFFFF) for block in report.blocks] == [
            (88, 2, scene.bob.sequence & 0xFFFF)
        ]
        assert scene.one.statistics["peer_lost"] == 2

    scene(play)


def test_a_leg_that_is_relayed_gets_no_reports_of_ours() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        scene.one.connect(scene.other)
        scene.now += 6
        scene.media.checks.turn()
        scene.one.disconnect()
        scene.now += 5
        scene.media.checks.turn()
        (report,) = parse_reports(await scene.alice.hear_rtcp())
        assert report.blocks == ()
        with pytest.raises(BlockingIOError):
            scene.alice.rtcp.recv(2048)

    scene(play)


def test_rtcp_may_share_the_port_of_rtp() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(rtcp_mux=True)
        scene.alice.say(scene.one)
        await scene.heard(1)
        block = ReportBlock(scene.one.outgoing.ssrc, 0, 5, 6, 7)
        scene.alice.rtp.sendto(write_report(Report(77, None, (block,)), "alice"), scene.one.local)
        await until(lambda: scene.one.statistics["peer_lost"] == 5)
        scene.now += 5
        scene.media.checks.turn()
        data = await asyncio.get_running_loop().sock_recv(scene.alice.rtp, 2048)
        assert parse_reports(data)[0].ssrc == scene.one.outgoing.ssrc
        assert scene.one.statistics["dropped"] == 0

    scene(play)


def test_rtcp_on_the_port_of_rtp_is_dropped_unless_that_was_agreed() -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        block = ReportBlock(scene.one.outgoing.ssrc, 0, 5, 6, 7)
        scene.alice.rtp.sendto(write_report(Report(77, None, (block,)), "alice"), scene.one.local)
        await scene.heard(1)
        assert (scene.one.statistics["dropped"], scene.one.statistics["peer_lost"]) == (1, 0)

    scene(play)


@pytest.mark.parametrize("remote", [("::1", 4000), ("alice.example", 4000), ("127.0.0.1", 70_000)])
def test_an_address_that_cannot_be_sent_to_is_refused_and_changes_nothing(remote: tuple[str, int]) -> None:
    async def play(scene: Scene) -> None:
        scene.configure()
        before = scene.one.settings
        with pytest.raises(ValueError, match="is no"):
            scene.one.configure(attrs.evolve(before, remote=remote))
        assert scene.one.settings is before

    scene(play)


def test_what_the_network_refuses_is_counted_as_lost() -> None:
    async def play(scene: Scene) -> None:
        scene.configure(remote=("255.255.255.255", 4000), remote_rtcp=None)  # sockets may not, unless they say so
        scene.one.connect(scene.other)
        scene.one.play(Forever())
        scene.media.players.turn()
        assert scene.one.statistics["dropped"] == 1
        for _ in range(4):
            scene.alice.say(scene.one)
        await until(lambda: scene.other.statistics["dropped"])

    scene(play)


def test_a_closed_port_is_freed_without_the_collector() -> None:
    def opened_and_closed(scene: Scene) -> weakref.ref[RtpPort]:
        port = open_rtp("127.0.0.1", scene.ports, scene.media)
        port.on_dtmf(lambda _: port.close())
        port.on_timeout(port.close)
        port.close()
        return weakref.ref(port)

    async def play(scene: Scene) -> None:
        gc.disable()
        try:
            assert opened_and_closed(scene)() is None
        finally:
            gc.enable()

    scene(play)
