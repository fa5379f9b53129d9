from collections.abc import Iterator

import attrs
import pytest

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.io.talking import Talking
from sorcery_sip.rtp.g711 import FRAME
from sorcery_sip.rtp.outgoing import OutgoingStream
from sorcery_sip.rtp.packet import RtpPacket, parse_rtp
from sorcery_sip.rtp.settings import TELEPHONE_EVENT, DtmfMode, Format, RtpSettings
from sorcery_sip.rtp.tones import dtmf_tone

ULAW, ALAW, G722 = Format("ulaw"), Format("alaw"), Format("g722")
SETTINGS = RtpSettings(send={0: ULAW, 8: ALAW, 101: Format(TELEPHONE_EVENT)})


class Numbered:
    """Sound in which each frame says which it is."""

    def __init__(self, count: int) -> None:
        self.count = count

    def frames(self, codec: str) -> Iterator[bytes]:
        return (bytes([number + (100 if codec == "alaw" else 0)]) * FRAME for number in range(self.count))


class Scene:
    def __init__(self, settings: RtpSettings = SETTINGS) -> None:
        self.now, self.sent = 10.0, list[RtpPacket]()
        self.stream = OutgoingStream(7, 0, 5000)
        self.talking = Talking(self.stream, lambda: self.now, self.send)
        self.talking.settings, self.talking.codec = settings, settings.codec

    def send(self, talker: object, number: int, timestamp: int, payload: bytes) -> None:
        self.sent.append(parse_rtp(self.stream.packet(talker, number, timestamp, payload, self.now)))

    def step(self, *generators: Iterator[None], times: int = 1) -> None:
        for _ in range(times):
            for generator in generators:
                next(generator, None)
            self.now += 0.02


def test_a_sound_goes_out_frame_by_frame() -> None:
    scene = Scene()
    scene.step(scene.talking.sound(Numbered(3)), times=5)
    assert [packet.timestamp for packet in scene.sent] == [5000, 5160, 5320]
    assert [packet.payload[0] for packet in scene.sent] == [0, 1, 2]
    assert [packet.marker for packet in scene.sent] == [True, False, False]


@pytest.mark.parametrize(("ptime", "sizes"), [(10, [80] * 6), (30, [240, 240]), (40, [320, 160]), (60, [480])])
def test_packets_are_as_long_as_was_agreed(ptime: int, sizes: list[int]) -> None:
    scene = Scene(attrs.evolve(SETTINGS, ptime=ptime))
    scene.step(scene.talking.sound(Numbered(3)), times=5)
    assert [len(packet.payload) for packet in scene.sent] == sizes
    assert [packet.timestamp - 5000 for packet in scene.sent] == [sum(sizes[:place]) for place in range(len(sizes))]


def test_a_sound_goes_on_in_another_codec_when_that_changes() -> None:
    scene = Scene()
    sound = scene.talking.sound(Numbered(4))
    scene.step(sound, times=2)
    scene.talking.codec = ALAW
    scene.step(sound, times=2)
    assert [(packet.number, packet.payload[0]) for packet in scene.sent] == [(0, 0), (0, 1), (8, 102), (8, 103)]


def test_a_sound_is_made_in_another_agreed_codec_when_it_cannot_be_in_the_one_in_use() -> None:
    scene = Scene(RtpSettings(send={9: G722, 8: ALAW}))
    scene.step(scene.talking.sound(Numbered(1)))
    assert [packet.number for packet in scene.sent] == [8]


def test_time_passes_for_a_sound_while_no_codec_is_agreed() -> None:
    scene = Scene()
    sound = scene.talking.sound(Numbered(4))
    scene.step(sound)
    scene.talking.codec = None
    scene.step(sound, times=2)
    scene.talking.codec = ULAW
    scene.step(sound)
    assert scene.sent[-1].payload[0] == 3


def test_a_sound_fails_when_the_codec_becomes_one_that_cannot_be_made() -> None:
    scene = Scene()
    sound = scene.talking.sound(Numbered(4))
    next(sound)
    scene.talking.settings, scene.talking.codec = RtpSettings(send={9: G722}), G722
    with pytest.raises(UnsupportedFormat, match="g722, only in ulaw and alaw"):
        next(sound)
    assert scene.stream.takers == 0


@pytest.mark.parametrize(("send", "what"), [({9: G722}, "g722"), ({}, "no codec is agreed")])
def test_a_sound_that_cannot_be_made_is_refused_at_once(send: dict[int, Format], what: str) -> None:
    with pytest.raises(UnsupportedFormat, match=what):
        Scene(RtpSettings(send=send)).talking.sound(Numbered(1))


def test_the_stream_is_taken_from_the_first_step_until_the_end() -> None:
    scene = Scene()
    sound = scene.talking.sound(Numbered(1))
    assert scene.stream.takers == 0
    scene.step(sound)
    assert scene.stream.takers == 1
    scene.step(sound)
    assert scene.stream.takers == 0


