import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sorcery_sip.io.media import MediaLoop, PortRange, UdptlPort, open_udptl
from tests.unit.sorcery_sip.io.phones import Phone, until


class Fax:
    def __init__(self, ip: str) -> None:
        self.media, self.ports = MediaLoop(), PortRange(20000, 29999)
        self.free = len(self.ports)
        self.one, self.other = (open_udptl(ip, self.ports, self.media) for _ in range(2))
        self.alice, self.bob = Phone(ip), Phone(ip)

    def configure(self, *, symmetric: bool = False) -> None:
        self.one.configure(self.alice.address, symmetric=symmetric)
        self.other.configure(self.bob.address, symmetric=symmetric)
        self.one.connect(self.other)

    def close(self) -> None:
        for one in (self.one, self.other, self.alice, self.bob):
            one.close()
        self.one.close()
        assert len(self.ports) == self.free
        self.media.close()


def scene(play: Callable[[Fax], Awaitable[None]], ip: str = "127.0.0.1") -> None:
    async def run() -> None:
        fax = Fax(ip)
        try:
            async with asyncio.timeout(60):
                await play(fax)
        finally:
            fax.close()

    asyncio.run(run())


def send(phone: Phone, port: UdptlPort, data: bytes = b"\x00\x01fax") -> None:
    phone.rtp.sendto(data, port.local)


async def receive(phone: Phone) -> bytes:
    return await asyncio.get_running_loop().sock_recv(phone.rtp, 2048)


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
def test_packets_are_relayed_as_they_are_both_ways(ip: str) -> None:
    async def play(fax: Fax) -> None:
        fax.configure()
        send(fax.alice, fax.one)
        assert await receive(fax.bob) == b"\x00\x01fax"
        send(fax.bob, fax.other, b"answer")
        assert await receive(fax.alice) == b"answer"
        assert (fax.one.received, fax.one.sent, fax.other.dropped) == (1, 1, 0)

    scene(play, ip)


def test_packets_of_another_host_are_dropped() -> None:
    async def play(fax: Fax) -> None:
        fax.configure()
        fax.one.configure(("127.0.0.9", 4000))
        send(fax.alice, fax.one)
        await until(lambda: fax.one.dropped == 1)
        assert not fax.bob.has_heard()

    scene(play)


def test_a_symmetric_port_belongs_to_the_first_source() -> None:
    async def play(fax: Fax) -> None:
        nat = Phone()
        fax.configure(symmetric=True)
        send(nat, fax.one, b"nat")
        assert await receive(fax.bob) == b"nat"
        send(fax.bob, fax.other, b"answer")
        assert await receive(nat) == b"answer"
        send(fax.alice, fax.one)
        await until(lambda: fax.one.dropped == 1)
        nat.close()

    scene(play)


def test_a_new_negotiation_lets_the_peer_move() -> None:
    async def play(fax: Fax) -> None:
        moved = Phone()
        fax.configure(symmetric=True)
        send(fax.alice, fax.one, b"first")
        assert await receive(fax.bob) == b"first"
        fax.configure(symmetric=True)
        send(moved, fax.one, b"second")
        assert await receive(fax.bob) == b"second"
        moved.close()

    scene(play)


def test_nothing_passes_before_the_peers_are_known_or_after_they_part() -> None:
    async def play(fax: Fax) -> None:
        fax.one.configure(fax.alice.address)
        fax.one.connect(fax.other)
        send(fax.alice, fax.one)
        await until(lambda: fax.one.received == 1)
        fax.configure()
        fax.other.disconnect()
        send(fax.alice, fax.one)
        await until(lambda: fax.one.received == 2)
        assert not fax.bob.has_heard()

    scene(play)


def test_what_the_network_refuses_is_counted_as_lost() -> None:
    async def play(fax: Fax) -> None:
        fax.configure()
        fax.other.configure(("255.255.255.255", 4000))
        send(fax.alice, fax.one)
        await until(lambda: fax.other.dropped == 1)

    scene(play)
