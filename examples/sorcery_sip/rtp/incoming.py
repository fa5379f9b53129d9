"""What arrives from one peer: counted as RFC 3550 A.1, A.3 and A.8 do."""

from __future__ import annotations

__all__ = ["IncomingStream"]

_JUMP = 3000
"""A sequence number that is so far ahead begins a new count."""
_LATE = 100
"""One that is so far behind was overtaken."""


class IncomingStream:
    """Count packets, losses and jitter; one source (SSRC) may follow another. Times are seconds of a steady clock."""

    def __init__(self, clock_rate: int = 8000) -> None:
        self.clock_rate = clock_rate
        self.ssrc: int | None = None
        self.packets = self.octets = 0
        self.highest = 0
        """The highest sequence number, with the times it went round in front (RFC 3550's extended one)."""
        self.time = 0.0
        """When the last packet came, whether it was counted or not."""
        self._base = self._since_base = self._expected_before = 0
        self._transit = self._jitter = 0.0
        self._reported_expected = self._reported_packets = 0

    @property
    def jitter(self) -> float:
        """The interarrival jitter in seconds."""
        return self._jitter / self.clock_rate

    @property
    def expected(self) -> int:
        """How many packets should have come."""
        return self._expected_before + (self.highest - self._base + 1 if self._since_base else 0)

    @property
    def lost(self) -> int:
        """How many packets are missing; below zero where more were doubled."""
        return self.expected - self.packets

    def count(self, sequence: int, timestamp: int, ssrc: int, size: int, now: float) -> None:
        """Take note of a packet of sound; `size` is that of its payload."""
        ahead = (sequence - self.highest) & 0xFFFF
        if ssrc != self.ssrc or _JUMP < ahead < 0x10000 - _LATE:
            self._restart(sequence, ssrc)
        elif ahead <= _JUMP:
            self.highest += ahead
        self.packets += 1
        self._since_base += 1
        self.octets += size
        self.time = now
        transit = now * self.clock_rate - timestamp
        change = abs(transit - self._transit)
        if self._since_base > 1 and change < self.clock_rate:  # a longer one is a leap of the peer's clock
            self._jitter += (change - self._jitter) / 16
        self._transit = transit

    def count_event(self, sequence: int, ssrc: int, size: int, now: float) -> None:
        """Take note of a packet whose timestamp stands still, as those of a digit do."""
        jitter, transit = self._jitter, self._transit
        self.count(sequence, 0, ssrc, size, now)
        self._jitter, self._transit = jitter, transit

    def report(self) -> tuple[int, int, int, int]:
        """Return what a report block says: fraction lost since the last report, all lost, highest number, jitter."""
        expected, packets = self.expected, self.packets
        recent = expected - self._reported_expected
        missing = recent - (packets - self._reported_packets)
        self._reported_expected, self._reported_packets = expected, packets
        fraction = min(255, (missing << 8) // recent) if recent > 0 and missing > 0 else 0
        return fraction, max(-0x800000, min(self.lost, 0x7FFFFF)), self.highest & 0xFFFFFFFF, int(self._jitter)

    def _restart(self, sequence: int, ssrc: int) -> None:
        self._expected_before = self.expected
        self.ssrc, self._since_base = ssrc, 0
        self._base = self.highest = sequence
