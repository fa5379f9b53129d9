"""How many RTP packets are relayed in a second of CPU, beside a bare loop that does nothing but receive and send.

What sends to the ports, and what takes away what they sent, is not measured. One round is one packet for each of many
ports, as in real calls, or many packets for one.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery_sip.io.media import MediaLoop, PortRange, RtpPort, open_rtp
from sorcery_sip.rtp.packet import RtpPacket, write_rtp
from sorcery_sip.rtp.settings import TELEPHONE_EVENT, Format, RtpSettings

PACKETS = 200
ROUNDS = 50


class Ends:
    """Where packets come from, and where they end."""

    def __init__(self) -> None:
        self.source, self.sink = bound(), bound()
        self.sequence = 0

    def send(self, addresses: list[tuple[str, int]]) -> None:
        """Send one packet to each address."""
        self.sequence += 1
        packet = write_rtp(RtpPacket(0, self.sequence & 0xFFFF, self.sequence * 160, 7, bytes(160)))
        for address in addresses:
            self.source.sendto(packet, address)

    def take_away(self) -> int:
        """Return how many packets have come."""
        count = 0
        while True:
            try:
                self.sink.recv(2048)
            except BlockingIOError:
                return count
            count += 1


def bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    made.bind(("127.0.0.1", 0))
    return made


@pytest.fixture
def ends() -> Iterator[Ends]:
    both = Ends()
    yield both
    both.source.close()
    both.sink.close()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def measure(benchmark: BenchmarkFixture, ends: Ends, setup: Callable[[], None], relay: Callable[[], None]) -> None:
    def prepare() -> None:
        ends.take_away()
        setup()

    benchmark.pedantic(relay, setup=prepare, rounds=ROUNDS, warmup_rounds=2)  # type: ignore[no-untyped-call]
    assert ends.take_away() == PACKETS
    if benchmark.stats is not None:
        benchmark.extra_info["packets per CPU second"] = round(PACKETS / benchmark.stats.stats.median)


@pytest.mark.benchmark(group="media", timer=time.process_time)
def test_a_bare_loop(benchmark: BenchmarkFixture, ends: Ends) -> None:
    incoming, outgoing, destination = bound(), bound(), ends.sink.getsockname()

    def relay() -> None:
        for _ in range(PACKETS):
            data, _ = incoming.recvfrom(2048)
            outgoing.sendto(data, destination)

    measure(benchmark, ends, lambda: ends.send([incoming.getsockname()] * PACKETS), relay)
    incoming.close()
    outgoing.close()


@pytest.mark.parametrize("calls", [PACKETS, 1])
@pytest.mark.benchmark(group="media", timer=time.process_time)
def test_calls_that_are_relayed(
    benchmark: BenchmarkFixture, ends: Ends, loop: asyncio.AbstractEventLoop, calls: int
) -> None:
    async def connect() -> tuple[MediaLoop, list[RtpPort]]:
        media, ports, opened = MediaLoop(), PortRange(20000, 29999), list[RtpPort]()
        for _ in range(calls):
            legs = [open_rtp("127.0.0.1", ports, media) for _ in range(2)]
            for port, end, number in zip(legs, (ends.source, ends.sink), (101, 96), strict=True):
                numbers = {0: Format("ulaw"), number: Format(TELEPHONE_EVENT)}
                port.configure(RtpSettings(send=numbers, receive=numbers, remote=end.getsockname()))
            legs[0].connect(legs[1])
            opened += legs
        return media, opened

    media, opened = loop.run_until_complete(connect())
    addresses, last = [port.local for port in opened[::2]], opened[-1].outgoing

    async def relay() -> None:
        wanted = ends.sequence
        while last.packets < wanted:
            await asyncio.sleep(0)

    def setup() -> None:
        for _ in range(PACKETS // calls):
            ends.send(addresses)

    measure(benchmark, ends, setup, lambda: loop.run_until_complete(relay()))
    for port in opened:
        port.close()
    media.close()


@pytest.mark.benchmark(group="media ports", timer=time.process_time)
def test_media_of_100_calls_opened_and_closed(benchmark: BenchmarkFixture, loop: asyncio.AbstractEventLoop) -> None:
    numbers = {0: Format("ulaw"), 8: Format("alaw"), 101: Format(TELEPHONE_EVENT)}

    async def prepare() -> MediaLoop:
        return MediaLoop()

    media, ports = loop.run_until_complete(prepare()), PortRange(20000, 29999)

    def calls() -> None:
        for _ in range(100):
            call()

    def call() -> None:
        legs = [open_rtp("127.0.0.1", ports, media) for _ in range(2)]
        for port in legs:
            port.configure(RtpSettings(send=numbers, receive=numbers, remote=("127.0.0.1", 4000)))
        legs[0].connect(legs[1])
        for port in legs:
            port.close()

    benchmark(calls)
    media.close()
    assert len(ports) == 5000
