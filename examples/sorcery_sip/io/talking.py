"""What a port sends of its own: sounds and digits, step by step, one step each 20 ms."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Iterable

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.pbx.media import AudioSource
from sorcery_sip.rtp.g711 import FRAME, RATE, SILENCE
from sorcery_sip.rtp.outgoing import OutgoingStream
from sorcery_sip.rtp.payload_map import number_of
from sorcery_sip.rtp.settings import NOTHING_AGREED, TELEPHONE_EVENT, DtmfMode, Format
from sorcery_sip.rtp.telephone_event import DIGITS, event_payloads
from sorcery_sip.rtp.tones import dtmf_tone

__all__ = ["Steps", "Talking"]

Steps = Generator[None, None, None]

_PAUSE_STEPS = 2
"""Between two digits."""
_SHORTEST_TONE = 40
"""Milliseconds below which nobody has to tell a digit (ITU-T Q.24); a tone of 0 would be one without end."""
_NO_SOUND: tuple[bytes, ...] = ()


class Talking:
    """The generators behind players. Each takes the stream at its first step, and gives it back when it is closed.

    `send` puts one packet on the way: who talks, payload number, timestamp, payload.
    """

    def __init__(
        self, stream: OutgoingStream, clock: Callable[[], float], send: Callable[[object, int, int, bytes], None]
    ) -> None:
        self.settings = NOTHING_AGREED
        self.codec: Format | None = None
        """What is spoken now; sounds are sent in it where they can be made in it."""
        self._stream, self._clock, self._send = stream, clock, send
        self._digits: list[object] = []  # those under way, in their order; only the first sends, and sounds are mute

    def sound(self, source: AudioSource) -> Steps:
        """Return the steps of a sound. Raises `UnsupportedFormat`."""
        self._codec_made_here()
        return self._sound(source)

    def digit(self, digit: str, milliseconds: int) -> Steps:
        """Return the steps of a digit. Raises `UnsupportedFormat` and, for what is no digit, `ValueError`."""
        if len(digit) != 1 or digit not in DIGITS:
            raise ValueError(f"{digit!r} is no digit; there are {DIGITS}")
        if self.settings.dtmf is DtmfMode.INBAND:
            codec, number = self._codec_made_here()
            tone = dtmf_tone(digit, max(milliseconds, _SHORTEST_TONE))
            return self._digit(number, tone.frames(codec), FRAME)
        event, rate = self._events()
        return self._digit(event, event_payloads(digit, milliseconds * rate // 1000, rate // 50), 0)

    def close(self) -> None:
        """Let go of who sends: without this circle a call is freed as soon as it ends."""
        self._send = _nowhere

    def _codec_made_here(self) -> tuple[str, int]:
        """Return the codec that sounds are to be made in, and its number: that in use, or else another agreed one."""
        if self.codec is None:
            raise UnsupportedFormat("no codec is agreed yet, so nothing can be played")
        send = self.settings.send
        for codec in (self.codec, *send.values()):
            if codec.name in SILENCE and (number := number_of(codec, send)) is not None:
                return codec.name, number
        raise UnsupportedFormat(f"sound cannot be made in {self.codec.name}, only in {' and '.join(SILENCE)}")

    def _events(self) -> tuple[int, int]:
        """Return the number of digits that are packets, and their clock rate."""
        if self.settings.dtmf is DtmfMode.EVENTS:
            for rate in (self.codec.clock_rate if self.codec is not None else RATE, RATE):
                number = number_of(Format(TELEPHONE_EVENT, rate), self.settings.send)
                if number is not None:
                    return number, rate
        raise UnsupportedFormat("digits do not go with the audio here: no telephone-event is agreed")

    def _sound(self, source: AudioSource) -> Steps:
        talker, stream = object(), self._stream
        frames, codec, number, count = iter(_NO_SOUND), "", 0, 0
        ready = b""
        stream.takers += 1
        try:
            timestamp = stream.position(self._clock())
            while True:
                if self.codec is not None and (agreed := self._codec_made_here()) != (codec, number):
                    codec, number = agreed
                    frames = itertools.islice(source.frames(codec), count, None)
                frame = next(frames, None)
                if frame is None:
                    break
                count += 1
                ready += frame
                size = self.settings.ptime * RATE // 1000
                while len(ready) >= size:
                    self._speak(talker, number, timestamp, ready[:size])
                    timestamp, ready = timestamp + size, ready[size:]
                yield
            if ready:
                self._speak(talker, number, timestamp, ready)
        finally:
            stream.takers -= 1

    def _speak(self, talker: object, number: int, timestamp: int, payload: bytes) -> None:
        if not self._digits:
            self._send(talker, number, timestamp, payload)

    def _digit(self, number: int, payloads: Iterable[bytes], ticks: int) -> Steps:
        talker, stream = object(), self._stream
        self._digits.append(talker)
        stream.takers += 1
        try:
            while self._digits[0] is not talker:
                yield
            timestamp = stream.position(self._clock())
            for payload in payloads:
                self._send(talker, number, timestamp, payload)
                timestamp += ticks
                yield
            for _ in range(_PAUSE_STEPS):
                yield
        finally:
            stream.takers -= 1
            self._digits.remove(talker)


def _nowhere(_speaker: object, _number: int, _timestamp: int, _payload: bytes) -> None:
    """Take a packet of a port that is closed."""