def test_a_sound_that_is_broken_off_gives_the_stream_back() -> None:
    scene = Scene()
    sound = scene.talking.sound(Numbered(9))
    scene.step(sound)
    sound.close()
    assert scene.stream.takers == 0


def test_a_digit_is_packets_under_one_timestamp_with_three_ends() -> None:
    scene = Scene()
    scene.step(scene.talking.digit("5", 60), times=9)
    assert [packet.payload.hex() for packet in scene.sent] == ["050a00a0", "050a0140", *["058a01e0"] * 3]
    assert {(packet.number, packet.timestamp) for packet in scene.sent} == {(101, 5000)}
    assert [packet.sequence for packet in scene.sent] == [1, 2, 3, 4, 5]
    assert [packet.marker for packet in scene.sent] == [True] + [False] * 4


def test_digits_come_one_after_the_other_with_a_pause() -> None:
    scene = Scene()
    one, two = scene.talking.digit("1", 20), scene.talking.digit("2", 20)
    scene.step(one, two, times=12)
    assert [packet.payload[0] for packet in scene.sent] == [1] * 3 + [2] * 3
    assert scene.sent[3].timestamp - scene.sent[0].timestamp == 5 * 160
    assert scene.stream.takers == 0


def test_a_digit_that_waited_and_is_broken_off_lets_the_next_through() -> None:
    scene = Scene()
    one, two, three = (scene.talking.digit(digit, 20) for digit in "123")
    scene.step(one, two, three)
    two.close()
    scene.step(one, three, times=12)
    assert [packet.payload[0] for packet in scene.sent] == [1] * 3 + [3] * 3


def test_a_sound_is_mute_while_a_digit_goes_out_and_time_passes() -> None:
    scene = Scene()
    sound, digit = scene.talking.sound(Numbered(20)), scene.talking.digit("5", 40)
    scene.step(sound, times=2)
    scene.step(digit, sound, times=7)
    scene.step(sound)
    assert [packet.number for packet in scene.sent] == [0, 0, 101, 101, 101, 101, 0, 0]
    assert [packet.payload[0] for packet in scene.sent if packet.number == 0] == [0, 1, 8, 9]
    assert scene.sent[2].timestamp == 5320
    assert scene.sent[6].timestamp == 5000 + 8 * 160
    assert scene.sent[6].marker


def test_digits_have_the_clock_rate_of_the_codec_when_that_is_agreed() -> None:
    events = {100: Format(TELEPHONE_EVENT), 101: Format(TELEPHONE_EVENT, 48000)}
    scene = Scene(RtpSettings(send={111: Format("opus", 48000, 2), **events}))
    scene.step(scene.talking.digit("5", 40), times=9)
    assert {packet.number for packet in scene.sent} == {101}
    assert int.from_bytes(scene.sent[-1].payload[2:], "big") == 1920


def test_digits_at_8000_hz_go_with_any_codec() -> None:
    scene = Scene(RtpSettings(send={111: Format("opus", 48000, 2), 100: Format(TELEPHONE_EVENT)}))
    scene.step(scene.talking.digit("5", 40), times=9)
    assert int.from_bytes(scene.sent[-1].payload[2:], "big") == 320


def test_inband_digits_are_tones() -> None:
    scene = Scene(attrs.evolve(SETTINGS, dtmf=DtmfMode.INBAND))
    scene.step(scene.talking.digit("5", 60), times=9)
    assert b"".join(packet.payload for packet in scene.sent) == b"".join(dtmf_tone("5", 60).frames("ulaw"))
    assert [(packet.number, packet.timestamp) for packet in scene.sent] == [(0, 5000), (0, 5160), (0, 5320)]


@pytest.mark.parametrize("milliseconds", [0, 5])
def test_an_inband_digit_that_lasted_no_time_is_a_short_tone_and_ends(milliseconds: int) -> None:
    scene = Scene(attrs.evolve(SETTINGS, dtmf=DtmfMode.INBAND))
    scene.step(scene.talking.digit("5", milliseconds), times=100)
    assert b"".join(packet.payload for packet in scene.sent) == b"".join(dtmf_tone("5", 40).frames("ulaw"))
    assert scene.stream.takers == 0


@pytest.mark.parametrize(
    "settings",
    [
        attrs.evolve(SETTINGS, dtmf=DtmfMode.OUTSIDE),
        RtpSettings(send={0: ULAW}),
        RtpSettings(send={9: G722}, dtmf=DtmfMode.INBAND),
    ],
    ids=["outside", "no event agreed", "inband without G.711"],
)
def test_digits_that_cannot_go_with_the_audio_are_refused(settings: RtpSettings) -> None:
    with pytest.raises(UnsupportedFormat):
        Scene(settings).talking.digit("5", 100)


@pytest.mark.parametrize("digit", ["", "x", "12", "a"])
def test_what_is_no_digit_is_refused(digit: str) -> None:
    with pytest.raises(ValueError, match="is no digit"):
        Scene().talking.digit(digit, 100)
