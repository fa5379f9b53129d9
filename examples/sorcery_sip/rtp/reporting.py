"""What the two sides of a stream tell one another by RTCP: our reports made, theirs taken note of."""

from __future__ import annotations

from sorcery_sip.rtp.incoming import IncomingStream
from sorcery_sip.rtp.outgoing import OutgoingStream
from sorcery_sip.rtp.rtcp import Report, ReportBlock, SenderInfo, ntp_time, parse_reports, write_report

__all__ = ["Reporter"]


class Reporter:
    """Make reports of two streams, and keep what the peer reports.

    `now` are seconds of the steady clock that the streams have, `wall` seconds since 1970.
    """

    def __init__(self, incoming: IncomingStream, outgoing: OutgoingStream, name: str) -> None:
        self.peer: ReportBlock | None = None
        """What the peer last told of our stream."""
        self.round_trip = 0.0
        """How long a packet took there and back, in seconds; 0 until that is known."""
        self._incoming, self._outgoing, self._name = incoming, outgoing, name
        self._peer_sent, self._peer_came = 0, 0.0
        self._packets_before = 0

    @property
    def statistics(self) -> dict[str, float]:
        """Packets, octets and losses both ways, and times in seconds, by name."""
        incoming, outgoing, peer = self._incoming, self._outgoing, self.peer
        return {
            "received": incoming.packets,
            "received_octets": incoming.octets,
            "lost": incoming.lost,
            "jitter": incoming.jitter,
            "sent": outgoing.packets,
            "sent_octets": outgoing.octets,
            "peer_lost": peer.lost if peer is not None else 0,
            "peer_jitter": peer.jitter / outgoing.clock_rate if peer is not None else 0.0,
            "round_trip": self.round_trip,
        }

    def make(self, now: float, wall: float) -> bytes:
        """Return a report: a sender's when packets have gone out since the last one, else a receiver's."""
        outgoing, sender = self._outgoing, None
        if outgoing.packets != self._packets_before:
            sender = SenderInfo(
                ntp_time(wall), outgoing.position(now), outgoing.packets & 0xFFFFFFFF, outgoing.octets & 0xFFFFFFFF
            )
        self._packets_before = outgoing.packets
        return write_report(Report(outgoing.ssrc, sender, self._blocks(now)), self._name)

    def take_in(self, data: bytes, now: float, wall: float) -> None:
        """Take note of what came as RTCP. Raises `ParseError`."""
        for report in parse_reports(data):
            if report.sender is not None:
                self._peer_sent, self._peer_came = report.sender.ntp >> 16 & 0xFFFFFFFF, now
            for block in report.blocks:
                if block.ssrc == self._outgoing.ssrc:
                    self._take_note(block, wall)

    def _blocks(self, now: float) -> tuple[ReportBlock, ...]:
        incoming = self._incoming
        if incoming.ssrc is None:
            return ()
        delay = int((now - self._peer_came) * 65536) & 0xFFFFFFFF if self._peer_sent else 0
        return (ReportBlock(incoming.ssrc, *incoming.report(), self._peer_sent, delay),)

    def _take_note(self, block: ReportBlock, wall: float) -> None:
        self.peer = block
        there_and_back = ((ntp_time(wall) >> 16) - block.last_report - block.delay) & 0xFFFFFFFF
        if block.last_report and there_and_back < 1 << 31:  # beyond that the peer's numbers are no times of ours
            self.round_trip = there_and_back / 65536
