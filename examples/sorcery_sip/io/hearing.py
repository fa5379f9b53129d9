"""What is listened to in a stream: digits, as packets or as tones, and for who wants it the sound."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sorcery_sip.pbx.media import Dtmf
from sorcery_sip.rtp.g711 import RATE, SILENCE
from sorcery_sip.rtp.listening import DtmfListener
from sorcery_sip.rtp.packet import RtpPacket
from sorcery_sip.rtp.settings import DtmfMode, Format, RtpSettings
from sorcery_sip.rtp.telephone_event import EventDetector, Heard

__all__ = ["Hearing"]

_DIGIT_SECONDS = 0.5
"""A digit whose packets have stopped for so long has ended, though nothing said so."""


class Hearing:
    """Tell `on_dtmf` of each digit, and `on_audio` of each packet of sound: the codec's name and the payload."""

    def __init__(self) -> None:
        self.on_dtmf: Callable[[Dtmf], None] | None = None
        self.on_audio: Callable[[str, bytes], None] | None = None
        self._is_inband = False
        self._events, self._rate, self._event_time = EventDetector(), RATE, 0.0
        self._ssrc: int | None = None
        self._is_relayed = False
        self._tones: dict[str, DtmfListener] = {}

    def configure(self, settings: RtpSettings) -> bool:
        """Take new settings, for digits may be tones; return whether anybody listens to the sound."""
        self._is_inband = settings.dtmf is DtmfMode.INBAND
        return self._is_inband or self.on_audio is not None

    def sound(self, known: Format, payload: bytes, *, relayed: bool) -> None:
        """Listen to a packet of sound."""
        if self.on_audio is not None:
            self.on_audio(known.name, payload)
        if self._is_inband and known.name in SILENCE:
            if known.name not in self._tones:
                self._tones = {known.name: DtmfListener(known.name)}
            self._tell(self._tones[known.name].feed(payload), RATE, relayed)

    def event(self, known: Format, packet: RtpPacket, now: float, *, relayed: bool) -> None:
        """Take in a packet of a digit."""
        if packet.ssrc != self._ssrc:
            self._tell(self._events.end(), self._rate, self._is_relayed)
            self._events, self._ssrc = EventDetector(), packet.ssrc
        self._rate, self._event_time, self._is_relayed = known.clock_rate, now, relayed
        self._tell(self._events.feed(packet.timestamp, packet.payload), known.clock_rate, relayed)

    def check(self, now: float) -> None:
        """Let a digit end of which nothing comes any more; to be called now and then."""
        if self._events.is_open and now - self._event_time >= _DIGIT_SECONDS:
            self._tell(self._events.end(), self._rate, self._is_relayed)

    def _tell(self, news: Iterable[Heard], rate: int, relayed: bool) -> None:
        for digit, ended, duration in news:
            if self.on_dtmf is not None:
                self.on_dtmf(Dtmf(digit, ended, duration * 1000 // rate, relayed))
