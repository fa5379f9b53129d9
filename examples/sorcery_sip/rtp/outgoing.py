"""What goes to one peer: one stream without breaks, though what talks in it changes."""

from __future__ import annotations

from sorcery_sip.rtp.packet import HEADER, MARKER, RtpPacket, write_rtp

__all__ = ["OutgoingStream", "Translation"]

_LEAST_PAUSE = 0.02
_LONG_PAUSE = 0.5
"""After that, whoever gave the stream its numbers may have gone on with them elsewhere: straight to the peer."""


class OutgoingStream:
    """Keep SSRC, sequence number and timestamp steady while players, digits and relays take turns.

    Whoever talks next begins one sequence number after the last, at the timestamp that the time since gives, and with
    the marker bit. One whose first talker is a relay may bear the SSRC and numbers of what is relayed, so that the
    peer notices nothing when that comes to it directly. Times are seconds of any steady clock.
    """

    def __init__(self, ssrc: int, sequence: int, timestamp: int, clock_rate: int = 8000) -> None:
        self.ssrc, self.clock_rate = ssrc, clock_rate
        self._own_ssrc = ssrc
        self.sequence, self.timestamp = sequence, timestamp
        """Those of the last packet; at first those to begin after."""
        self.time: float | None = None
        """When the last packet went out."""
        self.moment = 0.0
        """When the timestamp became what it is: all packets of a digit have that of its beginning."""
        self.packets = self.octets = 0
        self.talker: object = None
        """Who sent the last packet."""
        self.takers = 0
        """How many players and digits are under way here; while there are any, nothing is relayed."""

    def position(self, now: float) -> int:
        """Return the timestamp of this moment."""
        pause = 0.0 if self.time is None else max(now - self.moment, _LEAST_PAUSE)
        return (self.timestamp + round(pause * self.clock_rate)) & 0xFFFFFFFF

    def begin(self, talker: object, now: float) -> None:
        """Let another one talk; after a pause it does so under an SSRC of our own."""
        self.talker = talker
        if self.time is not None and now - self.time > _LONG_PAUSE:
            self.ssrc = self._own_ssrc

    def begin_as(self, talker: object, ssrc: int, sequence: int, timestamp: int) -> bool:
        """Let a relay talk under the SSRC and numbers of its source; False where the peer has heard others since."""
        is_ahead = 0 < (sequence - self.sequence) & 0xFFFF < 0x8000
        if self.time is not None and not (ssrc == self.ssrc and is_ahead):
            return False
        self.talker, self.ssrc = talker, ssrc
        self.sequence, self.timestamp = (sequence - 1) & 0xFFFF, timestamp
        return True

    def packet(self, talker: object, number: int, timestamp: int, payload: bytes, now: float) -> bytes:
        """Return the next packet that `talker` sends."""
        marker = talker is not self.talker
        if marker:
            self.begin(talker, now)
        timestamp &= 0xFFFFFFFF
        if timestamp != self.timestamp or self.time is None:
            self.timestamp, self.moment = timestamp, now
        self.time = now
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.octets += len(payload)
        return write_rtp(RtpPacket(number, self.sequence, self.timestamp, self.ssrc, payload, marker))


class Translation:
    """Make packets of another peer's stream ones of this stream, in place.

    `numbers` has for each payload number the one to send it under, or -1 for what is not sent on. One that
    `keeps_names` leaves SSRC and numbers as they are where it can.
    """

    def __init__(self, stream: OutgoingStream, numbers: list[int], *, keeps_names: bool = False) -> None:
        self.numbers = numbers
        self._keeps_names = keeps_names
        self.sequence_offset = self.timestamp_offset = 0
        self._stream = stream
        self._ssrc: int | None = None

    def is_like(self, other: Translation) -> bool:
        """Whether it does the same to the same stream."""
        return (self._stream, self._keeps_names, self.numbers) == (other._stream, other._keeps_names, other.numbers)

    def apply(self, packet: bytearray, size: int, header: tuple[int, int, int, int, int], now: float) -> bool:
        """Rewrite the header of a packet of `size` octets; False when it is not to be sent."""
        flags, second, sequence, timestamp, ssrc = header
        stream, number = self._stream, self.numbers[second & 0x7F]
        if number < 0 or stream.takers:
            return False
        if stream.talker is not self or ssrc != self._ssrc:
            self._begin(sequence, timestamp, ssrc, now)
            second |= MARKER
        sequence = (sequence + self.sequence_offset) & 0xFFFF
        timestamp = (timestamp + self.timestamp_offset) & 0xFFFFFFFF
        HEADER.pack_into(packet, 0, flags, (second & MARKER) | number, sequence, timestamp, stream.ssrc)
        if (sequence - stream.sequence) & 0xFFFF < 0x8000:
            if timestamp != stream.timestamp or stream.time is None:
                stream.timestamp, stream.moment = timestamp, now
            stream.sequence, stream.time = sequence, now
        stream.packets += 1
        stream.octets += size - HEADER.size
        return True

    def _begin(self, sequence: int, timestamp: int, ssrc: int, now: float) -> None:
        stream, self._ssrc = self._stream, ssrc
        if self._keeps_names and stream.begin_as(self, ssrc, sequence, timestamp):
            self.sequence_offset = self.timestamp_offset = 0
            return
        stream.begin(self, now)
        self.sequence_offset = stream.sequence + 1 - sequence
        self.timestamp_offset = stream.position(now) - timestamp
