"""UDPTL, the packets of a fax (T.38): relayed as they are, for what is in them concerns the two ends."""

from __future__ import annotations

import socket
from collections.abc import Callable

from sorcery_sip.io.media_loop import MediaLoop
from sorcery_sip.io.ports import plain_address
from sorcery_sip.rtp.source_lock import Source

__all__ = ["UdptlPort"]


class UdptlPort:
    """Where the fax of one leg comes in and goes out. Both legs need the same error correction: nothing is repacked.

    Packets are taken from the announced host only, or, if `symmetric`, from the first source, which then gets ours as
    well. `give_back` is called once, when it is closed.
    """

    def __init__(
        self, bound: socket.socket, local: tuple[str, int], media: MediaLoop, give_back: Callable[[], None]
    ) -> None:
        self.local = local
        """IP address and port."""
        self.received = self.sent = self.dropped = 0
        self._socket, self._media, self._give_back = bound, media, give_back
        self._view = memoryview(media.buffer)
        self._destination: Source | None = None
        self._source: Source | None = None
        self._is_symmetric = self._is_closed = False
        self._partner: UdptlPort | None = None
        media.watch(bound, self._receive)

    def configure(self, remote: tuple[str, int] | None, *, symmetric: bool = False) -> None:
        """Take the address that the peer announced. Raises `ValueError` for one of the wrong kind."""
        self._destination = plain_address(remote, self._socket.family)
        self._is_symmetric, self._source = symmetric, None

    def connect(self, other: UdptlPort) -> None:
        """Relay between two ports; what either was connected to before is let go of."""
        self.disconnect()
        other.disconnect()
        self._partner, other._partner = other, self

    def disconnect(self) -> None:
        """Part from the port that this one is connected to, if there is one."""
        partner, self._partner = self._partner, None
        if partner is not None:
            partner._partner = None

    def close(self) -> None:
        """Give back the socket. A second time does nothing."""
        if not self._is_closed:
            self._is_closed = True
            self.disconnect()
            self._media.forget(self._socket)
            self._socket.close()
            self._give_back()

    def _receive(self) -> None:
        try:
            size, source = self._socket.recvfrom_into(self._media.buffer)
        except OSError:  # taken out already, or closed meanwhile
            return
        if not self._admits(source):
            self.dropped += 1
            return
        self.received += 1
        if self._partner is not None:
            self._partner._send(self._view[:size])

    def _admits(self, source: Source) -> bool:
        if self._is_symmetric and self._source is None:
            self._source = self._destination = source
        if self._source is not None:
            return source == self._source
        return self._destination is not None and source[0] == self._destination[0]

    def _send(self, data: memoryview) -> None:
        if self._destination is not None:
            try:
                self._socket.sendto(data, self._destination)
                self.sent += 1
            except OSError:  # as good as lost on the way
                self.dropped += 1
