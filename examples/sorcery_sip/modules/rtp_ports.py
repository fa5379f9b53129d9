"""Where the sockets of media come from: the range of `rtp.conf`, or one that endpoints have for themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sorcery.pjsip import Endpoint
from sorcery_sip.io.ports import PortRange
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_conf import read_rtp_conf
from sorcery_sip.modules.rtp_options import RtpOptions
from sorcery_sip.modules.sdp_rtp import RtpHandler, RtpSocket

__all__ = ["RtpPorts"]

OpenRtp = Callable[[str, PortRange], RtpSocket]
"""Opens a pair of sockets on an IP address, with a port of a range."""


class RtpPorts:
    """The ports of one server. A range is there once, whoever uses it; calls keep theirs across reloads."""

    def __init__(self, path: Path | None, open_rtp: OpenRtp) -> None:
        """Read `rtp.conf` at `path`, which blocks; None for the defaults."""
        self._path, self._open_rtp = path, open_rtp
        self.conf = read_rtp_conf(path)
        self._ranges: dict[tuple[int, int], PortRange] = {}

    def reload(self) -> None:
        """Read `rtp.conf` again; blocks on the file. Calls in progress keep their ports."""
        self.conf = read_rtp_conf(self._path, self.conf)

    def range_for(self, endpoint: Endpoint) -> PortRange:
        """Return the ports of an endpoint: those of `rtp_port_start` and `rtp_port_end`, else those of `rtp.conf`."""
        key = (endpoint.rtp_port_start, endpoint.rtp_port_end)
        if not key[0]:
            key = (self.conf.rtpstart, self.conf.rtpend)
        found = self._ranges.get(key)
        if found is None:
            first, last = key
            if last == first + 1:
                first -= first % 2  # no even port with the one after it: as in Asterisk that below counts
            found = self._ranges[key] = PortRange(first, last)
        return found

    def handlers(self, endpoint: Endpoint) -> tuple[RtpHandler, ...]:
        """Return the handlers of sound and pictures for one call with an endpoint; none for what it does not allow."""
        options = [RtpOptions.of(media, endpoint, self.conf) for media in ("audio", "video")]
        open_port = self.opener(endpoint)
        return tuple([RtpHandler(each, open_port) for each in options if each is not None])

    def opener(self, endpoint: Endpoint) -> Callable[[MediaAddress], RtpSocket]:
        """Return what opens sockets for a call with an endpoint; it raises `NoPorts` and `OSError`."""
        ports = self.range_for(endpoint)

        def open_port(address: MediaAddress) -> RtpSocket:
            return self._open_rtp(address.bind or ("::" if address.is_ipv6 else "0.0.0.0"), ports)

        return open_port
