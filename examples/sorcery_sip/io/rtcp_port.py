"""The RTCP beside one RTP stream: reports of our own, and those that are passed on."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

from sorcery_sip.errors import ParseError
from sorcery_sip.io.media_loop import MediaLoop
from sorcery_sip.rtp.incoming import IncomingStream
from sorcery_sip.rtp.outgoing import OutgoingStream
from sorcery_sip.rtp.peer import Peer
from sorcery_sip.rtp.reporting import Reporter
from sorcery_sip.rtp.source_lock import Source

__all__ = ["RtcpPort"]

_REPORT_SECONDS = 5.0
_LONGEST = 1 << 16


class RtcpPort:
    """Receive on the RTCP socket and send through it, or through that of RTP where they share a port (`is_shared`)."""

    def __init__(
        self,
        sockets: tuple[socket.socket, socket.socket],
        peer: Peer,
        streams: tuple[IncomingStream, OutgoingStream],
        media: MediaLoop,
    ) -> None:
        self.is_shared = False
        self.pass_on: Callable[[bytes], None] | None = None
        """Who gets what arrives, and reports to the peer instead of us; None while the stream ends here."""
        self.dropped = 0
        self.reporter = Reporter(*streams, name=f"{streams[1].ssrc:08x}")
        self._rtp, self._rtcp = sockets
        self._peer, self._media = peer, media
        self._next_report = media.clock() + _REPORT_SECONDS
        media.watch(self._rtcp, self._receive)

    def _receive(self) -> None:
        try:
            data, source = self._rtcp.recvfrom(_LONGEST)
        except OSError:  # taken out already, or closed meanwhile
            return
        self.take_in(data, source)

    def take_in(self, data: bytes, source: Source) -> None:
        """Take note of what has come, and pass it on."""
        if not self._peer.admits_rtcp(source):
            self.dropped += 1
            return
        try:
            self.reporter.take_in(data, self._media.clock(), time.time())
            if self.pass_on is not None:
                self.pass_on(data)
        except ParseError:
            self.dropped += 1

    def send(self, data: bytes) -> None:
        """Send to the peer, if it is known."""
        if self._peer.rtcp_destination is not None:
            bound = self._rtp if self.is_shared else self._rtcp
            try:
                bound.sendto(data, self._peer.rtcp_destination)
            except OSError:  # as good as lost on the way; reports come again
                self.dropped += 1

    def check(self, now: float) -> None:
        """Send a report when one is due; to be called now and then."""
        if now >= self._next_report:
            self._next_report = now + _REPORT_SECONDS
            if self.pass_on is None:
                self.send(self.reporter.make(now, time.time()))
