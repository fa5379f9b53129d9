"""Media ports: opened out of a range, and closed back into it."""

from __future__ import annotations

from functools import partial

from sorcery_sip.io.media_loop import MediaLoop
from sorcery_sip.io.ports import PortRange, bind_pair, bind_single
from sorcery_sip.io.rtp_port import RtpPort
from sorcery_sip.io.udptl_port import UdptlPort

__all__ = ["MediaLoop", "PortRange", "RtpPort", "UdptlPort", "open_rtp", "open_udptl"]


def open_rtp(ip: str, ports: PortRange, media: MediaLoop) -> RtpPort:
    """Open a port for RTP, and the one after it for RTCP, at an IP address. Never blocks.

    Raises `NoPorts` when all of the range are in use, `OSError` for an address that is not ours.
    """
    port, sockets = ports.take(partial(bind_pair, ip))
    return RtpPort(sockets, (ip, port), media, partial(ports.give_back, port))


def open_udptl(ip: str, ports: PortRange, media: MediaLoop) -> UdptlPort:
    """Open a port for UDPTL; otherwise as `open_rtp`."""
    port, bound = ports.take(partial(bind_single, ip))
    return UdptlPort(bound, (ip, port), media, partial(ports.give_back, port))
