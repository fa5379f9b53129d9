"""Where a peer's packets come from, and where ours go to."""

from __future__ import annotations

from sorcery_sip.rtp.settings import NOTHING_AGREED, RtpSettings
from sorcery_sip.rtp.source_lock import Source, SourceLock

__all__ = ["Peer"]

_LAST_PORT = 0xFFFF


class Peer:
    """The addresses of one peer: those it announced, and, with symmetric RTP, those its packets show."""

    def __init__(self) -> None:
        self.source: Source | None = None
        """Where the packet came from that was admitted last."""
        self.destination: Source | None = None
        """Where packets go to; None while they go nowhere."""
        self.rtcp_destination: Source | None = None
        self._settings = NOTHING_AGREED
        self._lock = SourceLock(())

    def configure(self, settings: RtpSettings) -> None:
        """Take new settings, with addresses as sockets write them; a peer that stays where it is keeps its source."""
        expected = {settings.remote} if settings.remote else set[Source]()
        if settings.remote != self._settings.remote:
            self.source = None
        elif self.source is not None:
            expected.add(self.source[:2])
        self._settings = settings
        self._lock = SourceLock(expected, strict=settings.strict, probation=settings.probation)
        remote = self.source if settings.symmetric and self.source and settings.remote else settings.remote
        self.destination = remote if settings.sends else None
        self.rtcp_destination = self._rtcp_beside(remote)

    def admits(self, source: Source, sequence: int) -> bool:
        """Whether a packet is to be taken in; ask for each that does not come from `source`."""
        if not self._lock.admits(source, sequence):
            return False
        self.source = source
        if self._settings.symmetric and self._settings.remote is not None:
            self.destination = source if self._settings.sends else None
            if self._settings.rtcp_mux:
                self.rtcp_destination = source
        return True

    def admits_rtcp(self, source: Source) -> bool:
        """Whether what came as RTCP is to be taken in: its host is the one that RTP comes from, or should come from."""
        settings = self._settings
        hosts = {place[0] for place in (self.source, settings.remote, settings.remote_rtcp) if place}
        if settings.strict and source[0] not in hosts:
            return False
        if settings.symmetric and settings.remote is not None and not settings.rtcp_mux:
            self.rtcp_destination = source
        return True

    def _rtcp_beside(self, remote: Source | None) -> Source | None:
        settings = self._settings
        if remote is None or settings.rtcp_mux:
            return remote
        if settings.remote_rtcp is None and remote[1] < _LAST_PORT:
            return (remote[0], remote[1] + 1, *remote[2:])
        return settings.remote_rtcp
