"""Bare sockets that speak RTP, and what they speak to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any

from sorcery_sip.io.media import MediaLoop, PortRange, RtpPort, open_rtp
from sorcery_sip.rtp.packet import RtpPacket, parse_rtp, write_rtp
from sorcery_sip.rtp.settings import TELEPHONE_EVENT, Format, RtpSettings

EVENT_NUMBER = 101
ULAW, ALAW, EVENT = Format("ulaw"), Format("alaw"), Format(TELEPHONE_EVENT)


async def until(condition: Callable[[], object]) -> None:
    """Wait for a condition."""
    while not condition():
        await asyncio.sleep(0.001)


class Phone:
    """A pair of sockets, as far as a test says."""

    def __init__(self, ip: str = "127.0.0.1") -> None:
        family = socket.AF_INET6 if ":" in ip else socket.AF_INET
        self.rtp, self.rtcp = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        for bound in (self.rtp, self.rtcp):
            bound.setblocking(False)
            bound.bind((ip, 0))
        self.address: tuple[str, int] = self.rtp.getsockname()[:2]
        self.rtcp_address: tuple[str, int] = self.rtcp.getsockname()[:2]
        self.sequence, self.timestamp = 500, 0

    def say(self, port: RtpPort, *, number: int = 0, payload: bytes = b"x" * 160, ssrc: int = 7, skip: int = 1) -> None:
        """Send the next packet to a port; those of a digit follow one another under one timestamp."""
        self.sequence += skip
        if number != EVENT_NUMBER:
            self.timestamp = self.sequence * 160
        packet = RtpPacket(number, self.sequence & 0xFFFF, self.timestamp, ssrc, payload)
        self.rtp.sendto(write_rtp(packet), port.local)

    async def hear(self) -> RtpPacket:
        """Return the next packet that comes."""
        return parse_rtp(await asyncio.get_running_loop().sock_recv(self.rtp, 2048))

    async def hear_rtcp(self) -> bytes:
        """Return what comes next to the RTCP socket."""
        return await asyncio.get_running_loop().sock_recv(self.rtcp, 2048)

    def has_heard(self) -> bool:
        """Whether a packet waits."""
        try:
            return bool(self.rtp.recv(2048, socket.MSG_PEEK))
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Close both sockets."""
        self.rtp.close()
        self.rtcp.close()


class Scene:
    """Two ports, a phone at each, and a clock that stands still unless it is moved."""

    def __init__(self, ip: str = "127.0.0.1") -> None:
        self.now = 1000.0
        self.media = MediaLoop(clock=lambda: self.now)
        self.ports = PortRange(20000, 29999)
        self.free = len(self.ports)
        self.one, self.other = open_rtp(ip, self.ports, self.media), open_rtp(ip, self.ports, self.media)
        self.alice, self.bob = Phone(ip), Phone(ip)

    def configure(self, **changes: Any) -> None:
        """Let both ports take settings; digits have other numbers on one side than on the other."""
        for port, phone, number in ((self.one, self.alice, EVENT_NUMBER), (self.other, self.bob, 96)):
            numbers = {0: ULAW, number: EVENT}
            agreed = {"send": numbers, "receive": numbers, "remote": phone.address, "remote_rtcp": phone.rtcp_address}
            port.configure(RtpSettings(**(agreed | changes)))

    async def heard(self, count: int) -> None:
        """Wait until the first port has taken in so many packets."""
        await until(lambda: self.one.incoming.packets + self.one.statistics["dropped"] >= count)

    def close(self) -> None:
        """Close everything, and see that nothing is left."""
        for one in (self.one, self.other, self.alice, self.bob):
            one.close()
        assert len(self.ports) == self.free
        assert (len(self.media.players), len(self.media.checks)) == (0, 0)
        self.media.close()


def scene(play: Callable[[Scene], Awaitable[None]], ip: str = "127.0.0.1") -> None:
    """Play a scene, which may take ten seconds; what fails aside fails the test."""

    async def run() -> None:
        faults: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context))
        setting = Scene(ip)
        try:
            async with asyncio.timeout(60):
                await play(setting)
        finally:
            setting.close()
        assert faults == []

    asyncio.run(run())
